"""Copying a home's tables into another database, and telling by a digest whether two hold the same.

Rows stream from one database to the other in the order of their keys; a table is never in memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

import psycopg
import sqlalchemy as sa
from psycopg import sql

from ingest.mending import reword
from ingest.tables import facts, jobs, metadata, passages

_BATCH = 1_000  # rows read at once
# What every database makes for itself, or what is of a process and not of the home.
# Hooks least of all: a copy of a home is to send nothing, and a secret is for one place only.
_OWN_TABLES = ("stamps", "call_stamps", "fed", "workers", "sessions", "hooks", "deliveries")
# Chroma's collections are named by the first: two homes would share them, and clear each other's.
MOVED = "moved"
DEVICE_KEY = "device_key"  # of service/access/devices.py
ERASING_KEY = "erasing_key"  # of service/person_begun.py
_OWN_FACTS = (
    "vectors",
    "vectors_of_erased",
    "files_of_erased",
    "words_of_erased",
    "erasures",
    MOVED,
    DEVICE_KEY,
    ERASING_KEY,
    # When the digest is sent, by itself, and what was: a copy would send it a second time.
    "digest",
    "digest_since",
    "digest_sent_mail",
    "digest_sent_webhook",
    "digest_put_off",
)

Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds: how many rows, and the SHA-256 over all of them."""

    rows: int
    sha256: str


Contents = Mapping[str, Content]


def tables() -> tuple[sa.Table, ...]:
    """What is copied, in an order in which every row finds what it belongs to."""
    return tuple(table for table in metadata.sorted_tables if table.name not in _OWN_TABLES)


def contents(connection: sa.Connection) -> dict[str, Content]:
    """What each of the tables holds, told alike on every database."""
    return {table.name: _content(connection, table) for table in tables()}


def digest_of(held: Contents) -> str:
    """All the tables' contents in one."""
    told = json.dumps([[name, one.rows, one.sha256] for name, one in sorted(held.items())])
    return hashlib.sha256(told.encode()).hexdigest()


def occupied(connection: sa.Connection) -> str | None:
    """The name of a table with a row in it, if there is any."""
    for table in (*tables(), metadata.tables["fed"]):
        select = sa.select(sa.literal(1)).select_from(table).limit(1)
        if table is facts:
            select = select.where(facts.c.name.not_in(_OWN_FACTS))
        if connection.scalar(select):
            return table.name
    return None


def copy_rows(source: sa.Connection, target: sa.Connection, told: Told) -> None:
    """Put all rows into the empty tables of ``target``.

    Jobs that wait or were at work are queued there, none of them known to the engine yet.
    """
    on_postgresql = target.dialect.name == "postgresql"
    for n, table in enumerate(tables()):
        told(table.name, n, len(tables()))
        if on_postgresql:
            _pour(source, target, table)
            _count_on(target, table)
        else:
            _insert(source, target, table)


def copy(source: sa.Connection, target: sa.Connection, told: Told) -> None:
    """``copy_rows``, and index the passages."""
    copy_rows(source, target, told)
    _index(target, told)
    target.exec_driver_sql("ANALYZE")  # else the first questions are planned for empty tables


def unindexed(connection: sa.Connection) -> int:
    """By how many the passages in PostgreSQL's keyword index differ from the passages."""
    count = sa.select(sa.func.count())
    held = connection.scalar(count.select_from(sa.table("passage_words")))
    return abs((held or 0) - (connection.scalar(count.select_from(passages)) or 0))


# --- within --------------------------------------------------------------------------------------


def _rows(connection: sa.Connection, table: sa.Table) -> Iterator[tuple[object, ...]]:
    select = sa.select(table).order_by(*table.primary_key.columns)
    if table is facts:
        select = select.where(facts.c.name.not_in(_OWN_FACTS))
    names = [column.name for column in table.columns]
    with connection.execute(select, execution_options={"yield_per": _BATCH}) as found:
        for row in found:
            values = {name: _plain(value) for name, value in zip(names, row, strict=True)}
            if table is jobs:
                values |= _queued(values)
            yield tuple(values.values())


def _queued(job: Mapping[str, object]) -> dict[str, object]:
    if job["state"] == "working":
        return {"state": "queued", "stage": None, "fraction": 0.0, "handed_over": False}
    return {"handed_over": False}


def _plain(value: object) -> object:
    """The value as every database has it."""
    if isinstance(value, datetime):  # SQLite keeps no time zone; everything is written in UTC
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    # PostgreSQL keeps no NUL; see ingest/postgresql.py.
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value


def _content(connection: sa.Connection, table: sa.Table) -> Content:
    digest = hashlib.sha256()
    n = 0
    for row in _rows(connection, table):
        digest.update(f"{row!r}\n".encode())
        n += 1
    return Content(n, digest.hexdigest())


def _pour(source: sa.Connection, target: sa.Connection, table: sa.Table) -> None:
    # One COPY, and not many INSERTs: each of those would renew the table's stamp.
    columns = list(table.columns)
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
    is_json = [isinstance(column.type, sa.JSON) for column in columns]
    raw = target.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    with raw.cursor() as cursor, cursor.copy(statement) as into:
        for row in _rows(source, table):
            into.write_row([json.dumps(v) if j else v for v, j in zip(row, is_json, strict=True)])


def _insert(source: sa.Connection, target: sa.Connection, table: sa.Table) -> None:
    names = [column.name for column in table.columns]
    rows = _rows(source, table)
    while some := list(islice(rows, _BATCH)):
        target.execute(table.insert(), [dict(zip(names, row, strict=True)) for row in some])


def _count_on(target: sa.Connection, table: sa.Table) -> None:
    """Numbers that the database gives go on after the highest that came."""
    column = table.autoincrement_column
    if column is None:
        return
    sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
    highest = sa.select(sa.func.max(column)).scalar_subquery()
    target.execute(sa.select(sa.func.setval(sequence, highest)).where(highest.is_not(None)))


def _index(target: sa.Connection, told: Told) -> None:
    first = sa.select(sa.func.min(passages.c.passage_id)).group_by(passages.c.call_id)
    firsts = list(target.scalars(first))
    for n, passage_id in enumerate(firsts):
        told("keywords", n, len(firsts))
        reword(target, [passage_id])
