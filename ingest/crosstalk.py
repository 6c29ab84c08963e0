"""Silences on each channel of a call what has only leaked over from the other.

A headset's microphone also hears the far end, faintly; a recogniser writes that down as if it were
said twice. Where one side is far below its own usual loudness while the other speaks at its own,
nobody is speaking on the faint side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ingest.models import RATE, Samples

_FRAME = RATE // 10
_FLOOR_DB = -90.0
_BELOW_DB = 10.0  # a side this much fainter than the other, each against its own loudness
_SPEAKING_DB = -25.0  # against its own loudness


class Loudness:
    """Measures how loud each channel's own voice is, while the blocks pass through it."""

    def __init__(self) -> None:
        self._levels: list[Samples] = []

    def through(self, blocks: Iterable[Samples]) -> Iterator[Samples]:
        for block in blocks:
            usable = block[:, : block.shape[1] // _FRAME * _FRAME]
            if usable.shape[1]:
                self._levels.append(_levels(usable))
            yield block

    def loud_db(self) -> Samples:
        """The level that 3 % of the tenths of a second exceed, for each channel."""
        if not self._levels:
            return np.zeros(0, np.float32)
        levels = np.percentile(np.concatenate(self._levels, axis=1), 97, axis=1)
        return levels.astype(np.float32)


def without_leakage(blocks: Iterable[Samples], loud_db: Samples) -> Iterator[Samples]:
    """The blocks ``(2, n)`` with leaked speech muted; ``loud_db`` (2,) from ``Loudness``."""
    for block in blocks:
        n = block.shape[1]
        padded = np.pad(block, ((0, 0), (0, -n % _FRAME)))
        relative = _levels(padded) - loud_db[:, None]
        other = relative[::-1]
        leaked = (other > _SPEAKING_DB) & (relative < other - _BELOW_DB)
        gain = np.repeat(np.where(leaked, 0.0, 1.0).astype(np.float32), _FRAME, axis=1)[:, :n]
        yield block * gain


def _levels(block: Samples) -> Samples:
    """Decibels of each tenth of a second: (channels, frames)."""
    frames = block.reshape(len(block), -1, _FRAME)
    power = np.mean(np.square(frames), axis=2) + 10 ** (_FLOOR_DB / 10)
    decibels: Samples = (10 * np.log10(power)).astype(np.float32)
    return decibels
