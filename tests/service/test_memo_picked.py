"""What was picked from answers stands in the memo, and goes with its call."""

from __future__ import annotations

from datetime import date

from ingest.library import Library
from service import answer_history, picks
from service.drafting import draft_and_save
from service.erase import erase
from service.export import render
from service.kept import load
from service.shapes import Filters

ASKED = "What do customers need?"


def test_a_memo_holds_what_was_picked_and_forgets_an_erased_call(filled: Library) -> None:
    answer = answer_history.ask(filled, ASKED, Filters())
    picked = picks.add(filled, answer.id or "")
    assert picked
    memo = draft_and_save(filled, filters=Filters(top=20), today=date(2026, 6, 1))
    assert [pick.id for pick in memo.picked] == [pick.id for pick in picked]
    shown = render(memo, "md").decode()
    assert "## Picked by you" in shown
    assert ASKED in shown
    gone = picked[0].statement.quotes[0].call_id
    erase(filled, gone)
    with filled.read() as connection:
        left = load(connection, memo.id)
    assert all(q.call_id != gone for pick in left.picked for q in pick.statement.quotes)
    assert len(left.picked) < len(picked) or len(picked[0].statement.quotes) > 1
