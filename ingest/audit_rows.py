"""A row of the audit log, its table, and the hash that chains it to the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from pydantic import AwareDatetime, Field

from ingest.models import Frozen

# Apart from ``ingest.tables``: on SQLite it is not in the database that those are in.
metadata = sa.MetaData(naming_convention={"pk": "pk_%(table_name)s"})

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(27), nullable=False),  # UTC, to the microsecond: part of the hash
    sa.Column("user_id", sa.String(64)),  # null: at the machine itself
    sa.Column("who", sa.String(200), nullable=False),
    sa.Column("via", sa.String(10), nullable=False),  # machine, session, token
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),  # of what was acted on
    sa.Column("subject", sa.String(120), nullable=False),  # its id
    sa.Column("result", sa.String(10), nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("before_sha", sa.String(64), nullable=False),
    sa.Column("sha", sa.String(64), nullable=False),
    sa.Index("ix_audit_at", "at"),
)


class NewRow(Frozen):
    """What somebody did: ids, kinds and numbers, never what a customer said or is called."""

    at: AwareDatetime
    user_id: str | None = Field(max_length=64, description="none at the machine itself")
    who: str = Field(max_length=200)
    via: str = Field(max_length=10)
    address: str = Field(max_length=64)
    action: str = Field(max_length=20)
    kind: str = Field(max_length=40, description="of what was acted on")
    subject: str = Field(max_length=120, description="its id")
    result: str = Field(max_length=10)
    detail: Mapping[str, int | str]


class Row(NewRow):
    """A row of the log; ``sha`` is over all of it, with ``before_sha`` of the row before."""

    seq: int = Field(ge=1)
    before_sha: str = Field(pattern="^([0-9a-f]{64})?$", description="empty in the first")
    sha: str = Field(pattern="^[0-9a-f]{64}$")


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of a log: to be noted elsewhere, and asked for again."""

    seq: int
    sha: str


def chained(new: NewRow, last: Head | None) -> Row:
    values = dict(new)
    values |= {"seq": last.seq + 1 if last else 1, "before_sha": last.sha if last else ""}
    row = Row(**values, sha="0" * 64)
    return row.model_copy(update={"sha": sha_of(row)})


def sha_of(row: Row) -> str:
    """SHA-256 over the JSON of all that the row says, in the order of the table's columns."""
    told = {name: value for name, value in values_of(row).items() if name != "sha"}
    ordered = [told[column.name] for column in audit.columns if column.name in told]
    return hashlib.sha256(json.dumps(ordered, sort_keys=True).encode()).hexdigest()


def values_of(row: Row) -> dict[str, object]:
    return {**dict(row), "at": stamp(row.at), "detail": dict(row.detail)}


def stamp(at: datetime) -> str:
    """A moment as the log has it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def wrong_with(row: Row, last: Head | None) -> str | None:
    due = last.seq + 1 if last else 1
    if row.seq != due:
        return f"Row {due} is missing."
    if row.before_sha != (last.sha if last else ""):
        return f"Row {row.seq} does not follow the one before it; one of the two was changed."
    if row.sha != sha_of(row):
        return f"Row {row.seq} was changed after it was written."
    return None
