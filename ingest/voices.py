"""What a voice sounds like, as 256 numbers: the GE2E voice encoder, run by onnxruntime.

Two windows of the same person's speech point the same way, two people's do not. The network is
Resemblyzer's (Wan et al. 2018, "Generalized End-to-End Loss for Speaker Verification"; weights
Apache-2.0, derived by ``weights/make_ge2e.py``). Its input is a mel spectrogram exactly as librosa
0.9+ computes it, re-implemented here because librosa would bring numba and forty other packages.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ingest.models import RATE, Samples

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

HOP = 160  # samples between two frames: 10 ms
FRAMES_PER_S = RATE // HOP
MELS = 40
WINDOW = 160  # frames that the network sees at once: 1.6 s
SIZE = 256  # numbers in an embedding
_FFT = 400  # 25 ms
_BATCH = 32
# The mel energies are not logarithms, so the level matters: every window is brought to the same
# one, which makes a quiet and a loud microphone alike. Of -36, -30, -25 and -20 dBFS, -25 kept
# voices furthest apart for their spread.
_LEVEL = 10 ** (-25 / 10)

Mels = NDArray[np.float32]  # (frames, MELS), power
Voices = NDArray[np.float32]  # (windows, SIZE), rows of length 1


def mel_frames(samples: Samples) -> Mels:
    """Mel power spectrogram, 100 frames a second: (len(samples) // HOP + 1, MELS).

    Equal to ``librosa.feature.melspectrogram(y, sr=16000, n_fft=400, hop_length=160, n_mels=40)``
    transposed: centred frames on zero padding, periodic Hann window, Slaney's scale and norm.
    """
    padded = np.pad(samples.astype(np.float32, copy=False), _FFT // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::HOP]
    spectrum = np.fft.rfft(frames * _hann(), axis=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    return (power @ _filters()).astype(np.float32)


def embed(session: InferenceSession, windows: Sequence[Mels]) -> Voices:
    """One embedding per window of up to ``WINDOW`` frames, in order.

    A shorter window is repeated until it is that long, which is what the network was trained on:
    windows of 0.8 s then tell voices apart a quarter better than as they are.
    """
    voices = np.zeros((len(windows), SIZE), np.float32)
    for first in range(0, len(windows), _BATCH):
        batch = windows[first : first + _BATCH]
        mels = np.stack([_prepared(window) for window in batch], axis=1)
        (found,) = session.run(["voices"], {"mels": mels})
        voices[first : first + _BATCH] = np.nan_to_num(np.asarray(found, np.float32))
    return voices


def _prepared(window: Mels) -> Mels:
    power = float(window.sum(dtype=np.float64)) / len(window) / _energy_per_power()
    leveled = window * np.float32(_LEVEL / max(power, 1e-12))
    return np.resize(leveled, (WINDOW, MELS))


def load_encoder(threads: int = 1) -> InferenceSession:
    """The network, ready to run on the CPU. One thread is the cheapest: 7 ms of CPU per window."""
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    path = Path(__file__).parent / "weights" / "ge2e.onnx"
    return InferenceSession(path, options, providers=["CPUExecutionProvider"])


@cache
def _hann() -> NDArray[np.float32]:
    steps = np.arange(_FFT) / _FFT
    return (0.5 - 0.5 * np.cos(2 * np.pi * steps)).astype(np.float32)


@cache
def _filters() -> NDArray[np.float32]:
    """Slaney's mel filters (Auditory Toolbox, 1998): (_FFT // 2 + 1, MELS), each of unit area."""
    edges = _hertz(np.linspace(0.0, _slaney(RATE / 2), MELS + 2))
    bins = np.linspace(0.0, RATE / 2, _FFT // 2 + 1)
    rising = (bins[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins[:, None]) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return (triangles * (2.0 / (edges[2:] - edges[:-2]))).astype(np.float32)


def _slaney(hertz: float) -> float:
    """Hertz to Slaney's mel: linear to 1 kHz (15 mel), then logarithmic."""
    return 15.0 + np.log(hertz / 1000.0) * 27.0 / np.log(6.4) if hertz >= 1000 else hertz * 3 / 200


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < 15.0, mel * 200 / 3, 1000.0 * np.exp((mel - 15.0) * np.log(6.4) / 27.0))


@cache
def _energy_per_power() -> float:
    """Sum over a frame's mel energies of white noise whose samples have a mean square of 1."""
    return float(_filters().sum()) * float(np.square(_hann()).sum())
