"""Whether anything that was said bears on a question, or is merely the nearest thing there is.

Scores of different questions cannot be compared with a fixed number: what is near depends on the
calls. So a question is held against a shipped bank of topics that nobody asked about: it bears on
what was said when its best passage fits better than those of more than four in five of the bank
do, in the same scope, and when most of its own words were said by somebody. A common word alone
("battery *life*") brings no meaning along: unless one passage has all of the question's words, it
has to do better than most of the bank without counting words as well. Where only one account is
asked about there are few passages, and it need only do better than half of the bank.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ingest import keywords
from ingest.library import Library
from service.laid import Tone
from service.offtopic import offtopic
from service.said import Floats, Rows, Said, idle_stems

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

BAR, BAR_WITHIN_ACCOUNT = 0.8, 0.5
BAR_MEANING = 0.7  # of the bank, by vectors alone
ALL = 0.999
UNSAID = 1 / 3  # of a question's content words; with more of them unsaid it is about something else


@dataclass(frozen=True, slots=True)
class Bearing:
    """``rank`` is the share of the bank (0 to 1) that the question beats, ``meaning`` the same by
    vectors alone; ``unsaid`` the share of its content words that no customer ever said, and
    ``together`` whether one passage has all of them.
    """

    rank: float
    unsaid: float
    within_account: bool
    meaning: float = 1.0
    together: bool = False

    def __bool__(self) -> bool:
        if self.within_account:
            return self.rank > BAR_WITHIN_ACCOUNT
        meant = self.together or self.meaning > BAR_MEANING
        return self.unsaid <= UNSAID and self.rank > BAR and meant


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
    wanted = telling_stems([" ".join(about)])[0]
    unsaid = sum(stem not in said.vocabulary for stem in wanted) / max(1, len(wanted))
    vector = library.embedder.embed([text])[0].astype(np.float64)
    near, words = said.vectors[rows] @ vector, _worded(said, [wanted])[rows, 0]
    bank_near, bank_words = _bank(library, said)
    return Bearing(
        _beaten((bank_near + bank_words)[rows], near + words),
        unsaid,
        within_account,
        meaning=_beaten(bank_near[rows], near),
        together=bool(words.max() > ALL),
    )


def _beaten(bank: Floats, scores: Floats) -> float:
    """The share of the bank (n, bank) whose best passage scores below the best of ``scores``."""
    return float((bank.max(axis=0) < scores.max()).mean())


def _bank(library: Library, said: Said) -> tuple[Floats, Floats]:
    """(n, bank) twice: how near each passage is to each topic of the bank, and which share of its
    words the passage has; from memory while they hold.
    """
    kept = library.memory.get("bank")
    if isinstance(kept, tuple) and kept[0] is said:
        scores: tuple[Floats, Floats] = kept[1]
        return scores
    topics, vectors = offtopic(library)
    scores = said.vectors @ vectors.T, _worded(said, telling_stems(topics))
    library.memory["bank"] = (said, scores)
    return scores


def telling_stems(texts: Sequence[str]) -> list[frozenset[str]]:
    idle = idle_stems()
    return [
        frozenset(s for s in stems if s not in idle and len(s) > 2)
        for stems in keywords.stems(list(texts))
    ]


def _worded(said: Said, wanted: Sequence[Collection[str]]) -> Floats:
    return worded_shares(said.terms, said.vocabulary, wanted, Tone.of(said))


def worded_shares(
    terms: csr_matrix,
    vocabulary: Mapping[str, int],
    wanted: Sequence[Collection[str]],
    tone: Tone,
) -> Floats:
    """(n, k): the share of each topic's stems, weighed by rarity, that stand in each passage."""
    passages, width = tone.passages, len(tone.holding)
    rarity = np.log(1.0 + (passages - tone.holding + 0.5) / (tone.holding + 0.5))
    never = float(np.log(1.0 + (passages + 0.5) / 0.5))
    weights = np.zeros((terms.shape[1], len(wanted)))
    for k, stems in enumerate(wanted):
        columns = [vocabulary[s] for s in stems if s in vocabulary]
        each = [rarity[c] if c < width else never for c in columns]
        total = sum(each) + never * (len(stems) - len(columns))
        for column, weight in zip(columns, each, strict=True):
            weights[column, k] = weight / (total or 1.0)
    shares: Floats = terms.sign() @ weights
    return shares
