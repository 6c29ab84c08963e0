"""The search index of one home: vectors in Chroma, keywords beside the passages in the database.

The relational database is the truth. It holds every passage with its text and vector, and a call
is found only while its row says ``ready``, so nothing is ever visible by half. Chroma is derived:
it holds ids and vectors only, one collection per role (its metadata filters are slow), and
answers "which passages of a large home are near?". Its answers are looked up in the database, so
that a leftover can do no harm, and ``mend`` repairs what a crash left apart.

While everything asked about fits in memory, vectors are scored exactly from the database instead:
as fast, with no second store to be in step with, and without importing Chroma.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa

from ingest import keywords
from ingest.embed import Vectors
from ingest.errors import BadInput, Conflict
from ingest.models import Role
from ingest.passages import Passage
from ingest.tables import calls, facts, passages

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection as Store

ROLES: tuple[Role, ...] = ("customer", "internal")
# Passages whose vectors are kept in memory: 65,536 of 384 numbers are 100 MB.
KEPT = 65_536
EXACT = 40_000
_BATCH = 1_000  # rows per statement and per upsert
_FACT = "embedder"


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


@dataclass(frozen=True, slots=True)
class Apart:
    """Passage ids in which the stores differ from the database: to be added, to be removed."""

    missing: frozenset[str]
    orphans: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.missing or self.orphans)


class Index:
    """Holds Chroma's client and the vectors lately used. Safe to share between threads.

    One process may *write* at a time, since embedded Chroma belongs to one process.
    """

    def __init__(self, folder: Path, embedder: str, *, exact: int = EXACT) -> None:
        """``folder`` is Chroma's; ``embedder`` is the name of the model whose vectors are given.

        Up to ``exact`` passages in scope are all scored; beyond, Chroma says where to look.
        """
        self.exact = exact
        self._folder = folder
        self._embedder = embedder
        self._client: ClientAPI | None = None
        self._kept: OrderedDict[tuple[str, Role], Block] = OrderedDict()
        self._lock = Lock()

    # --- writing -------------------------------------------------------------------------------

    def put(
        self,
        connection: sa.Connection,
        call_id: str,
        given: Sequence[Passage],
        vectors: Vectors,
    ) -> None:
        """Make ``given`` the call's passages, with a row of ``vectors`` each, in place of others.

        Chroma takes the new ones at once and only then loses the old: should the transaction be
        rolled back, it has leftovers, which nobody sees, or lacks some, which ``mend`` restores.
        """
        if vectors.ndim != 2 or len(vectors) != len(given):
            raise BadInput(
                f"{len(given)} passages of call {call_id} came with vectors of shape "
                f"{vectors.shape}: embed every passage once."
            )
        self._claim(connection)
        before = self._ids(connection, call_id)
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
        for role in ROLES:
            own = [n for n, p in enumerate(given) if p.role == role]
            self._add(role, [given[n].passage_id for n in own], vectors[own])
        self._remove(before - {p.passage_id for p in given})

    def drop(self, connection: sa.Connection, call_id: str) -> None:
        """Forget a call. Its words are gone from the database once the caller commits."""
        before = self._ids(connection, call_id)
        connection.execute(passages.delete().where(passages.c.call_id == call_id))
        keywords.drop(connection, call_id)
        for role in ROLES:
            with self._lock:
                self._kept.pop((call_id, role), None)
        self._remove(before)

    def rebuild(self, connection: sa.Connection) -> int:
        """Make the keyword index and Chroma anew from the passages; how many there are."""
        keywords.drop_all(connection)
        client = self._open()
        for role in ROLES:
            if any(c.name == role for c in client.list_collections()):
                client.delete_collection(role)
        select = sa.select(passages).order_by(passages.c.call_id, passages.c.passage_id)
        total = 0
        rows = connection.execution_options(stream_results=True, yield_per=_BATCH).execute(select)
        for call_id, of_call in groupby(rows, attrgetter("call_id")):
            own = list(of_call)
            keywords.put(connection, call_id, [_passage(row) for row in own])
            self._add_rows(own)
            total += len(own)
        return total

    # --- repairing -----------------------------------------------------------------------------

    def check(self) -> None:
        """Open Chroma and count; raises what it raises when its folder cannot be used."""
        for role in ROLES:
            self._store(role).count()

    def apart(self, connection: sa.Connection) -> Apart:
        """Where Chroma or the keyword index differ from the database, for example after a crash."""
        wanted = set(connection.scalars(sa.select(passages.c.passage_id)))
        worded = keywords.passage_ids(connection)
        held = {i for role in ROLES for i in self._store(role).get(include=[])["ids"]}
        return Apart(
            missing=frozenset((wanted - held) | (wanted - worded)),
            orphans=frozenset((held | worded) - wanted),
        )

    def mend(self, connection: sa.Connection) -> Apart:
        """Bring both stores in line with the database; what had been apart."""
        found = self.apart(connection)
        for ids in _batches(found.missing):
            rows = connection.execute(sa.select(passages).where(passages.c.passage_id.in_(ids)))
            self._add_rows(rows.all())
        self._remove(found.orphans)
        if keywords.passage_ids(connection) != set(
            connection.scalars(sa.select(passages.c.passage_id))
        ):
            keywords.drop_all(connection)
            select = sa.select(passages).order_by(passages.c.call_id, passages.c.passage_id)
            for call_id, own in groupby(connection.execute(select), attrgetter("call_id")):
                keywords.put(connection, call_id, [_passage(row) for row in own])
        return found

    # --- reading -------------------------------------------------------------------------------

    def accept(self, connection: sa.Connection, embedder: str) -> None:
        """Raise ``Conflict`` unless ``embedder`` made the vectors that are in the index."""
        made_by = connection.scalar(sa.select(facts.c.value).where(facts.c.name == _FACT))
        if made_by is not None and made_by != embedder:
            raise Conflict(
                f"The index was made with the sentence model {made_by} and cannot be searched "
                f"with {embedder}: go back to the former, or make all passages anew."
            )

    def sizes(
        self, connection: sa.Connection, role: Role, call_ids: Collection[str] | None
    ) -> dict[str, tuple[str, int]]:
        """The ready calls with passages of ``role``: a stamp that changes with them, how many."""
        select = (
            sa.select(passages.c.call_id, sa.func.min(passages.c.passage_id), sa.func.count())
            .join(calls, calls.c.call_id == passages.c.call_id)
            .where(calls.c.state == "ready", passages.c.role == role)
            .group_by(passages.c.call_id)
            .order_by(passages.c.call_id)
        )
        if call_ids is None:
            return {c: (stamp, n) for c, stamp, n in connection.execute(select)}
        found: dict[str, tuple[str, int]] = {}
        for ids in _batches(sorted(call_ids)):
            some = select.where(passages.c.call_id.in_(ids))
            found |= {c: (stamp, n) for c, stamp, n in connection.execute(some)}
        return found

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

    def nearest(self, role: Role, vector: Vectors, count: int) -> dict[str, float]:
        """Cosine of the ``count`` passages nearest to a unit vector, by passage id, by Chroma.

        Approximate, and of the whole home, ready or not: the caller looks the ids up.
        """
        store = self._store(role)
        answer = store.query(
            query_embeddings=vector[np.newaxis], n_results=max(1, count), include=["distances"]
        )
        distances = answer["distances"] or [[]]
        return {i: 1.0 - d for i, d in zip(answer["ids"][0], distances[0], strict=True)}

    # --- within --------------------------------------------------------------------------------

    def _claim(self, connection: sa.Connection) -> None:
        """Record which model makes the vectors, or refuse to mix two."""
        self.accept(connection, self._embedder)
        if connection.scalar(sa.select(facts.c.name).where(facts.c.name == _FACT)) is None:
            connection.execute(facts.insert().values(name=_FACT, value=self._embedder))

    def _ids(self, connection: sa.Connection, call_id: str) -> set[str]:
        select = sa.select(passages.c.passage_id).where(passages.c.call_id == call_id)
        return set(connection.scalars(select))

    def _keep(self, role: Role, fresh: Iterable[Block]) -> None:
        with self._lock:
            for block in fresh:
                self._kept[block.call_id, role] = block
                self._kept.move_to_end((block.call_id, role))
            total = sum(len(block.passage_ids) for block in self._kept.values())
            while total > KEPT:
                _, oldest = self._kept.popitem(last=False)
                total -= len(oldest.passage_ids)

    def _open(self) -> ClientAPI:
        with self._lock:
            if self._client is None:
                import chromadb
                from chromadb.config import Settings

                self._client = chromadb.PersistentClient(
                    self._folder, settings=Settings(anonymized_telemetry=False)
                )
            return self._client

    def _store(self, role: Role) -> Store:
        return self._open().get_or_create_collection(
            role, embedding_function=None, configuration={"hnsw": {"space": "ip"}}
        )

    def _add(self, role: Role, ids: Sequence[str], vectors: Vectors) -> None:
        for start in range(0, len(ids), _BATCH):
            end = start + _BATCH
            self._store(role).upsert(ids=list(ids[start:end]), embeddings=vectors[start:end])

    def _add_rows(self, rows: Sequence[sa.Row[tuple[object, ...]]]) -> None:
        for role in ROLES:
            own = [row for row in rows if row.role == role]
            if own:
                self._add(role, [row.passage_id for row in own], _vectors(own))

    def _remove(self, ids: Iterable[str]) -> None:
        for some in _batches(sorted(ids)):
            for role in ROLES:
                self._store(role).delete(ids=some)


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    listed = list(ids)
    for start in range(0, len(listed), _BATCH):
        yield listed[start : start + _BATCH]


def _passage(row: sa.Row[tuple[object, ...]]) -> Passage:
    return Passage(row.passage_id, row.call_id, row.role, row.size, row.first, row.last, row.text)


def _block(call_id: str, rows: Sequence[sa.Row[tuple[object, ...]]]) -> Block:
    return Block(
        call_id,
        rows[0].passage_id,
        tuple(row.passage_id for row in rows),
        tuple(row.first for row in rows),
        tuple(row.last for row in rows),
        _vectors(rows),
    )


def _vectors(rows: Sequence[sa.Row[tuple[object, ...]]]) -> Vectors:
    joined = b"".join(row.vector for row in rows)
    return np.frombuffer(joined, "<f4").reshape(len(rows), -1)
