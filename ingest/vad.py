"""Voice activity: how likely each 32 ms of sound is to hold a voice.

The detector is Silero VAD v6 (https://github.com/snakers4/silero-vad, MIT), in the form in which
faster-whisper 1.2.1 ships it: one run takes any number of frames in a row, which costs a third of
frame-by-frame calls. The file lies in ``weights/``; nothing is downloaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.errors import MissingPart
from ingest.models import RATE, Samples

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

FRAME = 512  # samples: the detector knows no other size
FRAME_S = FRAME / RATE
_CONTEXT = 64  # samples of the frame before, which the detector sees again
_STATE = 128
_FILE = Path(__file__).parent / "weights" / "vad-silero-v6.onnx"
_SHA256 = "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2"


def detector() -> Callable[[Samples], Samples]:
    """A detector with a memory for one channel: feed it the sound in order, in blocks of any size.

    Each call takes samples ``(n,)`` and returns the chance of a voice (0 to 1) for every frame of
    ``FRAME`` samples that they complete, ``(m,)``; what is left over waits for the next call.
    """
    session = _session()
    hidden = np.zeros((1, 1, _STATE), np.float32)
    cell = np.zeros((1, 1, _STATE), np.float32)
    held = np.zeros(_CONTEXT, np.float32)  # the last context, then samples short of a frame

    def probabilities(samples: Samples) -> Samples:
        nonlocal hidden, cell, held
        held = np.concatenate([held, samples])
        n = (len(held) - _CONTEXT) // FRAME
        if n == 0:
            return np.zeros(0, np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(held, _CONTEXT + FRAME)[::FRAME][:n]
        held = held[n * FRAME :]
        feed = {"input": np.ascontiguousarray(frames), "h": hidden, "c": cell}
        chances, hidden, cell = session.run(None, feed)
        return np.asarray(chances, np.float32).reshape(n)

    return probabilities


@cache
def _session() -> InferenceSession:
    """The network, which holds no state and is therefore shared by all detectors."""
    import onnxruntime

    if not _FILE.is_file() or hashlib.sha256(_FILE.read_bytes()).hexdigest() != _SHA256:
        raise MissingPart(
            f"The voice detector's file {_FILE} is missing or damaged: install firsthand again."
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        _FILE, sess_options=options, providers=["CPUExecutionProvider"]
    )
