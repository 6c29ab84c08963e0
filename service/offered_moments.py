"""The moments that a question's evidence shows: what the search finds, and who is asked about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from pydantic import JsonValue

from ingest.addressed import addressed
from ingest.library import Library
from ingest.search import search
from ingest.store import spoken
from service import ledger
from service.evidence_entries import CHARS, Entry, Offered
from service.ledger import shortened
from service.planning import Plan
from service.scope import Scope

_HITS = 20  # of one search
_ASKED_CHARS = 140
_OURS = 6
_FACTS = 8  # accounts whose CRM data are told
_RANK = 20.0  # how slowly a place in a search loses weight (reciprocal rank fusion, Cormack 2009)

Place = tuple[str, int]


def found_moments(
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


def put_moments(
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
            "text": shortened(words.text, 2 * CHARS),
        }
        if before is not None and not addressed(before.text):
            told["asked"] = shortened(before.text, _ASKED_CHARS)
        if not found.add(told, found.moments, [Entry(f"E{n}", moment=words)], most):
            return


def put_accounts(found: Offered, plan: Plan, scope: Scope, most: int) -> None:
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


def put_ours(
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
        told: dict[str, JsonValue] = {"key": f"O{n}", "text": shortened(words.text, CHARS)}
        if found.add(told, found.ours, [], most):
            found.own[f"O{n}"] = words
