from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from ingest.errors import BadInput
from ingest.library import Library
from service.coverage import report
from service.shapes import Filters

TODAY = date(2026, 6, 3)


def test_the_board_says_who_was_heard_and_who_was_not(filled: Library) -> None:
    found = report(filled, Filters(), date(2026, 5, 4), TODAY)
    assert found.day == 30
    assert [row.account_id for row in found.board] == ["FRZ-1", "FRZ-2", "FRZ-5", "FRZ-3", "FRZ-4"]
    assert [row.rank for row in found.board] == [1, 2, 3, 4, 5]
    assert (found.accounts_heard, found.accounts_in_scope) == (4, 5)
    assert found.accounts_silent == ("FRZ-5",)
    assert found.arr_heard_usd == 770_000
    silent = next(row for row in found.board if row.account_id == "FRZ-5")
    assert (silent.calls, silent.first_heard, silent.customer_minutes) == ((), None, 0.0)


def test_minutes_are_the_customers_own(filled: Library) -> None:
    with filled.read() as connection:
        seconds = connection.scalar(
            sa.text(
                "SELECT sum(end_s - start_s) FROM utterances "
                "WHERE call_id = 'FC-1' AND speaker = 'Noor Haddad'"
            )
        )
    found = report(filled, Filters(), None, TODAY)
    assert found.board[0].customer_minutes == pytest.approx(seconds / 60, abs=0.05)
    assert found.day is None


def test_next_calls_say_why_and_the_pressing_come_first(filled: Library) -> None:
    with filled.change() as connection:
        connection.execute(sa.text("UPDATE calls SET account_id = NULL"))
    found = report(filled, Filters(), None, TODAY)
    assert found.calls_without_account == ("FC-1", "FC-2", "FC-3", "FC-4")
    order = [call.account_id for call in found.next_calls]
    assert order[0] == "FRZ-4"  # red, and renews soon, though the smallest
    assert order[-1] == "FRZ-3"  # neither
    assert "health red" in found.next_calls[0].why
    assert "renews 2026-08-01, in 59 days" in found.next_calls[0].why


def test_top_n_and_filters_narrow_the_board(filled: Library) -> None:
    assert len(report(filled, Filters(top=2), None, TODAY).board) == 2
    assert len(report(filled, Filters(segment="Health"), None, TODAY).board) == 2
    with pytest.raises(BadInput):
        report(filled, Filters(segment="Nope"), None, TODAY)


def test_an_empty_home_is_covered_by_nobody(library: Library) -> None:
    found = report(library, Filters(), None, TODAY)
    assert (found.board, found.next_calls, found.accounts_in_scope) == ((), (), 0)
