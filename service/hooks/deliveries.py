"""The outbox as it is worked off: who may send what now, and what became of it.

What is sent is at first put off by a while, so that no other worker sends it too; then the outcome
is written. Who dies in between leaves it to be sent again, under the same id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from pydantic import JsonValue

from ingest.errors import BadInput, Conflict, NotFound
from ingest.library import Library
from ingest.models import Frozen
from ingest.outbox import Event
from ingest.tables import deliveries, hooks
from service.hooks.sending import Answer
from service.workers import clock

KEPT = timedelta(days=30)
LEASE_S = 120.0  # in which whoever sends has sent, or is dead
# Between the tries: 10 in about a day.
DELAYS_S = (5.0, 60.0, 300.0, 1800.0, 7200.0, 3 * 3600.0, 5 * 3600.0, 6 * 3600.0, 7 * 3600.0)
_LONGEST_S = 25 * 3600.0  # what is put off longer was put off by a clock that was wrong
PAGE = 100
_WHY = 300  # characters of a reason that are kept


@dataclass(frozen=True, slots=True)
class Claimed:
    """What is to be sent now, by us. ``tries`` counts this one."""

    delivery_id: str
    hook_id: str
    event: Event
    about: dict[str, JsonValue]
    happened_at: datetime
    tries: int


class Delivery(Frozen):
    """One message on its way, or at its end."""

    id: str
    hook_id: str
    event: str
    subject: str
    happened_at: datetime
    state: str
    tries: int
    next_at: datetime | None
    status: int | None
    why: str


def due(connection: sa.Connection, busy: frozenset[str] = frozenset()) -> list[str]:
    """The next of each hook that is on and not ``busy``, the oldest first."""
    c = deliveries.c
    first: dict[str, str] = {}
    for hook_id, delivery_id in connection.execute(
        sa.select(c.hook_id, c.delivery_id)
        .join(hooks, hooks.c.hook_id == c.hook_id)
        .where(_is_due(clock(connection)), hooks.c.is_on, c.hook_id.not_in(busy))
        .order_by(c.happened_at, c.delivery_id)
        .limit(1000)
    ):
        first.setdefault(hook_id, delivery_id)
    return list(first.values())


def _is_due(now: float) -> sa.ColumnElement[bool]:
    c = deliveries.c
    return sa.and_(c.state == "waiting", ~c.next_at.between(now, now + _LONGEST_S))


def claim(library: Library, delivery_id: str, lease_s: float = LEASE_S) -> Claimed | None:
    """Take it, so that no other sends it for ``lease_s``; ``None`` when another was quicker."""
    c = deliveries.c
    with library.change() as connection:
        now = clock(connection)
        mine = connection.execute(
            deliveries.update()
            .where(c.delivery_id == delivery_id, _is_due(now))
            .values(tries=c.tries + 1, next_at=now + lease_s)
        ).rowcount
        if not mine:
            return None
        row = connection.execute(sa.select(deliveries).where(c.delivery_id == delivery_id)).one()
    return Claimed(
        row.delivery_id,
        row.hook_id,
        row.event,
        row.about,
        row.happened_at.replace(tzinfo=UTC),
        row.tries,
    )


def drop(library: Library, claimed: Claimed, why: str) -> None:
    """What it told of is gone: nothing is sent."""
    with library.change() as connection:
        _end(connection, claimed.delivery_id, "dropped", why)


def note(library: Library, claimed: Claimed, answer: Answer) -> None:
    """Write down what came of a try."""
    c = deliveries.c
    told = answer.why[:_WHY]
    with library.change() as connection:
        if not told:
            _end(connection, claimed.delivery_id, "delivered", "", answer.status)
            _hook(connection, claimed.hook_id, why="", failing_since=None)
            return
        if answer.gone:
            _hook(connection, claimed.hook_id, is_on=False, why=told)
            waiting = (c.hook_id == claimed.hook_id, c.state == "waiting")
            given_up = {"state": "given up", "why": told, "status": answer.status}
            connection.execute(deliveries.update().where(*waiting).values(given_up))
            return
        since = sa.func.coalesce(hooks.c.failing_since, datetime.now(UTC))
        _hook(connection, claimed.hook_id, why=told, failing_since=since)
        if claimed.tries > len(DELAYS_S):
            why = f"Given up after {claimed.tries} tries in about a day. {told}"
            _end(connection, claimed.delivery_id, "given up", why, answer.status)
            return
        wait_s = max(DELAYS_S[claimed.tries - 1], answer.wait_s)
        connection.execute(
            deliveries.update()
            .where(c.delivery_id == claimed.delivery_id, c.state == "waiting")
            .values(next_at=clock(connection) + wait_s, status=answer.status, why=told)
        )


def _end(
    connection: sa.Connection, delivery_id: str, state: str, why: str, status: int | None = None
) -> None:
    c = deliveries.c
    connection.execute(
        deliveries.update()
        .where(c.delivery_id == delivery_id, c.state == "waiting")
        .values(state=state, why=why[:_WHY], status=status)
    )


def _hook(connection: sa.Connection, hook_id: str, **values: object) -> None:
    where = (hooks.c.hook_id == hook_id, hooks.c.is_on)
    connection.execute(hooks.update().where(*where).values(values))


def any_waiting(connection: sa.Connection) -> bool:
    """Whether anything is on its way to a hook that is on."""
    query = sa.select(deliveries.c.delivery_id).join(hooks, hooks.c.hook_id == deliveries.c.hook_id)
    waiting = query.where(deliveries.c.state == "waiting", hooks.c.is_on)
    return connection.scalar(waiting.limit(1)) is not None


def list_deliveries(
    connection: sa.Connection, hook_id: str | None = None, limit: int = PAGE
) -> list[Delivery]:
    """Of the last 30 days, the newest first."""
    c = deliveries.c
    query = sa.select(deliveries).order_by(c.happened_at.desc(), c.delivery_id).limit(limit)
    if hook_id is not None:
        query = query.where(c.hook_id == hook_id)
    return [_delivery(row) for row in connection.execute(query)]


def _delivery(row: sa.Row[tuple[object, ...]]) -> Delivery:
    about = row.about
    subject = next((about[k] for k in ("call_id", "theme_id", "memo_id") if k in about), "")
    waits = row.state == "waiting" and row.next_at > 0
    return Delivery(
        id=row.delivery_id,
        subject=subject,
        happened_at=row.happened_at.replace(tzinfo=UTC),
        next_at=datetime.fromtimestamp(row.next_at, UTC) if waits else None,
        **{n: getattr(row, n) for n in ("hook_id", "event", "state", "tries", "status", "why")},
    )


def replay(library: Library, delivery_id: str) -> Delivery:
    """Send it again, under the same id. Raises ``NotFound``, ``Conflict``."""
    with library.change() as connection:
        row = connection.execute(
            sa.select(deliveries.c.hook_id).where(deliveries.c.delivery_id == delivery_id)
        ).first()
        if row is None:
            raise NotFound(
                f"There is no delivery {delivery_id[:80]!r}; they are kept for {KEPT.days} days."
            )
        _require_on(connection, row.hook_id)
        _again(connection, deliveries.c.delivery_id == delivery_id)
        query = sa.select(deliveries).where(deliveries.c.delivery_id == delivery_id)
        return _delivery(connection.execute(query).one())


def replay_since(library: Library, since: datetime, hook_id: str | None = None) -> int:
    """Send again whatever happened since then and is not on its way; how many there are.

    Of hooks that are off nothing. Raises ``Conflict`` when ``hook_id`` is one, ``BadInput`` for a
    moment longer ago than deliveries are kept.
    """
    c = deliveries.c
    if since < datetime.now(UTC) - KEPT - timedelta(days=1):
        raise BadInput(f"Deliveries are kept for {KEPT.days} days; give a later day.")
    with library.change() as connection:
        if hook_id is not None:
            _require_on(connection, hook_id)
        on = sa.select(hooks.c.hook_id).where(hooks.c.is_on)
        where = [c.happened_at >= since, c.state != "waiting", c.hook_id.in_(on)]
        if hook_id is not None:
            where.append(c.hook_id == hook_id)
        return _again(connection, *where)


def midnight(day: date) -> datetime:
    """The beginning of a day, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _require_on(connection: sa.Connection, hook_id: str) -> None:
    from service.hooks.store import get_hook

    if not get_hook(connection, hook_id).is_on:
        raise Conflict(f"The hook {hook_id} is off; `firsthand hooks enable {hook_id}` first.")


def _again(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> int:
    values = {"state": "waiting", "tries": 0, "next_at": 0.0, "why": "", "status": None}
    return connection.execute(deliveries.update().where(*where).values(values)).rowcount


def prune(connection: sa.Connection, now: datetime) -> None:
    """Forget what happened longer ago than deliveries are kept."""
    connection.execute(deliveries.delete().where(deliveries.c.happened_at < now - KEPT))
