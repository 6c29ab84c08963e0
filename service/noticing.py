"""Noticing what is new: an account that a theme had not, a call in which they speak of leaving.

Themes and risks are worked out anew from the whole ledger, so what is new is told by comparing with
what was known (the table ``noticed``). A theme's accounts when it is first looked at are not new,
nor are the calls of a home that nobody looked at before. What was new once is not new again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from pydantic import JsonValue

from ingest import outbox
from ingest.library import Library
from ingest.outbox import Event
from ingest.stamps import STAMPED, stamp
from ingest.tables import jobs, noticed
from service import ledger, risks
from service.codebook_undo import merged
from service.coding import code_ledger
from service.jobs import OPEN
from service.ledger import Evidence
from service.scope import Scope, resolve
from service.shapes import Filters

GAINED: Event = "theme.gained_account"
RISK: Event = "risk.heard"
_STAMP = "stamp"  # of the tables at the last look; an "event" of that table's own
_QUOTED = 3  # places that are told of an account

About = Mapping[str, JsonValue]
Pair = tuple[str, str]  # a code or a call, and an account


@dataclass(frozen=True, slots=True)
class _Sight:
    """What is there now: what hooks are told of each pair, should it be new."""

    codes: frozenset[str]  # that were looked at
    voices: Mapping[Pair, About]
    risks: Mapping[Pair, About]
    into: Mapping[str, str]  # codes that went into others
    stamp: str


def is_due(connection: sa.Connection) -> bool:
    """Whether anything changed since the last look."""
    return _known_stamp(connection) != _stamp(connection)


def is_quiet(connection: sa.Connection) -> bool:
    """Whether no file is on its way nor being read, after which all would be looked at again."""
    coming = sa.select(jobs.c.job_id).where(
        jobs.c.kind.in_(("ingest", "read")), jobs.c.state.in_(OPEN)
    )
    return connection.scalar(coming.limit(1)) is None


def notice(library: Library) -> None:
    """Note what is new, and that hooks are to be told; nothing when nothing changed."""
    with library.read() as connection:
        if not is_due(connection):
            return
        sight = _look(library, connection)
    with library.change() as connection:
        _note(connection, sight, datetime.now(UTC))


def _look(library: Library, connection: sa.Connection) -> _Sight:
    everyone = resolve(connection, Filters())
    coded = code_ledger(library, connection).coded
    voices = {}
    for one in coded:
        mine = by_account(one.members)
        figures = {"accounts_n": len(mine), "arr_usd": sum(everyone.arr.get(a) or 0 for a in mine)}
        for account_id, items in mine.items():
            voices[one.code.id, account_id] = {**figures, "places": _places(items)}
    return _Sight(
        codes=frozenset(one.code.id for one in coded),
        voices=voices,
        risks={
            pair: {"risks_n": len(items), "places": _places(items)}
            for pair, items in risks_heard(library, connection, everyone)
        },
        into=merged(connection),
        stamp=_stamp(connection),
    )


def by_account(items: Sequence[Evidence]) -> dict[str, list[Evidence]]:
    """The evidence of each account, in its order; that of calls without one is left out."""
    found: dict[str, list[Evidence]] = {}
    for item in items:
        if item.account_id is not None:
            found.setdefault(item.account_id, []).append(item)
    return found


def voices_of(
    library: Library, connection: sa.Connection, code_id: str
) -> dict[str, list[Evidence]]:
    """What is evidence of a code now, by account; nothing when there is no such code."""
    coded = code_ledger(library, connection).coded
    return next((by_account(one.members) for one in coded if one.code.id == code_id), {})


def risks_heard(
    library: Library, connection: sa.Connection, everyone: Scope
) -> Iterator[tuple[Pair, list[Evidence]]]:
    """The calls in which customers speak of leaving as plainly as it takes to say so of them."""
    for account_id, said in risks.by_account(library, connection, everyone).items():
        threats = [e for e in risks.threats(said) if e.kind == "risk"]
        for call_id in dict.fromkeys(e.spoken.call_id for e in threats):
            yield (call_id, account_id), [e for e in threats if e.spoken.call_id == call_id]


def _places(items: Sequence[Evidence]) -> list[JsonValue]:
    """Where the most telling words stand; the words themselves are read when they are told."""
    return [[e.spoken.call_id, e.spoken.i] for e in ledger.telling(items, _QUOTED)]


def _note(connection: sa.Connection, sight: _Sight, now: datetime) -> None:
    rows = connection.execute(sa.select(noticed.c.event, noticed.c.subject, noticed.c.account_id))
    known = {(row.event, row.subject, row.account_id) for row in rows}

    def put(event: str, subject: str, account_id: str, *, is_new: bool = False) -> None:
        values = {"event": event, "subject": subject, "account_id": account_id}
        connection.execute(noticed.insert().values(**values, since=now, is_new=is_new))

    went_in: dict[str, set[str]] = {}
    for code in sight.into:
        went_in.setdefault(_end(sight.into, code), set()).add(code)
    for (code_id, account_id), about in sight.voices.items():
        if (GAINED, code_id, account_id) in known:
            continue
        looked_at = (GAINED, code_id, "") in known
        merely_moved = any((GAINED, c, account_id) in known for c in went_in.get(code_id, ()))
        is_new = looked_at and not merely_moved
        put(GAINED, code_id, account_id, is_new=is_new)
        if is_new:
            told = {"theme_id": code_id, "account_id": account_id, **about}
            outbox.note(connection, GAINED, told)
    for code_id in sight.codes:
        if (GAINED, code_id, "") not in known:
            put(GAINED, code_id, "")
    looked_at = (RISK, "", "") in known
    for (call_id, account_id), about in sight.risks.items():
        if (RISK, call_id, account_id) in known:
            continue
        put(RISK, call_id, account_id, is_new=looked_at)
        if looked_at:
            told = {"call_id": call_id, "account_id": account_id, **about}
            outbox.note(connection, RISK, told)
    if not looked_at:
        put(RISK, "", "")
    connection.execute(noticed.delete().where(noticed.c.event == _STAMP))
    put(_STAMP, sight.stamp, "")


def _end(into: Mapping[str, str], code_id: str) -> str:
    """The code that it is by now."""
    for _ in range(len(into)):
        code_id = into.get(code_id, code_id)
    return code_id


def _stamp(connection: sa.Connection) -> str:
    told = repr(stamp(connection, STAMPED))
    return hashlib.sha256(told.encode()).hexdigest()


def _known_stamp(connection: sa.Connection) -> str | None:
    query = sa.select(noticed.c.subject).where(noticed.c.event == _STAMP)
    found: str | None = connection.scalar(query)
    return found
