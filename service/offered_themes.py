"""The themes and the matters that a question's evidence shows: what a model read and sorted."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from pydantic import JsonValue

from ingest.library import Library
from service.coding import Coded, code_ledger
from service.evidence_entries import CHARS, Entry, Offered, account_of, words_of
from service.ledger import Evidence, shortened
from service.ledger_held import Held, held
from service.planning import Plan
from service.said import voice_of
from service.scope import Scope
from service.shapes import EvidenceKind

_THEMES = 15
_QUOTES = 3  # shown under a theme, of different accounts
_VOICES = 14  # and under one that is asked about, each with a key of its own
_NAMED = 8  # accounts of a theme that are named
_MATTERS = 80
_BESIDE = 30  # matters beside a theme that is asked about
_MATTER_QUOTES = 3
_THREATS: tuple[EvidenceKind, ...] = ("risk", "competitor")


def put_themes(
    found: Offered,
    library: Library,
    connection: sa.Connection,
    plan: Plan,
    scope: Scope,
    most: int,
) -> frozenset[str]:
    """The ids of the evidence that the themes shown stand for."""
    coding, ledger_held = code_ledger(library, connection), held(library, connection)
    named = [_within(one, scope, ledger_held) for one in coding.named]
    chosen = sorted((one for one in named if one.members), key=lambda one: _order(one, plan, scope))
    if plan.themes and plan.asked.kind != "lookup":
        # Who asks for certain themes is not shown all the others beside them.
        chosen = [one for one in chosen if one.code.id in plan.themes] + [
            one for one in chosen if one.code.id not in plan.themes
        ][:3]
    if plan.kinds:
        chosen = [one for one in chosen if _of_kinds(one, plan)]
    if plan.asked.kind == "lookup":
        chosen = [one for one in chosen if one.code.id in plan.themes]
    shown: set[str] = set()
    for n, one in enumerate(chosen[:_THEMES], start=1):
        about = f"{one.code.label}. {one.code.definition}"
        entry = Entry(f"T{n}", one.members, about=about)
        asked = one.code.id in plan.themes
        voices = _byaccount_of(one.members, scope)
        each = [
            Entry(f"T{n}.{m}", mine, about=about)
            for m, mine in enumerate(voices[:_VOICES], start=1)
        ]
        against = Entry(f"A{n}", one.counter, against=True, about=about)
        told: dict[str, JsonValue] = {
            "key": entry.key,
            "kind": one.code.kind,
            "label": one.code.label,
            "statement": one.code.definition,
            "accounts": _named(voices, scope),
            "quotes": [
                _told(mine, scope, entry.key if asked else None)
                for mine, entry in zip(voices, each, strict=False)
            ][: None if asked else _QUOTES],
        }
        entries = [entry, *each] if asked else [entry]
        if one.counter:
            speaking = _byaccount_of(one.counter, scope)[: _VOICES if asked else _QUOTES]
            apart = [
                Entry(f"A{n}.{m}", mine, against=True, about=about)
                for m, mine in enumerate(speaking, start=1)
            ]
            told["against"] = {
                "key": against.key,
                "quotes": [
                    _told(mine, scope, entry.key if asked else None)
                    for mine, entry in zip(speaking, apart, strict=True)
                ],
            }
            entries += [against, *apart] if asked else [against]
        if found.add(told, found.themes, entries, most):
            shown |= {e.evidence_id for e in (*one.members, *one.counter)}
    return frozenset(shown)


def _within(one: Coded, scope: Scope, ledger_held: Held) -> Coded:
    calls = scope.call_ids

    def here(items: Sequence[Evidence]) -> tuple[Evidence, ...]:
        return tuple(
            e for e in items if e.spoken.call_id in calls and not ledger_held.to_machine(e)
        )

    return Coded(one.code, here(one.members), here(one.counter))


def _order(one: Coded, plan: Plan, scope: Scope) -> tuple[int, float, str]:
    asked = plan.themes.index(one.code.id) if one.code.id in plan.themes else len(plan.themes)
    accounts = {e.account_id for e in one.members if e.account_id is not None}
    return asked, -sum(scope.arr.get(a) or 0.0 for a in accounts), one.code.id


def _of_kinds(one: Coded, plan: Plan) -> bool:
    if one.code.id in plan.themes or one.code.kind in plan.kinds:
        return True
    # Who may leave says why under a need.
    return any(e.kind in plan.kinds for e in one.members) and set(plan.kinds) <= set(_THREATS)


def _byaccount_of(items: Sequence[Evidence], scope: Scope) -> list[tuple[Evidence, ...]]:
    """What each account said, the largest first; its weightiest words first."""
    each: dict[str, list[Evidence]] = {}
    for item in items:
        each.setdefault(voice_of(item.spoken.call_id, item.account_id), []).append(item)
    by_size = sorted(
        each.values(), key=lambda mine: -(scope.arr.get(mine[0].account_id or "") or 0.0)
    )
    return [tuple(mine) for mine in by_size]


def _named(voices: Sequence[Sequence[Evidence]], scope: Scope) -> list[JsonValue]:
    """The names of the largest, and a sign that there are more."""
    names: list[JsonValue] = [account_of(mine[0], scope) for mine in voices[:_NAMED]]
    return names if len(voices) <= _NAMED else [*names, "…"]


def _told(mine: Sequence[Evidence], scope: Scope, key: str | None) -> JsonValue:
    """An account's weightiest words; under a key where a sentence may be about it alone."""
    told: dict[str, JsonValue] = {
        "account": account_of(mine[0], scope),
        "words": shortened(words_of(mine[0]), CHARS),
    }
    return told if key is None else {"key": key, **told}


# --- matters --------------------------------------------------------------------------------------


def put_matters(
    found: Offered,
    library: Library,
    connection: sa.Connection,
    plan: Plan,
    scope: Scope,
    but: Collection[str],
    most: int,
) -> None:
    """``but`` are the ids of evidence that is shown already."""
    ledger_held = held(library, connection)
    items = [
        e
        for e in ledger_held.within(scope, plan.kinds or None)
        if e.evidence_id not in but and not ledger_held.to_machine(e)
    ]
    grouped: dict[tuple[str, str], list[Evidence]] = {}
    for item in items:
        # Where no model has read, an item is a matter of its own.
        number = item.evidence_id if item.matter is None else f"#{item.matter}"
        grouped.setdefault((item.spoken.call_id, number), []).append(item)
    near = ledger_held.nearness(library.embedder.embed([plan.asked.text, *plan.searches]))
    order = sorted(grouped.values(), key=lambda mine: -max(near[e.evidence_id] for e in mine))
    most_of_them = _BESIDE if plan.themes else _MATTERS
    for n, mine in enumerate(_in_turn(order)[:most_of_them], start=1):
        key = f"M{n}"
        told: dict[str, JsonValue] = {
            "key": key,
            "account": account_of(mine[0], scope),
            "speaker": mine[0].spoken.speaker,
            "kind": mine[0].kind,
            "quotes": [shortened(words_of(e), CHARS) for e in mine[:_MATTER_QUOTES]],
        }
        if mine[0].content:
            told["stance"] = "no trouble there"
        if not found.add(told, found.matters, [Entry(key, tuple(mine))], most):
            return


def _in_turn(order: Sequence[list[Evidence]]) -> list[list[Evidence]]:
    """Every account's nearest matter, then every account's second, and so on."""
    by_voice: dict[str, list[list[Evidence]]] = {}
    for mine in order:
        voice = voice_of(mine[0].spoken.call_id, mine[0].account_id)
        by_voice.setdefault(voice, []).append(mine)
    longest = max((len(told) for told in by_voice.values()), default=0)
    return [told[n] for n in range(longest) for told in by_voice.values() if n < len(told)]
