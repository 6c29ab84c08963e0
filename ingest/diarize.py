"""Who spoke when: tells the voices of one channel apart, with the doubt about it.

While pieces pass by, a ``VoiceLog`` keeps what their voices sound like: one embedding per second or
so of speech, and the speech's mel frames for a second look (9 kB a second, 80 MB for three hours).
``diarize`` then finds the voices (``ingest.voice_groups``), walks the recording with a Viterbi pass
that prefers to change the speaker in a pause, and looks again, more finely, where one stretch of
speech changes hands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ingest.models import Piece, Turn
from ingest.voice_groups import find_voices
from ingest.voices import FRAMES_PER_S, WINDOW, Mels, Voices, embed, load_encoder, mel_frames

if TYPE_CHECKING:
    pass

_HOP_S = 0.8  # at most, between windows of 1.6 s
_SHORTEST_S = 0.3  # of speech that still says something about a voice
_PAD_S = 0.1  # the detector's spans begin late and end early on soft sounds
_JOIN_S = 0.3  # a pause of one speaker shorter than this is part of the turn
_STEP = 10  # mel frames per step of the Viterbi pass: 0.1 s
# The second look: windows of 0.7 s every 0.1 s, where a window's best voice leads by less than this
# share of the usual lead; on at most this share of the speech.
_FINE, _FINE_HOP = 70, 10
_CLEAR, _AGAIN_SHARE = 0.65, 0.15
# Log-likelihood per step for each unit of cosine, and prices of a change of speaker: inside a
# stretch of speech it is rare, in a pause common.
_EVIDENCE = 10.0
_CHANGE_INSIDE, _CHANGE_IN_PAUSE = 8.0, 3.0


# Calls are held by two and more: where one voice was found, another may have been too brief or too
# faint (so it was on five of six meeting clips that came out with one voice).
_ALONE = 0.5


@dataclass(frozen=True, slots=True)
class Diarization:
    """``turns`` in order of time, labelled S1, S2 … in order of first appearance.

    ``doubt`` (0 to 1) is the estimated chance that the number of speakers is wrong or that a
    considerable part of the speech is given to the wrong one.
    """

    turns: tuple[Turn, ...]
    doubt: float


@dataclass(frozen=True, slots=True, eq=False)
class _Span:
    """A stretch of speech without a pause: its start in the recording and its mel frames."""

    start_s: float
    end_s: float
    root_mels: NDArray[np.float16]

    def mels(self, first: int, last: int) -> Mels:
        return np.square(self.root_mels[first:last].astype(np.float32))

    @property
    def frames(self) -> int:
        return len(self.root_mels)


@dataclass(frozen=True, slots=True)
class _Window:
    """Frames ``[first, last)`` of span number ``span``."""

    span: int
    first: int
    last: int


class VoiceLog:
    """Holds the encoder, and what has been heard of one channel's voices so far."""

    def __init__(self, *, threads: int = 1) -> None:
        self._encoder = load_encoder(threads)
        self.spans: list[_Span] = []
        self.windows: list[_Window] = []
        self._voices: list[Voices] = []

    @property
    def voices(self) -> Voices:
        """Embeddings of ``windows``, row by row."""
        return np.concatenate(self._voices) if self._voices else np.zeros((0, 256), np.float32)

    def hear(self, piece: Piece) -> None:
        """Take in the next piece; pieces come in order of time."""
        mels = mel_frames(piece.samples)
        new: list[_Window] = []
        for start_s, end_s in _padded(piece, self.spans[-1].end_s if self.spans else 0.0):
            first = round((start_s - piece.start_s) * FRAMES_PER_S)
            last = min(round((end_s - piece.start_s) * FRAMES_PER_S), len(mels))
            if last <= first:
                continue
            root = np.sqrt(mels[first:last]).astype(np.float16)
            self.spans.append(_Span(start_s, end_s, root))
            new += _windows(len(self.spans) - 1, last - first)
        self.windows += new
        if new:
            self._voices.append(self.embed(new))

    def embed(self, windows: list[_Window]) -> Voices:
        return embed(self._encoder, [self.spans[w.span].mels(w.first, w.last) for w in windows])

    def halves(self, numbers: Sequence[int]) -> Voices:
        """The first and the second half of each of these windows, alternating."""
        parts = []
        for window in (self.windows[i] for i in numbers):
            middle = (window.first + window.last) // 2
            parts.append(_Window(window.span, window.first, middle))
            parts.append(_Window(window.span, middle, window.last))
        return self.embed(parts)


def diarize(log: VoiceLog, *, speakers_hint: int | None = None) -> Diarization:
    """Turns of everything ``log`` heard. ``speakers_hint``: how many took part, when known."""
    if not log.windows:
        turns = [Turn("S1", s.start_s, s.end_s) for s in log.spans]
        return Diarization(tuple(turns), 1.0 if turns else 0.0)
    seconds = np.array([(w.last - w.first) / FRAMES_PER_S for w in log.windows])
    groups = find_voices(log.voices, seconds, most=speakers_hint, halves=log.halves)
    windows, voices = log.windows, log.voices
    if len(groups.means) > 1:
        windows, voices = _looked_at_again(log, groups.means)
    labels = _walk(_scores(log.spans, windows, voices @ groups.means.T))
    alone = len(groups.means) == 1 and speakers_hint != 1
    doubt = 1.0 - (1.0 - groups.doubt) * (1.0 - _ALONE * alone)
    return Diarization(_turns(log, labels), doubt)


def _padded(piece: Piece, after_s: float) -> list[tuple[float, float]]:
    """The piece's spans of speech, widened by the pad but never into each other."""
    out: list[tuple[float, float]] = []
    for i, (start, end) in enumerate(piece.speech):
        before = piece.speech[i - 1][1] if i else max(after_s, piece.start_s)
        behind = piece.speech[i + 1][0] if i + 1 < len(piece.speech) else piece.end_s
        left = max(start - _PAD_S, (start + before) / 2 if i else before)
        right = min(end + _PAD_S, (end + behind) / 2 if i + 1 < len(piece.speech) else behind)
        out.append((min(left, start), max(right, end)))
    return out


def _windows(span: int, frames: int) -> list[_Window]:
    if frames < _SHORTEST_S * FRAMES_PER_S:
        return []
    if frames <= WINDOW:
        return [_Window(span, 0, frames)]
    count = -(-(frames - WINDOW) // int(_HOP_S * FRAMES_PER_S)) + 1
    starts = np.linspace(0, frames - WINDOW, count).round().astype(int)
    return [_Window(span, int(first), int(first) + WINDOW) for first in starts]


def _looked_at_again(log: VoiceLog, means: Voices) -> tuple[list[_Window], Voices]:
    """Windows and embeddings, with shorter windows where one stretch may hold two voices.

    Doubtful are windows with no clear best voice, and neighbours in a stretch that disagree. The
    most doubtful first, no more than ``_AGAIN_SHARE`` of the speech, so that noise stays cheap.
    """
    nearest = np.sort(log.voices @ means.T, axis=1)
    best = (log.voices @ means.T).argmax(axis=1)
    clearness = nearest[:, -1] - nearest[:, -2]
    usual = float(np.median(clearness))
    spans = np.array([w.span for w in log.windows])
    differs = (np.diff(best) != 0) & (np.diff(spans) == 0)
    clearness[:-1][differs] = np.minimum(clearness[:-1][differs], 0.0)
    clearness[1:][differs] = np.minimum(clearness[1:][differs], 0.0)
    budget = _AGAIN_SHARE * sum(w.last - w.first for w in log.windows)
    again: set[int] = set()
    for i in np.argsort(clearness, kind="stable"):
        window = log.windows[i]
        if clearness[i] > _CLEAR * usual or budget <= 0:
            break
        if window.last - window.first >= 2 * _FINE:
            again.add(int(i))
            budget -= window.last - window.first
    fine = sorted(
        {
            (log.windows[i].span, first)
            for i in again
            for first in range(
                log.windows[i].first // _FINE_HOP * _FINE_HOP,
                log.windows[i].last - _FINE + 1,
                _FINE_HOP,
            )
        }
    )
    windows = [_Window(span, first, first + _FINE) for span, first in fine]
    kept = [i for i in range(len(log.windows)) if i not in again]
    if not windows:
        return log.windows, log.voices
    voices = np.concatenate([log.voices[kept], log.embed(windows)])
    return [log.windows[i] for i in kept] + windows, voices


def _scores(
    spans: Sequence[_Span], windows: Sequence[_Window], cosines: NDArray[np.float32]
) -> list[NDArray[np.float64]]:
    """For each span, (steps, speakers): mean cosine of the windows over each step.

    A window says most about its middle, so it counts with a triangle's weight.
    """
    scores = []
    weights = []
    for span in spans:
        steps = -(-span.frames // _STEP)
        scores.append(np.zeros((steps, cosines.shape[1])))
        weights.append(np.full((steps, 1), 1e-9))
    for window, cosine in zip(windows, cosines, strict=True):
        first, last = window.first // _STEP, -(-window.last // _STEP)
        middle = (first + last - 1) / 2
        reach = (last - first) / 2 + 0.5
        weight = (1 - np.abs(np.arange(first, last) - middle) / reach)[:, None]
        scores[window.span][first:last] += weight * cosine
        weights[window.span][first:last] += weight
    return [s / w for s, w in zip(scores, weights, strict=True)]


def _walk(scores: list[NDArray[np.float64]]) -> list[NDArray[np.int64]]:
    """The likeliest speaker at every step of every span (Viterbi)."""
    speakers = scores[0].shape[1]
    emissions = np.concatenate(scores) * _EVIDENCE
    price = np.full(len(emissions), _CHANGE_INSIDE)
    price[np.cumsum([0] + [len(s) for s in scores[:-1]])] = _CHANGE_IN_PAUSE
    best = np.zeros(speakers)
    back = np.zeros((len(emissions), speakers), np.int64)
    for t, emission in enumerate(emissions):
        leader = int(best.argmax())
        change = best[leader] - price[t] > best
        back[t] = np.where(change, leader, np.arange(speakers))
        best = np.where(change, best[leader] - price[t], best) + emission
    path = np.zeros(len(emissions), np.int64)
    state = int(best.argmax())
    for t in range(len(emissions) - 1, -1, -1):
        path[t] = state
        state = int(back[t, state])
    return np.split(path, np.cumsum([len(s) for s in scores])[:-1])


def _turns(log: VoiceLog, labels: list[NDArray[np.int64]]) -> tuple[Turn, ...]:
    names: dict[int, str] = {}
    turns: list[Turn] = []
    for span, steps in zip(log.spans, labels, strict=True):
        cuts = [0, *(np.flatnonzero(np.diff(steps)) + 1), len(steps)]
        for first, last in pairwise(cuts):
            label = names.setdefault(int(steps[first]), f"S{len(names) + 1}")
            start = span.start_s + first * _STEP / FRAMES_PER_S
            end = min(span.start_s + last * _STEP / FRAMES_PER_S, span.end_s)
            previous = turns[-1] if turns else None
            if previous and previous.speaker == label and start - previous.end_s < _JOIN_S:
                turns[-1] = Turn(label, previous.start_s, end)
            else:
                turns.append(Turn(label, start, end))
    return tuple(turns)
