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
from service.offtopic import offtopic
from service.said import Floats, Rows, Said, idle_stems

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
    library: Library,
    said: Said,
    rows: Rows,
    question: tuple[str, Sequence[str]],
    *,
    within_account: bool,
) -> Bearing:
    """How a question (its text and its content words) stands against the bank in these passages."""
    text, about = question
    if not len(rows):
        return Bearing(0.0, 1.0, within_account)
    wanted = _stems([" ".join(about)])[0]
    unsaid = sum(stem not in said.vocabulary for stem in wanted) / max(1, len(wanted))
    vector = library.embedder.embed([text])[0].astype(np.float64)
    best = float((_worded(said, [wanted])[rows, 0] + said.vectors[rows] @ vector).max())
    bank = _bank(library, said)[rows].max(axis=0)
    return Bearing(float((bank < best).mean()), unsaid, within_account)


def _bank(library: Library, said: Said) -> Floats:
    """(n, bank): how well each passage fits each topic of the bank; from memory while it holds."""
    kept = library.memory.get("bank")
    if isinstance(kept, tuple) and kept[0] is said:
        scores: Floats = kept[1]
        return scores
    topics, vectors = offtopic(library)
    scores = _worded(said, _stems(topics)) + said.vectors @ vectors.T
    library.memory["bank"] = (said, scores)
    return scores


def _stems(texts: Sequence[str]) -> list[frozenset[str]]:
    idle = idle_stems()
    return [
        frozenset(s for s in stems if s not in idle and len(s) > 2)
        for stems in keywords.stems(list(texts))
    ]


def _worded(said: Said, wanted: Sequence[Collection[str]]) -> Floats:
    """(n, k): the share of each topic's stems, weighed by rarity, that stand in each passage."""
    held = said.terms.sign()
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
