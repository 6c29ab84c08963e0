from __future__ import annotations

import pytest

from eval.books import Books, CallRow, in_scope
from eval.numbers import facts, same, sums
from eval.told import Document, Node

BOOKS = Books(
    {
        "A": {"account_id": "A", "name": "Ay", "arr_usd": "300", "tier": "mid", "health": "red"},
        "B": {"account_id": "B", "name": "Be", "arr_usd": "2000", "tier": "big", "health": ""},
        "C": {"account_id": "C", "name": "Ce", "arr_usd": "", "tier": "mid", "health": "green"},
    },
    (
        CallRow("c1", "A", "2026-05-04", 3, 60.0),
        CallRow("c2", "A", "2026-05-06", 0, 0.0),
        CallRow("c3", "B", "2026-05-09", 1, 12.0),
        CallRow("c4", None, "", 1, 5.0),
    ),
)


def wrong(body: Node) -> list[str]:
    document = Document("it", "memo", body)
    known = sums([document], BOOKS)
    return [what for what, told, right in facts(document, BOOKS, known) if not same(told, right)]


def statement(**more: object) -> Node:
    quotes = [{"call_id": "c1", "utterance": 0, "text": "…", "speaker": "S", "account_id": "A"}]
    return {
        "text": "…",
        "accounts": ["A"],
        "accounts_n": 1,
        "arr_usd": 300,
        "quotes": quotes,
        **more,
    }


@pytest.mark.parametrize(
    ("node", "faults"),
    [
        (statement(), []),
        (statement(arr_usd=301), ["it arr_usd"]),
        (statement(accounts_n=2), ["it accounts_n"]),
        (statement(accounts=["A", "B"], accounts_n=2, arr_usd=2300), ["it accounts"]),
        # What only the vendor's people said counts for nobody.
        (statement(accounts=[], accounts_n=0, arr_usd=0), []),
        (statement(text="worth $2,000 a year"), []),
        (statement(text="worth $2,300 a year"), ["text $2,300"]),
        (statement(text="he said “$7,000” to me"), []),
        ({"both": ["A", "B"], "why": "$2,300 in all"}, []),
        ({"account_id": "A", "arr_usd": 300, "health": "red", "tier": "mid"}, []),
        ({"account_id": "A", "arr_usd": 300, "health": "green"}, ["it health"]),
        ({"account_id": "C", "arr_usd": None}, []),
        ({"account_id": "C", "arr_usd": 0}, ["it arr_usd"]),
    ],
)
def test_statements_accounts_and_sentences(node: Node, faults: list[str]) -> None:
    assert wrong(node) == faults


def test_a_theme() -> None:
    accounts = [{"account_id": "A", "arr_usd": 300}, {"account_id": "B", "arr_usd": 2000}]
    theme = {
        "accounts": accounts,
        "accounts_n": 2,
        "arr_usd": 2300,
        "top_accounts_n": 2,
        "evidence": [{"call_id": "c1"}, {"call_id": "c3"}],
    }
    assert wrong(theme) == []
    assert wrong({**theme, "top_accounts_n": 1}) == ["it top_accounts_n"]
    only_one = {**theme, "accounts": accounts[:1], "accounts_n": 1, "arr_usd": 300}
    assert wrong({**only_one, "top_accounts_n": 1}) == ["it accounts quoted and not counted"]


@pytest.mark.parametrize(
    ("filters", "accounts", "calls"),
    [
        ({}, ["B", "A", "C"], ["c1", "c2", "c3", "c4"]),
        ({"top": 1}, ["B"], ["c3"]),
        ({"tier": "MID"}, ["A", "C"], ["c1", "c2"]),
        ({"accounts": ["A"], "until": "2026-05-05"}, ["A"], ["c1"]),
        ({"since": "2026-05-06"}, ["B", "A", "C"], ["c2", "c3"]),
    ],
)
def test_scope(filters: Node, accounts: list[str], calls: list[str]) -> None:
    scope, kept = in_scope(filters, BOOKS)
    assert (scope, [call.call_id for call in kept]) == (accounts, calls)


def test_coverage() -> None:
    coverage = {
        "accounts_in_scope": 2,
        "accounts_heard": 1,
        "accounts_silent": ["C"],
        "calls_read": 2,
        "arr_in_scope_usd": 300,
        "arr_heard_usd": 300,
    }
    body = {"filters": {"tier": "mid"}, "coverage": coverage}
    assert wrong(body) == []
    assert wrong({**body, "coverage": {**coverage, "calls_read": 1}}) == ["coverage calls_read"]


def test_milestones_gaps_and_weeks() -> None:
    milestone: Node = {
        "day": 3,
        "date": "2026-05-07",
        "accounts_heard": 1,
        "accounts_silent": ["B"],
        "arr_heard_usd": 300,
    }
    board = {
        "filters": {"top": 2},
        "milestones": [milestone],
        "gaps": {
            "tier": [
                {
                    "value": "Big",
                    "accounts_in_scope": 1,
                    "accounts_heard": 1,
                    "accounts_silent": [],
                    "arr_in_scope_usd": 2000,
                    "arr_heard_usd": 2000,
                }
            ]
        },
        "weeks": [
            {
                "week": 1,
                "first": "2026-05-04",
                "last": "2026-05-10",
                "calls": 2,
                "customer_hours": 0.02,
            }
        ],
    }
    assert wrong(board) == []
    # A day later the second account had been heard as well.
    late = {**board, "milestones": [{**milestone, "day": 5, "date": "2026-05-09"}]}
    assert wrong(late) == [
        "milestones.0 accounts_heard",
        "milestones.0 accounts_silent",
        "milestones.0 arr_heard_usd",
    ]
    assert wrong({**board, "filters": {"top": 1}}) == [
        "milestones.0 accounts_heard",
        "milestones.0 arr_heard_usd",
        "weeks.0 calls",
        "weeks.0 customer_hours",
    ]


def test_a_row_of_the_board_counts_calls_in_which_customers_spoke() -> None:
    row = {
        "account_id": "A",
        "calls": ["c1"],
        "first_heard": "2026-05-04",
        "last_heard": "2026-05-04",
        "customer_minutes": 1.0,
    }
    assert wrong(row) == []
    assert wrong({**row, "last_heard": "2026-05-06"}) == ["it last_heard"]
