"""What customers said in a large home, read call by call and kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa

from ingest import keywords
from ingest.consent import counts
from ingest.library import Library
from ingest.tables import calls, passages
from service.by_call import by_call
from service.large.said import SAMPLE, LargeSaid, Part
from service.mapped import Block
from service.remembering import remembered
from service.said import SHORTEST, idle_stems, voice_of
from service.scope import resolve
from service.shapes import Filters

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

EXACT = SAMPLE  # customers' passages up to which all are compared with each other
_RESTS_ON = ("calls", "passages")


def large_said(library: Library, connection: sa.Connection) -> LargeSaid | None:
    """What customers said in all ready calls of a home that is large, else ``None``; from memory
    while no call has changed.
    """
    sizes = by_call(connection, "passages", lambda ids: _sizes(connection, ids))
    if sum(sizes.values()) <= EXACT:
        return None
    kind = ("large said", LargeSaid)
    return remembered(library, connection, kind, _RESTS_ON, lambda: _read(library, connection))


@dataclass(slots=True)
class _Stems:
    """The column of each stem that somebody said; only ``lock``'s holder changes them. No column
    is given twice: what was worked out before may hold a word that is gone.
    """

    columns: dict[str, int] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    given: count[int] = field(default_factory=count)
    width: int = 1

    def column(self, stem: str) -> int:
        found = self.columns.get(stem)
        if found is None:
            found = self.columns[stem] = next(self.given)
            self.width = found + 1
        return found


def _sizes(connection: sa.Connection, call_ids: Sequence[str]) -> Mapping[str, int]:
    select = (
        sa.select(passages.c.call_id, sa.func.count())
        .join(calls, calls.c.call_id == passages.c.call_id)
        .where(passages.c.role == "customer", counts())
        .where(passages.c.call_id.in_(call_ids))
        .group_by(passages.c.call_id)
    )
    return {row[0]: row[1] for row in connection.execute(select)}


def _read(library: Library, connection: sa.Connection) -> LargeSaid:
    from scipy.sparse import csr_matrix

    stems = library.memory.setdefault("stems", _Stems())
    assert isinstance(stems, _Stems)
    with stems.lock:
        parts = by_call(
            connection,
            "parts",
            lambda ids: _parts(library, connection, ids, stems),
            forget=_blank,
        )
        width = stems.width
        call_ids = tuple(sorted(parts))
        own = [parts[c] for c in call_ids]
        sizes = np.array([len(p) for p in own], np.int64)
        starts = np.concatenate([[0], np.cumsum(sizes)])
        ends = np.concatenate([[0], *(np.diff(p.ends, prepend=0) for p in own)])
        entries = (
            np.concatenate([p.counts for p in own]),
            np.concatenate([p.columns for p in own]),
            np.cumsum(ends).astype(np.int32),
        )
        terms = csr_matrix(entries, shape=(int(starts[-1]), width))
        used = np.zeros(width, bool)
        used[terms.indices] = True
        # A word that nobody left said is not kept either.
        for stem in [s for s, column in stems.columns.items() if not used[column]]:
            del stems.columns[stem]
        vocabulary = dict(stems.columns)
    accounts = {c.call_id: c.account_id for c in resolve(connection, Filters()).calls}
    names = [voice_of(c, accounts.get(c)) for c in call_ids]
    voices = tuple(dict.fromkeys(names))
    number = {name: n for n, name in enumerate(voices)}
    return LargeSaid(
        parts=parts,
        call_ids=call_ids,
        starts=starts,
        call=np.repeat(np.arange(len(own), dtype=np.int64), sizes),
        first=np.concatenate([p.first for p in own]).astype(np.int64),
        last=np.concatenate([p.last for p in own]).astype(np.int64),
        words=np.concatenate([p.words for p in own]).astype(np.float64),
        voice=np.repeat(np.array([number[n] for n in names], np.int64), sizes),
        voices=voices,
        terms=terms,
        vocabulary=vocabulary,
    )


def _parts(
    library: Library, connection: sa.Connection, call_ids: Sequence[str], stems: _Stems
) -> Mapping[str, Part]:
    p = passages.c
    select = (
        sa.select(p.call_id, p.first, p.last, p.text, p.vector)
        .join(calls, calls.c.call_id == p.call_id)
        .where(p.role == "customer", p.call_id.in_(call_ids), counts())
        .order_by(p.call_id, p.passage_id)
    )
    rows = connection.execute(select).all()
    texts = [row.text for row in rows]
    terms = _terms(texts, stems)
    block = Block.of(library.home, len(rows), library.embedder.dim)
    if rows:
        read = np.frombuffer(b"".join(row.vector for row in rows), "<f4")
        block.vectors[:] = read.reshape(len(rows), -1)
        block.rest()
    found: dict[str, Part] = {}
    for call_id, (start, end) in _runs([row.call_id for row in rows]):
        entries = slice(terms.indptr[start], terms.indptr[end])
        found[call_id] = Part(
            first=np.array([row.first for row in rows[start:end]], np.int32),
            last=np.array([row.last for row in rows[start:end]], np.int32),
            words=np.array([len(text.split()) for text in texts[start:end]], np.float32),
            ends=terms.indptr[start + 1 : end + 1] - terms.indptr[start],
            columns=terms.indices[entries].astype(np.int32),
            counts=terms.data[entries].astype(np.float32),
            block=block,
            start=start,
        )
    return found


def _runs(names: Sequence[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each name with its first place and the one behind its last; equal names stand together."""
    start = 0
    for n in range(1, len(names) + 1):
        if n == len(names) or names[n] != names[start]:
            yield names[start], (start, n)
            start = n


def _terms(texts: Sequence[str], known: _Stems) -> csr_matrix:
    """How often each stem that can tell something stands in each text, as in ``Said``."""
    from scipy.sparse import csr_matrix

    idle = idle_stems()
    rows, entries = [], []
    for n, stems in enumerate(keywords.stems(texts)):
        for stem in stems:
            if len(stem) >= SHORTEST and stem not in idle and not stem.isdigit():
                rows.append(n)
                entries.append(known.column(stem))
    shape = (len(texts), known.width)
    return csr_matrix((np.ones(len(rows), np.float32), (rows, entries)), shape=shape)


def _blank(gone: Part) -> None:
    """What was erased must not stay in a block that others' vectors keep alive."""
    gone.vectors[:] = 0
