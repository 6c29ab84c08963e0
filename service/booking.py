"""Booked calls: the day on which an account is to be heard next, as somebody noted it or as a
calendar has it.

A booking is over once a call with the account of that day or a later one has been heard. Until
then a day that has passed is overdue: either nobody spoke, or the recording is not here yet.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, NamedTuple

import sqlalchemy as sa

from ingest.errors import BadInput
from ingest.library import Library
from ingest.models import Frozen
from ingest.store import require_account
from ingest.tables import bookings
from service.goals.meetings import booked_in_calendars

_YEARS_AHEAD = 5


class Planned(NamedTuple):
    """When a call is to be; ``by`` is who says so."""

    day: dt.date
    by: Literal["person", "calendar"]


class Booking(Frozen):
    """``date`` is ``None`` when no call with the account is booked."""

    account_id: str
    date: dt.date | None


def booked(connection: sa.Connection) -> dict[str, dt.date]:
    """The day booked last, by account, whether or not a call came of it."""
    found = connection.execute(sa.select(bookings.c.account_id, bookings.c.date))
    return {row.account_id: row.date for row in found}


def planned(connection: sa.Connection, today: dt.date) -> dict[str, Planned]:
    """By account what was booked; the next meeting in a calendar where that is sooner, or where
    the day booked has passed.
    """
    found = {a: Planned(day, "person") for a, day in booked(connection).items()}
    for account_id, day in booked_in_calendars(connection, today).items():
        noted = found.get(account_id)
        if noted is None or not today <= noted.day <= day:
            found[account_id] = Planned(day, "calendar")
    return found


def book(library: Library, account_id: str, day: dt.date | None, today: dt.date) -> Booking:
    """Book a call for ``day``, in place of what was booked; ``None`` takes the booking back.

    Raises ``NotFound`` for an account that is not here and ``BadInput`` for a day that has passed.
    """
    if day is not None and day < today:
        raise BadInput(f"{day} has passed; book a call for {today} or later.")
    if day is not None and day.year > today.year + _YEARS_AHEAD:
        raise BadInput(f"{day} is more than {_YEARS_AHEAD} years ahead; check the year.")
    with library.change() as connection:
        require_account(connection, account_id)
        connection.execute(bookings.delete().where(bookings.c.account_id == account_id))
        if day is not None:
            connection.execute(bookings.insert().values(account_id=account_id, date=day))
    return Booking(account_id=account_id, date=day)
