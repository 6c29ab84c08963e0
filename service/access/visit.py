"""Who is here: what a session or a token comes to, and when it was last used."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from ingest.access_tables import api_tokens, sessions
from ingest.database import passing
from ingest.errors import FirsthandError
from ingest.library import Library
from service.access.person import Person

_EVERY = timedelta(minutes=1)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Visit:
    """``key`` is the session's digest or the token's id; neither lets anybody in."""

    person: Person
    workspace: str
    key: str
    seen_at: datetime | None


def touch(library: Library, visit: Visit, now: datetime) -> None:
    """Note that it was used, at most once a minute.

    Not while another change is written: no request waits for this, the next one notes it.
    """
    if visit.seen_at is not None and now - visit.seen_at < _EVERY:
        return
    if visit.person.via == "session":
        note = sessions.update().where(sessions.c.digest == visit.key)
    else:
        note = api_tokens.update().where(api_tokens.c.token_id == visit.key)
    try:
        with _unhurried(library.engine) as connection:
            connection.execute(note.values(seen_at=now))
            connection.commit()
    except (FirsthandError, sa.exc.DBAPIError) as problem:
        if passing(problem) is None:
            raise
        _log.info("when a session or token was used is noted later")


def moment(at: datetime) -> datetime:
    """SQLite keeps no time zone; everything is written in UTC."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


@contextmanager
def _unhurried(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection that gives up at once where it would have to wait for another."""
    with engine.connect() as connection:
        raw = connection.connection.driver_connection
        if not isinstance(raw, sqlite3.Connection):
            connection.exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            yield connection
            return
        [usual] = raw.execute("PRAGMA busy_timeout").fetchone()
        raw.execute("PRAGMA busy_timeout = 0")
        try:
            yield connection
        finally:
            connection.rollback()
            raw.execute(f"PRAGMA busy_timeout = {usual}")
