"""How many voices there are among embeddings, and what each sounds like.

Thresholds on single windows are sharp: 0.05 of cosine decides between two speakers and nine. Means
over many windows are not: the mean of one person's windows lies within 0.1 of the mean of others of
the same person, and 0.2 or more from another's. So the windows are first cut into more groups than
there are people, and then groups are joined, most alike first, for as long as their means are too
alike for two people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.voices import Voices

_MOST = 12
_CLEAR_S = 1.4  # windows at least this long decide which voices there are
_SAME = 0.80
_WINDOWS_CAP = 1500
_LEAST_S = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """``centroids`` (speakers, 256), rows of length 1. ``doubt`` is 0 to 1."""

    centroids: Voices
    doubt: float


def find_voices(voices: Voices, seconds: NDArray[np.float64], *, most: int | None = None) -> Groups:
    clear = seconds >= _CLEAR_S
    if clear.sum() < 4:
        return Groups(_unit(voices.mean(axis=0, keepdims=True)), 0.5)
    points, weights = voices[clear], seconds[clear]
    if len(points) > _WINDOWS_CAP:
        keep = np.linspace(0, len(points) - 1, _WINDOWS_CAP).round().astype(int)
        points, weights = points[keep], weights[keep]
    centroids = _first_groups(points, weights)
    while len(centroids) > 1:
        labels = (points @ centroids.T).argmax(axis=1)
        held = np.array([weights[labels == k].sum() for k in range(len(centroids))])
        if held.min() < _LEAST_S:
            centroids = np.delete(centroids, int(held.argmin()), axis=0)
            continue
        centroids = _unit(
            np.stack([points[labels == k].mean(axis=0) for k in range(len(centroids))])
        )
        alike = centroids @ centroids.T - 2 * np.eye(len(centroids))
        a, b = np.unravel_index(int(alike.argmax()), alike.shape)
        if alike[a, b] < _SAME and (most is None or len(centroids) <= most):
            break
        joined = centroids[a] * held[a] + centroids[b] * held[b]
        centroids = np.delete(centroids, int(b), axis=0)
        centroids[a if a < b else a - 1] = joined / np.linalg.norm(joined)
    return Groups(centroids, 0.0)


def _first_groups(points: Voices, weights: NDArray[np.float64]) -> Voices:
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(points, "average", metric="cosine")
    for threshold in np.arange(0.24, 1.0, 0.02):
        labels = fcluster(tree, threshold, "distance") - 1
        held = np.bincount(labels, weights=weights)
        big = np.flatnonzero(held >= _LEAST_S)
        if 0 < len(big) <= _MOST:
            break
    return _unit(np.stack([points[labels == k].mean(axis=0) for k in big]))


def _unit(rows: NDArray[np.float32]) -> Voices:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
