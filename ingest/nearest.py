"""The passages nearest in meaning where there are too many to hold them all in memory.

Chroma says which, and what it was not fed yet is scored beside it, so that a call is found the
moment it is committed. Where Chroma cannot be used in this process, or lags far behind, all vectors
are read through instead: slower, exact, and in bounded memory.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from operator import itemgetter

import numpy as np
import sqlalchemy as sa

from ingest.embed import Vectors
from ingest.errors import Unavailable
from ingest.feeding import collections, holds
from ingest.index import Index, Sizes, vectors_of
from ingest.models import Role
from ingest.tables import passages

LAG = 5_000  # passages that Chroma may lack before all are read through
_READ = 4_000  # vectors in memory at a time while all are read through
_MOST_ASKED = 1_000  # of Chroma

Scores = dict[str, float]  # cosine by passage id


def nearest(
    connection: sa.Connection,
    index: Index,
    role: Role,
    vector: Vectors,
    count: int,
    sizes: Sizes,
) -> Scores:
    """Cosine of the ``count`` passages of the calls ``sizes`` nearest to a unit vector, or of all.

    Approximate where Chroma says it.
    """
    found = _by_chroma(connection, index, role, vector, count, sizes)
    return _by_reading(connection, role, vector, count, sizes) if found is None else found


def _by_chroma(
    connection: sa.Connection,
    index: Index,
    role: Role,
    vector: Vectors,
    count: int,
    sizes: Sizes,
) -> Scores | None:
    """``None`` where Chroma cannot answer, or not well enough."""
    chroma = index.chroma
    name = collections(connection).get(role)
    if name is None or chroma.resting:
        return None
    try:
        chroma.open()
        identity = chroma.identity(name)
        there = holds(connection, identity)
        late = {c: first for c, (first, _) in sizes.items() if first not in there}
        if sum(sizes[c][1] for c in late) > LAG:
            return None
        in_scope = sum(n for _, n in sizes.values())
        # Those nearest of all are cut to the scope: the smaller it is, the more are asked for.
        asked = min(_MOST_ASKED, count * max(1, -(-sum(there.values()) // max(1, in_scope))))
        near = chroma.query(name, identity, vector, asked)
    except Unavailable as problem:
        chroma.rest(problem)
        return None
    chroma.works()
    found = _within(connection, near, sizes)
    for block in index.blocks(connection, role, late):
        cosines = (block.vectors @ vector).tolist()
        found |= dict(zip(block.passage_ids, cosines, strict=True))
    # With fewer than there are, the nearest of all were others' than those asked about.
    return _best(found, count) if len(found) >= min(count, in_scope) else None


def _within(connection: sa.Connection, near: Scores, sizes: Sizes) -> Scores:
    """Those that are passages of these calls."""
    select = sa.select(passages.c.passage_id, passages.c.call_id)
    rows = connection.execute(select.where(passages.c.passage_id.in_(sorted(near))))
    return {row.passage_id: near[row.passage_id] for row in rows if row.call_id in sizes}


def _by_reading(
    connection: sa.Connection, role: Role, vector: Vectors, count: int, sizes: Sizes
) -> Scores:
    best: Scores = {}
    p = passages.c
    for call_ids in _batches(sizes):
        select = sa.select(p.passage_id, p.vector).where(p.call_id.in_(call_ids), p.role == role)
        rows = connection.execute(select).all()
        cosines = vectors_of([row.vector for row in rows]) @ vector
        top = np.argpartition(-cosines, count)[:count] if len(rows) > count else range(len(rows))
        best = _best(best | {rows[n].passage_id: float(cosines[n]) for n in top}, count)
    return best


def _batches(sizes: Mapping[str, tuple[str, int]]) -> Iterator[list[str]]:
    """Calls together until they have ``_READ`` passages."""
    batch: list[str] = []
    held = 0
    for call_id, (_, n) in sizes.items():
        batch.append(call_id)
        held += n
        if held >= _READ:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _best(scores: Scores, count: int) -> Scores:
    return dict(heapq.nlargest(count, scores.items(), key=itemgetter(1)))
