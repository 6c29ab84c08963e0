"""Opening the database: SQLite in the home folder now, any SQLAlchemy URL by design."""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa

from ingest.migrations import upgrade


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

    Does as much as it can while others read; nothing to do on other databases.
    """
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            connection.rollback()
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
