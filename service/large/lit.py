"""What the ledger knows of each passage of a large home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from service.large.said import LargeSaid
from service.ledger_held import KINDS, Held
from service.matching import Flags, Lights
from service.said import Place, Rows, Said

_PRAISE = KINDS.index("praise")


@dataclass(frozen=True, slots=True, eq=False)
class Lit:
    """What the ledger knows of each passage of the home, as ``Lights`` without its places."""

    evidence: Flags
    praising: Flags
    content: Flags
    minding: Flags

    @classmethod
    def of(cls, said: LargeSaid, items: Held) -> Lit:
        utterance, kind, _, content = items.columns.T
        call = items.numbered(said.number)

        def flags(which: Flags) -> Flags:
            found = np.zeros(len(said), bool)
            mine = which & (call >= 0)
            found[said.rows_with(call[mine], utterance[mine])[1]] = True
            return found

        praise, easy = kind == _PRAISE, content > 0
        every = np.ones(len(kind), bool)
        return cls(flags(every), flags(praise), flags(easy), flags(~praise & ~easy))

    def lights(self, rows: Rows, said: Said, held: Mapping[Place, bool], items: Held) -> Lights:
        """Of the passages ``rows``, which are those of ``said``. ``held`` are the places beside
        which somebody rejected a topic: only there it matters what else was said.
        """
        places: list[frozenset[Place]] = [frozenset()] * len(said)
        calls = {call_id for call_id, _ in held}.intersection(said.call_ids, items.calls)
        for call_id in calls:
            for item in items.calls[call_id].items:
                at = (call_id, item.spoken.i)
                for row in said.rows_at(at):
                    places[row] |= {at}
        return Lights(
            held=tuple(places),
            evidence=self.evidence[rows],
            praising=self.praising[rows],
            content=self.content[rows],
            minding=self.minding[rows],
        )
