"""The voice detector hears speech, and neither noise, tones nor silence."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.models import RATE, Samples
from ingest.vad import FRAME, FRAME_S, detector
from tests.ingest.sounds import noise, silence, speech, tone


def test_speech_is_heard_and_its_pauses_are_not() -> None:
    sound = np.concatenate([silence(2), speech("beckett.wav"), silence(2)])
    chances = detector()(sound)
    assert len(chances) == len(sound) // FRAME
    voiced = chances > 0.5
    assert 0.3 < voiced[round(2 / FRAME_S) : -round(2 / FRAME_S)].mean() < 0.9
    assert not voiced[: round(1.9 / FRAME_S)].any()
    assert not voiced[-round(1.0 / FRAME_S) :].any()


@pytest.mark.parametrize("sound", [silence(5), noise(5), tone(5), tone(5, hertz=1000)])
def test_what_is_no_voice(sound: Samples) -> None:
    assert (detector()(sound) > 0.5).mean() < 0.05


def test_blocks_of_any_size_give_the_same(rng: np.random.Generator) -> None:
    sound = speech("beckett.wav")
    whole = detector()(sound)
    detect, at, parts = detector(), 0, []
    while at < len(sound):
        size = int(rng.integers(1, RATE))
        parts.append(detect(sound[at : at + size]))
        at += size
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-5)


def test_two_detectors_do_not_disturb_each_other() -> None:
    sound = speech("beckett.wav")[: 4 * RATE]
    alone = detector()(sound)
    first, second = detector(), detector()
    second(noise(3))
    np.testing.assert_array_equal(first(sound), alone)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)
