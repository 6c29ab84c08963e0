"""Candidate themes: evidence that may be about one matter, grouped, counted and ranked by code.

Without a model such groups are *candidates*, never findings: embedding similarity tells needs apart
only weakly (measured: area under the curve 0.59 for single quotes of two accounts, 0.68 once a
quote is read with what the speaker said around it). So grouping is conservative, the label is a
customer's own words, and whatever rests on a single account says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from ingest.library import Library
from service import ledger
from service.ledger import Evidence, shortened
from service.scope import Scope, resolve
from service.shapes import EvidenceKind, Filters, Theme, ThemeAccount

By = Literal["arr", "accounts", "top", "mentions"]

QUOTES = 8  # shown under a theme, from as many accounts as possible
# Grouping compares all pairs; of more items than this only the weightiest are grouped.
_MOST = 3000
# How far around itself, in utterances, a quote is read: people stay on a matter for a while.
_REACH = 6.0
# Two groups are one when they are this many deviations nearer than quotes of two accounts
# are on average. 1.5 to 2 gave groups that were mostly right; below, everything runs together.
_NEARER = 1.5
# And an account stays in a group when a quote of its own is this much nearer to one of another's.
_OWN_WORDS = 2.5
# Pains and requests are two sides of one need; the others stand for themselves.
_SORTS: tuple[tuple[EvidenceKind, ...], ...] = (
    ("pain", "request"),
    ("praise",),
    ("risk",),
    ("competitor",),
)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Evidence taken together, the most central first."""

    members: tuple[Evidence, ...]


def themes(library: Library, filters: Filters, by: By = "arr") -> list[Theme]:
    """The candidate themes in scope, ranked. Empty when no customer voiced anything."""
    with library.read() as connection:
        return find(connection, resolve(connection, filters), by)


def find(connection: sa.Connection, scope: Scope, by: By = "arr") -> list[Theme]:
    """As ``themes``, for a scope that is resolved already."""
    said = ledger.items(connection, scope)
    liked = [e for e in said if e.kind == "praise" and e.strength > 1]
    found: list[Theme] = []
    for kinds in _SORTS:
        groups = group([e for e in said if e.kind in kinds])
        against = counter(groups, liked) if "pain" in kinds else [[]] * len(groups)
        found += [_theme(one, other, scope) for one, other in zip(groups, against, strict=True)]
    return rank(found, by)


def rank(found: Sequence[Theme], by: By) -> list[Theme]:
    """``found`` in order, ``rank`` counting from 1. Ties go to more ARR, accounts, mentions."""

    def key(theme: Theme) -> tuple[float, float, int, int, str]:
        first = {
            "arr": theme.arr_usd,
            "accounts": theme.accounts_n,
            "top": theme.top_accounts_n,
            "mentions": theme.mentions_n,
        }[by]
        return (-first, -theme.arr_usd, -theme.accounts_n, -theme.mentions_n, theme.id)

    ordered = sorted(found, key=key)
    return [theme.model_copy(update={"rank": n}) for n, theme in enumerate(ordered, start=1)]


def group(found: Sequence[Evidence]) -> list[Group]:
    """Evidence in groups of one matter each; most stay alone or within one account.

    Average linkage on cosine distance (Sokal and Michener, 1958), cut relative to how near quotes
    of *different* accounts are on average, so that no absolute similarity is assumed.
    """
    kept = sorted(found, key=lambda e: (-e.weight, e.evidence_id))[:_MOST]
    if not kept:
        return []
    vectors = _around(kept)
    labels = _apart(kept, _labels(kept, vectors))
    groups = []
    for label in dict.fromkeys(labels.tolist()):
        rows = np.flatnonzero(labels == label)
        centre = _unit(vectors[rows].mean(axis=0, keepdims=True))[0]
        # Central words of somebody who dwelt on it: similarity alone prefers bland short quotes.
        weight = np.log([1 + kept[r].weight for r in rows])
        score = (vectors[rows] @ centre) * weight
        groups.append(Group(tuple(kept[rows[n]] for n in np.argsort(-score, kind="stable"))))
    return groups


def _apart(kept: Sequence[Evidence], labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """``labels`` with those accounts set apart that have no quote of their own near the others'.

    Reading a quote with what surrounds it finds more, and drags along what merely stood nearby.
    """
    voice = np.array([_voice(e) for e in kept])
    raw = np.stack([e.vector for e in kept])
    near = raw @ raw.T
    other = voice[:, None] != voice[None, :]
    if not other.any():
        return labels
    enough = _above(near[other], _OWN_WORDS)
    split = labels.copy()
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        for one in np.unique(voice[rows]):
            mine, rest = rows[voice[rows] == one], rows[voice[rows] != one]
            if rest.size and near[np.ix_(mine, rest)].max() < enough:
                split[mine] = split.max() + 1
    return split


def counter(groups: Sequence[Group], liked: Sequence[Evidence]) -> list[list[Evidence]]:
    """For each group, praise of what the group complains of, nearest first.

    A praise belongs to the group it is nearest to, and only when it is at least as near to that
    group's middle as the group's own quotes usually are. That is rarely so; none is a fair result.
    """
    against: list[list[tuple[float, Evidence]]] = [[] for _ in groups]
    if not groups:
        return []
    middles = _unit(np.stack([np.mean([e.vector for e in g.members], axis=0) for g in groups]))
    usual = [
        float(np.median([e.vector @ middle for e in g.members]))
        for g, middle in zip(groups, middles, strict=True)
    ]
    for item in liked:
        near = middles @ item.vector
        n = int(near.argmax())
        if len(groups[n].members) > 1 and near[n] >= usual[n]:
            against[n].append((float(near[n]), item))
    return [
        [e for _, e in sorted(found, key=lambda pair: (-pair[0], pair[1].evidence_id))]
        for found in against
    ]


def _labels(kept: Sequence[Evidence], vectors: NDArray[np.float32]) -> NDArray[np.int32]:
    if len(kept) == 1:
        return np.ones(1, np.int32)
    from scipy.cluster.hierarchy import fcluster, linkage

    near = vectors @ vectors.T
    upper = np.triu_indices(len(kept), k=1)
    voice = np.array([_voice(e) for e in kept])
    apart = near[upper][voice[upper[0]] != voice[upper[1]]]
    if apart.size == 0:
        apart = near[upper]
    cut = _above(apart, _NEARER)
    joined: NDArray[np.int32] = fcluster(
        linkage(np.clip(1.0 - near[upper], 0.0, 2.0), "average"), 1.0 - cut, "distance"
    )
    return joined


def _above(values: NDArray[np.float32], deviations: float) -> float:
    """So many standard deviations above what is usual.

    In a small home the few pairs that are alike stretch the deviation beyond themselves; there the
    median absolute deviation (scaled to a normal's standard deviation) is the smaller.
    """
    median = float(np.median(values))
    robust = median + deviations * 1.4826 * float(np.median(np.abs(values - median)))
    return min(robust, float(values.mean() + deviations * values.std()))


def _around(kept: Sequence[Evidence]) -> NDArray[np.float32]:
    """Unit vectors of the items, each read with what the same call says around it.

    The common direction of all items is taken out first: it is the tone of talking to a vendor.
    """
    raw = np.stack([e.vector for e in kept]).astype(np.float32)
    raw = raw - raw.mean(axis=0) if len(kept) > 2 else raw
    at = np.array([e.spoken.i for e in kept], np.float32)
    calls = np.array([e.spoken.call_id for e in kept])
    smooth = np.zeros(raw.shape, np.float32)
    for call in np.unique(calls):
        rows = np.flatnonzero(calls == call)
        distance = at[rows][:, None] - at[rows][None, :]
        smooth[rows] = np.exp(-0.5 * (distance / _REACH) ** 2) @ raw[rows]
    return _unit(smooth)


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32, copy=False)


def _voice(item: Evidence) -> str:
    """One account, one vote; a call without account speaks for itself."""
    return item.account_id or f"call {item.spoken.call_id}"


def _theme(one: Group, against: Sequence[Evidence], scope: Scope) -> Theme:
    central = one.members[0]
    kinds = [e.kind for e in one.members]
    strength: dict[str, int] = {}
    for item in one.members:
        if item.account_id is not None:
            strength[item.account_id] = max(strength.get(item.account_id, 1), item.strength)
    accounts = sorted(strength, key=lambda a: (-(scope.arr.get(a) or 0.0), a))
    days = [e.date for e in one.members if e.date is not None]
    return Theme(
        id="theme-" + hashlib.sha256(central.evidence_id.encode()).hexdigest()[:12],
        label=shortened(central.quote().text),
        statement=_statement(central, accounts, scope.names),
        kind=max(dict.fromkeys(kinds), key=kinds.count),
        rank=1,
        accounts=tuple(
            ThemeAccount(account_id=a, arr_usd=scope.arr.get(a), intensity=strength[a])
            for a in accounts
        ),
        accounts_n=len(accounts),
        top_accounts_n=len(scope.top_ids.intersection(accounts)),
        arr_usd=sum(scope.arr.get(a) or 0.0 for a in accounts),
        mentions_n=len({(e.spoken.call_id, e.spoken.i) for e in one.members}),
        evidence=tuple(e.quote() for e in shown(one.members, scope)),
        counter=tuple(e.quote() for e in against[:QUOTES]),
        first_heard=min(days, default=None),
        last_heard=max(days, default=None),
    )


def shown(members: Sequence[Evidence], scope: Scope, most: int = QUOTES) -> list[Evidence]:
    """The quotes to show: the central one, then of every account its most telling, in turn."""
    by_voice: dict[str, list[Evidence]] = {}
    for item in members:
        by_voice.setdefault(_voice(item), []).append(item)
    told = {voice: ledger.telling(mine, most) for voice, mine in by_voice.items()}
    voices = sorted(told, key=lambda v: (-(scope.arr.get(v) or 0.0), v))
    turns = [told[v][n] for n in range(most) for v in voices if n < len(told[v])]
    return [members[0], *(e for e in turns if e is not members[0])][:most]


def _statement(central: Evidence, accounts: Sequence[str], names: Mapping[str, str]) -> str:
    """Who said what, and how far it goes; no claim beyond that."""
    words = shortened(central.quote().text, 240)
    who = names.get(central.account_id or "", "a call without account")
    said = f"{central.spoken.speaker} ({who}): “{words}”"
    others = len([a for a in accounts if a != central.account_id])
    if others == 0:
        return f"{said} Only one account is in this group."
    more = "1 other account" if others == 1 else f"{others} other accounts"
    return f"{said} Grouped by likeness with the words of {more}; not yet confirmed by a person."
