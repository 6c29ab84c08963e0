"""Whether anything that was said bears on a question, or is merely the nearest thing there is.

Scores of different questions cannot be compared with a fixed number: what is near depends on the
calls. So a question is held against a shipped bank of topics that nobody asked about: it bears on
what was said when its best passage fits better than those of more than four in five of the bank
do, in the same scope, and when most of its own words were said by somebody. Where only one account
is asked about there are few passages, and it need only do better than half of the bank.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from ingest import keywords
from ingest.library import Library
from service.matching import offtopic
from service.said import Floats, Said, idle_stems

BAR, BAR_WITHIN_ACCOUNT = 0.8, 0.5
UNSAID = 1 / 3  # of a question's content words; with more of them unsaid it is about something else


@dataclass(frozen=True, slots=True)
class Bearing:
    """``rank`` is the share of the bank (0 to 1) that the question beats; ``unsaid`` the share of
    its content words that no customer ever said.
    """

    rank: float
    unsaid: float
    within_account: bool

    def __bool__(self) -> bool:
        if self.within_account:
            return self.rank > BAR_WITHIN_ACCOUNT
        return self.unsaid <= UNSAID and self.rank > BAR


def bearing(
    library: Library, said: Said, text: str, about: Sequence[str], *, within_account: bool
) -> Bearing:
    """How the question ``text`` with its content words ``about`` stands against the bank."""
    if not len(said):
        return Bearing(0.0, 1.0, within_account)
    wanted = _stems(" ".join(about))
    unsaid = sum(stem not in said.vocabulary for stem in wanted) / max(1, len(wanted))
    vector = library.embedder.embed([text])[0].astype(np.float64)
    best = float((_worded(said, [wanted])[:, 0] + said.vectors @ vector).max())
    topics, vectors = offtopic(library)
    bank = _worded(said, [_stems(topic) for topic in topics]) + said.vectors @ vectors.T
    return Bearing(float((bank.max(axis=0) < best).mean()), unsaid, within_account)


def _stems(text: str) -> frozenset[str]:
    idle = idle_stems()
    return frozenset(s for s in keywords.stems([text])[0] if s not in idle and len(s) > 2)


def _worded(said: Said, wanted: Sequence[Collection[str]]) -> Floats:
    """(n, k): the share of each topic's stems, weighed by rarity, that stand in each passage."""
    held = (said.terms > 0).astype(np.float64)
    passages, counts = len(said), np.asarray(held.sum(axis=0)).ravel()
    rarity = np.log(1.0 + (passages - counts + 0.5) / (counts + 0.5))
    never = float(np.log(1.0 + (passages + 0.5) / 0.5))
    weights = np.zeros((said.terms.shape[1], len(wanted)))
    for k, stems in enumerate(wanted):
        columns = {s: said.vocabulary[s] for s in stems if s in said.vocabulary}
        total = sum(rarity[c] for c in columns.values()) + never * (len(stems) - len(columns))
        for column in columns.values():
            weights[column, k] = rarity[column] / (total or 1.0)
    shares: Floats = held @ weights
    return shares
