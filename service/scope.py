"""The scope of a question: which accounts and which calls its filters leave, and who was heard.

Computed from the accounts and calls in the database; no number here comes from a model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import sqlalchemy as sa

from ingest.consent import counts
from ingest.errors import BadInput
from ingest.models import Account
from ingest.store import list_accounts
from ingest.tables import calls, speakers, utterances
from service.by_call import by_call
from service.shapes import Coverage, Filters

TOP = 20  # how many accounts "top customers" means unless told


@dataclass(frozen=True, slots=True)
class CallFact:
    """A call that counts and how much its customers said in it."""

    call_id: str
    title: str
    date: date | None
    account_id: str | None
    customer_s: float
    customer_utterances: int


@dataclass(frozen=True)
class Scope:
    """What the filters leave. ``accounts`` has the most ARR first; ``calls`` are by date.

    ``arr`` and ``names`` cover *all* accounts; ``top_ids`` are the Top 20 of all accounts.
    """

    filters: Filters
    accounts: tuple[Account, ...]
    calls: tuple[CallFact, ...]
    top_ids: frozenset[str]
    arr: Mapping[str, float | None]
    names: Mapping[str, str]

    @cached_property
    def call_ids(self) -> frozenset[str]:
        return frozenset(call.call_id for call in self.calls)

    @cached_property
    def heard(self) -> frozenset[str]:
        """Accounts whose own people spoke in a call in scope."""
        return frozenset(
            call.account_id
            for call in self.calls
            if call.account_id is not None and call.customer_utterances > 0
        )


def resolve(connection: sa.Connection, filters: Filters) -> Scope:
    """The scope that ``filters`` leave. Raises ``BadInput`` for a filter that names nothing."""
    everyone = list_accounts(connection)
    _check(filters, everyone)
    top_ids = [a.account_id for a in everyone if a.arr_usd is not None]
    kept = [a for a in everyone if _matches(a, filters)]
    if filters.top is not None:
        # The N largest of all accounts, then the other filters: "top 20, of which SMB".
        largest = frozenset(top_ids[: filters.top])
        kept = [a for a in kept if a.account_id in largest]
    fields = (filters.top, filters.tier, filters.segment, filters.region, filters.accounts)
    narrowed = any(value is not None for value in fields)
    ids = frozenset(a.account_id for a in kept)
    return Scope(
        filters=filters,
        accounts=tuple(kept),
        calls=tuple(
            call
            for call in _ready_calls(connection)
            if _in_time(call.date, filters) and (call.account_id in ids or not narrowed)
        ),
        top_ids=frozenset(top_ids[:TOP]),
        arr={a.account_id: a.arr_usd for a in everyone},
        names={a.account_id: a.name for a in everyone},
    )


def measure(scope: Scope) -> Coverage:
    """Who in scope was heard, in accounts and in ARR."""
    heard = scope.heard
    return Coverage(
        accounts_in_scope=len(scope.accounts),
        accounts_heard=sum(a.account_id in heard for a in scope.accounts),
        accounts_silent=tuple(a.account_id for a in scope.accounts if a.account_id not in heard),
        calls_read=len(scope.calls),
        arr_in_scope_usd=sum(a.arr_usd or 0.0 for a in scope.accounts),
        arr_heard_usd=sum(a.arr_usd or 0.0 for a in scope.accounts if a.account_id in heard),
    )


def _check(filters: Filters, everyone: list[Account]) -> None:
    for field in ("tier", "segment", "region"):
        wanted = getattr(filters, field)
        there = {getattr(a, field) for a in everyone} - {None}
        if wanted is not None and wanted.casefold() not in {v.casefold() for v in there}:
            known = ", ".join(sorted(there)) or "none"
            raise BadInput(f"No account has the {field} {wanted!r}; there are: {known}.")
    known_ids = {a.account_id for a in everyone}
    for account_id in filters.accounts or ():
        if account_id not in known_ids:
            raise BadInput(f"There is no account {account_id!r}; see `firsthand accounts`.")
    if filters.since and filters.until and filters.since > filters.until:
        raise BadInput(f"The range ends ({filters.until}) before it starts ({filters.since}).")


def _matches(account: Account, filters: Filters) -> bool:
    for field in ("tier", "segment", "region"):
        wanted = getattr(filters, field)
        if wanted is not None and (getattr(account, field) or "").casefold() != wanted.casefold():
            return False
    return filters.accounts is None or account.account_id in filters.accounts


def _in_time(day: date | None, filters: Filters) -> bool:
    if filters.since is None and filters.until is None:
        return True
    # A call without a date cannot be shown to lie in the range.
    return (
        day is not None
        and (filters.since is None or day >= filters.since)
        and (filters.until is None or day <= filters.until)
    )


def _ready_calls(connection: sa.Connection) -> list[CallFact]:
    facts = by_call(connection, "facts", lambda ids: _facts(connection, ids)).values()
    # Those without a date last.
    return sorted(facts, key=lambda f: (f.date is None, f.date or date.min, f.call_id))


def _facts(connection: sa.Connection, call_ids: Sequence[str]) -> dict[str, CallFact]:
    spoken = (
        sa.select(
            utterances.c.call_id,
            # NULL where the transcript has no times; it then counts as nothing.
            sa.func.sum(utterances.c.end_s - utterances.c.start_s).label("customer_s"),
            sa.func.count().label("customer_utterances"),
        )
        .join(
            speakers,
            sa.and_(
                speakers.c.call_id == utterances.c.call_id,
                speakers.c.label == utterances.c.speaker,
            ),
        )
        .where(speakers.c.role == "customer", utterances.c.call_id.in_(call_ids))
        .group_by(utterances.c.call_id)
        .subquery()
    )
    query = (
        sa.select(
            calls.c.call_id,
            calls.c.title,
            calls.c.date,
            calls.c.account_id,
            sa.func.coalesce(spoken.c.customer_s, 0.0),
            sa.func.coalesce(spoken.c.customer_utterances, 0),
        )
        .join(spoken, spoken.c.call_id == calls.c.call_id, isouter=True)
        .where(counts(), calls.c.call_id.in_(call_ids))
    )
    return {row.call_id: CallFact(*row) for row in connection.execute(query)}
