"""Puts recognised words on the clock, from where the recogniser looked when it wrote them.

As in Whisper (``timing.py`` in https://github.com/openai/whisper) the frames of a piece are dealt
out to its tokens in order, so that the attention they gather is the largest. The voice activity
detector knows better where a pause is, so words are then kept out of pauses.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.models import Samples

_FAINT = 1e-3  # attention below which a frame says nothing about a token
_BRIEFEST_S = 0.02


def frame_spans(attention: Samples) -> NDArray[np.int64]:
    """Frames ``[from, to)`` of each token, ``(tokens, 2)``, from attention ``(tokens, frames)``.

    The most likely monotone path: each frame belongs to one token, tokens keep their order and
    every token gets at least one frame where there are enough.
    """
    tokens, frames = attention.shape
    score = np.log(np.maximum(attention, _FAINT)).astype(np.float64)
    if frames < tokens:
        edges = np.linspace(0, frames, tokens + 1).astype(np.int64)
        return np.stack([edges[:-1], np.maximum(edges[1:], edges[:-1])], axis=1)
    best = np.full(tokens, -np.inf)
    best[0] = score[0, 0]
    advanced = np.zeros((frames, tokens), bool)
    for f in range(1, frames):
        from_before = np.concatenate([[-np.inf], best[:-1]])
        advanced[f] = from_before > best
        best = np.where(advanced[f], from_before, best) + score[:, f]
    spans = np.zeros((tokens, 2), np.int64)
    token = tokens - 1
    spans[token, 1] = frames
    for f in range(frames - 1, 0, -1):
        if advanced[f, token]:
            spans[token, 0] = f
            token -= 1
            spans[token, 1] = f
    return spans


def out_of_pauses(
    times: Sequence[tuple[float, float]],
    peaks: Sequence[float],
    speech: Sequence[tuple[float, float]],
) -> list[tuple[float, float]]:
    """Move the edges of words that reach into a pause to where the voice stops and starts.

    ``peaks`` are the moments at which each word is surest to be sounding; ``speech`` the spans with
    a voice. All in seconds and in order. A word that lies in no span stays where it is.
    """
    placed: list[tuple[float, float]] = []
    for (start, end), peak in zip(times, peaks, strict=True):
        around = min(speech, key=lambda span: _distance(span, peak), default=None)
        if around is not None and _distance(around, peak) < 0.3:
            start, end = max(start, around[0]), min(end, around[1])
        floor = placed[-1][1] if placed else 0.0
        start = max(start, floor)
        placed.append((start, max(end, start + _BRIEFEST_S)))
    return placed


def _distance(span: tuple[float, float], moment: float) -> float:
    return max(span[0] - moment, moment - span[1], 0.0)
