"""All that was said in a large home, held against the codebook and the bank: what questions start
from.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa

from ingest.library import Library
from ingest.stamps import STAMPED
from service.code_topics import topics_of
from service.laid import WORDS_AROUND, kernel
from service.large.matching import LargeMatch, large_match
from service.large.reading import large_said
from service.large.said import LargeSaid
from service.large.standing import Numbers
from service.ledger_held import Held, held
from service.matching import AROUND
from service.remembering import remembered
from service.said import Floats, Rows

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_RESTS_ON = tuple(sorted({*STAMPED} - {"accounts", "found_themes", "placements"}))


@dataclass(frozen=True, eq=False)
class Ground:
    """``items`` and the passages they stand in, and what comparing any topic with all passages
    takes.
    """

    matched: LargeMatch
    items: Held

    @property
    def said(self) -> LargeSaid:
        return self.matched.said

    @cached_property
    def calls(self) -> Rows:
        """Of each item the number of its call; -1 where that has no passages."""
        return self.items.numbered(self.said.number)

    @cached_property
    def _standing(self) -> tuple[Rows, Rows]:
        """Each item with each passage it stands in, in the order of items."""
        there = np.flatnonzero(self.calls >= 0)
        utterance = self.items.columns[there, 0].astype(np.int64)
        which, row = self.said.rows_with(self.calls[there], utterance)
        return there[which], row

    def items_at(self, rows: Rows) -> Rows:
        """The items in these passages, in the order of the passages given, then as they were
        said; each once.
        """
        place = np.full(len(self.said), len(rows), np.int64)
        place[rows] = np.arange(len(rows))
        item, row = self._standing
        at = place[row]
        item, at = item[at < len(rows)], at[at < len(rows)]
        if not len(item):
            return item
        begins = np.flatnonzero(np.diff(item, prepend=-1))
        first = np.minimum.reduceat(at, begins)
        found = item[begins]
        order: Rows = found[np.lexsort((found, self.items.columns[found, 0], first))]
        return order

    @cached_property
    def around(self) -> csr_matrix:
        return kernel(self.said, AROUND).astype(np.float32)

    @cached_property
    def spread(self) -> csr_matrix:
        from scipy.sparse import diags

        around = kernel(self.said, WORDS_AROUND)
        total = np.asarray(around.sum(axis=1)).ravel()
        return (diags(1 / total) @ around).astype(np.float32)

    @cached_property
    def rarity(self) -> Floats:
        """Of each stem, also of those that no call of the sample has."""
        tone = self.matched.fitted.tone
        found = np.full(self.said.terms.shape[1], np.log(tone.passages / 0.5))
        found[: len(tone.rarity)] = tone.rarity
        return found

    @cached_property
    def roots(self) -> csr_matrix:
        """The square roots of how often each stem stands in each passage."""
        return self.said.terms.sqrt()

    def meaning(self, vectors: Floats) -> Floats:
        """(n, k): how near each passage with its neighbourhood is to unit ``vectors`` (k, dim)."""
        tone, lengths = self.matched.fitted.tone.mean, self.matched.lengths
        near = (self.said.dot(vectors) - vectors @ tone) / not_zero(lengths[:, :1])
        weight = np.log1p(self.said.words)[:, None]
        found: Floats = (self.around @ (near * weight)) / not_zero(lengths[:, 1:])
        return found

    def words(self, terms: Floats) -> Floats:
        """(n, k): how many of the topics' stems (rows of ``terms``) stand in each passage."""
        weights = (terms * self.rarity).T
        found: Floats = (self.roots @ weights) / np.sqrt(5 + self.said.words)[:, None]
        return found


def ground(library: Library, connection: sa.Connection) -> Ground | None:
    """Of a home that is large, else ``None``; from memory while nothing has changed."""
    said = large_said(library, connection)
    if said is None:
        return None

    def read() -> Ground:
        items = held(library, connection)
        topics = topics_of(library, connection)
        return Ground(large_match(library, connection, said, topics, items), items)

    return remembered(library, connection, ("ground", Ground), _RESTS_ON, read)


def not_zero(lengths: Numbers) -> Numbers:
    safe: Numbers = np.where(lengths > 1e-12, lengths, np.float32(1.0))
    return safe
