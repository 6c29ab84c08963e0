"""Cuts a channel of sound into pieces that a recogniser can take, at pauses wherever there is one.

The length of a piece decides how well it is heard: the recogniser was trained on up to 30 s, and
halves its errors when it gets 20 to 30 s at once. So speech is packed until it nearly fills that,
and cut at the longest late pause, never inside a word if anybody paused at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from ingest.models import Piece, Samples
from ingest.vad import FRAME, FRAME_S, detector

LONGEST_S = 25.0  # up to 29 hears conversation a little better and costs more (eval/LOG.md)
_GAP_S = 3.0  # a silence this long ends a piece
_PAD_S = 0.2  # of sound kept around speech, for soft first and last consonants
_PAUSE_S = 0.2  # a shorter dip is part of a word
_SHORTEST_S = 0.1  # of voice, below which it was a click
# Chance of voice at which speech begins and ends. Silero's own defaults, 0.5 and 0.35, miss much of
# a telephone call (eval/LOG.md).
_ON, _OFF = 0.3, 0.15

_GAP, _PAUSE, _SHORTEST = (round(s / FRAME_S) for s in (_GAP_S, _PAUSE_S, _SHORTEST_S))
_PAD = round(_PAD_S / FRAME_S)
_LONGEST = int(LONGEST_S / FRAME_S)


def pieces(blocks: Iterable[Samples]) -> Iterator[Piece]:
    """Cut blocks ``(channels, n)`` at ``RATE`` into pieces, each channel by itself.

    Pieces of one channel come in order; those of two channels interleave as they are completed.
    Memory is bounded: no more than one piece of each channel is held. Silence yields nothing.
    """
    cutters: list[_Cutter] = []
    for block in blocks:
        if not cutters:
            cutters = [_Cutter(channel) for channel in range(len(block))]
        for cutter, samples in zip(cutters, block, strict=True):
            yield from cutter.feed(samples)
    for cutter in cutters:
        yield from cutter.close()


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a piece lies: ``samples`` of ``channel`` from sample ``first`` on, and its speech."""

    channel: int
    first: int
    samples: int
    speech: tuple[tuple[float, float], ...]


def cut_of(piece: Piece) -> Cut:
    """Where a piece of ``pieces`` lies in its recording."""
    first = round(piece.start_s / FRAME_S) * FRAME
    return Cut(piece.channel, first, len(piece.samples), piece.speech)


def cut_out(blocks: Iterable[Samples], cuts: Sequence[Cut]) -> Iterator[Piece]:
    """The pieces at ``cuts`` of the same blocks once more, in that order, without looking for them.

    Holds no more sound than from the earliest piece to come on.
    """
    # From piece n on, nothing before needed[n] is wanted any more.
    needed = list(accumulate((c.first for c in reversed(cuts)), min))[::-1]
    held: Samples = np.zeros((0, 0), np.float32)
    offset = n = 0
    for block in blocks:
        held = np.concatenate([held, block], axis=1) if held.size else block
        while n < len(cuts) and cuts[n].first + cuts[n].samples <= offset + held.shape[1]:
            yield _cut_out(held, offset, cuts[n])
            n += 1
        if n == len(cuts):
            return
        gone = min(needed[n] - offset, held.shape[1])
        if gone > 0:
            held, offset = held[:, gone:], offset + gone
    for cut in cuts[n:]:  # the last may end in the frame that silence filled up
        yield _cut_out(np.pad(held, ((0, 0), (0, FRAME))), offset, cut)


def _cut_out(held: Samples, offset: int, cut: Cut) -> Piece:
    start = cut.first - offset
    samples = held[cut.channel, start : start + cut.samples].copy()
    return Piece(cut.channel, cut.first // FRAME * FRAME_S, samples, cut.speech)


class _Cutter:
    """What is held of one channel: its sound and chances of voice since the last cut."""

    def __init__(self, channel: int) -> None:
        self._channel = channel
        self._detect = detector()
        self._samples: Samples = np.zeros(0, np.float32)
        self._chances: Samples = np.zeros(0, np.float32)
        self._first = 0  # the frame of the recording at which what is held begins

    def feed(self, samples: Samples) -> Iterator[Piece]:
        self._samples = np.concatenate([self._samples, samples])
        self._chances = np.concatenate([self._chances, self._detect(samples)])
        yield from self._cut(final=False)

    def close(self) -> Iterator[Piece]:
        rest = -len(self._samples) % FRAME
        yield from self.feed(np.zeros(rest, np.float32))
        yield from self._cut(final=True)

    def _cut(self, *, final: bool) -> Iterator[Piece]:
        while True:
            spans = _spans(self._chances)
            if not spans:
                self._drop(len(self._chances) - 2 * _PAD)
                return
            end = _piece_end(spans, self._chances, final=final)
            if end is None:
                self._drop(spans[0][0] - 2 * _PAD)
                return
            yield self._piece(spans, end)
            self._drop(end)

    def _piece(self, spans: list[tuple[int, int]], end: int) -> Piece:
        inside = [(a, min(b, end)) for a, b in spans if a < end]
        start = max(inside[0][0] - _PAD, 0)
        stop = min(inside[-1][1] + _PAD, end)
        offset = self._first
        return Piece(
            channel=self._channel,
            start_s=(offset + start) * FRAME_S,
            samples=self._samples[start * FRAME : stop * FRAME].copy(),
            speech=tuple(((offset + a) * FRAME_S, (offset + b) * FRAME_S) for a, b in inside),
        )

    def _drop(self, frames: int) -> None:
        if frames > 0:
            self._samples = self._samples[frames * FRAME :]
            self._chances = self._chances[frames:]
            self._first += frames


def _spans(chances: Samples) -> list[tuple[int, int]]:
    """Stretches of frames ``[from, to)`` with a voice, joined over dips and rid of clicks."""
    spans: list[tuple[int, int]] = []
    starts = np.flatnonzero(chances >= _ON)
    quiet = np.flatnonzero(chances < _OFF)
    at = 0
    while (i := int(np.searchsorted(starts, at))) < len(starts):
        start = int(starts[i])
        j = int(np.searchsorted(quiet, start))
        at = int(quiet[j]) if j < len(quiet) else len(chances)
        if spans and start - spans[-1][1] < _PAUSE:
            spans[-1] = (spans[-1][0], at)
        else:
            spans.append((start, at))
    return [(a, b) for a, b in spans if b - a >= _SHORTEST]


def _piece_end(spans: list[tuple[int, int]], chances: Samples, *, final: bool) -> int | None:
    """The frame at which to cut, ``None`` while that is not yet known.

    A long silence ends a piece. Else, once more is held than fits, the cut lies in the middle of
    the pause that is longest for how late it comes; where nobody paused, at the least likely voice.
    """
    begin = max(spans[0][0] - _PAD, 0)
    latest = begin + _LONGEST
    ends = [*(a for a, _ in spans[1:]), len(chances)]
    pauses: list[tuple[int, int]] = []
    for (_, stop), resume in zip(spans, ends, strict=True):
        if stop + _PAD > latest:
            break
        if resume - stop >= _GAP or (final and resume == len(chances)):
            return min(stop + 2 * _PAD, resume)
        pauses.append((stop, resume))
    else:
        if len(chances) <= latest:
            return None
    inner = [(a, b) for a, b in pauses if a > begin + _LONGEST // 3]
    if inner:
        a, b = max(inner, key=lambda p: (min(p[1], latest) - p[0]) * (p[0] - begin))
        return min((a + b) // 2, latest)
    if pauses:
        a, b = pauses[-1]
        return min((a + b) // 2, latest)
    half = begin + _LONGEST // 2
    smooth = np.convolve(chances[half:latest], np.ones(5) / 5, mode="same")
    return half + int(np.argmin(smooth))
