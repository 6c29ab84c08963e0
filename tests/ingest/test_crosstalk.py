"""Leaked speech is silenced, a voice of one's own is not."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.crosstalk import Loudness, without_leakage
from ingest.models import RATE, Samples
from tests.ingest.sounds import blocks, noise, silence, speech


def cleaned(left: Samples, right: Samples) -> Samples:
    loudness = Loudness()
    for _ in loudness.through(blocks(left, right)):
        pass
    out = without_leakage(blocks(left, right), loudness.loud_db())
    return np.concatenate(list(out), axis=1)


def sides(quieter: float) -> tuple[Samples, Samples]:
    """First the left one speaks for ten seconds, then the right one, who is so much quieter."""
    voice, other = speech("two_cities.wav")[: 10 * RATE], speech("beckett.wav")[: 8 * RATE]
    left = np.concatenate([voice, silence(len(other) / RATE)])
    right = np.concatenate([silence(10), other * np.float32(quieter)])
    return left, right


def energy(samples: Samples) -> float:
    return float(np.square(samples, dtype=np.float64).sum())


@pytest.mark.parametrize("quieter", [1.0, 0.2])
@pytest.mark.parametrize("leak_db", [-30, -20])
def test_leakage_goes_and_voices_stay(quieter: float, leak_db: float) -> None:
    left, right = sides(quieter)
    leak = np.float32(10 ** (leak_db / 20))
    hiss = noise(len(left) / RATE, level=0.0002)
    found = cleaned(left + leak * right + hiss, right + leak * left + hiss)
    assert energy(found[0, : 10 * RATE]) > 0.97 * energy(left)
    assert energy(found[1, 10 * RATE :]) > 0.97 * energy(right)
    assert energy(found[1, : 10 * RATE]) < 0.1 * energy(leak * left)


def test_both_speaking_are_both_heard() -> None:
    voice = speech("two_cities.wav")[: 20 * RATE]
    shifted = np.roll(voice, 7 * RATE)
    found = cleaned(voice, shifted * np.float32(0.5))
    assert energy(found[0]) > 0.97 * energy(voice)
    assert energy(found[1]) > 0.97 * 0.25 * energy(shifted)


def test_nothing_to_measure() -> None:
    assert len(Loudness().loud_db()) == 0
