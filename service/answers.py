"""The frame of an answer: quotes into statements, statements into an Answer, and the no."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from ingest.search import Hit
from ingest.store import spoken
from ingest.tables import evidence
from service.excerpt import excerpt
from service.ledger import Evidence
from service.question import Understood
from service.quotes import cut, statement
from service.said import voice_of
from service.scope import Scope, measure
from service.shapes import Answer, Hand, Provenance, Quote, Statement

PER_ACCOUNT = 3  # quotes under one account's statement


def answer(
    asked: Understood,
    scope: Scope,
    statements: Iterable[Statement],
    *,
    counter: Iterable[Statement] = (),
    internal: Iterable[Statement] = (),
    nearest: Iterable[Statement] = (),
    reason: str | None = None,
) -> Answer:
    """An answer of these statements; without any it is a no, unless ``reason`` alone answers."""
    return Answer(
        question=asked.text,
        kind=asked.kind,
        filters=scope.filters,
        coverage=measure(scope),
        abstained=False,
        reason=reason,
        statements=tuple(statements),
        counter=tuple(counter),
        internal=tuple(internal),
        nearest=tuple(nearest),
        provenance=Provenance(),
    )


def abstain(
    asked: Understood,
    scope: Scope,
    reason: str,
    *,
    internal: Iterable[Statement] = (),
    nearest: Iterable[Statement] = (),
) -> Answer:
    """No answer, and why; what comes nearest is shown as just that."""
    no = answer(asked, scope, (), internal=internal, nearest=nearest, reason=reason)
    return no.model_copy(update={"abstained": True})


def quotes_at(
    connection: sa.Connection, places: Iterable[tuple[str, int]], about: Sequence[str]
) -> list[Quote]:
    """A quote for every place that is still there and may be shown, each once, in their order.

    What reports others is marked so and comes after what people say for themselves.
    """
    ordered = list(dict.fromkeys(places))
    stored = spoken(connection, ordered)
    reported = reported_in(connection, {call_id for call_id, _ in ordered})
    found = []
    for place in ordered:
        utterance = stored.get(place)
        span = None if utterance is None else excerpt(utterance.text, about)
        if utterance is not None and span is not None:
            hand: Hand = "third" if place in reported else "first"
            found.append(cut(utterance, *span, hand=hand))
    return sorted(found, key=lambda quote: quote.hand == "third")


def reported_in(connection: sa.Connection, call_ids: set[str]) -> set[tuple[str, int]]:
    """Where the ledger holds hearsay in these calls."""
    select = sa.select(evidence.c.call_id, evidence.c.utterance).where(
        evidence.c.hand == "third", evidence.c.call_id.in_(sorted(call_ids))
    )
    return {(row.call_id, row.utterance) for row in connection.execute(select)}


def places_of(hits: Iterable[Hit]) -> list[tuple[str, int]]:
    # A long utterance lies in several passages; it is quoted once.
    return list(dict.fromkeys((hit.call_id, hit.utterance) for hit in hits))


def each(quotes: Iterable[Quote], scope: Scope) -> list[Statement]:
    """One statement per quote."""
    return [voiced([quote], scope) for quote in quotes]


def leading(items: Iterable[Evidence]) -> list[Quote]:
    """Quotes of so many of an account's first items as ``by_account`` shows, in their order."""
    shown: Counter[str] = Counter()
    found = []
    for item in items:
        voice = voice_of(item.spoken.call_id, item.account_id)
        shown[voice] += 1
        if shown[voice] <= PER_ACCOUNT:
            found.append(item.quote())
    return found


def by_account(quotes: Iterable[Quote], scope: Scope) -> list[Statement]:
    """One statement per account with its first quotes, by revenue; calls of none come last, each
    by itself.
    """
    grouped: dict[str, list[Quote]] = {}
    for quote in quotes:
        grouped.setdefault(voice_of(quote.call_id, quote.account_id), []).append(quote)
    order = {account.account_id: n for n, account in enumerate(scope.accounts)}
    accounts = sorted(grouped, key=lambda a: order.get(a, len(order)))
    return [voiced(grouped[a][:PER_ACCOUNT], scope) for a in accounts]


def voiced(quotes: Sequence[Quote], scope: Scope) -> Statement:
    """The sentence over quotes of one account: who said it, in their words."""
    first = quotes[0]
    account = scope.names.get(first.account_id or "", "no account")
    return statement(f"{first.speaker} ({account}): “{first.text}”", quotes, scope.arr)
