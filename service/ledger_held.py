"""The ledger in memory: all that customers said in their own right, read once per change of it.

It is kept call by call, so that after a change only the calls it touched are read. Few questions
need more than some of the vectors, which lie in a file (``service.mapped``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import get_args

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from ingest.addressed import addressed
from ingest.library import Library
from ingest.tables import evidence
from service import ledger
from service.by_call import by_call
from service.ledger import Evidence
from service.mapped import Block, Vectors
from service.remembering import remembered
from service.scope import Scope, resolve
from service.shapes import EvidenceKind, Filters

RESTS_ON = ("calls", "evidence", "speakers", "utterances")
KINDS: tuple[EvidenceKind, ...] = get_args(EvidenceKind)
_NAME = "ledger"


@dataclass(frozen=True, slots=True, eq=False)
class OfCall:
    """The items of one call in its order; their vectors are rows of ``vectors`` (zeros where an
    item has none). ``columns`` (n, 4) has of each its utterance, the place of its kind in
    ``KINDS``, its strength, and whether it is a word that there is no trouble.
    """

    items: tuple[Evidence, ...]
    vectors: Vectors
    columns: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Held:
    """``items`` of the whole home by call and place. ``told_apart`` is which utterances asked about
    so far speak to machines.
    """

    items: Sequence[Evidence]
    calls: Mapping[str, OfCall]
    told_apart: dict[str, bool] = field(default_factory=dict, repr=False)

    def within(self, scope: Scope, kinds: Collection[EvidenceKind] | None = None) -> list[Evidence]:
        """As ``ledger.items`` gives them for ``scope``."""
        mine = (self.calls[c.call_id].items for c in scope.calls if c.call_id in self.calls)
        return [e for items in mine for e in items if kinds is None or e.kind in kinds]

    def to_machine(self, item: Evidence) -> bool:
        """Whether the item's utterance speaks to a machine (``ingest.addressed``)."""
        text = item.spoken.text
        if text not in self.told_apart:
            self.told_apart[text] = addressed(text) is not None
        return self.told_apart[text]

    def nearness(self, wanted: NDArray[np.float32]) -> Mapping[str, float]:
        """By evidence id the cosine to the nearest row of ``wanted``; zero for no vector."""
        near: dict[str, float] = {}
        for one in self.calls.values():
            scores = (one.vectors @ wanted.T).max(axis=1) if one.vectors.size else one.vectors
            each = zip(one.items, scores.tolist(), strict=True)
            near |= {e.evidence_id: score if e.vector.size else 0.0 for e, score in each}
        return near

    @cached_property
    def columns(self) -> NDArray[np.int32]:
        """Of all ``items``, as ``OfCall`` has them."""
        mine = [np.zeros((0, 4), np.int32), *(self.calls[c].columns for c in self._order)]
        return np.concatenate(mine)

    def numbered(self, number: Mapping[str, int]) -> NDArray[np.int64]:
        """Of each item the number of its call; -1 where ``number`` has none."""
        of = np.array([number.get(c, -1) for c in self._order], np.int64)
        return np.repeat(of, [len(self.calls[c].items) for c in self._order])

    @cached_property
    def starts(self) -> Mapping[str, int]:
        """Where in ``items`` each call begins."""
        found, start = {}, 0
        for call_id in self._order:
            found[call_id] = start
            start += len(self.calls[call_id].items)
        return found

    @cached_property
    def _order(self) -> list[str]:
        return [*dict.fromkeys(e.spoken.call_id for e in self.items)]


def held(library: Library, connection: sa.Connection) -> Held:
    """Of the whole home, as it is now."""
    before = library.memory.get(_NAME)
    return remembered(
        library, connection, (_NAME, Held), RESTS_ON, lambda: _read(library, connection, before)
    )


def items(
    library: Library,
    connection: sa.Connection,
    scope: Scope,
    kinds: Collection[EvidenceKind] | None = None,
) -> list[Evidence]:
    """As ``ledger.items`` reads them, from memory."""
    return held(library, connection).within(scope, kinds)


def _read(library: Library, connection: sa.Connection, before: object) -> Held:
    counted = sa.and_(
        evidence.c.role == "customer", evidence.c.hand == "first", evidence.c.missed.is_(False)
    )

    def read(ids: Sequence[str]) -> Mapping[str, OfCall]:
        return _mapped(library.home, ledger.of_calls(connection, ids, counted))

    calls = by_call(connection, "ledger", read, forget=_blank)
    order = [c.call_id for c in resolve(connection, Filters()).calls]
    found = [e for call_id in order if call_id in calls for e in calls[call_id].items]
    return Held(found, calls, _known(before, found))


def _mapped(folder: Path, found: Mapping[str, Sequence[Evidence]]) -> dict[str, OfCall]:
    """With the vectors of these calls in one block, and let go as they were read."""
    every = [e for items in found.values() for e in items]
    width = max((e.vector.size for e in every), default=0)
    block = Block.of(folder, len(every), width)
    kept: dict[str, OfCall] = {}
    start = 0
    for call_id, items in found.items():
        own = block.vectors[start : start + len(items)]
        for n, item in enumerate(items):
            if item.vector.size:
                own[n] = item.vector
        each = (replace(e, vector=own[n]) if e.vector.size else e for n, e in enumerate(items))
        told = [(e.spoken.i, KINDS.index(e.kind), e.strength, e.content) for e in items]
        kept[call_id] = OfCall(tuple(each), own, np.array(told, np.int32))
        start += len(items)
    block.rest()
    return kept


def _blank(gone: OfCall) -> None:
    """What was erased must not stay in a block that others' vectors keep alive."""
    gone.vectors[:] = 0


def _known(before: object, items: Sequence[Evidence]) -> dict[str, bool]:
    """Of what was known of utterances, that of those that are still there."""
    one = next(iter(before[1].values()), None) if isinstance(before, tuple) else None
    if not isinstance(one, Held) or not one.told_apart:
        return {}
    there = {e.spoken.text for e in items}
    return {text: told for text, told in one.told_apart.items() if text in there}
