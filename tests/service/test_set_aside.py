from __future__ import annotations

import pytest

from ingest.library import Library
from service.scope import Scope, resolve
from service.set_aside import NEEDS, sift
from service.shapes import Filters, Theme, ThemeAccount
from tests.service.coded import theme


@pytest.fixture
def scope(filled: Library) -> Scope:
    with filled.read() as connection:
        return resolve(connection, Filters(top=3))


@pytest.fixture
def model(filled: Library) -> Theme:
    with filled.read() as connection:
        everyone = resolve(connection, Filters())
        said = [("FC-1", 1), ("FC-2", 1), ("FC-3", 1)]
        return theme(connection, everyone, "Alarms", said)


def sized(model: Theme, name: str, arr: float, accounts: int, mentions: int = 3) -> Theme:
    return model.model_copy(
        update={
            "id": name,
            "label": name,
            "arr_usd": arr,
            "accounts_n": accounts,
            "mentions_n": mentions,
            "accounts": tuple(
                ThemeAccount(account_id=f"FRZ-{n + 1}", arr_usd=1.0, intensity=1)
                for n in range(accounts)
            ),
            "evidence": model.evidence[:1] if accounts < 2 else model.evidence,
        }
    )


def test_needs_keep_their_order_and_count_from_one(model: Theme, scope: Scope) -> None:
    found = [sized(model, "a", 650_000, 3), sized(model, "b", 340_000, 2)]
    sifted = sift(found, found, scope)
    assert [(t.id, t.rank) for t in sifted.needs] == [("a", 1), ("b", 2)]
    assert sifted.aside == ()


def test_what_is_loud_but_small_is_not_for_now_and_says_what_reopens_it(
    model: Theme, scope: Scope
) -> None:
    big, loud = sized(model, "big", 650_000, 2), sized(model, "loud", 30_000, 2, mentions=40)
    everywhere = [big, sized(model, "loud", 90_000, 5, mentions=40)]
    sifted = sift([big, loud], everywhere, scope)
    assert [t.id for t in sifted.needs] == ["big"]
    (item,) = sifted.aside
    assert (item.sort, item.theme_id) == ("loud", "loud")
    # Of the three largest, two were heard: $650,000.
    assert "5 accounts speak of it" in item.why
    assert "are 5% of the revenue heard" in item.why
    assert "grow" in item.reopens
    assert item.quotes


def test_what_is_loud_and_rests_on_one_large_account_says_which(model: Theme, scope: Scope) -> None:
    loud = sized(model, "loud", 430_000, 2).model_copy(
        update={
            "accounts": (
                ThemeAccount(account_id="FRZ-1", arr_usd=400_000, intensity=1),
                ThemeAccount(account_id="FRZ-4", arr_usd=30_000, intensity=3),
            )
        }
    )
    (item,) = sift([loud], [loud.model_copy(update={"accounts_n": 6})], scope).aside
    assert item.sort == "loud"
    assert "but for Marlowe Biobank those of them among the Top 3 are 5%" in item.why


def test_a_single_account_is_not_for_now_however_large(model: Theme, scope: Scope) -> None:
    found = [sized(model, "a", 650_000, 3), sized(model, "one", 400_000, 1)]
    (item,) = sift(found, found, scope).aside
    assert item.sort == "single"
    assert "Marlowe Biobank" in item.why
    assert "second account" in item.reopens


def test_what_only_others_share_is_outside(model: Theme, scope: Scope) -> None:
    inside = [sized(model, "a", 650_000, 3)]
    (item,) = sift(inside, [*inside, sized(model, "far", 60_000, 2)], scope).aside
    assert (item.sort, item.theme_id) == ("outside", "far")
    assert "Top 3" in item.why


def test_what_a_person_pinned_stays(model: Theme, scope: Scope) -> None:
    kept = sized(model, "one", 1_000, 1).model_copy(update={"pinned": True})
    sifted = sift([kept], [kept], scope)
    assert [t.id for t in sifted.needs] == ["one"]


def test_more_needs_than_can_be_read_wait(model: Theme, scope: Scope) -> None:
    found = [sized(model, f"n{n}", 650_000 - n, 2) for n in range(NEEDS + 2)]
    sifted = sift(found, found, scope)
    assert len(sifted.needs) == NEEDS
    assert [item.sort for item in sifted.aside] == ["later", "later"]
