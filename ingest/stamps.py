"""Stamps: whether a table is still as it was, told in one small read.

Triggers of the database give a table's stamp a new random value with every row that is inserted,
changed or deleted, by whatever statement of whatever process, also by a cascade. What was worked
out from tables holds while their stamps are the same. Random values, because a count would come
back after a rollback with other rows behind it. The triggers are made by migrations, for SQLite and
for PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from ingest.tables import call_stamps, stamps

# Where what people said, the ledger and the codebook stand.
STAMPED = (
    "accounts",
    "calls",
    "codes",
    "evidence",
    "evidence_edits",
    "facts",
    "found_themes",
    "judgements",
    "passages",
    "placements",
    "speakers",
    "utterances",
)
Stamp = tuple[tuple[str, int], ...]


def stamp(connection: sa.Connection, names: Collection[str] = STAMPED) -> Stamp:
    """Equal only while no row of these tables has changed. Raises ``KeyError`` for a table that
    has no stamp.
    """
    held = {row.name: row.value for row in connection.execute(sa.select(stamps))}
    return tuple((name, held[name]) for name in sorted(names))


def of_calls(connection: sa.Connection) -> dict[str, int]:
    """A stamp for each call: equal only while no row of the call itself, its speakers, utterances,
    passages and evidence has changed.
    """
    c = call_stamps.c
    return {row.call_id: row.value for row in connection.execute(sa.select(c.call_id, c.value))}
