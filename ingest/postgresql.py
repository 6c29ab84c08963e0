"""PostgreSQL as the database: how it is reached, who writes, and what it refuses in a sentence."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa
from psycopg.types.string import StrDumperUnknown

from ingest.errors import BadInput, FirsthandError, Unavailable

# Who holds the first lock of the database is its writer, who holds the second has a model read its
# calls, who holds the third adds to its audit log; any numbers do that nobody else uses.
# Workspaces have theirs made of these; see ``lock_of``.
_WRITER = 0x46697273746861
_READER = _WRITER + 1
AUDITOR = _WRITER + 2
_SESSION = {
    "statement_timeout": "60s",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
    "jit": "off",  # compiling a keyword search takes longer than the search
}
# A server that vanished without a word is noticed after about a minute.
_KEEPALIVES = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}
_REFUSALS: dict[str, tuple[type[FirsthandError], str]] = {
    "22001": (BadInput, "A text is longer than the database keeps; shorten it."),
    "55P03": (Unavailable, "The database is busy with another change; try again in a moment."),
    "57014": (Unavailable, "The database took over a minute for one step; try again in a moment."),
}


def connect(at: sa.URL, workspace: str | None = None) -> sa.Engine:
    """An engine on the server at ``at``, which sees nothing but the tables of the ``workspace``
    where one is named.

    Raises ``BadInput`` when it cannot be reached, refuses, or keeps other than UTF-8.
    """
    ours = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    theirs = at.query.get("options", "")  # what the address says wins
    options = f"{ours} {theirs if isinstance(theirs, str) else ' '.join(theirs)}"
    if workspace is not None:
        # Last, so that no other wins. No ``public`` after it: what is missing here is found nowhere
        # else.
        options += f' -c search_path="{tables_of(workspace)}"'
    at = at.set(query={"connect_timeout": "10", **_KEEPALIVES, **at.query, "options": options})
    # What customers said stands in no error.
    engine = sa.create_engine(
        at, pool_pre_ping=True, hide_parameters=True, execution_options={"workspace": workspace}
    )
    sa.event.listen(engine, "connect", _prepare)
    sa.event.listen(engine, "begin", _begin)
    sa.event.listen(engine, "handle_error", _refuse)
    try:
        _reach(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def tables_of(workspace: str) -> str:
    """The schema in which its tables are."""
    return f"ws_{workspace}"


def jobs_of(workspace: str) -> str:
    """The schema of the engine under its jobs. No workspace's name has a ``_``."""
    return f"ws_{workspace}_jobs"


def places_of(connection: sa.Connection, workspace: str) -> set[str]:
    """Those of its schemas that are there."""
    names = [tables_of(workspace), jobs_of(workspace)]
    found = sa.text("SELECT nspname FROM pg_namespace WHERE nspname = ANY(:names)")
    return set(connection.scalars(found.bindparams(names=names)))


def make_place(connection: sa.Connection, workspace: str) -> None:
    """A schema for its tables, unless it is there. Raises ``BadInput`` where that is not allowed.

    The engine under the jobs makes its own.
    """
    if tables_of(workspace) in places_of(connection, workspace):
        return
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{tables_of(workspace)}"')
    except sa.exc.ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != "42501":
            raise
        at = connection.engine.url
        raise BadInput(
            f"The database user {at.username} may not make a schema for the workspace in "
            f"{at.database}; grant it CREATE on the database."
        ) from None


def drop_place(connection: sa.Connection, workspace: str) -> None:
    """Remove its tables, and what its jobs left, with all that is in them."""
    take_long(connection)
    for schema in (jobs_of(workspace), tables_of(workspace)):
        connection.exec_driver_sql(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')


def take_long(connection: sa.Connection) -> None:
    """Let this transaction, and every step of it, take as long as it needs."""
    for name in ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {name} = 0")


class _Text(StrDumperUnknown):
    """PostgreSQL keeps no NUL, and nothing that is stored has one: it stands for no character."""

    def dump(self, obj: str) -> bytes | bytearray | memoryview | None:
        return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))


def _prepare(connection: psycopg.Connection, _record: object) -> None:
    connection.adapters.register_dumper(str, _Text)


def _begin(connection: sa.Connection) -> None:
    # Held to the end of the transaction. Taken before anything is read, and what is read after it
    # is what the last writer left (READ COMMITTED): nothing that was written meanwhile is lost.
    options = connection.get_execution_options()
    if options.get("writes", False):
        key = lock_of(_WRITER, options["workspace"])
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({key})")


def lock_of(number: int, workspace: str | None) -> int:
    """Locks are of the whole database: those who share it must not wait for one another."""
    if workspace is None:
        return number
    digest = hashlib.sha256(f"{number} {workspace}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _refuse(context: sa.engine.ExceptionContext) -> BaseException | None:
    state = getattr(context.original_exception, "sqlstate", None)
    kind, sentence = _REFUSALS.get(str(state), (None, ""))
    return kind(sentence) if kind else None


@contextmanager
def reading(engine: sa.Engine, wait: Callable[[], bool]) -> Iterator[bool]:
    """Hold the right to have a model read the database's calls, once no other process has it.

    ``wait`` is asked each time that another has it, and says whether to go on. Gives whether it is
    held; the server gives it back when this process ends, however that is.
    """
    key = lock_of(_READER, engine.get_execution_options()["workspace"])
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        held = False
        while not held:
            held = bool(connection.scalar(sa.text(f"SELECT pg_try_advisory_lock({key})")))
            if not held and not wait():
                break
        try:
            yield held
        finally:
            if held:
                connection.execute(sa.text(f"SELECT pg_advisory_unlock({key})"))


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
