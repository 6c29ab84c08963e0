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
from service.export.blocks import Chart, Para
from service.export.text import plain
from service.export.view import view
from service.export.words import clean, clock
from service.quotes import Spoken, cut, statement
from service.shapes import (
    Action,
    AtRisk,
    BoardRow,
    Changes,
    Coverage,
    Filters,
    FitLine,
    HealthCheck,
    Horizon,
    Memo,
    NeedPage,
    NextCall,
    NotNow,
    Prompt,
    Quote,
    Statement,
    Theme,
    ThemeAccount,
    ThemeChange,
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
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def board(name: str, account_id: str, renewal: date) -> BoardRow:
    return BoardRow(
        rank=1,
        account_id=account_id,
        name=name,
        arr_usd=5.0,
        tier=name,
        segment=name,
        region=name,
        renewal_date=renewal,
        health=name,
        calls=(),
        first_heard=None,
        last_heard=None,
        customer_minutes=1.0,
        estimated_minutes=0.0,
        people=1,
        heard=account_id == "A1",
        heard_by_day_14=True,
        heard_by_day_30=True,
    )


def quoted(words: str, name: str, i: int = 3) -> Quote:
    return cut(Spoken('C"1/../x', i, words, name, "customer", 0.4, "A1", 65.5, 70.0))


def theme_of(words: str, quote: Quote) -> Theme:
    return Theme(
        id="theme-1",
        label=words,
        statement=words,
        definition=words,
        kind="pain",
        rank=1,
        status="confirmed",
        accounts=(ThemeAccount(account_id="A1", arr_usd=5.0, intensity=2),),
        accounts_n=1,
        top_accounts_n=1,
        arr_usd=5.0,
        mentions_n=1,
        evidence=(quote,) * 6,
        counter=(quote,),
        first_heard=date(2026, 5, 1),
        last_heard=date(2026, 5, 9),
    )


def made(words: str = NAME, name: str = NAME) -> Memo:
    """A memo in which every text that comes from outside is ``words`` or ``name``."""
    quote = quoted(words, name)
    third = quote.model_copy(update={"hand": "third"})
    said: Statement = statement(f"Need 1: {words}", [quote, third], {"A1": 5.0})
    theme = theme_of(words, quote)
    page = NeedPage(
        theme_id="theme-1",
        cost=(said,),
        workaround=(said,),
        asked_for=(said,),
        behind=(said,),
        quotes=(quote, third),
        counter=(said,),
        calls_n=1,
        renewals=("A1",),
        reason=words,
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
            AtRisk(
                account_id="A1",
                arr_usd=5.0,
                renewal_date=date(2026, 7, 1),
                statements=(said,),
                health=name,
                needs=("theme-1",),
            ),
        ),
        dissent=(said,),
        not_now=(
            NotNow(
                text=words,
                why=name,
                theme_id=None,
                quotes=(quote,),
                reopens=words,
                sort="idea",
                replies=(quote,),
            ),
        ),
        internal_ideas=(said,),
        plan=(Week(week=1, actions=(Action(text=words),)),),
        horizons=(Horizon(months=3, bets=(Action(text=words),)),),
        open_questions=(words,),
        next_calls=(NextCall(account_id="A2", why=words),),
        vision=words,
        pages=(page,),
        voices=(said,),
        liked=(said,),
        candidates=(theme.model_copy(update={"status": "candidate"}),),
        health=(
            HealthCheck(
                account_id="A1",
                arr_usd=5.0,
                renewal_date=None,
                health=name,
                reading="content",
                statements=(said,),
            ),
        ),
        verify=(said,),
        fit=(FitLine(sentence=words, theme_id=None, quotes=(quote,)),),
        untouched=("theme-1",),
        prompts=(
            Prompt(place="bets", text=words, facts=name),
            Prompt(place="needs", text=words, theme_id="theme-1"),
            Prompt(place="fit", text=words),
        ),
        changes=Changes(
            memo_id="memo-0",
            as_of=date(2026, 5, 20),
            calls={"C": name},
            heard=("A1",),
            needs=(
                ThemeChange(
                    theme_id="theme-1", rank_before=2, rank=1, label=words, quotes=(quote,)
                ),
            ),
            risks=("A1",),
        ),
        board=(board(name, "A1", date(2026, 7, 1)), board(name, "A2", date(2026, 7, 2))),
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
    assert 'href="#ref-1"' in page
    assert 'id="ref-1"' in page
    assert "▶" in page
    assert 'href="/calls/C%221%2F..%2Fx?t=65"' in page


def test_the_document_is_legal_xml_with_their_words_in_it() -> None:
    with zipfile.ZipFile(io.BytesIO(render(made(), "docx"))) as document:
        tree = ElementTree.fromstring(document.read("word/document.xml"))
    words = "".join(tree.itertext())
    assert "<script>alert(1)</script>" in words
    assert '#panic("owned")' in words
    assert "\u202e" not in words


def test_quotes_are_true_footnotes_of_the_document() -> None:
    long = "We lost a week. " * 40
    opening = statement("Need 1: Ana: “We lost a week…”", [quoted(long, "Ana")], {"A1": 5.0})
    memo = made(long, "Ana").model_copy(update={"summary": (opening,)})
    with zipfile.ZipFile(io.BytesIO(render(memo, "docx"))) as document:
        text = ElementTree.fromstring(document.read("word/document.xml"))
        notes = ElementTree.fromstring(document.read("word/footnotes.xml"))
        assert b"footnotes+xml" in document.read("[Content_Types].xml")
        assert b"footnotes.xml" in document.read("word/_rels/document.xml.rels")
        styles = document.read("word/styles.xml")
    referred = [e.get(f"{W}id") for e in text.iter(f"{W}footnoteReference")]
    held = {e.get(f"{W}id"): "".join(e.itertext()) for e in notes}
    assert referred == ["1"]
    assert long.strip() in held["1"]
    assert "Ana, Ana · Ana" in held["1"]
    assert "turn 3 · 01:05" in held["1"]
    assert b'w:styleId="footnotetext"' in styles
    again = [e.text for e in text.iter(f"{W}instrText")]
    assert again
    assert set(again) == {" NOTEREF _note1 \\h "}
    bookmarks = [e.get(f"{W}name") for e in text.iter(f"{W}bookmarkStart")]
    assert bookmarks == ["_note1"]


def test_charts_of_the_document_are_pictures_with_their_words() -> None:
    with zipfile.ZipFile(io.BytesIO(render(made("Lost work.", "Ana"), "docx"))) as document:
        text = document.read("word/document.xml").decode()
        pictures = [n for n in document.namelist() if n.startswith("word/media/")]
    assert len(pictures) == 3
    assert text.count('title="') == 3
    assert "need 1, $5" in text


def test_charts_say_in_words_what_they_show() -> None:
    page = view(made("Lost work.", "Ana"))
    charts = [b for s in page.sections for b in s.blocks if isinstance(b, Chart)]
    assert len(charts) == 3
    for chart in charts:
        drawn = ElementTree.fromstring(chart.svg)
        assert [e.text for e in drawn[:2]] == [chart.title, chart.description]
        assert chart.table.rows
    assert "<title>" in render(made(), "html").decode()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_drawing_holds_their_words_as_text_only(text: str) -> None:
    for section in view(made(text, text)).sections:
        for block in section.blocks:
            if isinstance(block, Chart):
                tags = {e.tag.rpartition("}")[2] for e in ElementTree.fromstring(block.svg).iter()}
                assert tags <= {"svg", "title", "desc", "text", "rect", "circle", "line"}


def test_what_is_left_to_the_author_is_marked_in_every_format() -> None:
    memo = made("Lost work.", "Ana")
    assert "To be written by you:" in render(memo, "md").decode()
    assert 'class="prompt"' in render(memo, "html").decode()
    page = view(memo)
    marked = [
        b for s in page.sections for b in s.blocks if isinstance(b, Para) and b.tone == "prompt"
    ]
    assert {b.lead for b in marked} == {"To be written by you:"}
    assert len(marked) == 3


def test_without_a_confirmed_theme_it_says_so_first_and_counter_evidence_is_still_named() -> None:
    memo = made("Lost work.", "Ana").model_copy(update={"needs": (), "pages": (), "changes": None})
    page = view(memo)
    first = page.sections[0].blocks[0]
    assert isinstance(first, Para)
    assert first.text.startswith("No theme has been confirmed yet.")
    titles = [s.title for s in page.sections]
    assert "What speaks against it" in titles
    assert "Since the last memo" not in titles
    groups = [b for b in page.sections[-1].blocks if isinstance(b, Para)]
    assert any("confirmed by nobody" in b.text for b in groups)


def test_a_note_whose_quote_stands_above_it_in_full_is_not_repeated_at_the_foot() -> None:
    short = made("Lost work.", "Ana")
    with zipfile.ZipFile(io.BytesIO(render(short, "docx"))) as document:
        assert "Lost work" not in document.read("word/footnotes.xml").decode()
    assert render(short, "md").decode().count("[^1]: “Lost work.”") == 1


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
    for template in folder.glob("memo*"):
        text = template.read_text("utf-8")
        assert not re.search(r"https?://|#import|#include|@preview|eval\(|\|\s*safe", text)
