"""Which quotes stand for a need in a memo, and which against it.

A memo shows a handful of the passages that belong to a need, so each has to be about it beyond
doubt. Of every account the clearer half of its passages is looked at, and the most telling of
those is shown: what is most telling of all is often about something else said in the same breath.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from ingest import cues
from ingest.library import Library
from service import ledger
from service.coding import Coded, code_ledger
from service.ledger import Evidence
from service.pointed import pointed, sharpest
from service.said import voice_of
from service.scope import Scope
from service.shapes import Quote, Theme
from service.themes import QUOTES

# Praise weaker than this is a kind word in passing.
_PRAISED = 2

Members = Mapping[str, Sequence[Evidence]]


def members(library: Library, connection: sa.Connection, scope: Scope) -> dict[str, list[Evidence]]:
    """What belongs to each code in scope, by its id, the clearest first."""
    return {one.code.id: _here(one.members, scope) for one in _coded(library, connection)}


def witnessed(
    library: Library, connection: sa.Connection, themes: Sequence[Theme], scope: Scope
) -> list[Theme]:
    """``themes`` with the quotes that stand for them and against them plainly."""
    coded = {one.code.id: one for one in _coded(library, connection)}
    found = []
    for theme in themes:
        one = coded.get(theme.id)
        mine = clear(_of(theme, _here(one.members, scope))) if one else []
        if one is None or not mine:
            found.append(theme)
            continue
        against = [q for e in _here(one.counter, scope) if (q := _against(e, theme)) is not None]
        evidence = tuple(e.quote() for e in _shown(mine, scope))
        found.append(theme.model_copy(update={"evidence": evidence, "counter": tuple(against)}))
    return found


def clear(items: Sequence[Evidence]) -> list[Evidence]:
    """Of each voice the clearer half, at least two; ``items`` are the clearest first."""
    left = {voice: (len(mine) + 1) // 2 for voice, mine in _by_voice(items).items()}
    kept = []
    for n, item in enumerate(items):
        voice = _voice(item)
        fewest = sum(_voice(e) == voice for e in items[:n]) < 2
        if fewest or left[voice] > 0:
            kept.append(item)
        left[voice] -= 1
    return kept


def _coded(library: Library, connection: sa.Connection) -> tuple[Coded, ...]:
    return code_ledger(library, connection).coded


def _here(items: Iterable[Evidence], scope: Scope) -> list[Evidence]:
    calls = scope.call_ids
    return [e for e in items if e.spoken.call_id in calls]


def _of(theme: Theme, items: Sequence[Evidence]) -> list[Evidence]:
    inside = {a.account_id for a in theme.accounts}
    return [e for e in items if e.account_id is None or e.account_id in inside]


def _shown(items: Sequence[Evidence], scope: Scope) -> list[Evidence]:
    """Of every voice its most telling, in turn, the largest first; before all, the one to open with."""
    told = {voice: ledger.telling(mine, QUOTES) for voice, mine in _by_voice(items).items()}
    voices = sorted(told, key=lambda v: (-(scope.arr.get(v) or 0.0), v))
    turns = [told[v][n] for n in range(QUOTES) for v in voices if n < len(told[v])]
    place = {e.evidence_id: n for n, e in enumerate(items)}
    half = (len(items) + 1) // 2
    first = [told[v][0] for v in voices]
    opening = max(
        [e for e in first if place[e.evidence_id] < half] or first[:1],
        key=lambda e: (e.weight, e.evidence_id),
    )
    return [opening, *(e for e in turns if e is not opening)][:QUOTES]


def _against(item: Evidence, theme: Theme) -> Quote | None:
    """The words that speak against a need, where a plain sign says so.

    Of somebody who has the need too, praise is not enough: it is of something else, or irony.
    """
    text = item.quote().text
    plain = cues.CONTENT.search(text) is not None
    has_it = item.account_id in {a.account_id for a in theme.accounts}
    if plain:
        return sharpest(item.spoken, item.first_char, item.end_char, sign=cues.CONTENT)
    if item.kind == "praise" and item.strength >= _PRAISED and not has_it:
        return pointed(item)
    refused = cues.NO.match(item.spoken.text) is not None and not has_it
    return pointed(item) if refused and item.first_char == 0 else None


def _by_voice(items: Sequence[Evidence]) -> dict[str, list[Evidence]]:
    found: dict[str, list[Evidence]] = {}
    for item in items:
        found.setdefault(_voice(item), []).append(item)
    return found


def _voice(item: Evidence) -> str:
    return voice_of(item.spoken.call_id, item.account_id)
