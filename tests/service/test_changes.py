from __future__ import annotations

from datetime import date

import pytest

from ingest.library import Library
from service import memo
from service.changes import changes
from service.memo import Brief
from service.scope import resolve
from service.shapes import Filters, Memo, Theme
from tests.service.coded import theme

AS_OF = date(2026, 6, 3)


@pytest.fixture
def drafted(filled: Library) -> Memo:
    return memo.draft(filled, Brief(filters=Filters(), as_of=AS_OF))


@pytest.fixture
def alarm(filled: Library) -> Theme:
    with filled.read() as connection:
        scope = resolve(connection, Filters())
        return theme(connection, scope, "Alarms", [("FC-1", 1), ("FC-2", 1)])


def with_needs(drafted: Memo, *needs: Theme) -> Memo:
    return drafted.model_copy(update={"needs": needs})


def test_nothing_new_is_no_change(drafted: Memo, alarm: Theme) -> None:
    same = with_needs(drafted, alarm)
    found = changes(same, same, {})
    assert (found.calls, found.heard, found.needs, found.risks) == ({}, (), (), ())


def test_new_calls_accounts_heard_and_risks_are_named(drafted: Memo) -> None:
    silent = drafted.coverage.model_copy(update={"accounts_silent": ("FRZ-2", "FRZ-5")})
    before = drafted.model_copy(
        update={"read": ("FC-1", "FC-3", "FC-4"), "coverage": silent, "at_risk": ()}
    )
    found = changes(before, drafted, {"FC-2": "A call, 2026-05-12", "FC-1": "Another"})
    assert found.calls == {"FC-2": "A call, 2026-05-12"}
    assert found.heard == ("FRZ-2",)
    assert found.risks[0] == "FRZ-2"


def test_a_need_that_grew_and_moved_says_how(drafted: Memo, alarm: Theme) -> None:
    was = alarm.model_copy(
        update={
            "rank": 2,
            "accounts": alarm.accounts[:1],
            "evidence": alarm.evidence[:1],
            "arr_usd": 400_000.0,
            "mentions_n": 1,
        }
    )
    (change,) = changes(with_needs(drafted, was), with_needs(drafted, alarm), {}).needs
    assert (change.rank_before, change.rank) == (2, 1)
    assert change.accounts == ("FRZ-2",)
    assert (change.arr_usd, change.mentions_n) == (250_000.0, 1)
    assert [q.call_id for q in change.quotes] == ["FC-2"]


def test_needs_that_came_and_went(drafted: Memo, alarm: Theme) -> None:
    bare = with_needs(drafted)
    (came,) = changes(bare, with_needs(drafted, alarm), {}).needs
    (went,) = changes(with_needs(drafted, alarm), bare, {}).needs
    assert (came.rank_before, came.rank) == (None, 1)
    assert (went.rank_before, went.rank) == (1, None)


def test_a_memo_that_did_not_say_what_it_read_makes_no_call_new(drafted: Memo) -> None:
    old = drafted.model_copy(update={"read": None})
    assert changes(old, drafted, {"FC-1": "A call"}).calls == {}
