"""95 % intervals by resampling calls: utterances of one call are not independent of each other.

The cluster bootstrap (Davison and Hinkley 1997, 3.8): calls are drawn with replacement, and what
is counted counts as often as its call was drawn; what belongs to several calls counts their mean.
Every metric is computed on all draws at once, of which the first is the sample itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TIMES = 1000
SEED = 20_260_603


@dataclass(frozen=True, slots=True)
class Row:
    """Something counted: ``hits`` of ``of``, in these clusters."""

    clusters: tuple[str, ...]
    hits: float
    of: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """``low`` and ``high`` are ``None`` where nothing was drawn that could be counted."""

    value: float | None
    low: float | None
    high: float | None


class Draws:
    """How often each cluster was drawn: the sample itself, then ``times`` draws."""

    def __init__(self, clusters: Iterable[str], times: int = TIMES, seed: int = SEED) -> None:
        self._column = {name: n for n, name in enumerate(dict.fromkeys(clusters))}
        size = len(self._column)
        drawn = np.random.default_rng(seed).multinomial(size, [1 / size] * size, size=times)
        self._weights: Floats = np.vstack([np.ones(size), drawn])

    @property
    def size(self) -> int:
        """How many draws there are, with the sample itself."""
        return len(self._weights)

    def of(self, clusters: Collection[str]) -> Floats:
        """The weight of something in every draw: 1 throughout for what belongs to no cluster."""
        if not clusters:
            return np.ones(self.size)
        columns = [self._column[name] for name in sorted(set(clusters))]
        mean: Floats = self._weights[:, columns].mean(axis=1)
        return mean


def ratio(draws: Draws, rows: Sequence[Row]) -> Floats:
    """All hits of all there is to hit; not a number where nothing is."""
    if not rows:
        return np.full(draws.size, np.nan)
    weights = np.stack([draws.of(row.clusters) for row in rows], axis=1)
    hits = weights @ np.array([row.hits for row in rows])
    whole = weights @ np.array([row.of for row in rows])
    shares: Floats = np.divide(hits, whole, out=np.full_like(hits, np.nan), where=whole > 0)
    return shares


def macro(draws: Draws, groups: Iterable[Sequence[Row]]) -> Floats:
    """The mean of the groups' ratios, leaving out a group where it has nothing to hit."""
    each = np.stack([ratio(draws, rows) for rows in groups], axis=0)
    there = ~np.isnan(each)
    total = np.where(there, each, 0.0).sum(axis=0)
    count = there.sum(axis=0)
    means: Floats = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    return means


def estimate(samples: Floats) -> Estimate:
    """The sample's own value and the 2.5th and 97.5th percentile of the draws'."""
    value = None if np.isnan(samples[0]) else float(samples[0])
    drawn = samples[1:][~np.isnan(samples[1:])]
    if value is None or not drawn.size:
        return Estimate(value, None, None)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Estimate(value, float(low), float(high))
