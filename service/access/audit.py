"""Who saw, asked, changed, exported and deleted what, and when: written, found again, exported.

Nothing that a customer said or is called may get in, nor a question, a title or a file's name: the
log stays when a call is erased. It holds ids, kinds and numbers.
"""

from __future__ import annotations

import csv
import io
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from typing import Literal

import sqlalchemy as sa

from ingest.audit_rows import NewRow, Row, audit, stamp
from ingest.errors import FirsthandError
from ingest.library import Library
from ingest.transcripts.clean import clean_name
from service.access.person import Person
from service.access.subjects import UNKNOWN, subject_of
from service.cells import harmless

Action = Literal["see", "ask", "add", "change", "export", "delete", "enter", "leave"]
# ``allowed`` is written before a change is made, ``failed`` after it when it came to nothing;
# ``done`` is written when there is nothing to wait for.
Result = Literal["done", "allowed", "refused", "failed"]
Format = Literal["csv", "jsonl"]
MEDIA_TYPES: Mapping[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl; charset=utf-8",
}
FORMATS: Mapping[str, Format] = {".csv": "csv", ".jsonl": "jsonl"}  # by a file's ending
PAGE = 100
LONGEST_PAGE = 1_000

_KIND = re.compile(r"[a-z][a-z_-]{0,39}")
_WORD = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._:-]{0,119}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """What somebody does. ``kind`` and the names in ``detail`` are words of the program's own."""

    person: Person
    action: Action
    kind: str  # of what it is done to: call, answer, memo, user …
    subject: str = ""  # its id; what is none is written as "unknown"
    result: Result = "done"
    address: str = ""  # of the client; empty at the machine itself
    detail: Mapping[str, int | str] = field(default_factory=dict)  # numbers, ids, kinds


def write(library: Library, entry: Entry) -> Row:
    """Write it, before anything is done or shown.

    What changes something is on the disk when this returns; what was only seen survives the end of
    the process, and a loss of power from a moment later on. Raises ``Unavailable`` when it cannot
    be written: then nothing may be done or shown.
    """
    return library.audit.append(_row(library, entry), flush=entry.action != "see")


def write_failed(library: Library, allowed: Row) -> None:
    """Write that what was allowed came to nothing. The log has its beginning already, so this
    raises nothing: who asked is to be told why it failed.
    """
    told = allowed.model_dump(include=set(NewRow.model_fields))
    try:
        library.audit.append(NewRow(**{**told, "at": datetime.now(UTC), "result": "failed"}))
    except FirsthandError as problem:
        log.error("that a change failed is not in the audit log: %s", type(problem).__name__)


def _row(library: Library, entry: Entry) -> NewRow:
    words = (entry.kind, *entry.detail)
    if strange := [word for word in words if not _KIND.fullmatch(word)]:
        raise ValueError(f"no word for the audit log: {strange}")
    person = entry.person
    return NewRow(
        at=datetime.now(UTC),
        user_id=person.user_id,
        who=clean_name(person.name)[:200],
        via=person.via,
        address=_address(entry.address),
        action=entry.action,
        kind=entry.kind,
        subject=subject_of(library, entry.kind, entry.subject),
        result=entry.result,
        detail={
            name: UNKNOWN if isinstance(value, str) and not _WORD.fullmatch(value or "-") else value
            for name, value in entry.detail.items()
        },
    )


def _address(text: str) -> str:
    try:
        return str(ip_address(text))[:64]
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows. ``who`` is a name or an id; ``until`` is a day that counts itself."""

    since: date | None = None
    until: date | None = None
    who: str | None = None
    action: Action | None = None
    before: int | None = None  # a row's number: older ones


ALL = Wanted()


def rows(library: Library, wanted: Wanted, limit: int = PAGE) -> list[Row]:
    """The newest first."""
    return list(library.audit.rows(_where(wanted), newest=True, limit=limit))


def exported(library: Library, format_: Format, wanted: Wanted = ALL) -> Iterator[bytes]:
    """The rows as a file, the oldest first, piece by piece."""
    found = library.audit.rows(_where(wanted))
    return _csv(found) if format_ == "csv" else _jsonl(found)


def imported(file: Iterable[bytes]) -> Iterator[Row]:
    """The rows of what ``exported`` gave as ``jsonl``. Raises ``ValueError`` for other lines."""
    return map(Row.model_validate_json, file)


def _jsonl(found: Iterable[Row]) -> Iterator[bytes]:
    for row in found:
        yield row.model_dump_json().encode() + b"\n"


def _csv(found: Iterable[Row]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, without which Excel takes it for another encoding."""
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    names = [column.name for column in audit.columns]
    writer.writerow(names)
    yield sink.getvalue().encode("utf-8-sig")
    for row in found:
        sink.seek(0)
        sink.truncate()
        cells = row.model_dump(mode="json")
        cells["detail"] = "; ".join(f"{name} {value}" for name, value in row.detail.items())
        writer.writerow([harmless("" if cells[n] is None else str(cells[n])) for n in names])
        yield sink.getvalue().encode()


def _where(wanted: Wanted) -> sa.ColumnElement[bool]:
    c = audit.c
    where: list[sa.ColumnElement[bool]] = [sa.true()]
    if wanted.since is not None:
        where.append(c.at >= _midnight(wanted.since))
    if wanted.until is not None and wanted.until < date.max:
        where.append(c.at < _midnight(wanted.until + timedelta(days=1)))
    if wanted.who is not None:
        where.append(sa.or_(c.who == wanted.who, c.user_id == wanted.who))
    if wanted.action is not None:
        where.append(c.action == wanted.action)
    if wanted.before is not None:
        where.append(c.seq < wanted.before)
    return sa.and_(*where)


def _midnight(day: date) -> str:
    return stamp(datetime(day.year, day.month, day.day, tzinfo=UTC))
