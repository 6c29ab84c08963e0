"""Opening the database: SQLite in the home folder now, any SQLAlchemy URL by design."""

from __future__ import annotations

import logging
import sqlite3
import time

import sqlalchemy as sa

from ingest.migrations import upgrade

_log = logging.getLogger(__name__)

_SETTLE_TRIES = 2  # each waits for readers as long as busy_timeout says


def open_database(url: str) -> sa.Engine:
    """An engine on the database at ``url``, its schema brought up to date.

    SQLite runs in WAL mode (readers never wait for the writer) with foreign keys enforced.
    Raises ``Conflict`` when a newer program made the database.
    """
    engine = sa.create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    try:
        upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
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


def settle_log(engine: sa.Engine) -> None:
    """Bring SQLite's write-ahead log into the file and empty it, so that no old page stays there.

    A reader that is in the middle of its reading keeps old pages in the log: then it is tried
    again, and when the reader stays, said in the program's log. The log is emptied at the latest
    when the last process closes the file. Nothing to do on other databases.
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
