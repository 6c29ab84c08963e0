from __future__ import annotations

import pytest

from service.edited.about import about_customers, names_of

NAMES = names_of(
    ["Marlowe Biobank", "Quay Fisheries Lab", "Cold Rooms"],
    ["Noor Haddad", "Hope Lind"],
    frozenset("hope cold rooms lab quay fisheries alarm".split()),
)


@pytest.mark.parametrize(
    "words",
    [
        "Customers want a quieter alarm.",
        "Marlowe is unhappy.",
        "marlowe’s alarm rings",
        "Noor will talk to us.",
        "We met Hope there.",
        "Cold Rooms renews in May.",
        "They will leave.",
        "Nobody trusts the alarm.",
        "Most would pay for it.",
        "4 of 5 agree.",
        "Churn is at 4 %.",
        "That is $2m a year.",
        "We lose 12 % of it.",
        "We heard it in eleven calls.",
        "“It rings for nothing” is the usual answer.",
        "Laboratories need a message.",
        "The night staff hate it.",
        "Ｃｕｓｔｏｍｅｒｓ are angry.",
        "Cus\u200btomers are angry.",
        "CUSTOMERS WANT IT",
        "We know that customers want it.",
        "Is it true that they want it?",
        "Do our customers need it?",
        "Our customers like it.",
    ],
)
def test_about_customers(words: str) -> None:
    assert about_customers(words, NAMES)


@pytest.mark.parametrize(
    "words",
    [
        "We decide on Friday.",
        "Our own team builds it.",
        "Let's want less.",
        "First we need two engineers.",
        "I hope so.",
        "Hope is no plan.",
        "What do we stop?",
        "Bet 1, on need 1: what we do.",
        "",
        "…",
        "👩‍🚒",
    ],
)
def test_about_ourselves(words: str) -> None:
    assert not about_customers(words, NAMES)


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ("What our customers need", False),
        ("Accounts", False),
        ("Customers want a quieter alarm", True),
        ("Marlowe Biobank", False),
        ("Marlowe Biobank wants to leave", True),
        ("$120,000", False),
    ],
)
def test_a_label_needs_evidence_only_where_it_states_something(words: str, about: bool) -> None:
    assert about_customers(words, NAMES, label=True) is about
