"""Asking: from a question to an Answer of statements that rest on customers' exact words.

Look-ups come from the passages; general questions from the ledger of evidence, account by account
in order of revenue, so that no account in scope is skipped. Abstention is structural: nobody in
scope was heard, only the vendor's own people spoke of it, or the words of the question are not
borne by anything a customer said. Code makes every statement; there is no model here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from ingest.facts import internal_domains
from ingest.library import Library
from ingest.models import Role
from ingest.search import Hit, search
from ingest.store import list_accounts, spoken
from ingest.tables import speakers
from service import ledger
from service.bearing import bearing
from service.excerpt import excerpt
from service.question import Understood, understand
from service.quotes import cut, statement
from service.scope import Scope, measure, resolve
from service.shapes import Answer, Filters, Quote, Statement

LOOKUP_STATEMENTS = 5
CLOSE = 0.6  # of the best place's bearing; below that a look-up leaves a place out
PER_ACCOUNT = 3  # quotes under one account's statement
HITS = 30  # candidates taken from the index
NEAREST = 3  # weak matches shown when abstaining


def ask(library: Library, question: str, filters: Filters | None = None) -> Answer:
    """The answer to ``question`` within ``filters``; what the words say fills open filters.

    Raises ``BadInput`` for an empty or endless question and for a filter that names nothing.
    """
    with library.read() as connection:
        accounts = list_accounts(connection)
        asked = understand(question, accounts, filters or Filters(), _vendor(library, connection))
        scope = resolve(connection, asked.filters)
        silence = _silence(asked, scope, connection)
        if silence:
            return _abstain(asked, scope, silence)
        if asked.unheard:
            return _unheard(asked, scope)
        if not asked.about:
            return _from_ledger(connection, asked, scope)
        return _from_passages(library, connection, asked, scope)


def _vendor(library: Library, connection: sa.Connection) -> frozenset[str]:
    """The vendor's own name, as its people's e-mail domains have it: no topic to search for."""
    domains = internal_domains(connection) | set(library.options.internal_domains)
    of_people = sa.select(speakers.c.email).where(
        speakers.c.role == "internal", speakers.c.email.is_not(None)
    )
    domains |= {email.rpartition("@")[2] for email in connection.scalars(of_people.distinct())}
    return frozenset(domain.split(".")[0].casefold() for domain in domains)


def _silence(asked: Understood, scope: Scope, connection: sa.Connection) -> str | None:
    """Why nobody in scope can have said anything, or ``None``."""
    if scope.call_ids and any(call.customer_utterances for call in scope.calls):
        return None
    named = [scope.names[a] for a in asked.filters.accounts or () if a in scope.names]
    if scope.call_ids:
        return "No customer spoke in the calls in scope; only your own people did."
    if named:
        return f"There is no call with {' or '.join(named)}."
    everything = Filters()
    if not resolve(connection, everything).call_ids:
        return "There are no calls yet; add recordings or transcripts first."
    return "No call lies within these filters."


def _unheard(asked: Understood, scope: Scope) -> Answer:
    """Whom nobody listened to: account data, about which nobody has to have said anything."""
    silent = [scope.names[a] for a in measure(scope).accounts_silent]
    told = f"Not heard yet, most revenue first: {', '.join(silent)}." if silent else None
    answer = _answer(asked, scope, statements=())
    return answer.model_copy(update={"reason": told or "Every account in scope was heard."})


# --- general questions: the ledger ----------------------------------------------------------------


def _from_ledger(connection: sa.Connection, asked: Understood, scope: Scope) -> Answer:
    """Account by account, most revenue first: the strongest of what was asked for."""
    found = ledger.strongest(connection, scope, kinds=asked.tone, per_account=PER_ACCOUNT)
    if not found:
        kinds = " or ".join(asked.tone)
        return _abstain(asked, scope, f"No customer in scope voiced a {kinds} in so many words.")
    return _answer(asked, scope, statements=found)


# --- questions about something: passages ---------------------------------------------------------


def _from_passages(
    library: Library, connection: sa.Connection, asked: Understood, scope: Scope
) -> Answer:
    customer = _hits(library, connection, asked, scope, "customer", HITS)
    telling = bearing(connection, asked, customer, "customer")
    inside = _hits(library, connection, asked, scope, "internal", 2 * NEAREST)
    internal = bearing(connection, asked, inside, "internal")[:NEAREST]
    said_inside = _by_account(connection, asked, scope, internal)
    if not telling:
        reason = (
            "No customer spoke of it; only your own people did."
            if internal
            else "No customer spoke of it in the calls in scope."
        )
        nearest = _each(connection, asked, scope, customer[:NEAREST])
        answer = _abstain(asked, scope, reason)
        return answer.model_copy(update={"internal": said_inside, "nearest": nearest})
    if asked.kind == "lookup":
        # Of the few places that bear on it, those far below the best only dilute the answer.
        best = max(hit.keyword + hit.cosine for hit in telling)
        close = [hit for hit in telling if hit.keyword + hit.cosine >= CLOSE * best]
        found = _each(connection, asked, scope, close[:LOOKUP_STATEMENTS])
    else:
        found = _by_account(connection, asked, scope, telling)
    return _answer(asked, scope, statements=found, internal=said_inside)


def _hits(
    library: Library,
    connection: sa.Connection,
    asked: Understood,
    scope: Scope,
    role: Role,
    limit: int,
) -> list[Hit]:
    return search(
        connection,
        library.index,
        library.embedder,
        asked.text,
        role=role,
        call_ids=scope.call_ids,
        limit=limit,
    )


def _each(
    connection: sa.Connection, asked: Understood, scope: Scope, hits: Sequence[Hit]
) -> tuple[Statement, ...]:
    """One statement per hit, best first."""
    return tuple(_state(scope, [quote]) for quote in _quotes(connection, asked, hits))


def _by_account(
    connection: sa.Connection, asked: Understood, scope: Scope, hits: Sequence[Hit]
) -> tuple[Statement, ...]:
    """One statement per account with its best quotes, the accounts by revenue."""
    grouped: dict[str | None, list[Quote]] = {}
    for quote in _quotes(connection, asked, hits):
        grouped.setdefault(quote.account_id, []).append(quote)
    order = {account.account_id: n for n, account in enumerate(scope.accounts)}
    accounts = sorted(grouped, key=lambda a: order.get(a or "", len(order)))
    return tuple(_state(scope, grouped[a][:PER_ACCOUNT]) for a in accounts)


def _quotes(connection: sa.Connection, asked: Understood, hits: Iterable[Hit]) -> list[Quote]:
    """A quote for every hit that is still there, in their order."""
    # A long utterance lies in several passages; it is quoted once.
    places = list(dict.fromkeys((hit.call_id, hit.utterance) for hit in hits))
    stored = spoken(connection, places)
    quotes = []
    for place in places:
        utterance = stored.get(place)
        if utterance is not None:
            first, end = excerpt(utterance.text, asked.about)
            quotes.append(cut(utterance, first, end))
    return quotes


def _state(scope: Scope, quotes: Sequence[Quote]) -> Statement:
    """The sentence over quotes of one account: who said it, in their words."""
    first = quotes[0]
    account = scope.names.get(first.account_id or "", "no account")
    return statement(f"{first.speaker} ({account}): “{first.text}”", quotes, scope.arr)


# --- answers ------------------------------------------------------------------------------------


def _answer(
    asked: Understood,
    scope: Scope,
    *,
    statements: Sequence[Statement],
    internal: Sequence[Statement] = (),
) -> Answer:
    return Answer(
        question=asked.text,
        kind=asked.kind,
        filters=scope.filters,
        coverage=measure(scope),
        abstained=False,
        reason=None,
        statements=tuple(statements),
        internal=tuple(internal),
    )


def _abstain(asked: Understood, scope: Scope, reason: str) -> Answer:
    return Answer(
        question=asked.text,
        kind=asked.kind,
        filters=scope.filters,
        coverage=measure(scope),
        abstained=True,
        reason=reason,
        statements=(),
    )
