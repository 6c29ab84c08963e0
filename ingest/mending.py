"""Mending: what is derived from the passages, held against them and made anew from nothing.

Keywords are written with the passages and Chroma is fed; neither goes wrong by a crash. This is for
what should not happen: a restored backup, a folder that somebody cleared, a hand in the database.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ingest import keywords
from ingest.feeding import collections, feed, holds, realign, wanted_of
from ingest.index import ROLES
from ingest.passages import Passage, ids_from
from ingest.tables import fed, passages

if TYPE_CHECKING:
    from ingest.library import Library


@dataclass(frozen=True, slots=True)
class Apart:
    """Passage ids in which a store differs from the database: to be added, to be removed."""

    missing: frozenset[str]
    orphans: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.missing or self.orphans)


def apart(library: Library) -> Apart:
    """Where Chroma differs from the database, also if only because feeding has not come to it.

    Raises ``Unavailable``.
    """
    held = _held(library)
    with library.read() as connection:
        wanted = set(connection.scalars(sa.select(passages.c.passage_id)))
    return Apart(frozenset(wanted - held), frozenset(held - wanted))


def lost(library: Library) -> Apart:
    """Where Chroma differs from what it is known to have been given: feeding would not mend that.

    Raises ``Unavailable``.
    """
    chroma = library.index.chroma
    if chroma.url is None and not chroma.folder.exists():
        return Apart(frozenset(), frozenset())
    chroma.open()
    missing: set[str] = set()
    orphans: set[str] = set()
    with library.read() as connection:
        named = collections(connection)
        for role, name in named.items():
            if name not in chroma.names():
                continue  # made and filled by feeding
            held = chroma.ids(name)
            identity = chroma.identity(name)
            wanted = wanted_of(connection, role)
            given = holds(connection, identity)
            told = sa.select(fed.c.stamp, fed.c.passages).where(fed.c.collection == identity)
            known = wanted | dict(connection.execute(told).all())
            missing |= _ids({f: n for f, n in given.items() if f in wanted}) - held
            orphans |= held - _ids(known)
    return Apart(frozenset(missing), frozenset(orphans))


def mend(library: Library) -> None:
    """Bring Chroma in line with the database id by id. Raises ``Unavailable``."""
    library.index.chroma.open()
    for role in ROLES:
        realign(library, role)
    feed(library)


def misworded(connection: sa.Connection) -> Apart:
    """Where the keyword index differs from the passages."""
    wanted = set(connection.scalars(sa.select(passages.c.passage_id)))
    worded = keywords.passage_ids(connection)
    return Apart(frozenset(wanted - worded), frozenset(worded - wanted))


def reword(connection: sa.Connection, wrong: Collection[str]) -> None:
    """Make the keywords anew of the calls that these passages are of."""
    for call_id in sorted({passage_id.rsplit(":", 2)[0] for passage_id in wrong}):
        select = sa.select(passages).where(passages.c.call_id == call_id)
        rows = connection.execute(select.order_by(passages.c.passage_id))
        given = [
            Passage(r.passage_id, r.call_id, r.role, r.size, r.first, r.last, r.text) for r in rows
        ]
        keywords.put(connection, call_id, given)


def rebuild(library: Library) -> int:
    """Make the keyword index and Chroma from the passages alone; how many there are.

    Raises ``Unavailable``.
    """
    with library.change() as connection:
        keywords.drop_all(connection)
        reword(connection, set(connection.scalars(sa.select(passages.c.passage_id))))
        names = collections(connection).values()
    library.index.chroma.wipe(names)
    return feed(library).added


def _held(library: Library) -> set[str]:
    chroma = library.index.chroma
    with library.read() as connection:
        names = collections(connection).values()
    chroma.open()
    return {i for name in names for i in chroma.ids(name)}


def _ids(blocks: dict[str, int]) -> set[str]:
    return {i for first, n in blocks.items() for i in ids_from(first, n)}
