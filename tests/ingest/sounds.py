"""Sound for tests: tones, noise, and the real speech that the moonshine-voice wheel carries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ingest import audio
from ingest.channels import mixed
from ingest.models import RATE, Samples
from ingest.transcribe import moonshine_weights

# What is said in beckett.wav (Samuel Beckett, Worstward Ho) and two_cities.wav (Dickens, 1859).
BECKETT = "Ever tried. Ever failed. No matter. Try again. Fail again. Fail better."
TWO_CITIES = (
    "It was the best of times, it was the worst of times, it was the age of wisdom, it was the age"
    " of foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the"
    " season of Light, it was the season of Darkness, it was the spring of hope, it was the winter"
    " of despair, we had everything before us, we had nothing before us, we were all going direct"
    " to Heaven, we were all going direct the other way. In short, the period was so far like the"
    " present period, that some of its noisiest authorities insisted on its being received, for"
    " good or for evil, in the superlative degree of comparison only."
)


def spoken(name: str) -> Path:
    """A wav file inside the wheel."""
    folder = moonshine_weights.folder()
    assert folder is not None
    return folder.parent / name


def speech(name: str) -> Samples:
    return np.concatenate([block[0] for block in mixed(audio.decode(spoken(name)))])


def tone(seconds: float, *, hertz: float = 220.0, level: float = 0.2) -> Samples:
    t = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * hertz * t)).astype(np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), np.float32)


def noise(seconds: float, *, level: float = 0.05, seed: int = 0) -> Samples:
    values = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return (level * values).astype(np.float32)


def blocks(*channels: Samples, size: int = RATE) -> Iterator[Samples]:
    """Channels of equal length as the blocks that ``audio.decode`` gives."""
    whole = np.stack(channels)
    for at in range(0, whole.shape[1], size):
        yield whole[:, at : at + size]
