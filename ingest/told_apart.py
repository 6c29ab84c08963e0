"""How far our own ears bear out who an engine says spoke when.

A hosted model that tells speakers apart says nothing of how sure it is. But our voice embeddings
were made anyway while the recording passed by (``ingest.diarize.VoiceLog``), so its labels can be
checked against them: two labels that sound like one person, one label that holds two voices, and
stretches that sound like another label's voice all speak against it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.diarize import VoiceLog
from ingest.models import Turn
from ingest.voice_groups import find_voices
from ingest.voices import FRAMES_PER_S, Voices

NOBODY, SEVERAL = -1, -2
# Of ten recordings with true turns, two persons' means had a cosine of 0.77 at most, no window
# sounded like another's voice and no person like two; one person's halves had 0.90 and more, and
# two persons under one label counted as two voices wherever there were more than ten windows.
_SAME, _STEEP = 0.815, 0.02
_LEAST_WINDOWS = 3  # about three seconds of somebody, below which a label cannot be judged
_PURE, _FOREIGN = 0.8, 0.1  # shares of a window that are its own label's, and others' at most
_ALONE = 0.5  # as in ingest.diarize: calls are held by two and more
# Where all but one of several speakers say too little to be judged, nothing speaks against the
# labels and nothing for them (four of six short meeting clips, with their true turns).
_UNCHECKED = 0.25


def who_at(turns: Sequence[Turn], length_s: float) -> tuple[NDArray[np.int16], list[str]]:
    """Who speaks in each hundredth of a second, as a number in the list of speakers.

    ``NOBODY`` where there is no turn, ``SEVERAL`` where turns of different speakers overlap.
    """
    names = list(dict.fromkeys(turn.speaker for turn in turns))
    numbers = {name: i for i, name in enumerate(names)}
    frames = np.full(int(length_s * FRAMES_PER_S) + 1, NOBODY, np.int16)
    for turn in turns:
        part = frames[round(turn.start_s * FRAMES_PER_S) : round(turn.end_s * FRAMES_PER_S)]
        own = numbers[turn.speaker]
        part[:] = np.where((part == NOBODY) | (part == own), own, SEVERAL)
    return frames, names


def doubt_about(turns: Sequence[Turn], log: VoiceLog, *, speakers_hint: int | None = None) -> float:
    """The estimated chance (0 to 1) that these turns have the wrong number of speakers, or give a
    considerable part of the speech to the wrong one. ``log`` heard the same recording.
    """
    labels, count = _labels(turns, log)
    held = np.bincount(labels[labels >= 0], minlength=count)
    judged = np.flatnonzero(held >= _LEAST_WINDOWS)
    if not len(judged):
        return 1.0
    alone = _ALONE if count == 1 and speakers_hint != 1 else 0.0
    voices = [log.voices[labels == k] for k in judged]
    seconds = np.array([(w.last - w.first) / FRAMES_PER_S for w in log.windows])
    several = [
        len(find_voices(log.voices[labels == k], seconds[labels == k]).means) > 1 for k in judged
    ]
    windows = int(held.sum())
    against = (
        alone,
        _UNCHECKED if count > 1 and len(judged) == 1 else 0.0,
        1.0 / (1.0 + (windows / 8.0) ** 2),  # as in ingest.voice_groups: of eight one knows half
        1.0 - held[judged].sum() / windows,
        float(held[judged][several].sum() / windows),
        _elsewhere(voices),
        _chance(_most_alike(voices) - _SAME),
    )
    return float(1.0 - np.prod([1.0 - share for share in against]))


def _labels(turns: Sequence[Turn], log: VoiceLog) -> tuple[NDArray[np.int16], int]:
    """The speaker of each of the log's windows that is one speaker's, and how many there are."""
    end = max([span.end_s for span in log.spans] + [turn.end_s for turn in turns], default=0.0)
    frames, names = who_at(turns, end)
    labels = np.full(len(log.windows), NOBODY, np.int16)
    for i, window in enumerate(log.windows):
        at = round(log.spans[window.span].start_s * FRAMES_PER_S)
        part = frames[at + window.first : at + window.last]
        counts = np.bincount(part[part >= 0], minlength=1)
        own = int(counts.argmax())
        foreign = int((part != NOBODY).sum()) - int(counts[own])
        if counts[own] >= _PURE * len(part) and foreign <= _FOREIGN * len(part):
            labels[i] = own
    return labels, len(names)


def _elsewhere(voices: Sequence[Voices]) -> float:
    """The share of windows that sound more like another's voice than like the rest of their own."""
    if len(voices) < 2:
        return 0.0
    means = _means(voices)
    wrong = 0
    for k, own in enumerate(voices):
        rest = own.sum(axis=0) - own
        rest /= np.linalg.norm(rest, axis=1, keepdims=True)
        others = (own @ np.delete(means, k, axis=0).T).max(axis=1)
        wrong += int(((own * rest).sum(axis=1) < others).sum())
    return wrong / sum(len(own) for own in voices)


def _most_alike(voices: Sequence[Voices]) -> float:
    means = _means(voices)
    return float((means @ means.T - 2 * np.eye(len(means), dtype=np.float32)).max())


def _means(voices: Sequence[Voices]) -> Voices:
    means = np.stack([own.mean(axis=0) for own in voices])
    unit: Voices = (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _chance(margin: float) -> float:
    return float(1.0 / (1.0 + np.exp(-margin / _STEEP)))
