"""Memos of a home in which somebody confirmed themes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.library import Library
from ingest.pipeline import About
from service import codebook, memo
from service.adding import Adding
from service.codebook import NewCode
from service.drafting import draft_and_save
from service.erase import erase
from service.export import FORMATS, render
from service.recheck import quotes_of
from service.shapes import Code, Filters, Memo
from tests import corpus

AS_OF = date(2026, 6, 3)
SAID = "The alarm rings and does not say which freezer it is"


def coded(library: Library, label: str = "False alarms") -> Code:
    (alarm,) = codebook.put_codes(library, [NewCode(label=label, definition=SAID, kind="pain")])
    codebook.pin(library, alarm.id)
    for call, utterance in (("FC-1", 1), ("FC-1", 3), ("FC-2", 1)):
        codebook.judge(library, alarm.id, call, utterance, "confirm")
    return alarm


def drafted(library: Library, vision: str | None = None) -> Memo:
    return draft_and_save(library, filters=Filters(), today=AS_OF, vision=vision)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_confirmed_theme_is_a_need_with_a_page(filled: Library, kind: str) -> None:
    alarm = coded(filled)
    made = drafted(filled, "An alarm that rings says which freezer it is.")
    (need,) = [t for t in made.needs if t.id == alarm.id]
    assert need.status == "confirmed"
    assert {a.account_id for a in need.accounts} >= {"FRZ-1", "FRZ-2"}
    assert [page.theme_id for page in made.pages] == [t.id for t in made.needs]
    assert made.summary[0].text.startswith("Need 1: ")
    assert made.voices
    assert made.fit[0].theme_id == alarm.id
    assert "FRZ-2" in [a.account_id for a in made.at_risk if alarm.id in a.needs]
    assert len(render(made, kind)) > 5_000


def test_a_dismissed_theme_is_not_now(filled: Library) -> None:
    alarm = coded(filled)
    codebook.dismiss(filled, alarm.id)
    made = drafted(filled)
    assert alarm.id not in [t.id for t in made.needs]
    assert [n.theme_id for n in made.not_now if n.sort == "dismissed"] == [alarm.id]


def test_what_changes_is_told_against_the_last_memo(filled: Library, tmp_path: Path) -> None:
    erase(filled, "FC-2")
    alarm, *_ = codebook.put_codes(
        filled, [NewCode(label="False alarms", definition=SAID, kind="pain")]
    )
    codebook.pin(filled, alarm.id)
    codebook.judge(filled, alarm.id, "FC-1", 1, "confirm")
    before = drafted(filled)
    assert [t.id for t in before.needs] == [alarm.id]
    folder = corpus.write(tmp_path / "again")
    adding = Adding(filled, transcriber=None, report=lambda _job: None)
    adding.receive(folder / "calls" / "FC-2.json", About())
    adding.finish()
    codebook.judge(filled, alarm.id, "FC-2", 1, "confirm")
    now = drafted(filled)
    assert now.changes is not None
    assert now.changes.memo_id == before.id
    assert now.changes.calls == {"FC-2": "FRZ-2 with product, 2026-05-12"}
    assert now.changes.heard == ("FRZ-2",)
    assert now.changes.risks == ("FRZ-2",)
    (change,) = now.changes.needs
    assert (change.accounts, change.arr_usd) == (("FRZ-2",), 250_000.0)
    assert "FRZ-2 with product" in render(now, "md").decode()


def test_an_erased_call_leaves_no_word_also_where_a_person_wrote_it(filled: Library) -> None:
    words = "The alarm rings and does not say which freezer"
    coded(filled, label=words)
    drafted(filled, vision=f"{words}, and nobody walks the rooms at night.")
    drafted(filled)
    erase(filled, "FC-2")
    with filled.read() as connection:
        bodies = connection.scalars(sa.text("SELECT body FROM memos")).all()
        left = memo.load(connection, memo.list_memos(connection)[0].id)
    for body in bodies:
        assert words not in body
        assert "FC-2" not in body
        assert "Greta" not in body
    assert left.needs
    assert not [q for q in quotes_of(left) if q.call_id == "FC-2"]
