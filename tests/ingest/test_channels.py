"""Two voices on two channels are told from one sound on two channels."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.channels import channels_differ, mixed
from ingest.models import RATE, Samples
from tests.ingest.sounds import blocks, noise, silence, speech


def dialogue() -> tuple[Samples, Samples]:
    """Two sides that take turns, each silent while the other talks, once both at a time."""
    a, b = speech("two_cities.wav"), speech("beckett.wav")
    left = np.concatenate([a[: 12 * RATE], silence(6), a[12 * RATE : 20 * RATE], silence(4)])
    right = np.concatenate([silence(11.5), b[: 6 * RATE], silence(8), b[5 * RATE : 9 * RATE]])
    n = min(len(left), len(right))
    return left[:n], right[:n]


@pytest.mark.parametrize("leakage_db", [None, -30, -20])
@pytest.mark.parametrize("quieter_db", [0, -12])
def test_two_voices(leakage_db: float | None, quieter_db: float) -> None:
    left, right = dialogue()
    right = right * np.float32(10 ** (quieter_db / 20))
    if leakage_db is not None:
        leak = np.float32(10 ** (leakage_db / 20))
        left, right = left + leak * right, right + leak * left
    hiss = noise(len(left) / RATE, level=0.0005)
    assert channels_differ(blocks(left + hiss, right + hiss[::-1]))


def test_one_side_that_hardly_speaks() -> None:
    voice = np.tile(speech("two_cities.wav"), 5)
    answer = speech("beckett.wav")
    during = slice(60 * RATE, 60 * RATE + len(answer))
    other = silence(len(voice) / RATE)
    other[during] = answer
    voice[during] = 0
    assert channels_differ(blocks(voice, other))


def one_sound() -> dict[str, tuple[Samples, Samples]]:
    voice = speech("two_cities.wav")
    hiss = noise(len(voice) / RATE, level=0.002)
    other_hiss = noise(len(voice) / RATE, level=0.002, seed=1)
    echo = np.convolve(voice, np.concatenate([[0.0] * 200, [0.7], [0.0] * 300, [0.3]]))
    return {
        "the same twice": (voice, voice),
        "panned": (voice * np.float32(0.9), voice * np.float32(0.1)),
        "with noise of their own": (voice + hiss, voice * np.float32(0.5) + other_hiss),
        "one side dead": (voice, silence(len(voice) / RATE)),
        "one side only noise": (voice, hiss),
        "one side only leakage": (voice + hiss, voice * np.float32(0.05) + other_hiss),
        "a room": (voice, echo[: len(voice)].astype(np.float32)),
        "inverted": (voice, -voice),
    }


@pytest.mark.parametrize("name", one_sound())
def test_one_sound_on_two_channels(name: str) -> None:
    left, right = one_sound()[name]
    assert not channels_differ(blocks(left, right))
    assert not channels_differ(blocks(right, left))


def test_one_channel_and_nothing() -> None:
    assert not channels_differ(blocks(speech("beckett.wav")))
    assert not channels_differ([])


def test_mixing_keeps_a_voice_whatever_the_other_channel_has() -> None:
    voice = speech("beckett.wav")
    for other in (silence(len(voice) / RATE), voice, -voice):
        sound = np.concatenate([b[0] for b in mixed(blocks(voice, other))])
        assert np.abs(sound).max() > 0.4 * np.abs(voice).max()
