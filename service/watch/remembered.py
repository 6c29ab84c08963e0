"""What is remembered of the files of watched places, from one start to the next.

By digests alone: a file's name may name a customer, and its row outlives the call.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from ingest.models import Call
from ingest.store import call_by_content
from ingest.tables import jobs, watched

State = Literal["taken", "failed", "skipped"]
FIELDS = ("account_id", "date", "title", "consent")
_MARK = 4  # hexadecimal digits: enough to see that somebody changed it, too few to tell what it was


@dataclass(frozen=True, slots=True)
class Row:
    """What became of a file; see the table ``watched``."""

    stamp: str
    aside: str
    state: State
    content_sha256: str = ""
    call_id: str | None = None
    given: Mapping[str, str] | None = None
    unmatched: bool = False


def key_of(where: str, path: str) -> str:
    """What the file at ``path`` of a place is known by."""
    return digest(where, path)


def digest(*parts: str) -> str:
    """Names may hold what is no text: the bytes of a file's name as they are."""
    told = "\0".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.sha256(told).hexdigest()


def load(connection: sa.Connection) -> dict[str, Row]:
    """All rows by their file's key."""
    return {
        row.file: Row(
            stamp=row.stamp,
            aside=row.aside,
            state=row.state,
            content_sha256=row.content_sha256,
            call_id=row.call_id,
            given=row.given,
            unmatched=row.unmatched,
        )
        for row in connection.execute(sa.select(watched))
    }


def call_of(connection: sa.Connection, key: str) -> str | None:
    """The call that the file is known to have come in as, while there is one."""
    found: str | None = connection.scalar(sa.select(watched.c.call_id).where(watched.c.file == key))
    return found


def put(connection: sa.Connection, key: str, row: Row) -> None:
    values = {
        "stamp": row.stamp[:200],
        "aside": row.aside,
        "state": row.state,
        "content_sha256": row.content_sha256,
        "call_id": row.call_id,
        "given": dict(row.given or {}),
        "unmatched": row.unmatched,
    }
    where = watched.c.file == key
    if connection.execute(watched.update().where(where).values(values)).rowcount == 0:
        connection.execute(watched.insert().values(file=key, **values))


@dataclass(frozen=True, slots=True)
class Known:
    """Bytes that came in before: their call, or none where it was erased."""

    call_id: str | None


def known(connection: sa.Connection, sha256: str) -> Known | None:
    """Whether a file with these bytes came in before, also if its call was erased since, or
    changed because a person was erased from it.
    """
    call = call_by_content(connection, sha256)
    if call is not None:
        return Known(call.call_id)
    where = (watched.c.content_sha256 == sha256, watched.c.state == "taken")
    came = list(connection.scalars(sa.select(watched.c.call_id).where(*where)))
    if not came or job_failed(connection, [sha256]):
        return None
    return Known(next((call_id for call_id in came if call_id is not None), None))


def job_failed(connection: sa.Connection, contents: Iterable[str]) -> bool:
    """Whether the work on one of these files ended badly; a job's id is its file's digest."""
    ids = [sha256[:32] for sha256 in contents]
    query = sa.select(jobs.c.job_id).where(jobs.c.job_id.in_(ids), jobs.c.state == "failed")
    return connection.scalar(query.limit(1)) is not None


def marks(call: Call) -> dict[str, str]:
    """Marks of what a call is told to be, to see later whether somebody changed it."""
    return {name: mark(getattr(call, name)) for name in FIELDS}


def mark(value: object) -> str:
    return hashlib.sha256(str(value or "").encode("utf-8", "replace")).hexdigest()[:_MARK]
