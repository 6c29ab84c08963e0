"""Metrics as pure functions: what was found against what should have been.

One example: cited utterances 3, 5, 9 against gold 5, 7 with 9 allowed are one hit, one extra and
one missed: precision 1/2, recall 1/2.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Counts of two sets laid over each other."""

    hits: int
    extra: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of the found that is right; 1 when nothing was found."""
        found = self.hits + self.extra
        return self.hits / found if found else 1.0

    @property
    def recall(self) -> float:
        """Share of the gold that was found; 1 when there was nothing to find."""
        gold = self.hits + self.missed
        return self.hits / gold if gold else 1.0

    @property
    def f1(self) -> float:
        whole = 2 * self.hits + self.extra + self.missed
        return 2 * self.hits / whole if whole else 1.0


def overlap(found: Iterable[T], gold: Collection[T], neutral: Collection[T] = ()) -> Overlap:
    """``neutral`` items count neither for nor against, unless they are gold."""
    cited = set(found)
    hits = cited & set(gold)
    return Overlap(len(hits), len(cited - hits - set(neutral)), len(set(gold) - hits))


def first_hit(ranked: Sequence[T], gold: Collection[T]) -> int | None:
    """The place of the first right one, from 1; ``None`` when there is none."""
    return next((n for n, one in enumerate(ranked, start=1) if one in gold), None)


def best_match(
    quoted: Collection[T], needs: Mapping[str, Collection[T]], share: float = 0.5
) -> str | None:
    """The need that most of ``quoted`` belongs to, if at least ``share`` of it does.

    Ties go to the need named first.
    """
    if not quoted:
        return None
    counts = {name: len(set(quoted) & set(held)) for name, held in needs.items()}
    best = max(counts, key=lambda name: counts[name], default=None)
    return best if best is not None and counts[best] >= share * len(set(quoted)) else None


def tau_b(ours: ArrayLike, gold: ArrayLike) -> NDArray[np.float64]:
    """Kendall's tau-b (Biometrika 1945) along the last axis; 0 where one side is all ties.

    Both hold a score for each item, more being better.
    """
    mine, theirs = np.asarray(ours, float), np.asarray(gold, float)
    rows, columns = np.triu_indices(mine.shape[-1], k=1)
    a = np.sign(mine[..., rows] - mine[..., columns])
    b = np.sign(theirs[..., rows] - theirs[..., columns])
    tied = np.sqrt((a != 0).sum(-1) * (b != 0).sum(-1, dtype=float))
    agreed = (a * b).sum(-1)
    taus: NDArray[np.float64] = np.divide(agreed, tied, out=np.zeros_like(agreed), where=tied > 0)
    return taus
