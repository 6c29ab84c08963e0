"""Which workers live: each says so every few seconds, by the database's clock."""

from __future__ import annotations

import time

import sqlalchemy as sa

from ingest.library import Library
from ingest.tables import workers

DEAD_S = 12.0  # without a beat


def clock(connection: sa.Connection) -> float:
    """Seconds since 1970 by the database's clock."""
    if connection.dialect.name == "postgresql":
        return float(connection.scalar(sa.text("SELECT extract(epoch FROM clock_timestamp())")))
    return time.time()  # one machine, one clock


def living(connection: sa.Connection) -> int:
    """How many workers gave a sign of life lately."""
    now = clock(connection)
    # One from the future is of before the clock was set back: who lives beats again at once.
    lately = workers.c.beat.between(now - DEAD_S, now + DEAD_S)
    select = sa.select(sa.func.count()).select_from(workers).where(lately)
    return connection.scalar(select) or 0


def workers_living(library: Library) -> int:
    """The same, asked of the database now."""
    with library.read() as connection:
        return living(connection)
