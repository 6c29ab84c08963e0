"""Cuts a moment out of a recording: the words asked for, a breath around them, and silence where
something in the text is masked or erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ingest.errors import BadInput
from ingest.models import RATE, Samples
from ingest.rehearing import Sure, around, sure_words, within
from ingest.stretch import stretch

CUT_RATE = 24_000  # as the copies that are played have
_MARGIN_S = 0.25  # of sound around the words, where nobody else speaks
_FADE_S = 0.01
_FRAME_S = 0.02
_PAD_S = 0.2  # silenced around what is hidden: the times of words are off by 0.06 s in the middle
_LEAST_HEARD_S = 0.3
_SILENT = 1e-6  # mean power, -60 dBFS


class NothingLeft(BadInput):
    """All of what was asked for is masked or erased."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What was said from ``start_s`` to ``end_s``, and which parts of ``text`` are not to sound."""

    start_s: float
    end_s: float
    text: str
    hidden: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """``said.text[span]``, or all of it, in the recording at ``path``.

    Nobody else speaks from ``earliest_s`` on until ``said`` begins, nor from its end to
    ``latest_s``. ``beside`` are sayings of others at that time that have something hidden. All of
    their times may be off by ``slack_s``.
    """

    name: str
    path: Path
    said: Saying
    span: tuple[int, int] | None
    earliest_s: float
    latest_s: float
    beside: tuple[Saying, ...] = ()
    slack_s: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """One channel ``(n,)`` at ``CUT_RATE``, cut from ``start_s`` to ``end_s`` of the recording.

    ``whole``: the words asked for could not be found in it, so it has all that was said.
    """

    sound: Samples
    start_s: float
    end_s: float
    whole: bool


def cut(moment: Moment) -> Cut:
    """Raises ``BadInput`` when the recording cannot be read there, and ``NothingLeft``."""
    said, span = moment.said, moment.span
    needed = span is not None or said.hidden
    sure = _heard_again(moment.path, said) if needed else []
    start, end = said.start_s, said.end_s
    earliest, latest = moment.earliest_s, moment.latest_s
    if span is not None and sure:
        start, end = within(sure, said.text, span, (start, end))
        earliest = max(earliest, *(one.end_s for one in sure if one.end <= span[0]), 0.0)
        latest = min(latest, *(one.start_s for one in sure if one.first >= span[1]), said.end_s)
    begin = max(0.0, min(start, max(start - _MARGIN_S, earliest)))
    stop = max(end, min(end + _MARGIN_S, latest))
    sound = stretch(moment.path, begin, stop, rate=CUT_RATE)
    first, last = _at_rest(sound, round((start - begin) * CUT_RATE), round((stop - end) * CUT_RATE))
    sound = sound[first:last].copy()
    begin += first / CUT_RATE
    quiet: list[tuple[float, float]] = []
    for one in (said, *moment.beside):
        wide = replace(
            one,
            start_s=max(0.0, one.start_s - moment.slack_s),
            end_s=one.end_s + moment.slack_s,
        )
        again = moment.slack_s or one is not said
        quiet += _silences(wide, _heard_again(moment.path, wide) if again and wide.hidden else sure)
    _hush(sound, begin, quiet)
    if _heard_s(sound) < _LEAST_HEARD_S:
        raise NothingLeft(
            f"What was said at {moment.name} is masked or erased, or cannot be told from what is: "
            "nothing would be left to hear."
        )
    _fade(sound)
    whole = span is not None and not sure
    return Cut(sound, begin, begin + len(sound) / CUT_RATE, whole)


def _heard_again(path: Path, said: Saying) -> Sequence[Sure]:
    begin = max(0.0, said.start_s - _MARGIN_S)
    return sure_words(stretch(path, begin, said.end_s + _MARGIN_S, rate=RATE), begin, said.text)


def _silences(said: Saying, sure: Sequence[Sure]) -> Iterable[tuple[float, float]]:
    for span in said.hidden:
        start, end = around(sure, span, (said.start_s, said.end_s))
        yield start - _PAD_S, end + _PAD_S


def _at_rest(sound: Samples, before: int, after: int) -> tuple[int, int]:
    """Where to cut: the quietest moment of the margins, the widest where several are as quiet."""
    size = round(_FRAME_S * CUT_RATE)
    first = last = 0
    if (n := before // size) > 0:
        first = int(np.argmin(_loudness(sound[: n * size], size))) * size
    if (n := after // size) > 0:
        last = int(np.argmin(_loudness(sound[len(sound) - n * size :][::-1], size))) * size
    return first, len(sound) - last


def _loudness(sound: Samples, size: int) -> Samples:
    """Of frames, in steps of 3 dB: what is less apart is as quiet."""
    power = np.square(sound.reshape(-1, size)).mean(axis=1)
    return np.asarray(np.round(10 * np.log10(np.maximum(power, 1e-9)) / 3), np.float32)


def _hush(sound: Samples, begin_s: float, quiet: Iterable[tuple[float, float]]) -> None:
    """Silence the spans; the fades at their edges lie outside of them."""
    gain = np.ones(len(sound), np.float32)
    for start, end in quiet:
        first, last = (round((at - begin_s) * CUT_RATE) for at in (start, end))
        gain[max(0, first) : max(0, last)] = 0.0
    if not gain.all():
        n = round(_FADE_S * CUT_RATE)
        window = np.full(2 * n + 1, 1 / (2 * n + 1), np.float32)
        sound *= np.minimum(gain, np.convolve(np.pad(gain, n, mode="edge"), window, "valid"))


def _heard_s(sound: Samples) -> float:
    size = round(_FRAME_S * CUT_RATE)
    frames = np.pad(sound, (0, -len(sound) % size)).reshape(-1, size)
    return float((np.square(frames).mean(axis=1) > _SILENT).sum()) * _FRAME_S


def _fade(sound: Samples) -> None:
    n = min(round(_FADE_S * CUT_RATE), len(sound) // 2)
    ramp = np.linspace(0, 1, n, endpoint=False, dtype=np.float32)
    sound[:n] *= ramp
    sound[len(sound) - n :] *= ramp[::-1]
