from __future__ import annotations

import numpy as np
import pytest

from ingest.library import Library
from service.scope import resolve
from service.shapes import Filters, Theme
from service.themes import By, Group, counter, find, group, rank, themes
from tests.service.test_ledger import item


def test_each_theme_is_counted_from_its_own_evidence(filled: Library) -> None:
    found = themes(filled, Filters())
    assert found
    assert [t.rank for t in found] == list(range(1, len(found) + 1))
    assert [t.arr_usd for t in found] == sorted((t.arr_usd for t in found), reverse=True)
    for theme in found:
        assert theme.accounts_n == len(theme.accounts)
        assert theme.arr_usd == sum(a.arr_usd or 0 for a in theme.accounts)
        assert theme.status == "candidate"
        assert {q.role for q in theme.evidence} == {"customer"}
        assert {q.hand for q in theme.evidence} == {"first"}
        assert theme.label.removesuffix("…") in " ".join(theme.evidence[0].text.split())
        assert theme.first_heard is not None
        assert theme.last_heard is not None
        assert theme.first_heard <= theme.last_heard
        if theme.accounts_n == 1:
            assert "Only one account" in theme.statement


def test_nothing_ours_and_nothing_reported_is_a_theme(filled: Library) -> None:
    words = " ".join(q.text for t in themes(filled, Filters()) for q in t.evidence)
    for never in ("hologram", "mobile app", "sounds neat", "any AI"):
        assert never not in words


def test_ids_persist_and_scope_narrows(filled: Library) -> None:
    first, again = themes(filled, Filters()), themes(filled, Filters())
    assert [t.id for t in first] == [t.id for t in again]
    assert len({t.id for t in first}) == len(first)
    for theme in themes(filled, Filters(accounts=("FRZ-3",))):
        assert [a.account_id for a in theme.accounts] == ["FRZ-3"]


def test_an_empty_home_has_no_themes(library: Library) -> None:
    assert themes(library, Filters()) == []
    with library.read() as connection:
        assert find(connection, resolve(connection, Filters())) == []


@pytest.mark.parametrize(
    ("by", "order"),
    [
        ("arr", ["rich", "broad", "loud"]),
        ("accounts", ["broad", "rich", "loud"]),
        ("top", ["rich", "broad", "loud"]),
        ("mentions", ["loud", "rich", "broad"]),
    ],
)
def test_rankings_differ_by_what_they_count(filled: Library, by: By, order: list[str]) -> None:
    model = themes(filled, Filters())[0]

    def made(name: str, arr: float, accounts: int, top: int, mentions: int) -> Theme:
        numbers = {"arr_usd": arr, "accounts_n": accounts, "top_accounts_n": top}
        return model.model_copy(update={"id": name, "mentions_n": mentions, **numbers})

    found = [made("loud", 1, 1, 0, 9), made("broad", 5, 7, 2, 3), made("rich", 9, 2, 2, 3)]
    assert [t.id for t in rank(found, by)] == order


def scattered(n: int) -> dict[int, float]:
    """A vector like that of a sentence about something else."""
    noise = np.random.default_rng(n).normal(size=8)
    return {at: float(value) for at, value in enumerate(noise)}


def test_likeness_brings_accounts_together_and_keeps_others_apart() -> None:
    text = "word " * 10
    said = [
        item(text, call=f"C{a}", account=f"A{a}", i=n, vector={0: 1.0, 1: 0.1 * a + 0.05 * n})
        for a in range(2)
        for n in range(2)
    ]
    said += [item(text, call=f"D{n}", account=f"B{n}", vector=scattered(n)) for n in range(12)]
    together = [{e.account_id for e in g.members} for g in group(said)]
    assert any({"A0", "A1"} <= accounts for accounts in together)
    assert len(together) > 5


def test_every_item_is_in_one_group() -> None:
    said = [item("word " * 9, call=f"C{n % 5}", account=f"A{n % 5}", i=n) for n in range(40)]
    members = [e.evidence_id for g in group(said) for e in g.members]
    assert sorted(members) == sorted(e.evidence_id for e in said)
    assert group([]) == []
    assert len(group(said[:1])) == 1


def test_praise_of_the_same_matter_speaks_against_it() -> None:
    pains = [
        item("word " * 9, call=f"C{n}", account=f"A{n}", vector={0: 1.0, 1 + n: 0.4})
        for n in range(2)
    ]
    pains.append(item("word " * 9, call="D", account="B", vector={7: 1.0}))
    groups = [Group(tuple(pains[:2])), Group((pains[2],))]
    near = item("good " * 9, call="E", account="E", kind="praise", vector={0: 1.0, 1: 0.2, 2: 0.2})
    far = item("good " * 9, call="F", account="F", kind="praise", vector={6: 1.0})
    against = counter(groups, [far, near])
    assert against == [[near], []]
