"""Recordings of any length for tests, made block by block."""

from __future__ import annotations

import random
import wave
from pathlib import Path

RATE = 48_000
_BLOCK = 1 << 20


def noise_wav(path: Path, size: int, *, seed: int = 0) -> Path:
    """Stereo noise of about ``size`` bytes at 192 kB a second; another ``seed``, other bytes."""
    chance = random.Random(seed)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        block = chance.randbytes(_BLOCK)
        for at in range(0, size, _BLOCK):
            # The number in front makes every block another one, at no cost.
            file.writeframes((at.to_bytes(8, "big") + block[8:])[: (size - at) // 4 * 4])
    return path
