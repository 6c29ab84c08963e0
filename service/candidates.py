"""Candidate groups: evidence that may be about one matter, offered to be named or dismissed.

Without a model such groups are *candidates*, never findings, and are never ranked among confirmed
themes. They are found by consensus clustering (Monti et al., 2003) over episodes: runs of passages
of one call that stay on a matter. Two episodes of *different* accounts agree when, in several
readings of the calls, each has the other among its nearest; groups are the average linkage of that
agreement, half as many as there are episodes, those first whose accounts agree most. Nothing here
is compared with a fixed similarity.

Most groups are small: they are seeds. Once a person names one, matching finds who else spoke of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from service.laid import Laid, unit
from service.ledger import Evidence
from service.matching import Flags
from service.said import Floats, Place, Rows, Said, voice_of

# Comparing all pairs; of more passages than this only those with most evidence are grouped.
_MOST = 2000
# Several readings: how far around itself a passage is read, how much words count beside meaning.
_READINGS = ((3.0, 1.0), (2.0, 1.0), (4.0, 1.0), (3.0, 0.5), (3.0, 1.5))
_NEAREST = (2, 3, 4, 5)  # accounts that count as nearest
_EARNEST = 2  # strength from which on words are more than a remark
_OWN = 0.3  # weight of a passage alone beside the passage with its neighbourhood


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Evidence taken together, the most central first; ``agreement`` (0 to 1) is how often its
    accounts have each other among the nearest.
    """

    members: tuple[Evidence, ...]
    agreement: float


def groups(said: Said, items: Sequence[Evidence], sorts: Sequence[frozenset[str]]) -> list[Group]:
    """Groups among ``items``; kinds of different ``sorts`` are never in one.

    Only what was said in earnest is grouped. Most items stay alone; those are left out. Groups
    whose accounts agree most come first, larger ones before smaller ones that agree as much.
    """
    found: list[Group] = []
    for kinds in sorts:
        found += _groups(said, [e for e in items if e.kind in kinds and e.strength >= _EARNEST])

    def order(group: Group) -> tuple[float, str]:
        return -group.agreement * len(voices(group)) ** 0.5, group.members[0].evidence_id

    return sorted(found, key=order)


def voices(group: Group) -> set[str]:
    return {voice_of(e.spoken.call_id, e.account_id) for e in group.members}


def _groups(said: Said, items: Sequence[Evidence]) -> Iterator[Group]:
    weight = np.zeros(len(said))
    held: dict[int, list[Evidence]] = {}
    for item in items:
        place: Place = (item.spoken.call_id, item.spoken.i)
        for row in said.rows_of([place])[:1]:
            weight[row] += item.weight
            held.setdefault(int(row), []).append(item)
    rows = np.sort(np.argsort(-weight, kind="stable")[:_MOST])
    rows = rows[weight[rows] > 0]
    if len(np.unique(said.voice[rows])) < 2:
        return
    episode = _episodes(said, rows)
    agreement = _agreement(said, rows)
    labels = _labels(agreement, episode)
    for label in np.unique(labels):
        inside = np.flatnonzero(labels == label)
        mine = rows[inside]
        if len(np.unique(said.voice[mine])) > 1:
            central = unit(said.vectors[mine].mean(axis=0))
            score = (said.vectors[mine] @ central) * np.log1p(weight[mine])
            order = mine[np.argsort(-score, kind="stable")]
            yield Group(
                tuple(e for row in order for e in sorted(held[int(row)], key=_heavy)),
                _between(agreement[np.ix_(inside, inside)], said.voice[mine]),
            )


def _between(agreement: Floats, voice: Rows) -> float:
    """How much the voices agree: for each two of them their nearest passages, on average."""
    names = np.unique(voice)
    pairs = [
        float(agreement[np.ix_(voice == a, voice == b)].max())
        for n, a in enumerate(names)
        for b in names[n + 1 :]
    ]
    return sum(pairs) / len(pairs)


def _heavy(item: Evidence) -> tuple[float, str]:
    return -item.weight, item.evidence_id


def _episodes(said: Said, rows: Rows) -> NDArray[np.int64]:
    """Numbers the runs: neighbours of one call stay together when they are as like as most are."""
    beside = np.array(
        [a + 1 == b and said.call[a] == said.call[b] for a, b in pairwise(rows)],
        dtype=bool,
    )
    near = unit(said.vectors - said.vectors.mean(axis=0))[rows]
    alike = np.einsum("nd,nd->n", near[:-1], near[1:])
    usual = float(np.median(alike[beside])) if beside.any() else 0.0
    breaks = ~(beside & (alike >= usual))
    return np.concatenate([[0], np.cumsum(breaks)]).astype(np.int64)


def _agreement(said: Said, rows: Rows) -> Floats:
    """(n, n): the share of readings in which two passages have each other among the nearest."""
    total = np.zeros((len(rows), len(rows)))
    voice = said.voice[rows]
    cross = voice[:, None] != voice[None, :]
    for reach, words in _READINGS:
        laid = Laid.lay(said, reach)
        meaning = unit(laid.meaning + _OWN * laid.near)[rows]
        worded = (laid.spread @ laid.weighed)[rows]
        lengths = np.sqrt(np.asarray(worded.multiply(worded).sum(axis=1)).ravel())
        alike = (worded @ worded.T).toarray() / np.maximum(np.outer(lengths, lengths), 1e-12)
        scores = _standard(meaning @ meaning.T, cross) + words * _standard(alike, cross)
        scores = scores - scores.mean(axis=1, keepdims=True) - scores.mean(axis=0, keepdims=True)
        best, score = _best_of_voices(scores, voice)
        order = np.argsort(-score, axis=1, kind="stable")
        for count in _NEAREST:
            total += _mutual(best, order[:, :count])
    shares: Floats = total / (len(_READINGS) * len(_NEAREST))
    return shares


def _standard(values: Floats, cross: Flags) -> Floats:
    between = values[cross]
    deviation = float(between.std())
    return (values - float(between.mean())) / (deviation if deviation > 1e-12 else 1.0)


def _best_of_voices(scores: Floats, voice: Rows) -> tuple[Rows, Floats]:
    """For each passage the nearest passage of every other voice, and how near it is."""
    names = np.unique(voice)
    best = np.zeros((len(voice), len(names)), np.int64)
    score = np.full((len(voice), len(names)), -np.inf)
    for n, name in enumerate(names):
        mine = np.flatnonzero(voice == name)
        nearest = scores[:, mine].argmax(axis=1)
        best[:, n] = mine[nearest]
        score[:, n] = np.where(voice == name, -np.inf, scores[np.arange(len(voice)), best[:, n]])
    return best, score


def _mutual(best: Rows, nearest: Rows) -> Flags:
    chosen = np.zeros((len(best), len(best)), bool)
    for n, others in enumerate(nearest):
        chosen[n, best[n, others]] = True
    return chosen & chosen.T


def _labels(agreement: Floats, episode: NDArray[np.int64]) -> NDArray[np.int64]:
    """A label per passage: its episode's group."""
    from scipy.cluster.hierarchy import fcluster, linkage

    count = int(episode.max()) + 1
    if count < 3:
        return episode
    belongs = np.zeros((count, len(episode)))
    belongs[episode, np.arange(len(episode))] = 1.0
    size = belongs.sum(axis=1)
    together = (belongs @ agreement @ belongs.T) / np.sqrt(np.outer(size, size))
    upper = np.triu_indices(count, k=1)
    joined = fcluster(linkage(together.max() - together[upper], "average"), count // 2, "maxclust")
    labels: NDArray[np.int64] = joined[episode].astype(np.int64)
    return labels
