"""Tells a two-channel call, one voice on each side, from one sound recorded on two channels.

When the channels carry different voices the channel is the speaker: free, and exact. When they do
not (the same sound twice, panned, a room in stereo, one side dead), the two are mixed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from ingest.models import RATE, Samples

_FRAME = RATE // 10  # samples: long enough to hide delays between the channels
_FLOOR_DB = -90.0
_VOICED_DB = 10.0  # a voice rises at least this far above what is heard between its words
_ACTIVE_DB = -20.0  # under the loudest frames: still speech, no longer leakage or breath
_ALONE_DB = 8.0  # one side louder than the other by this: it speaks alone
_ALONE_SHARE = 0.5  # of active frames; two voices reach 0.8 and more, one voice in stereo 0.2
_SMALLEST_SIDE = 0.005
_CANCELLED = 0.1  # of the louder channel's energy; one channel alone leaves a quarter in the mean


def channels_differ(blocks: Iterable[Samples]) -> bool:
    """Whether two channels ``(2, n)`` carry different voices; ``False`` for a single channel.

    Reads all blocks but keeps only one level of each channel per 0.1 s (2 MB for three hours).
    Levels are compared relative to each channel's own loudest frames, so that a quiet side counts
    as much as a loud one, and leakage from the other side (which is far below them) does not.
    """
    levels = _levels(blocks)
    if levels is None:
        return False
    loud = np.percentile(levels, 99, axis=1)
    quiet = np.percentile(levels, 10, axis=1)
    if ((loud - quiet < _VOICED_DB) | (loud < -65.0)).any():
        return False
    relative = levels - loud[:, None]
    active = (relative > _ACTIVE_DB).any(axis=0)
    difference = (relative[0] - relative[1])[active]
    left, right = np.mean(difference > _ALONE_DB), np.mean(difference < -_ALONE_DB)
    return bool(left + right >= _ALONE_SHARE and min(left, right) >= _SMALLEST_SIDE)


def mixed(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """One channel ``(1, n)``: the mean of all, or the loudest where they cancel each other out."""
    for block in blocks:
        if len(block) == 1:
            yield block
            continue
        mean = block.mean(axis=0, keepdims=True, dtype=np.float32)
        energies = np.square(block).sum(axis=1)
        if np.square(mean).sum() < _CANCELLED * energies.max():
            loudest = int(np.argmax(energies))
            yield block[loudest : loudest + 1]
        else:
            yield mean


def _levels(blocks: Iterable[Samples]) -> NDArray[np.float64] | None:
    """Levels in decibels ``(2, frames)``; ``None`` for one channel or less than a second."""
    parts: list[NDArray[np.float64]] = []
    held = np.zeros((2, 0), np.float32)
    for block in blocks:
        if len(block) != 2:
            return None
        held = np.concatenate([held, block], axis=1)
        n = held.shape[1] // _FRAME
        frames = held[:, : n * _FRAME].reshape(2, n, _FRAME).astype(np.float64)
        parts.append(10 * np.log10(np.mean(frames**2, axis=2) + 10 ** (_FLOOR_DB / 10)))
        held = held[:, n * _FRAME :]
    levels = np.concatenate(parts, axis=1) if parts else np.zeros((2, 0))
    return levels if levels.shape[1] >= 10 else None
