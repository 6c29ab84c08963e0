"""Comparisons, over the small corpus of tests/corpus.py and calls of more people."""

from __future__ import annotations

import pytest

from ingest.library import Library
from service.ask import ask
from service.codebook import NewCode, judge, put_codes
from service.shapes import Filters
from tests.service.spoken import hold

ALARMS = NewCode(
    label="Alarms that do not say which freezer",
    definition="A false alarm wakes people at night and does not tell which freezer it is.",
)
QUESTION = "Do {} differ about false alarms that do not say which freezer it is?"


@pytest.fixture
def sides(filled: Library) -> Library:
    """Both enterprise accounts and the mid one of Osprey speak of alarms."""
    code = put_codes(filled, [ALARMS])[0]
    for place in (("FC-1", 1), ("FC-2", 1), ("FC-3", 1)):
        judge(filled, code.id, *place, "confirm")
    return filled


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        (
            QUESTION.format("enterprise and mid customers"),
            {"enterprise": (2, 650_000), "mid": (1, 90_000)},
        ),
        (
            QUESTION.format("large customers and mid-size firms"),
            {"enterprise": (2, 650_000), "mid": (1, 90_000)},
        ),
        (
            QUESTION.format("EMEA and North America"),
            {"EMEA": (2, 490_000), "North America": (1, 250_000)},
        ),
        (
            QUESTION.format("Health and Research customers"),
            {"Health": (2, 340_000), "Research": (1, 400_000)},
        ),
        # A side that has nothing to say has no statement.
        (QUESTION.format("enterprise and smb customers"), {"enterprise": (2, 650_000)}),
    ],
)
def test_each_side_has_its_own_accounts_and_numbers(
    sides: Library, question: str, numbers: dict[str, tuple[int, float]]
) -> None:
    answer = ask(sides, question)
    assert (answer.kind, answer.abstained) == ("compare", False)
    told = {
        s.text.partition(":")[0]: s for s in answer.statements if s.text.endswith("spoke of it.")
    }
    assert {k: (s.accounts_n, s.arr_usd) for k, s in told.items()} == numbers
    for value, (n, arr) in numbers.items():
        who = "1 account" if n == 1 else f"{n} accounts"
        assert told[value].text == f"{value}: {who} worth ${arr:,.0f} a year spoke of it."
        # A quote of each account, and under it each account's words.
        assert len(told[value].quotes) == len({q.account_id for q in told[value].quotes}) == n
        start = answer.statements.index(told[value]) + 1
        below = [s.accounts for s in answer.statements[start : start + n]]
        assert sorted(below) == sorted((a,) for a in told[value].accounts)


def test_a_filter_holds_on_both_sides(sides: Library) -> None:
    answer = ask(sides, QUESTION.format("enterprise and mid customers"), Filters(region="EMEA"))
    accounts = {a for s in answer.statements for a in s.accounts}
    assert accounts == {"FRZ-1", "FRZ-3"}
    assert [s.arr_usd for s in answer.statements if s.text.endswith("it.")] == [400_000, 90_000]


def test_without_sides_all_are_counted_together(sides: Library) -> None:
    answer = ask(sides, "Do customers disagree about alarms that do not say which freezer it is?")
    assert answer.kind == "compare"
    assert (answer.statements[0].accounts_n, answer.statements[0].arr_usd) == (3, 740_000)
    assert [s.accounts for s in answer.statements[1:]] == [("FRZ-1",), ("FRZ-2",), ("FRZ-3",)]


def test_who_is_content_stands_on_the_other_side(sides: Library) -> None:
    hold(
        sides,
        "N-1",
        "FRZ-5",
        [
            ("v", "Are false alarms hard on you?"),
            ("c", "No, the alarm is not a problem. Our alarm always says which freezer it is."),
        ],
    )
    answer = ask(sides, QUESTION.format("enterprise and mid customers"))
    assert "FRZ-5" in {a for s in answer.counter for a in s.accounts}
    assert "FRZ-5" not in {a for s in answer.statements for a in s.accounts}


def test_what_nobody_spoke_of_is_not_compared(sides: Library) -> None:
    for question in (
        "Do enterprise and smb customers differ about parking for delivery vans?",
        "Do enterprise and smb customers differ about Klingon menus?",
    ):
        answer = ask(sides, question)
        assert (answer.kind, answer.abstained, answer.statements) == ("compare", True, ())
        assert (answer.reason or "").startswith("No customer")


TWO = [
    ("v", "What is hard for you two?"),
    ("Ada Moss", "We chip ice out of the freezer by hand and lose a whole morning every week."),
    ("Bo Lind", "The invoice is wrong every month and it is a nightmare to correct."),
    ("v", "Our own people find the invoice awful, it is wrong and we hate it."),
    ("Ada Moss", "The drawers break and nobody comes to repair them, it is awful."),
]


def test_people_of_one_account_speak_for_themselves(filled: Library) -> None:
    hold(filled, "N-1", "FRZ-5", TWO, others=["Bo Lind"])
    answer = ask(filled, "What do the people at Sable Genomics disagree about?")
    assert (answer.kind, answer.abstained) == ("compare", False)
    told = {s.text.partition(" (")[0]: s for s in answer.statements}
    assert set(told) == {"Ada Moss", "Bo Lind"}
    for name, statement in told.items():
        assert statement.text.startswith(f"{name} (Sable Genomics): “")
        assert {q.speaker for q in statement.quotes} == {name}
        assert (statement.accounts, statement.arr_usd) == (("FRZ-5",), 120_000)
    assert [q.utterance for q in told["Bo Lind"].quotes] == [2]
    assert {q.utterance for q in told["Ada Moss"].quotes} == {1, 4}


def test_people_of_two_accounts_are_kept_apart_also_by_one_name(filled: Library) -> None:
    hold(filled, "N-1", "FRZ-5", TWO, others=["Bo Lind"])
    hold(filled, "N-2", "FRZ-4", TWO, others=["Bo Lind"])
    answer = ask(filled, "Do people at Sable Genomics and Quay Fisheries Lab differ?")
    told = {(s.text.partition(" (")[0], s.accounts) for s in answer.statements}
    assert ("Ada Moss", ("FRZ-5",)) in told
    assert ("Ada Moss", ("FRZ-4",)) in told
    assert len(told) == len(answer.statements)


def test_people_who_said_nothing_of_weight_are_not_compared(filled: Library) -> None:
    hold(filled, "N-1", "FRZ-5", [("v", "How are you?"), ("c", "It is the ninth of June today.")])
    answer = ask(filled, "How do the people at Sable Genomics differ?")
    assert answer.abstained
    assert answer.reason == "Nobody there said anything that could be compared."
