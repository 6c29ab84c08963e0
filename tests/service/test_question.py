from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from ingest.errors import BadInput
from ingest.models import Account
from service.question import Known, Understood, named_accounts, understand
from service.shapes import Filters

ACCOUNTS = [
    Account(
        account_id="1", name="Harrowgate Dairy", tier="enterprise", segment="Food", region="EMEA"
    ),
    Account(account_id="2", name="Two Ferns Bakery", tier="smb", segment="Food", region="APAC"),
    Account(account_id="3", name="St. Orsolya Clinic", tier="mid", segment="Health", region="EMEA"),
    Account(account_id="4", name="Harrow Mills", tier="smb", segment="Paper", region="EMEA"),
]


def asked_of(question: str, given: Filters | None = None, **more: object) -> Understood:
    known = Known(accounts=ACCOUNTS, latest=date(2026, 5, 29), today=date(2026, 6, 3))
    return understand(question, replace(known, **more), given or Filters())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "kind", "about"),
    [
        ("What do our top customers need?", "aggregate", ()),
        ("What do customers say about barcode scanning?", "aggregate", ("barcode", "scanning")),
        ("How many accounts lose labels?", "count", ("lose", "labels")),
        ("Do customers want more or less automation?", "compare", ("more", "less", "automation")),
        ("When is the milk collected?", "lookup", ("milk", "collected")),
        ("Which accounts are at risk and why?", "aggregate", ()),
    ],
)
def test_kinds_and_own_words(question: str, kind: str, about: tuple[str, ...]) -> None:
    asked = asked_of(question)
    assert asked.kind == kind
    assert set(asked.about) <= set(about) | {"more", "less"}
    assert set(about) - {"more", "less"} <= set(asked.about)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("What does Harrowgate Dairy need?", {"1"}),
        ("How long is Harrowgate's route?", {"1"}),
        ("What did Harrowgates’ driver say?", {"1"}),
        ("What does Harowgate want?", {"1"}),
        ("What does Harrow Mills want?", {"4"}),
        ("what do two ferns bakery and st. orsolya clinic share", {"2", "3"}),
        ("How do two ferns grow?", set()),
        ("What does Tessaline want?", set()),
    ],
)
def test_accounts_are_found_by_name(text: str, ids: set[str]) -> None:
    assert set(named_accounts(text, ACCOUNTS)) == ids


def test_words_become_filters_where_none_were_given() -> None:
    asked = asked_of("What do our top 5 SMB customers need?")
    assert (asked.filters.top, asked.filters.tier) == (5, "smb")
    asked = asked_of("What do our top customers need?", Filters(top=3, tier="mid"))
    assert (asked.filters.top, asked.filters.tier) == (3, "mid")
    both = asked_of("Do enterprise and smb customers agree?")
    assert both.filters.tier is None
    assert both.sides == (("tier", "enterprise"), ("tier", "smb"))
    sized = asked_of("Do large customers and small ones mean the same thing by freshness?")
    assert sized.sides == both.sides
    assert sized.filters.tier is None
    assert asked_of("What do small customers say about whey?").filters.tier == "smb"


def test_the_vendor_is_no_topic() -> None:
    asked = asked_of("What do customers like about Acme?", vendor=frozenset({"acme"}))
    assert asked.about == ()
    assert asked.tone == ("praise",)


@pytest.mark.parametrize("question", ["", "   ", "\x00\n", "x" * 100_000])
def test_an_unusable_question_is_one_clear_sentence(question: str) -> None:
    with pytest.raises(BadInput, match="question"):
        asked_of(question)


def test_an_account_that_a_filter_names_is_no_topic() -> None:
    asked = asked_of("What does Harrowgate say about whey?", Filters(accounts=("1",)))
    assert (asked.about, asked.names, asked.filters.accounts) == (("whey",), (), ("1",))


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("In the calls held between 18 and 22 May, who lost labels?", (5, 18), (5, 22)),
        ("What did the interviews since 5 May say about whey?", (5, 5), None),
        ("What was said in the conversations in May about whey?", (5, 1), (5, 31)),
        ("What did customers tell us before 2026-05-10 in calls about whey?", None, (5, 9)),
        # The day is of what was told, not of the call.
        ("Why was the van turned away in February?", None, None),
        ("What may customers want?", None, None),
    ],
)
def test_days_are_of_the_calls_only_where_calls_are_spoken_of(
    question: str, since: tuple[int, int] | None, until: tuple[int, int] | None
) -> None:
    filters = asked_of(question).filters
    assert filters.since == (date(2026, *since) if since else None)
    assert filters.until == (date(2026, *until) if until else None)


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("What do accounts renewing before 1 August need?", ("1",)),
        ("What do customers up for renewal in the next three months need?", ("1",)),
        ("What do customers renewing in January need?", ("2",)),
        ("What do at-risk customers need?", ("2",)),
        ("What do accounts renewing before 2026-07-01 need?", ()),
    ],
)
def test_renewals_and_health_make_a_scope(question: str, ids: tuple[str, ...]) -> None:
    accounts = [
        ACCOUNTS[0].model_copy(update={"renewal_date": date(2026, 7, 15), "health": "green"}),
        ACCOUNTS[1].model_copy(update={"renewal_date": date(2027, 1, 20), "health": "red"}),
    ]
    assert asked_of(question, accounts=accounts).filters.accounts == ids


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What does Winnie do?", ("winnie",)),
        ("When will the Deep Blue ship?", ("deep blue",)),
        ("What happened on Mothering Sunday?", ("mothering sunday",)),
        ("What happened in March?", ()),
        ("What does Harrowgate want from SSO?", ()),
    ],
)
def test_proper_names_are_kept_as_they_stand(question: str, names: tuple[str, ...]) -> None:
    assert asked_of(question).names == names


def test_two_things_asked_at_once_are_two_parts() -> None:
    assert asked_of("How many labels were lost, and what is that worth?").parts == 2
    assert asked_of("How many labels and boxes were lost?").parts == 1
