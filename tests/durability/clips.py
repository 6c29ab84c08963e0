"""Short recordings of speech, each another, cut from the sample's."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from ingest.audio import decode
from tests.conftest import ROOT

RATE = 16_000


def clips(folder: Path, n: int, *, seconds: float = 4.0) -> list[Path]:
    """``n`` WAV files in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    for source in sorted((ROOT / "service" / "sample" / "recordings").glob("*.ogg")):
        sound = np.concatenate([block.mean(axis=0) for block in decode(source, rate=RATE)])
        step = round(seconds * RATE)
        # The first seconds are a greeting, the last may be silence.
        for start in range(10 * RATE, len(sound) - 20 * RATE, step):
            if len(made) == n:
                return made
            path = folder / f"clip-{len(made):03}.wav"
            with wave.open(str(path), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(RATE)
                file.writeframes((sound[start : start + step] * 32767).astype("<i2").tobytes())
            made.append(path)
    raise ValueError(f"the sample gives {len(made)} clips of {seconds} s, not {n}")
