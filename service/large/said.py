"""Everything that customers said in a large home, as columns: the passages of all calls.

It is read call by call and kept; vectors lie in a file (``service.mapped``).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from service.ledger import Evidence
from service.mapped import Block, Vectors
from service.said import Floats, Place, Rows, Said

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SAMPLE = 12_000  # of more, so many tell what passages have in common


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


def _drawn(call_id: str) -> bytes:
    return hashlib.sha256(call_id.encode("utf-8", "replace")).digest()
