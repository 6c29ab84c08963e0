"""Opening the database: SQLite in the home folder, or PostgreSQL where a URL names one.

Both give the same: a reader sees one moment, and of those who say beforehand that they write there
is one at a time, so that what was read before a change still holds when it is written.
"""

from __future__ import annotations

import logging
import sqlite3
import time

import sqlalchemy as sa

from ingest.errors import BadInput, FirsthandError, NoRoom, Unavailable
from ingest.migrations import revision, upgrade

_log = logging.getLogger(__name__)

_FILE = "The database file cannot be read or written just now; look at its disk and try again."
_SQLITE: dict[int, tuple[type[FirsthandError], str]] = {
    sqlite3.SQLITE_BUSY: (
        Unavailable,
        "The database is busy with another change; try again in a moment.",
    ),
    sqlite3.SQLITE_FULL: (NoRoom, "The disk of the database is full; free some space."),
    sqlite3.SQLITE_IOERR: (Unavailable, _FILE),
    sqlite3.SQLITE_CANTOPEN: (Unavailable, _FILE),
    sqlite3.SQLITE_READONLY: (Unavailable, _FILE),
    sqlite3.SQLITE_NOMEM: (Unavailable, "There is no memory for the database; try again."),
}
# Idle in a transaction for too long; the server takes no changes while another takes over from it.
_SESSION_ENDED = ("25P03", "25006")
_SETTLE_TRIES = 2  # each waits for readers as long as busy_timeout says


def open_database(url: str, workspace: str | None = None) -> sa.Engine:
    """An engine on the database at ``url``, its schema brought up to date.

    SQLite runs in WAL mode (readers never wait for the writer) with foreign keys enforced. A
    ``workspace`` has its tables, in a PostgreSQL, in a schema of its own, which has to be there.
    Raises ``Conflict`` when a newer program made the database, ``BadInput`` when it cannot be used.
    """
    at = _address(url)
    if at.get_backend_name() == "sqlite":
        engine = _sqlite(at)
    else:
        from ingest import postgresql

        engine = postgresql.connect(at, workspace)
    try:
        upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def schema_of(url: str, workspace: str | None = None) -> str | None:
    """The schema of the PostgreSQL at ``url`` as it is, ``None`` where nothing of ours is in it.
    Of a ``workspace`` what it has there; its place is made.

    Raises ``BadInput`` when it is no PostgreSQL or cannot be reached.
    """
    from ingest import postgresql

    at = _address(url)
    if at.get_backend_name() != "postgresql":
        raise BadInput("It has to be a PostgreSQL: postgresql://user:password@host/name.")
    engine = postgresql.connect(at, workspace)
    try:
        if workspace is not None:
            with engine.begin() as connection:
                postgresql.make_place(connection, workspace)
        with engine.connect() as connection:
            return revision(connection)
    finally:
        engine.dispose()


def reading(engine: sa.Engine) -> sa.Connection:
    """A connection for reading, all of it from one moment."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    return engine.connect()


def passing(error: BaseException) -> FirsthandError | None:
    """What keeps the database from its work just now and may pass by itself, for people to read.

    ``None`` when trying again would be of no use.
    """
    if isinstance(error, FirsthandError):
        return error if error.retry else None
    if isinstance(error, sa.exc.TimeoutError):
        return Unavailable("The database is asked too much at once; try again in a moment.")
    if not isinstance(error, sa.exc.DBAPIError):
        return None
    if isinstance(error.orig, sqlite3.Error):
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
        kind, sentence = _SQLITE.get(code, (None, ""))
        return kind(sentence) if kind else None
    state = getattr(error.orig, "sqlstate", None) or ""
    if state == "53100":
        return NoRoom("The disk of the database is full; free some space.")
    away = isinstance(error, sa.exc.OperationalError | sa.exc.InterfaceError)
    if away or error.connection_invalidated or state in _SESSION_ENDED:
        return Unavailable("The database does not answer just now; try again in a moment.")
    return None


def settle_log(engine: sa.Engine) -> None:
    """Bring SQLite's write-ahead log into the file and empty it, so that no old page stays there.

    A reader that is in the middle of its reading keeps old pages in the log: then it is tried
    again, and when the reader stays, said in the program's log. The log is emptied at the latest
    when the last process closes the file. PostgreSQL clears what was deleted by itself.
    """
    if engine.dialect.name != "sqlite":
        return
    for _ in range(_SETTLE_TRIES):
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            connection.rollback()
            busy, *_pages = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return
        time.sleep(0.1)
    _log.warning("erased rows stay in the write-ahead log until those who read now have ended")


def _address(url: str) -> sa.URL:
    # What is wrong with an address is never told with it: it may hold a password.
    wrong = "The database's address is none; it is postgresql://user:password@host/name."
    try:
        at = sa.make_url(url.replace("postgres://", "postgresql://", 1))
        backend = at.get_backend_name()
    except (sa.exc.ArgumentError, ValueError):
        raise BadInput(wrong) from None
    if backend == "postgresql":
        return at.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise BadInput(wrong)
    return at


def _sqlite(at: sa.URL) -> sa.Engine:
    # What customers said stands in no error.
    engine = sa.create_engine(at, pool_pre_ping=True, hide_parameters=True)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Journal mode is a property of the file; the other two are of the connection.
    # What is deleted is overwritten with zeros: an erased call must not stay readable in the file.
    for pragma in (
        "journal_mode = WAL",
        "foreign_keys = ON",
        "busy_timeout = 15000",
        "secure_delete = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.isolation_level = None  # the driver begins nothing by itself; _begin_sqlite does


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads first and then writes fails at once when another wrote in between;
    # one that says beforehand that it will write waits its turn instead.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
