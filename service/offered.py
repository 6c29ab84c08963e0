"""The numbered evidence that a language model is shown for a question: chosen, not dumped.

Three sorts, each under a key: themes (what belongs to one is known, so one key stands for all of
it), matters (what one account brought up in one call), and moments (single utterances that the
search found, with what was asked before). However many calls there are, no more is shown than fits
``MOST_TOKENS``: themes by revenue, matters nearest to the question and of every account before a
second of any, moments by rank.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sqlalchemy as sa
from pydantic import JsonValue

from ingest.addressed import addressed
from ingest.library import Library
from ingest.llm.question import document
from ingest.llm.tokens import estimate
from ingest.search import search
from ingest.store import spoken
from service import ledger
from service.coding import Coded, code_ledger
from service.ledger import Evidence, shortened
from service.ledger_held import Held, held
from service.planning import Plan
from service.quotes import Spoken
from service.said import voice_of
from service.scope import Scope
from service.shapes import EvidenceKind

MOST_TOKENS = 7_250  # of evidence; with prompts, plan and shapes a question stays below 11,000
_THEMES = 15
_QUOTES = 3  # shown under a theme, of different accounts
_VOICES = 14  # and under one that is asked about, each with a key of its own
_NAMED = 8  # accounts of a theme that are named
_MATTERS = 80
_BESIDE = 30  # matters beside a theme that is asked about
_MATTER_QUOTES = 3
_CHARS = 260  # of a quote that is shown
_MOMENTS = 24
_LOOKED_UP = 40  # moments for a look-up
_HITS = 20  # of one search
_ASKED_CHARS = 140
_OURS = 6
_FACTS = 8  # accounts whose CRM data are told
_RANK = 20.0  # how slowly a place in a search loses weight (reciprocal rank fusion, Cormack 2009)
_THREATS: tuple[EvidenceKind, ...] = ("risk", "competitor")

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one key stands for: ledger items with their own words, or an utterance to cut from."""

    key: str
    items: tuple[Evidence, ...] = ()
    moment: Spoken | None = None
    against: bool = False
    about: str = ""  # the theme's name and statement, which its quotes were found to bear


@dataclass(slots=True)
class Offered:
    """``entries`` by key, and ``data`` as the model is told; ``calls`` whose words are in it.

    ``own`` is what the vendor's people said, by keys that no sentence can rest on.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    own: dict[str, Spoken] = field(default_factory=dict)
    themes: list[JsonValue] = field(default_factory=list)
    matters: list[JsonValue] = field(default_factory=list)
    moments: list[JsonValue] = field(default_factory=list)
    ours: list[JsonValue] = field(default_factory=list)
    accounts: list[JsonValue] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)  # of the CRM, in words
    tokens: int = 0

    @property
    def data(self) -> dict[str, JsonValue]:
        told = {
            "themes": self.themes,
            "matters": self.matters,
            "moments": self.moments,
            "ours": self.ours,
            "accounts": self.accounts,
        }
        return {name: list(entries) for name, entries in told.items() if entries}

    @property
    def calls(self) -> tuple[str, ...]:
        found = {e.spoken.call_id for entry in self.entries.values() for e in entry.items}
        found |= {entry.moment.call_id for entry in self.entries.values() if entry.moment}
        found |= {words.call_id for words in self.own.values()}
        return tuple(sorted(found))

    def add(
        self,
        told: Mapping[str, JsonValue],
        to: list[JsonValue],
        entries: Iterable[Entry],
        most: int,
    ) -> bool:
        """Whether it still fitted."""
        cost = estimate(document(dict(told)))
        if self.tokens + cost > most:
            return False
        self.tokens += cost
        to.append(dict(told))
        self.entries |= {entry.key: entry for entry in entries}
        return True


def offered(
    library: Library, connection: sa.Connection, plan: Plan, scope: Scope, most: int = MOST_TOKENS
) -> Offered:
    """The evidence in ``scope`` for what ``plan`` asks, at most ``most`` tokens of it."""
    found = Offered()
    if plan.asked.kind == "compare" and plan.asked.filters.accounts is None:
        scope = replace(scope, names=_with_traits(scope))
    lookup = plan.asked.kind == "lookup"
    moments = list(_moments(library, connection, plan, scope))
    _put_accounts(found, plan, scope, most)
    _put_ours(found, library, connection, plan, scope, most)
    if lookup:
        # What answers a look-up is a moment; it must not be crowded out.
        _put_moments(found, connection, moments[:_LOOKED_UP], scope, most // 2)
    shown = _put_themes(found, library, connection, plan, scope, most)
    _put_matters(found, library, connection, plan, scope, shown, most)
    if not lookup:
        _put_moments(found, connection, moments[:_MOMENTS], scope, most)
    return found


# --- themes ---------------------------------------------------------------------------------------


def _put_themes(
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
        voices = _by_account(one.members, scope)
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
            speaking = _by_account(one.counter, scope)[: _VOICES if asked else _QUOTES]
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


def _by_account(items: Sequence[Evidence], scope: Scope) -> list[tuple[Evidence, ...]]:
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
    names: list[JsonValue] = [_account(mine[0], scope) for mine in voices[:_NAMED]]
    return names if len(voices) <= _NAMED else [*names, "…"]


def _told(mine: Sequence[Evidence], scope: Scope, key: str | None) -> JsonValue:
    """An account's weightiest words; under a key where a sentence may be about it alone."""
    told: dict[str, JsonValue] = {
        "account": _account(mine[0], scope),
        "words": shortened(_words(mine[0]), _CHARS),
    }
    return told if key is None else {"key": key, **told}


# --- matters --------------------------------------------------------------------------------------


def _put_matters(
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
            "account": _account(mine[0], scope),
            "speaker": mine[0].spoken.speaker,
            "kind": mine[0].kind,
            "quotes": [shortened(_words(e), _CHARS) for e in mine[:_MATTER_QUOTES]],
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


# --- moments --------------------------------------------------------------------------------------


def _moments(
    library: Library, connection: sa.Connection, plan: Plan, scope: Scope
) -> Iterator[Place]:
    """Places by their ranks in the searches for the question and for each way of saying it."""
    score: dict[Place, float] = {}
    for query in (plan.asked.text, *plan.searches):
        hits = search(
            connection,
            library.index,
            library.embedder,
            query,
            call_ids=scope.call_ids,
            limit=_HITS,
        )
        for rank, place in enumerate(dict.fromkeys((h.call_id, h.utterance) for h in hits)):
            score[place] = score.get(place, 0.0) + 1 / (_RANK + rank)
    hearsay = ledger.set_apart(connection, list(score)) if score else frozenset()
    yield from sorted((p for p in score if p not in hearsay), key=lambda p: (-score[p], p))


def _put_moments(
    found: Offered,
    connection: sa.Connection,
    places: Sequence[Place],
    scope: Scope,
    most: int,
) -> None:
    days = {call.call_id: call.date for call in scope.calls}
    around = spoken(connection, {(call, i - n) for call, i in places for n in (0, 1) if i >= n})
    for n, (call_id, i) in enumerate(places, start=1):
        words = around.get((call_id, i))
        if words is None or words.role != "customer" or addressed(words.text):
            continue
        before = around.get((call_id, i - 1))
        day = days.get(call_id)
        told: dict[str, JsonValue] = {
            "key": f"E{n}",
            "account": scope.names.get(words.account_id or "", "no account"),
            "speaker": words.speaker,
            "date": day.isoformat() if day else "",
            "text": shortened(words.text, 2 * _CHARS),
        }
        if before is not None and not addressed(before.text):
            told["asked"] = shortened(before.text, _ASKED_CHARS)
        if not found.add(told, found.moments, [Entry(f"E{n}", moment=words)], most):
            return


# --- the accounts asked about ---------------------------------------------------------------------


def _put_accounts(found: Offered, plan: Plan, scope: Scope, most: int) -> None:
    """What the CRM says of the accounts that are named; no sentence can rest on it."""
    for account in scope.accounts[:_FACTS] if plan.asked.filters.accounts is not None else ():
        facts = {
            "account": account.name,
            "tier": account.tier,
            "segment": account.segment,
            "health": account.health,
            "renewal": account.renewal_date.isoformat() if account.renewal_date else None,
        }
        told: dict[str, JsonValue] = {name: value for name, value in facts.items() if value}
        if found.add(told, found.accounts, [], most):
            found.facts.append(f"CRM data: {', '.join(str(value) for value in told.values())}")


# --- the vendor's own words -----------------------------------------------------------------------


def _put_ours(
    found: Offered,
    library: Library,
    connection: sa.Connection,
    plan: Plan,
    scope: Scope,
    most: int,
) -> None:
    """What the vendor's own people said nearest to the question."""
    hits = search(
        connection,
        library.index,
        library.embedder,
        plan.asked.text,
        role="internal",
        call_ids=scope.call_ids,
        limit=_OURS,
    )
    places = list(dict.fromkeys((hit.call_id, hit.utterance) for hit in hits))
    said = spoken(connection, places)
    for n, place in enumerate(places, start=1):
        words = said.get(place)
        if words is None or words.role != "internal" or addressed(words.text):
            continue
        told: dict[str, JsonValue] = {"key": f"O{n}", "text": shortened(words.text, _CHARS)}
        if found.add(told, found.ours, [], most):
            found.own[f"O{n}"] = words


def _with_traits(scope: Scope) -> dict[str, str]:
    """Accounts by name with tier and segment, for who compares them by these."""
    traits = {a.account_id: ", ".join(filter(None, (a.tier, a.segment))) for a in scope.accounts}
    return {
        account: f"{name} ({traits[account]})" if traits.get(account) else name
        for account, name in scope.names.items()
    }


def _account(item: Evidence, scope: Scope) -> str:
    return scope.names.get(item.account_id or "", "no account")


def _words(item: Evidence) -> str:
    return item.spoken.text[item.first_char : item.end_char]
