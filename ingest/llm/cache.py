"""Kept replies: what was asked once with the same words is not asked and paid for again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from ingest.tables import calls, model_replies


def key(*parts: str | None) -> str:
    """A digest that no other sequence of parts has."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def kept(connection: sa.Connection, key: str) -> str | None:
    """The reply's JSON, as it was kept."""
    found: str | None = connection.scalar(
        sa.select(model_replies.c.reply).where(model_replies.c.key == key)
    )
    return found


def keep(connection: sa.Connection, key: str, reply: str, from_calls: Sequence[str]) -> None:
    """Keep a reply that the words of ``from_calls`` went into.

    Not if one of them is gone: a call that was erased while the model thought leaves no trace.
    """
    wanted = sorted(set(from_calls))
    there = set(connection.scalars(sa.select(calls.c.call_id).where(calls.c.call_id.in_(wanted))))
    if there != set(wanted):
        return
    connection.execute(model_replies.delete().where(model_replies.c.key == key))
    connection.execute(
        model_replies.insert().values(
            key=key, reply=reply, calls=wanted, created_at=datetime.now(UTC)
        )
    )


def forget(connection: sa.Connection, call_id: str) -> None:
    """Erase every reply that words of the call went into."""
    for row in connection.execute(sa.select(model_replies.c.key, model_replies.c.calls)).all():
        if call_id in row.calls:
            connection.execute(model_replies.delete().where(model_replies.c.key == row.key))
