"""What the stages of a call's work came to, kept in the database until the call is ready.

Holds customers' words: goes with the call when it is erased, and when it is ready. A result is an
upsert under its call, stage and part, so that a stage that runs twice leaves it once.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from ingest.tables import stage_results as table

WHOLE = 0


def keep(connection: sa.Connection, call_id: str, stage: str, body: bytes, part: int) -> None:
    """Put ``body`` in place of what is kept of that part; ``WHOLE`` also ends its windows."""
    one = (table.c.call_id == call_id) & (table.c.stage == stage)
    connection.execute(table.delete().where(one if part == WHOLE else one & (table.c.part == part)))
    connection.execute(table.insert().values(call_id=call_id, stage=stage, part=part, body=body))


def kept(connection: sa.Connection, call_id: str, stage: str) -> bytes | None:
    """The whole result of a stage, once it is done."""
    found: bytes | None = connection.scalar(
        sa.select(table.c.body).where(
            table.c.call_id == call_id, table.c.stage == stage, table.c.part == WHOLE
        )
    )
    return found


def windows(connection: sa.Connection, call_id: str, stage: str) -> list[bytes]:
    """What is kept of a stage's windows, from the first on without a gap."""
    rows = connection.execute(
        sa.select(table.c.part, table.c.body)
        .where(table.c.call_id == call_id, table.c.stage == stage, table.c.part > WHOLE)
        .order_by(table.c.part)
    )
    found: list[bytes] = []
    for part, body in rows:
        if part != len(found) + 1:
            break
        found.append(body)
    return found


def forget(connection: sa.Connection, call_id: str, stages: Iterable[str] | None = None) -> None:
    """Drop what is kept of a call, or of some of its stages."""
    delete = table.delete().where(table.c.call_id == call_id)
    if stages is not None:
        delete = delete.where(table.c.stage.in_(list(stages)))
    connection.execute(delete)


def move(connection: sa.Connection, call_id: str, to: str, stages: Iterable[str]) -> None:
    """Give what is kept of these stages to another call, which has nothing of them."""
    mine = (table.c.call_id == call_id) & table.c.stage.in_(list(stages))
    connection.execute(table.update().where(mine).values(call_id=to))


__all__ = ("WHOLE", "forget", "keep", "kept", "move", "windows")
