from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ingest.errors import BadInput
from service.export import FORMATS, MEDIA_TYPES, render
from service.export.text import plain
from service.export.view import clean, clock, view
from service.quotes import Spoken, cut, statement
from service.shapes import (
    Action,
    AtRisk,
    Coverage,
    Filters,
    Horizon,
    Memo,
    NextCall,
    NotNow,
    Statement,
    Theme,
    ThemeAccount,
    Week,
)

HOSTILE = (
    "<script>alert(1)</script>",
    '#panic("owned") #read("/etc/passwd") $x$ @label <note-1> *b* _i_ `raw`',
    "[link](javascript:alert(1)) ![x](http://evil.example/a.png) # head | cell",
    "=cmd|' /C calc'!A0",
    "a\x00b\x07c\x1b[31mred\x0b\ufffe",
    "\u202egnirts desrever\u202c",
    "👩‍🚒 émoji שלום مرحبا 日本語",
    "{{ 7*7 }} {% raw %} ${x}",
    "1. one\n# two\n- three",
    "\ud800 lone",
)
NAME = " ".join(HOSTILE)


def made(words: str = NAME, name: str = NAME) -> Memo:
    """A memo in which every text that comes from outside is ``words`` or ``name``."""
    spoken = Spoken('C"1/../x', 3, words, name, "customer", 0.4, "A1", 65.5, 70.0)
    quote = cut(spoken)
    third = cut(spoken, hand="third")
    said: Statement = statement(f"Need 1: {words}", [quote, third], {"A1": 5.0})
    theme = Theme(
        id="theme-1",
        label=words,
        statement=words,
        kind="pain",
        rank=1,
        accounts=(ThemeAccount(account_id="A1", arr_usd=None, intensity=2),),
        accounts_n=1,
        top_accounts_n=1,
        arr_usd=5.0,
        mentions_n=1,
        evidence=(quote,) * 6,
        counter=(quote,),
        first_heard=date(2026, 5, 1),
        last_heard=date(2026, 5, 9),
    )
    return Memo(
        id="memo-1",
        title=name,
        as_of=date(2026, 6, 3),
        day=30,
        filters=Filters(),
        summary=(said,),
        coverage=Coverage(
            accounts_in_scope=2,
            accounts_heard=1,
            accounts_silent=("A2",),
            calls_read=1,
            arr_in_scope_usd=10.0,
            arr_heard_usd=5.0,
        ),
        needs=(theme,),
        strengths=(theme,),
        at_risk=(
            AtRisk(account_id="A1", arr_usd=5.0, renewal_date=date(2026, 7, 1), statements=(said,)),
        ),
        dissent=(said,),
        not_now=(NotNow(text=words, why=name, theme_id=None, quotes=(quote,)),),
        internal_ideas=(said,),
        plan=(Week(week=1, actions=(Action(text=words),)),),
        horizons=(Horizon(months=3, bets=(Action(text=words),)),),
        open_questions=("To be written by you: the bets.", words),
        next_calls=(NextCall(account_id="A2", why=words),),
        vision=words,
        names={"A1": name, "A2": name},
        calls={'C"1/../x': name},
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_hostile_words_are_shown_and_never_obeyed(kind: str) -> None:
    assert kind in MEDIA_TYPES
    assert len(render(made(), kind)) > 1_000


@pytest.mark.parametrize("text", HOSTILE)
def test_a_pdf_is_made_of_any_single_text(text: str) -> None:
    assert render(made(text, text), "pdf").startswith(b"%PDF-")


def test_the_pdf_of_one_memo_is_always_the_same() -> None:
    assert render(made(), "pdf") == render(made(), "pdf")


def test_html_holds_no_element_of_theirs() -> None:
    page = render(made(), "html").decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"(?i)(?:src|href)=[\"']?(?:javascript|http)", page)
    assert 'href="/calls/C%221%2F..%2Fx?t=65"' in page


def test_the_document_is_legal_xml_with_their_words_in_it() -> None:
    with zipfile.ZipFile(io.BytesIO(render(made(), "docx"))) as document:
        tree = ElementTree.fromstring(document.read("word/document.xml"))
    words = "".join(tree.itertext())
    assert "<script>alert(1)</script>" in words
    assert '#panic("owned")' in words
    assert "\u202e" not in words


def test_markdown_escapes_what_is_markup() -> None:
    page = render(made(), "md").decode()
    assert "<script>" not in page
    assert "](javascript" not in page.replace("\\](javascript", "")
    assert "http://" not in page
    assert "\x1b" not in page


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("- a", r"\- a"),
        ("12. x", r"12\. x"),
        ("=1+1", r"\=1+1"),
        ("a*b_c", r"a\*b\_c"),
        ("http://x www.x", r"http\://x www\.x"),
        ("plain, 3-4: fine.", "plain, 3-4: fine."),
    ],
)
def test_plain_markdown(text: str, escaped: str) -> None:
    assert plain(text) == escaped


def test_each_quote_is_one_note_with_who_where_and_doubt() -> None:
    page = view(made("We lost a week.", "Ana"))
    assert [note.number for note in page.notes] == [1]
    (note,) = page.notes
    assert note.text == "We lost a week."
    assert note.who == "Ana, Ana"
    assert note.where.endswith("turn 3 · 01:05")
    assert note.doubt == "role uncertain (40%)"


def test_clean_keeps_what_people_write_and_drops_what_machines_obey() -> None:
    assert clean("a\x00b\n\tc\u202e\ud800\ufffe") == "ab c"
    assert clean("👩\u200d🚒 שלום") == "👩\u200d🚒 שלום"


@pytest.mark.parametrize(("seconds", "shown"), [(0, "00:00"), (65.9, "01:05"), (3725, "1:02:05")])
def test_clock(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


def test_another_format_is_refused() -> None:
    with pytest.raises(BadInput, match=r"md, html, docx, pdf"):
        render(made(), "exe")


def test_templates_load_nothing_from_elsewhere() -> None:
    folder = Path(__file__).parents[3] / "service" / "templates"
    for template in folder.glob("memo.*"):
        text = template.read_text("utf-8")
        assert not re.search(r"https?://|#import|#include|@preview|eval\(|\|\s*safe", text)
