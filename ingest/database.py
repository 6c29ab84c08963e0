"""Opening the database: SQLite in the home folder, or PostgreSQL where a URL names one.

Both give the same: a reader sees one moment, and of those who say beforehand that they write there
is one at a time, so that what was read before a change still holds when it is written.
"""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa

from ingest.errors import BadInput
from ingest.migrations import upgrade

# Who holds this lock of the database is its writer; any number does that nobody else uses.
_WRITER = 0x46697273746861
_SESSION = {
    "statement_timeout": "60s",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
}
# A server that vanished without a word is noticed after about a minute.
_KEEPALIVES = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}


def open_database(url: str) -> sa.Engine:
    """An engine on the database at ``url``, its schema brought up to date.

    SQLite runs in WAL mode (readers never wait for the writer) with foreign keys enforced.
    Raises ``Conflict`` when a newer program made the database, ``BadInput`` when it cannot be used.
    """
    at = _address(url)
    engine = _sqlite(at) if at.get_backend_name() == "sqlite" else _postgresql(at)
    try:
        if engine.dialect.name == "postgresql":
            _reach(engine)
        upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def reading(engine: sa.Engine) -> sa.Connection:
    """A connection for reading, all of it from one moment."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    return engine.connect()


def settle_log(engine: sa.Engine) -> None:
    """Bring SQLite's write-ahead log into the file and empty it, so that no old page stays there.

    Does as much as it can while others read. PostgreSQL clears what was deleted by itself.
    """
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            connection.rollback()
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


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


# --- SQLite ------------------------------------------------------------------------------------


def _sqlite(at: sa.URL) -> sa.Engine:
    engine = sa.create_engine(at, pool_pre_ping=True)
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


# --- PostgreSQL --------------------------------------------------------------------------------


def _postgresql(at: sa.URL) -> sa.Engine:
    ours = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    theirs = at.query.get("options", "")  # what the address says wins
    options = f"{ours} {theirs if isinstance(theirs, str) else ' '.join(theirs)}"
    at = at.set(query={"connect_timeout": "10", **_KEEPALIVES, **at.query, "options": options})
    # What customers said stands in no error.
    engine = sa.create_engine(at, pool_pre_ping=True, hide_parameters=True)
    sa.event.listen(engine, "begin", _begin_postgresql)
    return engine


def _begin_postgresql(connection: sa.Connection) -> None:
    # Held to the end of the transaction. Taken before anything is read, and what is read after it
    # is what the last writer left (READ COMMITTED): nothing that was written meanwhile is lost.
    if connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")


def _reach(engine: sa.Engine) -> None:
    """Raises ``BadInput`` when the server cannot be reached, refuses, or keeps other than UTF-8."""
    try:
        with engine.connect() as connection:
            encoding = connection.scalar(sa.text("SHOW server_encoding"))
    except sa.exc.DBAPIError as error:
        at = engine.url
        host = at.host or at.query.get("host") or "localhost"
        raise BadInput(
            f"The database {at.database} on {host} cannot be opened "
            f"({_reason(error.orig, at.password)}); check FIRSTHAND_DATABASE_URL and the server."
        ) from None
    if encoding != "UTF8":
        raise BadInput(
            f"The database {engine.url.database} keeps text as {encoding}; make it with "
            "ENCODING 'UTF8'."
        )


def _reason(error: BaseException | None, password: object) -> str:
    """The last thing the driver or the server says, without the password."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    told = next((line for line in reversed(lines) if not line.startswith("Is the server")), "")
    told = told.rpartition("FATAL:")[2].rpartition("failed:")[2].strip().rstrip(".")
    return told.replace(str(password), "…") if password else told
