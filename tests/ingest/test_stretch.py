"""A stretch that is jumped to is the same sound as when all before it is decoded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ingest.audio import decode, encode
from ingest.channels import mixed
from ingest.errors import BadInput
from ingest.models import RATE, Samples
from ingest.stretch import stretch
from service import sample
from tests.ingest.sounds import blocks, noise, speech, tone

RATE_OUT = 24_000


def whole(path: Path) -> Samples:
    return np.concatenate([block[0] for block in mixed(decode(path, rate=RATE_OUT))])


def lag_s(heard: Samples, there: Samples, most: int = 480) -> float:
    """By how much ``heard`` is late against ``there``, by their cross-correlation."""
    spectrum = np.fft.rfft(heard, 2 * len(heard)) * np.conj(np.fft.rfft(there, 2 * len(there)))
    found = np.fft.irfft(spectrum)
    near = np.concatenate([found[-most:], found[: most + 1]])
    return (int(np.argmax(near)) - most) / RATE_OUT


@pytest.mark.parametrize("one", sample.recordings(), ids=lambda one: one.path.stem)
def test_a_stretch_of_a_recording_is_where_it_was_said(one: sample.SampleRecording) -> None:
    there = whole(one.path)
    for at in (0.0, 3.9, 61.37, 143.2):
        heard = stretch(one.path, at, at + 3.0, rate=RATE_OUT)
        first = round(at * RATE_OUT)
        assert len(heard) == 3 * RATE_OUT
        assert np.abs(heard - there[first : first + len(heard)]).max() < 1e-3


@pytest.mark.parametrize("kind", ["aac", "opus"])
def test_a_coded_copy_has_the_moment_at_its_own_second(tmp_path: Path, kind: str) -> None:
    path = tmp_path / ("copy.m4a" if kind == "aac" else "copy.ogg")
    sound = speech("two_cities.wav")
    coding = {"kind": kind, "bit_rate": 48_000, "index_first": kind == "aac"}
    encode(path, blocks(sound, np.roll(sound, 40)), **coding)  # type: ignore[arg-type]
    there = whole(path)
    for at in (1.0, 17.61, 38.5):
        heard = stretch(path, at, at + 4.0, rate=RATE_OUT)
        first = round(at * RATE_OUT)
        assert abs(lag_s(heard, there[first : first + len(heard)])) < 0.001


def test_past_the_end_is_silence_and_beyond_it_nothing(tmp_path: Path) -> None:
    path = tmp_path / "short.m4a"
    encode(path, blocks(np.concatenate([noise(5.0), tone(5.0)])), kind="aac", index_first=True)
    heard = stretch(path, 9.5, 11.0, rate=RATE)
    assert np.abs(heard[: RATE // 4]).max() > 0.1
    assert not heard[round(0.6 * RATE) :].any()
    with pytest.raises(BadInput, match="no sound at 60 s"):
        stretch(path, 60.0, 61.0, rate=RATE)
