"""Meetings with customers, as our people's calendars have them, with the account of each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from ingest.invited import is_within
from ingest.tables import meetings
from service.goals.firms import accounts_by_domain
from service.home_settings import not_customers


@dataclass(frozen=True, slots=True)
class Met:
    """A meeting in one person's calendar. ``account_id`` is ``None`` where ``domains`` are those of
    firms that are no account, or of several accounts.
    """

    key: str
    meeting_id: str
    day: dt.date
    starts: dt.datetime
    ends: dt.datetime
    account_id: str | None
    domains: tuple[str, ...]

    @property
    def seconds(self) -> float:
        return (self.ends - self.starts).total_seconds()

    @property
    def days(self) -> frozenset[dt.date]:
        """On which a call may be dated that came of it: many recorders go by UTC."""
        return frozenset({self.day, self.starts.date()})


def meetings_between(connection: sa.Connection, first: dt.date, last: dt.date) -> list[Met]:
    """By start. Left out are firms that were said to be no customers."""
    m = meetings.c
    query = sa.select(meetings).where(m.day >= first, m.day <= last)
    rows = connection.execute(query.order_by(m.starts, m.meeting_id, m.key)).all()
    if not rows:
        return []
    others = not_customers(connection)
    by_domain = accounts_by_domain(connection, {d for row in rows for d in row.domains})
    found = []
    for row in rows:
        domains = tuple(d for d in row.domains if not is_within(d, others))
        known = {by_domain[d] for d in domains if d in by_domain}
        if not domains and row.account_id is None:
            continue
        account_id = row.account_id or (min(known) if len(known) == 1 else None)
        times = (_aware(row.starts), _aware(row.ends))
        found.append(Met(row.key, row.meeting_id, row.day, *times, account_id, domains))
    return found


def booked_in_calendars(connection: sa.Connection, today: dt.date) -> dict[str, dt.date]:
    """By account the next day, from ``today`` on, on which somebody is to meet it."""
    found: dict[str, dt.date] = {}
    for met in meetings_between(connection, today, dt.date.max):
        if met.account_id is not None:
            found.setdefault(met.account_id, met.day)
    return found


def _aware(time: dt.datetime) -> dt.datetime:
    # SQLite keeps no time zone; everything is written in UTC.
    return time.replace(tzinfo=dt.UTC) if time.tzinfo is None else time.astimezone(dt.UTC)
