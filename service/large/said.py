"""Everything that customers said in a large home, as columns: the passages of all calls.

It is read call by call and kept; vectors lie in a file (``service.mapped``).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa

from ingest import keywords
from ingest.library import Library
from ingest.tables import calls, passages
from service.by_call import by_call
from service.ledger import Evidence
from service.mapped import Block, Vectors
from service.remembering import remembered
from service.said import SHORTEST, Floats, Place, Rows, Said, idle_stems, voice_of
from service.scope import resolve
from service.shapes import Filters

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

EXACT = 40_000  # customers' passages that are all compared with each other
SAMPLE = 12_000  # of more, so many tell what passages have in common
_RESTS_ON = ("calls", "passages")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A call's passages in order: utterances, words, how often each stem (``columns``) stands in
    each (``ends`` of its entries), and vectors, which are rows ``start`` and on of ``block``.
    """

    first: Rows
    last: Rows
    words: Vectors
    ends: Rows
    columns: Rows
    counts: Vectors
    block: Block
    start: int

    def __len__(self) -> int:
        return len(self.first)

    @property
    def vectors(self) -> Vectors:
        return self.block.vectors[self.start : self.start + len(self)]


@dataclass(frozen=True, eq=False)
class LargeSaid:
    """Passages in the order of calls, as in ``Said``; ``starts`` has where each call begins, and
    the end.
    """

    parts: Mapping[str, Part]
    call_ids: tuple[str, ...]
    starts: Rows
    call: Rows
    first: Rows
    last: Rows
    words: Floats
    voice: Rows
    voices: tuple[str, ...]
    terms: csr_matrix
    vocabulary: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.first)

    @cached_property
    def number(self) -> Mapping[str, int]:
        """The calls by id, as ``call`` numbers them."""
        return {call_id: n for n, call_id in enumerate(self.call_ids)}

    def dot(self, vectors: Floats) -> Vectors:
        """(n, k): the products of all passages' vectors with ``vectors`` (k, dim)."""
        wanted = np.ascontiguousarray(vectors.T, np.float32)
        scores = []
        for block in self._blocks:
            scores.append(block.vectors @ wanted)
            block.rest()
        found: Vectors = np.concatenate(scores)[self._where]
        return found

    def vectors(self, rows: Rows) -> Floats:
        """The vectors of few passages."""
        found = [
            self.parts[self.call_ids[self.call[row]]].vectors[row - self.starts[self.call[row]]]
            for row in rows
        ]
        return np.array(found, np.float64)

    def rows_in(self, call_ids: Collection[str]) -> Rows:
        """The passages of these calls, and of no others."""
        mine = np.fromiter((c in call_ids for c in self.call_ids), bool, len(self.call_ids))
        return np.flatnonzero(mine[self.call])

    def rows_with(self, call: Rows, utterance: Rows) -> tuple[Rows, Rows]:
        """The passages in which these utterances of calls (by number) lie, as pairs: which of the
        utterances, which passage.
        """
        wide = int(self.last.max(initial=0)) + 2
        key = call * wide + utterance
        start = np.searchsorted(self.call * wide + self.last, key, "left")
        end = np.searchsorted(self.call * wide + self.first, key, "right")
        held = np.maximum(end - start, 0)
        which = np.repeat(np.arange(len(key)), held)
        within = np.arange(len(which)) - np.repeat(np.cumsum(held) - held, held)
        return which, start[which] + within

    def part(self, call_ids: Collection[str]) -> Said:
        """The passages of a few calls, to be compared all with all."""
        from scipy.sparse import csr_matrix

        chosen = [c for c in self.call_ids if c in call_ids]
        parts = [self.parts[c] for c in chosen]
        rows = self.rows_in(frozenset(chosen))
        numbers, voice = np.unique(self.voice[rows], return_inverse=True)
        terms = csr_matrix(self.terms[rows], dtype=np.float64)
        return Said(
            call_ids=tuple(chosen),
            call=np.repeat(np.arange(len(parts), dtype=np.int64), [len(p) for p in parts]),
            first=self.first[rows],
            last=self.last[rows],
            voice=voice.astype(np.int64),
            voices=tuple(self.voices[n] for n in numbers),
            vectors=np.concatenate([np.zeros((0, self._width)), *(p.vectors for p in parts)]),
            terms=terms,
            words=self.words[rows],
            vocabulary=self.vocabulary,
        )

    def sample(self, always: Collection[str]) -> tuple[str, ...]:
        """``always`` and other calls, until there are passages enough; the same at any time."""
        chosen = [c for c in self.call_ids if c in always]
        left = SAMPLE - sum(len(self.parts[c]) for c in chosen)
        for call_id in sorted(self.parts.keys() - set(chosen), key=_drawn):
            if left <= 0:
                break
            chosen.append(call_id)
            left -= len(self.parts[call_id])
        return tuple(sorted(chosen))

    @cached_property
    def said(self) -> Rows:
        """In how many passages each stem stands."""
        return np.bincount(self.terms.indices, minlength=self.terms.shape[1])

    @cached_property
    def _width(self) -> int:
        return next((p.block.vectors.shape[1] for p in self.parts.values()), 0)

    @cached_property
    def _blocks(self) -> Sequence[Block]:
        return [*dict.fromkeys(self.parts[c].block for c in self.call_ids)]

    @cached_property
    def _where(self) -> Rows:
        """For each passage its row when the blocks are laid end to end."""
        begins, end = {}, 0
        for block in self._blocks:
            begins[block] = end
            end += len(block.vectors)
        own = (self.parts[c] for c in self.call_ids)
        first = np.array([begins[p.block] + p.start for p in own], np.int64)
        return first[self.call] + np.arange(len(self)) - self.starts[self.call]


def large_said(library: Library, connection: sa.Connection, exact: int = EXACT) -> LargeSaid | None:
    """What customers said in all ready calls of a home that is large, else ``None``; from memory
    while no call has changed.
    """
    sizes = by_call(connection, "passages", lambda ids: _sizes(connection, ids))
    if sum(sizes.values()) <= exact:
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


def _drawn(call_id: str) -> bytes:
    return hashlib.sha256(call_id.encode("utf-8", "replace")).digest()


def _sizes(connection: sa.Connection, call_ids: Sequence[str]) -> Mapping[str, int]:
    select = (
        sa.select(passages.c.call_id, sa.func.count())
        .join(calls, calls.c.call_id == passages.c.call_id)
        .where(passages.c.role == "customer", calls.c.state == "ready")
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
        .where(p.role == "customer", p.call_id.in_(call_ids), calls.c.state == "ready")
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


def fullest(said: LargeSaid, items: Iterable[Evidence]) -> frozenset[str]:
    """The calls with the weightiest evidence among ``items``, until there are passages enough."""
    weight: Counter[str] = Counter()
    for item in items:
        weight[item.spoken.call_id] += item.weight
    chosen: set[str] = set()
    left = SAMPLE
    for call_id, _ in sorted(weight.items(), key=lambda told: (-told[1], told[0])):
        if call_id in said.parts and left > 0:
            chosen.add(call_id)
            left -= len(said.parts[call_id])
    return frozenset(chosen)


def spots(said: LargeSaid, places: Collection[Place]) -> tuple[Rows, Rows]:
    """The calls' numbers and the utterances of those places that are there."""
    known = [(said.number[call_id], i) for call_id, i in places if call_id in said.number]
    both = np.array(known, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]
