from __future__ import annotations

import pytest

from ingest.errors import BadInput
from ingest.models import Account
from service.question import named_accounts, understand
from service.shapes import Filters

ACCOUNTS = [
    Account(
        account_id="1", name="Harrowgate Dairy", tier="enterprise", segment="Food", region="EMEA"
    ),
    Account(account_id="2", name="Two Ferns Bakery", tier="smb", segment="Food", region="APAC"),
    Account(account_id="3", name="St. Orsolya Clinic", tier="mid", segment="Health", region="EMEA"),
    Account(account_id="4", name="Harrow Mills", tier="smb", segment="Paper", region="EMEA"),
]


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
    asked = understand(question, ACCOUNTS, Filters())
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
    asked = understand("What do our top 5 SMB customers need?", ACCOUNTS, Filters())
    assert (asked.filters.top, asked.filters.tier) == (5, "smb")
    asked = understand("What do our top customers need?", ACCOUNTS, Filters(top=3, tier="mid"))
    assert (asked.filters.top, asked.filters.tier) == (3, "mid")
    both = understand("Do enterprise and smb customers agree?", ACCOUNTS, Filters())
    assert both.filters.tier is None


def test_the_vendor_is_no_topic() -> None:
    asked = understand(
        "What do customers like about Acme?", ACCOUNTS, Filters(), frozenset({"acme"})
    )
    assert asked.about == ()
    assert asked.tone == ("praise",)


@pytest.mark.parametrize("question", ["", "   ", "\x00\n", "x" * 100_000])
def test_an_unusable_question_is_one_clear_sentence(question: str) -> None:
    with pytest.raises(BadInput, match="question"):
        understand(question, ACCOUNTS, Filters())
