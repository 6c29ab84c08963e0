"""Calls are kept as many days as the home says, and then erased with all that came from them."""

from __future__ import annotations

import datetime as dt
import logging
from datetime import timedelta

import sqlalchemy as sa

from ingest.database import passing
from ingest.errors import FirsthandError
from ingest.library import Library
from ingest.models import Frozen
from ingest.tables import calls
from service.access.person import at_the_machine
from service.erase import erase_noted, settle, unsettled
from service.home_settings import home_settings

log = logging.getLogger(__name__)


class Due(Frozen):
    """A call that is older than calls are kept. ``day`` is the call's, else when it came in."""

    call_id: str
    title: str
    day: dt.date


class Retention(Frozen):
    """``keep_days`` is ``None`` where calls are kept for ever."""

    keep_days: int | None
    due: tuple[Due, ...]


def retention(connection: sa.Connection, today: dt.date) -> Retention:
    """What is to be erased as of ``today``, the oldest first."""
    keep = home_settings(connection).keep_days
    if keep is None:
        return Retention(keep_days=None, due=())
    last = today - timedelta(days=keep)
    rows = connection.execute(
        sa.select(calls.c.call_id, calls.c.title, calls.c.date, calls.c.created_at)
    )
    found = [
        Due(call_id=row.call_id, title=row.title, day=row.date or row.created_at.date())
        for row in rows
    ]
    due = sorted((one for one in found if one.day < last), key=lambda one: (one.day, one.call_id))
    return Retention(keep_days=keep, due=tuple(due))


def waits(connection: sa.Connection, today: dt.date) -> bool:
    """Whether ``sweep`` would have anything to do."""
    return unsettled(connection) or bool(retention(connection, today).due)


def sweep(library: Library, today: dt.date) -> list[str]:
    """Erase what is due, and what is left of what was erased before; the ids of the calls erased.

    One that cannot be erased just now does not keep the others; it is tried again the next time.
    """
    with library.read() as connection:
        due = retention(connection, today).due
        waiting = unsettled(connection)
    erased = []
    for one in due:
        try:
            if erase_noted(library, one.call_id, at_the_machine()):
                erased.append(one.call_id)
        except (FirsthandError, OSError, sa.exc.SQLAlchemyError) as problem:
            why = passing(problem) or problem
            log.warning("Call %s is due to be erased and is not: %s", one.call_id, why)
    if erased or waiting:
        settle(library)
    if erased:
        log.info("%d calls were erased that were older than calls are kept", len(erased))
    return erased
