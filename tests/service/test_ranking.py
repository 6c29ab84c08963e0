from __future__ import annotations

import pytest

from service.ranking import By, rank
from service.shapes import Theme, ThemeAccount
from tests.service.made import theme


@pytest.mark.parametrize(
    ("by", "order"),
    [
        ("arr", ["rich", "broad", "loud"]),
        ("accounts", ["broad", "rich", "loud"]),
        ("top", ["rich", "broad", "loud"]),
        ("mentions", ["loud", "rich", "broad"]),
    ],
)
def test_rankings_differ_by_what_they_count(by: By, order: list[str]) -> None:
    found = [
        theme("loud", {"A": 1.0}, top=0, mentions=9),
        theme("broad", {"B": 2.0, "C": 2.0, "D": 1.0}, top=2, mentions=3),
        theme("rich", {"E": 5.0, "F": 4.0}, top=2, mentions=3),
    ]
    ranked = rank(found, by)
    assert [t.id for t in ranked] == order
    assert [t.rank for t in ranked] == [1, 2, 3]


def test_a_pinned_theme_comes_first_and_keeps_its_true_place() -> None:
    found = [theme("rich", {"A": 9.0}), theme("kept", {"B": 1.0}, pinned=True)]
    assert [(t.id, t.rank) for t in rank(found, "arr")] == [("kept", 2), ("rich", 1)]


def test_where_rankings_disagree_it_says_so() -> None:
    rich = theme("rich", {"A": 900.0}, mentions=1)
    others = [theme(f"o{n}", {"B": 1.0, "C": 2.0}, mentions=5) for n in range(3)]
    told = next(t for t in rank([rich, *others], "arr") if t.id == "rich").notes
    assert told == (
        "Only one account spoke of it.",
        "The rankings disagree: 1st by revenue, 4th by accounts, 4th by Top-20 accounts, "
        "4th by mentions.",
    )
    alike = rank([theme("a", {"A": 2.0, "B": 3.0}), theme("b", {"C": 1.0, "D": 1.0})], "arr")
    assert [t.notes for t in alike] == [(), ()]


def confident(found: list[Theme], theme_id: str) -> tuple[str, bool]:
    one = next(t for t in rank(found, "arr") if t.id == theme_id)
    return one.confidence, one.stable


def test_confidence_needs_accounts_segments_and_a_stable_place() -> None:
    four = {"A": 10.0, "B": 10.0, "C": 10.0, "D": 10.0}
    small = theme("small", {"X": 1.0, "Y": 1.0, "Z": 1.0})
    assert confident([theme("sure", four, segments=2), small], "sure") == ("high", True)
    assert confident([theme("one", four, segments=1), small], "one") == ("medium", True)
    assert confident([theme("few", {"A": 10.0, "B": 9.0}, segments=2)], "few") == ("low", True)
    # Without its largest account it falls behind: its place hangs on one voice.
    shaky = theme("shaky", {"A": 30.0, "B": 1.0, "C": 1.0, "D": 1.0}, segments=3)
    rival = theme("rival", {"X": 10.0, "Y": 10.0, "Z": 10.0}, segments=3)
    assert confident([shaky, rival], "shaky") == ("medium", False)


def test_a_candidate_is_never_sure() -> None:
    four = dict.fromkeys("ABCD", 1.0)
    guess = theme("guess", four, segments=4).model_copy(update={"status": "candidate"})
    assert confident([guess], "guess") == ("low", True)


def test_an_account_without_revenue_counts_as_an_account() -> None:
    unknown = theme("unknown", {}).model_copy(
        update={
            "accounts": (ThemeAccount(account_id="A", arr_usd=None, intensity=1),),
            "accounts_n": 1,
        }
    )
    assert rank([unknown], "arr")[0].notes == ("Only one account spoke of it.",)
