"""Ranking themes, and how far the ranking can be trusted.

All figures are computed here from the accounts behind a theme: one account, one vote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from service.shapes import Confidence, Ranks, Theme

By = Literal["arr", "accounts", "top", "mentions"]

MEASURES: tuple[By, ...] = ("arr", "accounts", "top", "mentions")
_SURE_ACCOUNTS, _SURE_SEGMENTS = 4, 2  # from here on confidence can be high
_FEW_ACCOUNTS = 2  # up to here it is low
_APART = 2  # places between two rankings that are worth a word
_NAMED = {
    "arr": "revenue",
    "accounts": "accounts",
    "top": "Top-20 accounts",
    "mentions": "mentions",
}


def rank(found: Sequence[Theme], by: By) -> list[Theme]:
    """``found`` in order, pinned ones first; ``rank`` is the place by ``by``, from 1.

    Ties go to more ARR, accounts, mentions. ``ranks``, ``stable``, ``confidence`` and ``notes`` are
    filled in.
    """
    places = {measure: _places(found, measure) for measure in MEASURES}
    stable = _stable(found)
    ranked = []
    for theme in found:
        ranks = Ranks(**{measure: places[measure][theme.id] for measure in MEASURES})
        confidence = _confidence(theme, theme.id in stable)
        ranked.append(
            theme.model_copy(
                update={
                    "rank": places[by][theme.id],
                    "ranks": ranks,
                    "stable": theme.id in stable,
                    "confidence": confidence,
                    "notes": tuple(_notes(theme, ranks)),
                }
            )
        )
    return sorted(ranked, key=lambda t: (not t.pinned, t.rank))


def _places(found: Sequence[Theme], by: By, without: str | None = None) -> Mapping[str, int]:
    ordered = sorted(found, key=lambda theme: _key(theme, by, without))
    return {theme.id: n for n, theme in enumerate(ordered, start=1)}


def _key(theme: Theme, by: By, without: str | None) -> tuple[float, float, int, int, str]:
    left = [a for a in theme.accounts if a.account_id != without]
    arr = sum(a.arr_usd or 0.0 for a in left)
    first = {
        "arr": arr,
        "accounts": len(left),
        "top": theme.top_accounts_n,
        "mentions": theme.mentions_n,
    }[by]
    return (-first, -arr, -len(left), -theme.mentions_n, theme.id)


def _stable(found: Sequence[Theme]) -> set[str]:
    """Themes that keep their place by revenue when any one account is left out."""
    whole = _places(found, "arr")
    kept = set(whole)
    for account in {a.account_id for theme in found for a in theme.accounts}:
        without = _places(found, "arr", account)
        kept = {theme_id for theme_id in kept if without[theme_id] == whole[theme_id]}
    return kept


def _confidence(theme: Theme, stable: bool) -> Confidence:
    named = theme.status == "confirmed" or theme.by == "model"
    if not named or theme.accounts_n <= _FEW_ACCOUNTS:
        return "low"
    sure = theme.accounts_n >= _SURE_ACCOUNTS and theme.segments_n >= _SURE_SEGMENTS and stable
    sure = sure and theme.status == "confirmed"  # nobody has looked at the others
    return "high" if sure else "medium"


def _notes(theme: Theme, ranks: Ranks) -> list[str]:
    notes = []
    if theme.by == "model":
        notes.append("Named by a language model; not yet confirmed by a person.")
    if theme.accounts_n == 1:
        notes.append("Only one account spoke of it.")
    if theme.accounts_n == 0:
        notes.append("Heard only in calls without an account.")
    by_place = {measure: getattr(ranks, measure) for measure in MEASURES}
    if max(by_place.values()) - min(by_place.values()) >= _APART:
        told = ", ".join(f"{_ordinal(by_place[m])} by {_NAMED[m]}" for m in MEASURES)
        notes.append(f"The rankings disagree: {told}.")
    return notes


def _ordinal(n: int) -> str:
    special = {1: "st", 2: "nd", 3: "rd"}
    ending = "th" if 10 < n % 100 < 14 else special.get(n % 10, "th")
    return f"{n}{ending}"
