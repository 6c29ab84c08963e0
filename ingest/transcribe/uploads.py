"""Joins pieces to uploads, and puts the words that come back where they were said.

An upload has its own clock, on which silence between pieces is half a second; where each piece lies
in it is known, so that times stay exact.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ingest.models import RATE, Piece, Samples, Word
from ingest.transcribe.spread import TimedWord

BETWEEN_S = 0.5  # silence between two pieces of an upload


def uploads(pieces: Iterable[Piece], longest_s: float) -> Iterator[list[Piece]]:
    """Pieces in order, as many together as fit; one that is longer by itself goes alone."""
    upload: list[Piece] = []
    for piece in pieces:
        if upload and length_s([*upload, piece]) > longest_s:
            yield upload
            upload = []
        upload.append(piece)
    if upload:
        yield upload


def length_s(upload: Sequence[Piece]) -> float:
    return sum(len(piece.samples) / RATE + BETWEEN_S for piece in upload)


def offsets(upload: Sequence[Piece]) -> list[float]:
    """Where each piece begins in its upload, in seconds."""
    starts, at = [], 0.0
    for piece in upload:
        starts.append(at)
        at += len(piece.samples) / RATE + BETWEEN_S
    return starts


def joined(upload: Sequence[Piece]) -> Iterator[Samples]:
    silence = np.zeros((1, round(BETWEEN_S * RATE)), np.float32)
    for piece in upload:
        yield piece.samples[None]
        yield silence


def by_piece(upload: Sequence[Piece], words: Iterable[TimedWord]) -> list[list[Word]]:
    """Each word in the piece it was said in, on the recording's clock."""
    starts = offsets(upload)
    placed: list[list[Word]] = [[] for _ in upload]
    for word in words:
        i = max(bisect_right(starts, (word.start_s + word.end_s) / 2) - 1, 0)
        piece = upload[i]
        start, end = (
            min(max(t - starts[i], 0.0) + piece.start_s, piece.end_s)
            for t in (word.start_s, word.end_s)
        )
        placed[i].append(replace(word, start_s=start, end_s=max(start, end)))
    return placed
