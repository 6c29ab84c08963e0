"""How many voices there are among embeddings, and what each sounds like.

Thresholds on single windows are sharp: 0.05 of cosine decides between two speakers and nine. Means
over many windows are not: on forty conversations, halves of one person's windows, split to be as
unlike as possible, kept a cosine of 0.83 and more, and two persons' means stayed under 0.80. So the
windows are first cut into more groups than there are people; then groups that are too alike for two
people are joined, most alike first; and groups that are only windows across a change of speaker,
their halves leaning to different others, fall away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ingest.voices import Voices

_MOST_FIRST = 16  # groups to begin with
_MOST_WINDOWS = 1500  # clustering is quadratic; more are thinned out evenly
_LEAST_WINDOWS = 3  # that make a voice: about three seconds of somebody
# Only windows with so much speech decide which voices there are; the next where they are too few
# or too small a share, because then somebody may have spoken in short sentences only.
_CLEAR_S = (1.4, 1.0, 0.7, 0.0)
_ENOUGH, _ENOUGH_SHARE = 8, 0.6
# Means more alike than this are one person's. The mean of few windows is less certain, hence lower:
# it moves by the square of its noise, which goes with one over their number.
_SAME, _SAME_FEW = 0.815, 0.15
_TWINS = 0.97  # the same sound heard twice (hold music, prompts, replays) says nothing new
_MIXTURE = 0.75  # cosine with the nearest sum of two other voices that makes one look closer
_LOOKED_AT = 10  # windows of a group
# How far the halves of a window lean to different others: 0.14 at most where a person spoke, 0.22
# and more across a change.
_SWING = 0.18
_LIKE_ITSELF = 0.78  # in clear sound one window in fifty is less like its voice's mean than this


@dataclass(frozen=True, slots=True, eq=False)
class VoiceGroups:
    """``means`` (speakers, 256), rows of length 1.

    ``doubt`` (0 to 1) is the estimated chance that there are more or fewer voices than found.
    """

    means: Voices
    doubt: float


def find_voices(
    voices: Voices,
    seconds: NDArray[np.float64],
    *,
    most: int | None = None,
    halves: Callable[[Sequence[int]], Voices] | None = None,
) -> VoiceGroups:
    """The distinct voices among windows ``voices`` (n, 256) of ``seconds`` (n,) of speech each.

    ``most`` bounds their number where it is known how many took part. ``halves`` embeds the first
    and the second half of windows (by number), alternating. Needs at least one window.
    """
    telling = _telling(voices, seconds)
    points = voices[telling]

    def is_mixture(means: Voices, k: int, held: NDArray[np.intp]) -> bool:
        if halves is None or not _like_two_others(means, k):
            return False
        some = held[np.linspace(0, len(held) - 1, min(len(held), _LOOKED_AT)).astype(int)]
        return _swing(halves(telling[some].tolist()), np.delete(means, k, axis=0)) > _SWING

    means, joined_at = _join(points, _first_groups(points), most, is_mixture)
    nearest = _nearest(means)[0] if len(means) > 1 else 0.0
    few = 1.0 / (1.0 + (len(points) / 8.0) ** 2)  # of eight windows one knows half
    strange = _chance(float(np.mean((points @ means.T).max(axis=1) < _LIKE_ITSELF)) - 0.15)
    kept_apart = _chance(nearest - _SAME)
    put_together = _chance(_SAME - joined_at)
    doubt = 1.0 - (1.0 - kept_apart) * (1.0 - put_together) * (1.0 - few) * (1.0 - strange)
    return VoiceGroups(means, float(np.clip(doubt, 0.0, 1.0)))


def _telling(voices: Voices, seconds: NDArray[np.float64]) -> NDArray[np.intp]:
    """Numbers of the windows that decide: long ones, none twice, at most ``_MOST_WINDOWS``."""
    for least in _CLEAR_S:
        chosen = np.flatnonzero(seconds >= least)
        if len(chosen) >= max(_ENOUGH, _ENOUGH_SHARE * len(voices)):
            break
    if len(chosen) > _MOST_WINDOWS:
        chosen = chosen[np.linspace(0, len(chosen) - 1, _MOST_WINDOWS).round().astype(int)]
    points = voices[chosen]
    again = np.triu(points @ points.T > _TWINS, k=1).any(axis=0)
    return chosen[~again]


def _first_groups(points: Voices) -> Voices:
    """Means of the finest average-linkage clusters that leave few enough of them to look at."""
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(points) < 2 * _LEAST_WINDOWS:
        return _unit(points.mean(axis=0, keepdims=True))
    tree = linkage(points, "average", metric="cosine")
    for distance in np.arange(0.24, 1.0, 0.02):
        labels = fcluster(tree, distance, "distance") - 1
        big = np.flatnonzero(np.bincount(labels) >= _LEAST_WINDOWS)
        if 0 < len(big) <= _MOST_FIRST:
            return _unit(np.stack([points[labels == k].mean(axis=0) for k in big]))
    return _unit(points.mean(axis=0, keepdims=True))


def _join(
    points: Voices,
    means: Voices,
    most: int | None,
    is_mixture: Callable[[Voices, int, NDArray[np.intp]], bool],
) -> tuple[Voices, float]:
    """Join and drop groups until all are different persons; also the least alike pair joined."""
    joined_at = 1.0
    while len(means) > 1:
        labels = (points @ means.T).argmax(axis=1)
        held = np.bincount(labels, minlength=len(means))
        if held.min() < _LEAST_WINDOWS:
            means = np.delete(means, int(held.argmin()), axis=0)
            continue
        means = _unit(np.stack([points[labels == k].mean(axis=0) for k in range(len(means))]))
        alike, a, b = _nearest(means)
        same = _SAME - _SAME_FEW / min(held[a], held[b])
        if alike >= same or (most is not None and len(means) > most):
            if min(held[a], held[b]) > 2 * _LEAST_WINDOWS:
                joined_at = min(joined_at, alike)
            both = _unit((means[a] * held[a] + means[b] * held[b])[None])
            means = np.concatenate([np.delete(means, [a, b], axis=0), both])
            continue
        smallest_first = (int(k) for k in np.argsort(held))
        mixtures = (k for k in smallest_first if is_mixture(means, k, np.flatnonzero(labels == k)))
        mixture = next(mixtures, None)
        if mixture is None:
            break
        means = np.delete(means, mixture, axis=0)
    return means, joined_at


def _like_two_others(means: Voices, k: int) -> bool:
    """Whether two other voices together would sound like voice ``k``."""
    from scipy.optimize import nnls

    others = [i for i in range(len(means)) if i != k]
    for a, b in combinations(others, 2):
        shares, rest = nnls(means[[a, b]].T.astype(np.float64), means[k])
        if 1.0 - rest**2 > _MIXTURE**2 and shares.min() > 0.2 * shares.sum():
            return True
    return False


def _swing(halves: Voices, others: Voices) -> float:
    """Mean change from first to second half in how much nearer one other voice is than another.

    The two others are those for which it is largest.
    """
    moved = (halves[0::2] - halves[1::2]) @ others.T
    pairs = combinations(range(len(others)), 2)
    return max(float(np.abs(moved[:, a] - moved[:, b]).mean()) for a, b in pairs)


def _nearest(means: Voices) -> tuple[float, int, int]:
    alike = means @ means.T - 2 * np.eye(len(means), dtype=np.float32)
    a, b = np.unravel_index(int(alike.argmax()), alike.shape)
    return float(alike[a, b]), int(a), int(b)


def _chance(margin: float) -> float:
    """Chance of a wrong decision when a cosine lies ``margin`` beyond the point of no return."""
    return float(1.0 / (1.0 + np.exp(-margin / 0.02)))


def _unit(rows: NDArray[np.float32]) -> Voices:
    unit: Voices = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit
