"""Brings voices to the same loudness: people sit near the microphone, or far from it."""

from __future__ import annotations

import numpy as np

from ingest.models import Samples

LEVEL_DB = -20.0  # of speech, in dBFS
_PEAK = 0.89  # -1 dBFS: what is coded stays under full scale
_MOST_DB = 24.0  # of gain; what is quieter is noise
_GATE_DB = 20.0  # under the loudest frames: a pause
_FRAME_S = 0.05


def loudness_db(sound: Samples, rate: int) -> float:
    """The mean power of those 50 ms of ``sound`` ``(n,)`` in which somebody speaks, in dBFS."""
    size = round(_FRAME_S * rate)
    frames = np.pad(sound, (0, -len(sound) % size)).reshape(-1, size)
    power = np.square(frames, dtype=np.float64).mean(axis=1)
    loud = power[power >= np.percentile(power, 95) / 10 ** (_GATE_DB / 10)]
    return float(10 * np.log10(max(loud.mean(), 1e-10)))


def levelled(sound: Samples, rate: int) -> Samples:
    """``sound`` at ``LEVEL_DB``, or as near as its loudest sample and ``_MOST_DB`` let it come."""
    gain = 10 ** (min(LEVEL_DB - loudness_db(sound, rate), _MOST_DB) / 20)
    peak = float(np.abs(sound).max(initial=0.0))
    return sound * np.float32(min(gain, _PEAK / peak if peak else gain))
