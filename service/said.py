"""Everything that customers said in a scope, as passages ready to be held against topics.

The passages, their vectors and their words are those of the search index; nothing is embedded or
read twice. A home is read once per change of its calls and kept in memory; a scope takes rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from ingest import keywords
from ingest.library import Library
from ingest.tables import calls, passages

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Place = tuple[str, int]  # call id, utterance

_BATCH = 500  # calls named in one statement
SHORTEST = 3  # letters; shorter stems tell nothing


@dataclass(frozen=True, eq=False)
class Said:
    """Customers' passages in the order of calls; entry ``n`` of every field is one passage.

    ``first`` to ``last`` are its utterances. ``voice`` numbers who it counts for: the account, or
    the call itself where there is none (``voices`` has their names). ``vectors`` has shape
    (n, dim), unit rows; ``terms`` (n, vocabulary) counts the stems that have an ``idf``.
    """

    call_ids: tuple[str, ...]
    call: Rows
    first: Rows
    last: Rows
    voice: Rows
    voices: tuple[str, ...]
    vectors: Floats
    terms: csr_matrix
    words: Floats
    vocabulary: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.first)

    def rows_of(self, places: Collection[Place]) -> Rows:
        """The passages in which any of these utterances lies."""
        rows = [row for place in places for row in self.rows_at(place)]
        return np.unique(np.array(rows, np.int64))

    def rows_at(self, place: Place) -> Sequence[int]:
        """The passages in which this utterance lies."""
        call_id, i = place
        start, end = self._reach.get(call_id, (0, 0))
        mine = (self.first[start:end] <= i) & (i <= self.last[start:end])
        rows: list[int] = (start + np.flatnonzero(mine)).tolist()
        return rows

    @cached_property
    def _reach(self) -> Mapping[str, tuple[int, int]]:
        """The rows of each call, which stand together: the first, and the one behind the last."""
        numbers = np.arange(len(self.call_ids) + 1)
        ends = np.searchsorted(self.call, numbers).tolist()
        return dict(zip(self.call_ids, pairwise(ends), strict=True))

    def rows_in(self, call_ids: Collection[str]) -> Rows:
        """The passages of these calls."""
        kept = [n for n, call_id in enumerate(self.call_ids) if call_id in call_ids]
        return np.flatnonzero(np.isin(self.call, kept))

    def within(self, call_ids: Collection[str]) -> Said:
        """The passages of these calls only."""
        rows = self.rows_in(call_ids)
        if len(rows) == len(self):
            return self
        numbers, voice = np.unique(self.voice[rows], return_inverse=True)
        return Said(
            self.call_ids,
            self.call[rows],
            self.first[rows],
            self.last[rows],
            voice.astype(np.int64),
            tuple(self.voices[n] for n in numbers),
            self.vectors[rows],
            self.terms[rows],
            self.words[rows],
            self.vocabulary,
        )


def read_said(library: Library, connection: sa.Connection) -> Said:
    """What customers said in all ready calls, from memory while no call has changed."""
    sizes = library.index.sizes(connection, "customer", None)
    select = sa.select(calls.c.call_id, calls.c.account_id)
    owners = {row.call_id: row.account_id for row in connection.execute(select)}
    stamp = tuple(sorted((c, s, owners.get(c)) for c, (s, _) in sizes.items()))
    kept = library.memory.get("said")
    if isinstance(kept, tuple) and kept[0] == stamp and isinstance(kept[1], Said):
        return kept[1]
    said = _read(library, connection, {c: s for c, (s, _) in sizes.items()}, owners)
    library.memory["said"] = (stamp, said)
    return said


def voice_of(call_id: str, account_id: str | None) -> str:
    """One account, one vote; a call without account speaks for itself."""
    return account_id or f"call {call_id}"


def _read(
    library: Library,
    connection: sa.Connection,
    stamps: Mapping[str, str],
    owners: Mapping[str, str | None],
) -> Said:
    blocks = library.index.blocks(connection, "customer", dict(sorted(stamps.items())))
    texts = _texts(connection, [b.call_id for b in blocks])
    ordered = [texts[i] for b in blocks for i in b.passage_ids]
    names = [voice_of(b.call_id, owners.get(b.call_id)) for b in blocks]
    voices = tuple(dict.fromkeys(names))
    number = {name: n for n, name in enumerate(voices)}
    sizes = [len(b.passage_ids) for b in blocks]
    terms, vocabulary = _terms(ordered)
    return Said(
        call_ids=tuple(b.call_id for b in blocks),
        call=np.repeat(np.arange(len(blocks), dtype=np.int64), sizes),
        first=np.array([i for b in blocks for i in b.first], np.int64),
        last=np.array([i for b in blocks for i in b.last], np.int64),
        voice=np.repeat(np.array([number[n] for n in names], np.int64), sizes),
        voices=voices,
        vectors=np.concatenate([b.vectors for b in blocks]).astype(np.float64)
        if blocks
        else np.zeros((0, library.embedder.dim)),
        terms=terms,
        words=np.array([len(t.split()) for t in ordered], np.float64),
        vocabulary=vocabulary,
    )


def _texts(connection: sa.Connection, call_ids: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for start in range(0, len(call_ids), _BATCH):
        some = call_ids[start : start + _BATCH]
        select = sa.select(passages.c.passage_id, passages.c.text).where(
            passages.c.call_id.in_(some), passages.c.role == "customer"
        )
        found |= {row.passage_id: row.text for row in connection.execute(select)}
    return found


def _terms(texts: list[str]) -> tuple[csr_matrix, dict[str, int]]:
    """How often each stem that can tell something stands in each text."""
    from scipy.sparse import csr_matrix

    idle = idle_stems()
    stemmed = keywords.stems(texts)
    vocabulary: dict[str, int] = {}
    rows, columns = [], []
    for n, stems in enumerate(stemmed):
        for stem in stems:
            if len(stem) >= SHORTEST and stem not in idle and not stem.isdigit():
                rows.append(n)
                columns.append(vocabulary.setdefault(stem, len(vocabulary)))
    shape = (len(texts), max(1, len(vocabulary)))
    return csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape), vocabulary


@cache
def idle_stems() -> frozenset[str]:
    """Stems of words that every conversation has."""
    listed = keywords.stems([" ".join(sorted(keywords.STOP | keywords.FRAME | _SPOKEN))])
    return frozenset(listed[0])


# What is said in talk whatever the matter.
_SPOKEN = frozenset(
    """um uh er erm oh ah like know just okay ok yeah yes no well right so got get go going goes
    went say said says one thing things mean really kind sort bit lot guy guys way look see think
    want come came put take make made even still back now""".split()
)
