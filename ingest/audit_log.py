"""The audit log: rows that are only ever added, each chained to the one before it by its hash.

On SQLite it is a file of its own in the home, so that nobody waits behind a change to the calls; on
PostgreSQL a table beside the others. Triggers of the database refuse to change a row or take one
out. Who has the file, or owns the table, can get round them: then the chain no longer fits, which
``check`` tells; rows cut off at the end are told by a head that was noted elsewhere.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, takewhile
from pathlib import Path
from threading import Lock

import sqlalchemy as sa

from ingest.audit_rows import Head, NewRow, Row, audit, chained, metadata, values_of, wrong_with
from ingest.database import passing
from ingest.errors import Conflict, NoRoom, Unavailable
from ingest.postgresql import AUDITOR, lock_of

FILE = "audit.db"
BATCH = 1_000  # rows read or brought at once
_VERSION = 1  # of the file's schema
_BUSY_S = 5.0  # a row takes milliseconds: whoever holds the file longer is stuck

_TRIGGERS = (
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
    # Also against INSERT OR REPLACE, which deletes without asking the trigger above.
    "CREATE TRIGGER audit_in_order BEFORE INSERT ON audit "
    "WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM audit) "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END",
)


@dataclass(frozen=True, slots=True)
class Checked:
    """How many rows there are, the head, and in a sentence what is wrong, if something is."""

    rows: int
    head: Head | None
    wrong: str | None


class AuditLog:
    """The log of one home, open."""

    def __init__(self, engine: sa.Engine, *, own: bool) -> None:
        """``own``: the engine is this log's alone, and closed with it."""
        self.engine = engine
        self._own = own
        self._turn = Lock()  # threads wait here for milliseconds, and not in SQLite's busy loop

    def append(self, new: NewRow, *, flush: bool = True) -> Row:
        """Add a row. With ``flush`` it is on the disk when this returns.

        Raises ``Unavailable`` when it cannot be written.
        """
        try:
            with self._turn, self._writing(flush=flush) as connection:
                last = _head(connection)
                row = chained(new, last)
                connection.execute(audit.insert(), values_of(row))
        except sa.exc.SQLAlchemyError as problem:
            if isinstance(why := passing(problem), NoRoom):
                raise why from problem
            raise Unavailable(
                "The audit log cannot be written just now, so nothing is done or shown; look at "
                "the disk of the home, and try again."
            ) from problem
        return row

    def head(self) -> Head | None:
        with self.engine.connect() as connection:
            return _head(connection)

    def rows(
        self,
        where: sa.ColumnElement[bool] | None = None,
        *,
        newest: bool = False,
        limit: int | None = None,
    ) -> Iterator[Row]:
        """The rows, the oldest first unless told otherwise; never all of them in memory, and no
        connection is held between two batches.
        """
        c = audit.c
        after: sa.ColumnElement[bool] = sa.true()
        left = limit
        while left is None or left > 0:
            n = BATCH if left is None else min(BATCH, left)
            query = sa.select(audit).where(sa.true() if where is None else where, after)
            query = query.order_by(c.seq.desc() if newest else c.seq).limit(n)
            with self.engine.connect() as connection:
                found = [dict(row) for row in connection.execute(query).mappings()]
            yield from map(Row.model_validate, found)
            if len(found) < n:
                return
            left = None if left is None else left - n
            last = found[-1]["seq"]
            after = c.seq < last if newest else c.seq > last

    def check(self, noted: Head | None = None) -> Checked:
        """Whether every row is as it was written and none is missing; ``noted`` is a head from
        before, which has to be in it still.
        """
        last: Head | None = None
        seen = noted is None
        n = 0
        coming = self.rows()
        while True:
            try:
                row = next(coming, None)
            except (ValueError, TypeError):  # a value that no row has
                return Checked(n, self.head(), f"What follows row {n} was changed.")
            if row is None:
                break
            n += 1
            wrong = wrong_with(row, last)
            if wrong is None and noted is not None and row.seq == noted.seq:
                seen = row.sha == noted.sha
                wrong = None if seen else f"Row {row.seq} is another than the one that was noted."
            if wrong is not None:
                return Checked(n, self.head(), wrong)
            last = Head(row.seq, row.sha)
        if not seen and noted is not None:
            count = f"it ends with row {last.seq}" if last else "it is empty"
            return Checked(n, last, f"Row {noted.seq} was noted and is gone: {count}.")
        return Checked(n, last, None)

    def bring(self, rows: Iterable[Row]) -> int:
        """Add rows of another log as they are, after the part of it that is here already; how many.

        Raises ``Conflict``, having added nothing, when this log is another one.
        """
        brought = 0
        with self._turn, self._writing(flush=True) as connection:
            last = _head(connection)
            coming = iter(rows)
            if last is not None and last.sha not in (
                row.sha for row in takewhile(lambda row: row.seq <= last.seq, coming)
            ):
                raise Conflict("There is another audit log there already.")
            while some := [values_of(row) for row in islice(coming, BATCH)]:
                connection.execute(audit.insert(), some)
                brought += len(some)
        return brought

    def close(self) -> None:
        if self._own:
            self.engine.dispose()

    @contextmanager
    def _writing(self, *, flush: bool) -> Iterator[sa.Connection]:
        """A transaction of which there is one at a time: the next row chains to its last."""
        if self.engine.dialect.name == "postgresql":
            with self.engine.begin() as connection:
                # Of its own, so that nobody waits behind whoever changes the calls.
                key = lock_of(AUDITOR, connection.get_execution_options().get("workspace"))
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({key})")
                if not flush:
                    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                yield connection
        else:
            with self.engine.execution_options(writes=True, flush=flush).begin() as connection:
                yield connection


def open_audit_log(home: Path, engine: sa.Engine) -> AuditLog:
    """The log of the home whose database ``engine`` is on.

    Raises ``Unavailable`` when its file cannot be used, ``Conflict`` when a newer program made it.
    """
    if engine.dialect.name == "postgresql":
        return AuditLog(engine, own=False)  # the migrations made its table
    file = sa.create_engine(f"sqlite:///{home / FILE}", hide_parameters=True)
    sa.event.listen(file, "connect", _prepare)
    sa.event.listen(file, "begin", _begin)
    try:
        _make(file)
    except sa.exc.SQLAlchemyError as problem:
        file.dispose()
        raise Unavailable(
            f"The audit log {home / FILE} cannot be opened, so nothing is done or shown; look at "
            "its disk, and try again."
        ) from problem
    except BaseException:
        file.dispose()
        raise
    return AuditLog(file, own=True)


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute(f"PRAGMA busy_timeout = {round(1000 * _BUSY_S)}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.isolation_level = None  # _begin begins


def _begin(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("writes", False):
        connection.exec_driver_sql("BEGIN")
        return
    # Without a flush a loss of power may take the last rows; the end of a process does not.
    level = "FULL" if options.get("flush", True) else "NORMAL"
    connection.exec_driver_sql(f"PRAGMA synchronous = {level}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _make(file: sa.Engine) -> None:
    with file.connect() as connection:
        version = connection.scalar(sa.text("PRAGMA user_version"))
    if version == _VERSION:
        return
    with file.execution_options(writes=True).begin() as connection:
        version = connection.scalar(sa.text("PRAGMA user_version"))  # now that nobody else writes
        if version > _VERSION:
            raise Conflict("The audit log was made by a newer Firsthand; update this program.")
        if version == 0:
            metadata.create_all(connection)
            for trigger in _TRIGGERS:
                connection.exec_driver_sql(trigger)
            connection.exec_driver_sql(f"PRAGMA user_version = {_VERSION}")


def _head(connection: sa.Connection) -> Head | None:
    c = audit.c
    query = sa.select(c.seq, c.sha).order_by(c.seq.desc()).limit(1)
    found = connection.execute(query).one_or_none()
    return None if found is None else Head(found.seq, found.sha)
