"""The search index of one home: passages with words and vectors in the database, Chroma beside it.

The relational database is the truth. It holds every passage with its text and vector, a call is
found only while its row says ``ready``, and a call is searchable the moment its transaction
commits: nothing is ever visible by half, and writing needs no second store.

While everything asked about fits in memory, vectors are scored exactly from the database. Beyond,
Chroma says where to look. It is derived: ids and vectors only, one collection per role (its
metadata filters are slow), brought in line by ``ingest.feeding``. What it was not fed yet is scored
exactly; where it cannot be used, all vectors are read through instead, which takes longer and finds
no less.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from threading import Lock
from typing import TypeVar, cast

import numpy as np
import sqlalchemy as sa

from ingest import keywords
from ingest.chroma import Chroma
from ingest.consent import counts
from ingest.embed import Vectors
from ingest.errors import BadInput, Conflict
from ingest.models import Role
from ingest.passages import Passage
from ingest.stamps import Stamp, stamp
from ingest.tables import calls, facts, passages

T = TypeVar("T")
Sizes = Mapping[str, tuple[str, int]]  # call id: stamp of its passages, how many

ROLES: tuple[Role, ...] = ("customer", "internal")
# Passages whose vectors are kept in memory: 65,536 of 384 numbers are 100 MB.
KEPT = 65_536
EXACT = 40_000
_BATCH = 1_000  # rows per statement
_EMBEDDER = "embedder"


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """One call's passages of one role, in the call's order; entry ``n`` of each is one passage.

    ``vectors`` has shape (n, dim), rows of unit length.
    """

    call_id: str
    stamp: str
    passage_ids: tuple[str, ...]
    first: tuple[int, ...]
    last: tuple[int, ...]
    vectors: Vectors


class Index:
    """Holds Chroma and the vectors lately used. Safe to share between threads."""

    def __init__(
        self, folder: Path, embedder: str, *, url: str | None = None, exact: int = EXACT
    ) -> None:
        """``folder`` is Chroma's, unless it is served at ``url``; ``embedder`` is the name of the
        model whose vectors are given.

        Up to ``exact`` passages in scope are all scored; beyond, Chroma says where to look. Raises
        ``BadInput`` for an address that is none.
        """
        self.exact = exact
        self.chroma = Chroma(folder, url)
        self.embedder = embedder
        self._kept: OrderedDict[tuple[str, Role], Block] = OrderedDict()
        self._memory: dict[str, tuple[Stamp, object]] = {}
        self._lock = Lock()
        self.feeding = Lock()  # held while Chroma and what is known of it are changed

    def close(self) -> None:
        """Let another process have the embedded Chroma."""
        self.chroma.close()

    # --- writing -------------------------------------------------------------------------------

    def put(
        self,
        connection: sa.Connection,
        call_id: str,
        given: Sequence[Passage],
        vectors: Vectors,
    ) -> None:
        """Make ``given`` the call's passages, with a row of ``vectors`` each, in place of others.

        All of it in the database: Chroma follows.
        """
        if vectors.ndim != 2 or len(vectors) != len(given):
            raise BadInput(
                f"{len(given)} passages of call {call_id} came with vectors of shape "
                f"{vectors.shape}: embed every passage once."
            )
        self._claim(connection)
        connection.execute(passages.delete().where(passages.c.call_id == call_id))
        if given:
            rows = [
                {
                    "passage_id": p.passage_id,
                    "call_id": call_id,
                    "size": p.size,
                    "first": p.first,
                    "last": p.last,
                    "role": p.role,
                    "text": p.text,
                    "vector": np.ascontiguousarray(vector, "<f4").tobytes(),
                }
                for p, vector in zip(given, vectors, strict=True)
            ]
            connection.execute(passages.insert(), rows)
        keywords.put(connection, call_id, given)

    def drop(self, connection: sa.Connection, call_id: str) -> None:
        """Forget a call. Its words are gone from the database once the caller commits."""
        connection.execute(passages.delete().where(passages.c.call_id == call_id))
        keywords.drop(connection, call_id)
        for role in ROLES:
            with self._lock:
                self._kept.pop((call_id, role), None)

    # --- reading -------------------------------------------------------------------------------

    def accept(self, connection: sa.Connection, embedder: str) -> None:
        """Raise ``Conflict`` unless ``embedder`` made the vectors that are in the index."""
        made_by = connection.scalar(sa.select(facts.c.value).where(facts.c.name == _EMBEDDER))
        if made_by is not None and made_by != embedder:
            raise Conflict(
                f"The index was made with the sentence model {made_by} and cannot be searched "
                f"with {embedder}: go back to the former, or make all passages anew."
            )

    def sizes(
        self, connection: sa.Connection, role: Role, call_ids: Collection[str] | None
    ) -> Sizes:
        """The ready calls with passages of ``role``: a stamp that changes with them, how many."""
        select = (
            sa.select(passages.c.call_id, sa.func.min(passages.c.passage_id), sa.func.count())
            .join(calls, calls.c.call_id == passages.c.call_id)
            .where(counts(), passages.c.role == role)
            .group_by(passages.c.call_id)
            .order_by(passages.c.call_id)
        )

        def read(some: sa.Select[str, str, int]) -> dict[str, tuple[str, int]]:
            return {call_id: (first, n) for call_id, first, n in connection.execute(some)}

        name, rests_on = f"sizes of {role}", ("calls", "passages")
        if (
            call_ids is not None
            and len(call_ids) <= _BATCH
            and not self._holds(connection, name, rests_on)
        ):
            return read(select.where(passages.c.call_id.in_(sorted(call_ids))))
        whole = self.remembered(connection, name, rests_on, lambda: read(select))
        return whole if call_ids is None else {c: whole[c] for c in call_ids if c in whole}

    def remembered(
        self,
        connection: sa.Connection,
        name: str,
        rests_on: Collection[str],
        make: Callable[[], T],
    ) -> T:
        """``make()``, or what it gave before while no row of the tables ``rests_on`` has changed.

        ``name`` stands for one type; nobody may change what is given. ``make`` has to read over the
        same ``connection``, so that value and stamp are of one moment.
        """
        now = stamp(connection, rests_on)
        held = self._memory.get(name)
        if held is not None and held[0] == now:
            return cast(T, held[1])
        made = make()
        self._memory[name] = now, made
        return made

    def _holds(self, connection: sa.Connection, name: str, rests_on: Collection[str]) -> bool:
        held = self._memory.get(name)
        return held is not None and held[0] == stamp(connection, rests_on)

    def blocks(
        self, connection: sa.Connection, role: Role, wanted: Mapping[str, str]
    ) -> list[Block]:
        """The passages of the calls in ``wanted`` (call id to stamp), from memory where known."""
        with self._lock:
            known = {c: self._kept.get((c, role)) for c in wanted}
        found = {c: b for c, b in known.items() if b is not None and b.stamp == wanted[c]}
        for ids in _batches(sorted(wanted.keys() - found.keys())):
            select = (
                sa.select(passages)
                .with_only_columns(*(c for c in passages.c if c.name != "text"))
                .where(passages.c.call_id.in_(ids), passages.c.role == role)
                .order_by(passages.c.call_id, passages.c.passage_id)
            )
            for call_id, rows in groupby(connection.execute(select), attrgetter("call_id")):
                found[call_id] = _block(call_id, list(rows))
        self._keep(role, found.values())
        return [found[c] for c in wanted if c in found]

    # --- within --------------------------------------------------------------------------------

    def _claim(self, connection: sa.Connection) -> None:
        """Record which model makes the vectors, or refuse to mix two."""
        self.accept(connection, self.embedder)
        if connection.scalar(sa.select(facts.c.name).where(facts.c.name == _EMBEDDER)) is None:
            connection.execute(facts.insert().values(name=_EMBEDDER, value=self.embedder))

    def _keep(self, role: Role, fresh: Iterable[Block]) -> None:
        with self._lock:
            for block in fresh:
                self._kept[block.call_id, role] = block
                self._kept.move_to_end((block.call_id, role))
            total = sum(len(block.passage_ids) for block in self._kept.values())
            while total > KEPT:
                _, oldest = self._kept.popitem(last=False)
                total -= len(oldest.passage_ids)


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    listed = list(ids)
    for start in range(0, len(listed), _BATCH):
        yield listed[start : start + _BATCH]


def _block(call_id: str, rows: Sequence[sa.Row[tuple[object, ...]]]) -> Block:
    return Block(
        call_id,
        rows[0].passage_id,
        tuple(row.passage_id for row in rows),
        tuple(row.first for row in rows),
        tuple(row.last for row in rows),
        vectors_of([row.vector for row in rows]),
    )


def vectors_of(stored: Sequence[bytes]) -> Vectors:
    """Vectors as the database has them, as a matrix with a row for each."""
    return np.frombuffer(b"".join(stored), "<f4").reshape(len(stored), -1)
