"""Who is who across the uploads of one recording.

A server tells voices apart within one upload only: its "A" may be the next upload's "B". So later
uploads are sent with a few seconds of each voice under a name of ours, which OpenAI's servers then
use as labels. Voices beyond the four they take, and those of servers that ignore the samples, are
recognised by our own embeddings; whom those do not recognise counts as somebody new.
"""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ingest.models import RATE, Piece, Samples, Turn
from ingest.told_apart import NOBODY, SEVERAL, who_at
from ingest.transcribe.diarized import Segment
from ingest.transcribe.uploads import BETWEEN_S, length_s, offsets
from ingest.voices import FRAMES_PER_S, WINDOW, Voices, embed, load_encoder, mel_frames

MOST_VOICES = 16  # more than any call has; a server that tells more apart is not believed
# OpenAI takes four samples of 2 to 10 s; its server's own message says 1.2 to 10.
MOST_SAMPLES, _SHORTEST_S, _LONGEST_S = 4, 2.0, 8.0
_PAUSE_S = 0.5  # inside a sample
_KEPT_S = 16.0  # of a voice, for its embedding
_LEAST_S, _LEAST_WINDOW_S = 0.5, 0.7
# Cosine of two means of a few windows, halves of ten recordings against each other: one person's
# had 0.87 and more (0.80 with a second of speech), two persons' 0.78 at most.
_SAME = 0.82


@dataclass(frozen=True, slots=True, eq=False)
class _Voice:
    """Stretches in which this voice speaks alone, longest first, ``_KEPT_S`` at most in all."""

    sounds: tuple[Samples, ...]

    @property
    def kept_s(self) -> float:
        return sum(len(sound) for sound in self.sounds) / RATE

    @property
    def sample(self) -> Samples | None:
        """The middle of the longest stretch, where that is long enough to be sent."""
        if not self.sounds or len(self.sounds[0]) < _SHORTEST_S * RATE:
            return None
        size = min(len(self.sounds[0]), round(_LONGEST_S * RATE))
        first = (len(self.sounds[0]) - size) // 2
        return self.sounds[0][first : first + size]


class KnownVoices:
    """The voices of one recording, as far as it was heard, under names of ours."""

    def __init__(self) -> None:
        self._voices: dict[str, _Voice] = {}
        self._refused = False

    def samples(self) -> dict[str, str]:
        """Sound to send along, as data URLs by name: of those four who were heard most."""
        if self._refused:
            return {}
        heard = sorted(self._voices.items(), key=lambda item: -item[1].kept_s)
        urls = {name: _data_url(v.sample) for name, v in heard if v.sample is not None}
        return dict(list(urls.items())[:MOST_SAMPLES])

    def refuse_samples(self) -> None:
        """The server takes none: send none again."""
        self._refused = True

    def names(
        self, upload: Sequence[Piece], segments: Sequence[Segment], sent: Sequence[str]
    ) -> dict[str, str]:
        """A name for each label of this upload, to which names were ``sent`` along with samples.

        Nobody is named where there are more voices than ``MOST_VOICES``, or under an empty label.
        """
        labels = list(dict.fromkeys(s.speaker for s in segments if s.speaker))
        if len(labels) > MOST_VOICES:
            return {}
        found = _voices(upload, segments)
        names = {label: label for label in labels if label in sent}
        rest = [label for label in labels if label not in names]
        names |= self._recognised(
            {label: found[label] for label in rest},
            {n: v for n, v in self._voices.items() if n not in names},
        )
        for label in rest:
            if label not in names and len(self._voices) < MOST_VOICES:
                names[label] = f"voice_{len(self._voices) + 1}"
                self._voices[names[label]] = found[label]
        for label, name in names.items():
            if self._voices[name].kept_s < found[label].kept_s:
                self._voices[name] = found[label]
        return names

    def _recognised(self, new: dict[str, _Voice], known: dict[str, _Voice]) -> dict[str, str]:
        """Names of those known voices that the new ones sound like, most alike first."""
        if not new or not known:
            return {}
        alike = _means(list(new.values())) @ _means(list(known.values())).T
        names: dict[str, str] = {}
        for at in np.argsort(-alike, axis=None, kind="stable"):
            i, j = np.unravel_index(int(at), alike.shape)
            label, name = list(new)[int(i)], list(known)[int(j)]
            if alike[i, j] >= _SAME and label not in names and name not in names.values():
                names[label] = name
        return names


def _voices(upload: Sequence[Piece], segments: Sequence[Segment]) -> dict[str, _Voice]:
    """What each label sounds like in this upload."""
    sounds: dict[str, list[Samples]] = {s.speaker: [] for s in segments}
    for label, sound in _alone(upload, segments):
        sounds[label].append(sound)
    return {label: _Voice(tuple(_longest(parts))) for label, parts in sounds.items()}


def _alone(upload: Sequence[Piece], segments: Sequence[Segment]) -> Iterator[tuple[str, Samples]]:
    """Stretches inside one piece where nobody but one speaks, with short pauses in them."""
    turns = [Turn(s.speaker, s.start_s, s.end_s) for s in segments]
    frames, labels = who_at(turns, length_s(upload))
    starts = offsets(upload)
    for start in starts[1:]:
        frames[round((start - BETWEEN_S) * FRAMES_PER_S) : round(start * FRAMES_PER_S)] = SEVERAL
    cuts = [0, *(np.flatnonzero(np.diff(frames)) + 1).tolist(), len(frames)]
    runs: list[tuple[int, int, int]] = []
    for first, last in pairwise(cuts):
        who = int(frames[first])
        if (
            len(runs) > 1
            and runs[-1][0] == NOBODY
            and runs[-2][0] == who
            and runs[-1][2] - runs[-1][1] <= _PAUSE_S * FRAMES_PER_S
        ):
            runs[-2:] = [(who, runs[-2][1], last)]
        else:
            runs.append((who, first, last))
    for who, first, last in runs:
        if who < 0:
            continue
        i = int(np.searchsorted(starts, first / FRAMES_PER_S + 1e-6)) - 1
        at, until = (round((f / FRAMES_PER_S - starts[i]) * RATE) for f in (first, last))
        sound = upload[i].samples[max(at, 0) : until]
        if len(sound) >= _LEAST_S * RATE:
            yield labels[who], sound


def _longest(sounds: Sequence[Samples]) -> Iterator[Samples]:
    left = round(_KEPT_S * RATE)
    for sound in sorted(sounds, key=len, reverse=True):
        if left < _LEAST_S * RATE:
            return
        yield sound[:left].copy()
        left -= len(sound)


def _means(voices: Sequence[_Voice]) -> Voices:
    """One row of length 1 per voice; zeros where too little was heard to know it again."""
    encoder = load_encoder()
    means = np.zeros((len(voices), 256), np.float32)
    for row, voice in zip(means, voices, strict=True):
        windows = []
        for sound in voice.sounds:
            mels = mel_frames(sound)
            parts = [mels[at : at + WINDOW] for at in range(0, len(mels), WINDOW)]
            windows += [p for p in parts if len(p) >= _LEAST_WINDOW_S * FRAMES_PER_S]
        if windows:
            mean = embed(encoder, windows).mean(axis=0)
            row[:] = mean / max(float(np.linalg.norm(mean)), 1e-9)
    return means


def _data_url(sample: Samples) -> str:
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(sample, -1.0, 1.0) * 32767).astype("<i2").tobytes())
    return "data:audio/wav;base64," + base64.b64encode(held.getvalue()).decode("ascii")
