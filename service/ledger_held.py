"""The ledger in memory: all that customers said in their own right, read once per change of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from ingest.addressed import addressed
from ingest.library import Library
from service import ledger
from service.ledger import Evidence
from service.remembering import remembered
from service.scope import Scope, resolve
from service.shapes import EvidenceKind, Filters

RESTS_ON = ("calls", "evidence", "speakers", "utterances")
_NAME = "ledger"


@dataclass(frozen=True, eq=False)
class Held:
    """``items`` of the whole home by call and place; their vectors are the rows of ``vectors``
    (zeros where an item has none). ``told_apart`` is which utterances asked about so far speak to
    machines.
    """

    items: Sequence[Evidence]
    vectors: NDArray[np.float32]
    told_apart: dict[str, bool] = field(default_factory=dict, repr=False)

    def within(self, scope: Scope, kinds: Collection[EvidenceKind] | None = None) -> list[Evidence]:
        """As ``ledger.items`` gives them for ``scope``."""
        calls = scope.call_ids
        return [
            e
            for e in self.items
            if e.spoken.call_id in calls and (kinds is None or e.kind in kinds)
        ]

    def to_machine(self, item: Evidence) -> bool:
        """Whether the item's utterance speaks to a machine (``ingest.addressed``)."""
        text = item.spoken.text
        if text not in self.told_apart:
            self.told_apart[text] = addressed(text) is not None
        return self.told_apart[text]

    def nearness(self, wanted: NDArray[np.float32]) -> Mapping[str, float]:
        """By evidence id the cosine to the nearest row of ``wanted``; zero for no vector."""
        if not len(self.items):
            return {}
        scores = (self.vectors @ wanted.T).max(axis=1) * self._vectored
        return dict(zip(self._ids, scores.tolist(), strict=True))

    @cached_property
    def _ids(self) -> list[str]:
        return [e.evidence_id for e in self.items]

    @cached_property
    def _vectored(self) -> NDArray[np.bool_]:
        return np.array([e.vector.size > 0 for e in self.items], bool)


def held(library: Library, connection: sa.Connection) -> Held:
    """Of the whole home, as it is now."""
    before = library.memory.get(_NAME)
    return remembered(
        library, connection, (_NAME, Held), RESTS_ON, lambda: _read(connection, before)
    )


def items(
    library: Library,
    connection: sa.Connection,
    scope: Scope,
    kinds: Collection[EvidenceKind] | None = None,
) -> list[Evidence]:
    """As ``ledger.items`` reads them, from memory."""
    return held(library, connection).within(scope, kinds)


def _read(connection: sa.Connection, before: object) -> Held:
    found = ledger.items(connection, resolve(connection, Filters()))
    width = max((e.vector.size for e in found), default=0)
    vectors = np.zeros((len(found), width), np.float32)
    for n, item in enumerate(found):
        if item.vector.size:
            vectors[n] = item.vector
    # One block in memory; the rows as they were read are let go.
    kept = [replace(e, vector=vectors[n]) if e.vector.size else e for n, e in enumerate(found)]
    return Held(kept, vectors, _known(before, kept))


def _known(before: object, items: Sequence[Evidence]) -> dict[str, bool]:
    """Of what was known of utterances, that of those that are still there."""
    one = next(iter(before[1].values()), None) if isinstance(before, tuple) else None
    if not isinstance(one, Held):
        return {}
    there = {e.spoken.text for e in items}
    return {text: told for text, told in one.told_apart.items() if text in there}
