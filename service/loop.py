"""Closing the loop: who is to hear what became of a need, each with their own words.

An entry for each account that voiced a need: all of them once it is marked as shipped, before that
those that are new to it. Entries are worked out from the ledger whenever they are asked for, and
only what became of one is kept; so words that are erased, withdrawn or corrected are so here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import sqlalchemy as sa
from pydantic import Field

from ingest.errors import BadInput, NotFound
from ingest.joined import sounding
from ingest.library import Library
from ingest.models import Account, Frozen
from ingest.store import list_accounts
from ingest.tables import calls, loop_states, noticed
from service import ledger
from service.codebook_store import get_code
from service.coding import Coded, code_ledger
from service.ledger import Evidence
from service.links import Links, links
from service.loop_note import drafted
from service.noticing import GAINED, by_account
from service.one_theme import QuotedCall
from service.scope import Scope, resolve
from service.shapes import CodeStatus, EvidenceKind, Filters, Quote

Why = Literal["shipped", "gained"]
State = Literal["to do", "sent", "dismissed"]
STATES: tuple[State, ...] = ("to do", "sent", "dismissed")
_QUOTES = 3
_NEEDS: tuple[EvidenceKind, ...] = ("pain", "request")  # what somebody waits for


class Entry(Frozen):
    """Somebody to be told. ``by`` and ``at`` say who sent or dismissed it, and when."""

    id: str
    why: Why = Field(description="the need has shipped, or the account is new to it")
    since: datetime
    account_id: str
    account: str
    owner: str | None = Field(description="whose account it is, as the CRM has it")
    arr_usd: float | None
    quotes: tuple[Quote, ...] = Field(min_length=1)
    note: str = Field(description="a draft for the owner; what is in quotation marks was said so")
    state: State = "to do"
    by: str | None = None
    at: datetime | None = None


class Need(Frozen):
    """A need with entries, most ARR first."""

    id: str
    label: str
    kind: EvidenceKind
    status: CodeStatus
    status_at: datetime | None
    entries: tuple[Entry, ...]


class Queue(Frozen):
    """``to_do_n``, ``owners`` and ``labels`` (of needs, by id) are of all entries there are,
    whatever was asked for. ``calls`` are those that are quoted.
    """

    needs: tuple[Need, ...]
    to_do_n: int
    owners: tuple[str, ...]
    labels: dict[str, str]
    calls: tuple[QuotedCall, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; ``None`` leaves that side open."""

    need: str | None = None
    owner: str | None = None
    state: State | None = "to do"


ALL = Wanted(state=None)


def queue(library: Library, wanted: Wanted = ALL) -> Queue:
    """Shipped needs first, then by how many wait. Raises ``NotFound`` for a need that is none."""
    with library.read() as connection:
        need_id = wanted.need and get_code(connection, wanted.need).id
        every = list(_needs(library, connection))
        entries = [entry for need in every for entry in need.entries]
        kept = [_kept(need, wanted) for need in every if need_id in (None, need.id)]
        found = sorted((need for need in kept if need.entries), key=_order)
        quotes = [q for need in found for entry in need.entries for q in entry.quotes]
        return Queue(
            needs=tuple(found),
            to_do_n=sum(entry.state == "to do" for entry in entries),
            owners=tuple(sorted({entry.owner for entry in entries if entry.owner})),
            labels={need.id: need.label for need in every},
            calls=_calls(connection, {q.call_id for q in quotes}),
        )


def _order(need: Need) -> tuple[bool, int, str]:
    return need.status != "shipped", -len(need.entries), need.label.casefold()


def _kept(need: Need, wanted: Wanted) -> Need:
    owner = None if wanted.owner is None else wanted.owner.casefold()
    entries = tuple(
        entry
        for entry in need.entries
        if wanted.state in (None, entry.state)
        and (owner is None or (entry.owner or "").casefold() == owner)
    )
    return need.model_copy(update={"entries": entries})


def mark(library: Library, entry_id: str, state: Literal["sent", "dismissed"], by: str) -> Entry:
    """Say what became of an entry. Raises ``NotFound`` for one that is none (any more)."""
    need, entry = _find(library, entry_id)
    s = loop_states.c
    with library.change() as connection:
        connection.execute(loop_states.delete().where(s.entry_id == entry_id))
        connection.execute(
            loop_states.insert().values(
                entry_id=entry_id,
                code_id=need.id,
                account_id=entry.account_id,
                state=state,
                by=by[:200],
                at=datetime.now(UTC),
            )
        )
    return _find(library, entry_id)[1]


def restore(library: Library, entry_id: str) -> Entry:
    """It is to do again. Raises ``NotFound``, ``BadInput`` when it is to do already."""
    _need, entry = _find(library, entry_id)
    if entry.state == "to do":
        raise BadInput("That is still to do: nobody sent or dismissed it.")
    with library.change() as connection:
        connection.execute(loop_states.delete().where(loop_states.c.entry_id == entry_id))
    return _find(library, entry_id)[1]


def _find(library: Library, entry_id: str) -> tuple[Need, Entry]:
    for need in queue(library).needs:
        for entry in need.entries:
            if entry.id == entry_id:
                return need, entry
    raise NotFound(f"There is no entry {entry_id[:80]!r} in the loop; see `firsthand loop`.")


# --- from the ledger -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Home:
    """What entries are made of."""

    scope: Scope
    accounts: Mapping[str, Account]
    new: Mapping[tuple[str, str], datetime]  # code and account: since when
    states: Mapping[str, sa.Row[tuple[object, ...]]]
    links: Links


def _needs(library: Library, connection: sa.Connection) -> Iterator[Need]:
    n = noticed.c
    rows = connection.execute(
        sa.select(n.subject, n.account_id, n.since).where(n.event == GAINED, n.is_new)
    )
    home = _Home(
        scope=resolve(connection, Filters()),
        accounts={a.account_id: a for a in list_accounts(connection)},
        new={(row.subject, row.account_id): _aware(row.since) for row in rows},
        states={row.entry_id: row for row in connection.execute(sa.select(loop_states))},
        links=links(library, connection),
    )
    for one in code_ledger(library, connection).coded:
        entries = tuple(_entries(one, home))
        if entries:
            code = one.code
            yield Need(entries=entries, **{f: getattr(code, f) for f in _SHARED})


_SHARED = ("id", "label", "kind", "status", "status_at")


def _entries(one: Coded, home: _Home) -> Iterator[Entry]:
    code = one.code
    anybody_new = code.kind in _NEEDS and any(code_id == code.id for code_id, _ in home.new)
    if code.status != "shipped" and not anybody_new:
        return
    plain = by_account(ledger.plainest(one.members, home.scope))
    for account_id in sorted(plain, key=lambda a: (-(home.scope.arr.get(a) or 0.0), a)):
        since = home.new.get((code.id, account_id))
        why: Why = "gained"
        if code.status == "shipped":
            why, since = "shipped", code.status_at
        elif not anybody_new:
            continue
        if since is not None:
            yield _entry(one, home.accounts[account_id], plain[account_id], why, since, home)


def _entry(
    one: Coded,
    account: Account,
    items: Sequence[Evidence],
    why: Why,
    since: datetime,
    home: _Home,
) -> Entry:
    told = f"{one.code.id}\0{account.account_id}\0{why}\0{since.isoformat()}"
    entry_id = f"entry-{hashlib.sha256(told.encode()).hexdigest()[:16]}"
    each: dict[tuple[str, int], Evidence] = {}
    for item in items:
        each.setdefault((item.spoken.call_id, item.spoken.i), item)
    chosen = list(each.values())[:_QUOTES]
    state = home.states.get(entry_id)
    return Entry(
        id=entry_id,
        why=why,
        since=since,
        account_id=account.account_id,
        account=account.name,
        owner=account.owner,
        arr_usd=account.arr_usd,
        quotes=tuple(item.quote() for item in chosen),
        note=drafted(one.code, account, why, chosen, home.links),
        state="to do" if state is None else state.state,
        by=None if state is None else state.by,
        at=None if state is None else _aware(state.at),
    )


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=moment.tzinfo or UTC)  # SQLite keeps no time zone


def _calls(connection: sa.Connection, ids: Collection[str]) -> tuple[QuotedCall, ...]:
    c = calls.c
    query = sa.select(c.call_id, c.title, c.date, sounding()).where(c.call_id.in_(ids))
    return tuple(
        QuotedCall(call_id=call_id, title=title, date=day, has_audio=heard)
        for call_id, title, day, heard in connection.execute(query.order_by(c.call_id))
    )
