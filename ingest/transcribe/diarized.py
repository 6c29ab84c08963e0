"""Reads ``diarized_json``: what was said in an upload, in segments that each name a speaker.

The format is OpenAI's (``openai.types.audio.TranscriptionDiarized``); others serve it too, with
more or less in it. There are no times of words and no confidence. A speaker's label is whatever the
server likes, so it is compared and never shown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, FiniteFloat

from ingest.models import Piece, Word
from ingest.transcribe import VoicedWord
from ingest.transcribe.spread import spread
from ingest.transcribe.uploads import by_piece, offsets

_COVERED = 0.5  # of a segment that our detector heard as speech, else its own times are believed
_MOMENT_S = 0.01


@dataclass(frozen=True, slots=True)
class Segment:
    """Seconds lie inside the upload, the end behind the start; ``speaker`` is "" where none is."""

    speaker: str
    start_s: float
    end_s: float
    text: str


class _Segment(BaseModel):
    start: FiniteFloat
    end: FiniteFloat
    text: str
    speaker: str | int | None = None


class _Told(BaseModel):
    text: str
    segments: list[_Segment] | None = None


def read(body: str, length_s: float) -> list[Segment] | None:
    """The segments in order of time; ``None`` where there is text but nobody is told apart.

    Times that run backwards or past the upload are clamped. Raises ``ValueError`` where the body is
    something else, or most of it would lie behind the upload's end.
    """
    told = _Told.model_validate_json(body)
    found = [segment for segment in told.segments or [] if segment.text.strip()]
    if not found:
        return None if told.text.strip() else []
    if 2 * sum(segment.start > length_s for segment in found) > len(found):
        raise ValueError("the times lie behind the end of what was sent")
    segments = []
    for segment in found:
        start = min(max(segment.start, 0.0), length_s - _MOMENT_S)
        end = min(max(segment.end, start + _MOMENT_S), length_s)
        label = "" if segment.speaker is None else str(segment.speaker).strip()
        segments.append(Segment(label, start, end, segment.text))
    return sorted(segments, key=lambda segment: segment.start_s)


def words_of(
    upload: Sequence[Piece], segments: Sequence[Segment], names: Mapping[str, str]
) -> list[list[Word]]:
    """Each piece's words, spread over the speech in their segments; ``names`` by label.

    Where a label has no name, nobody is named for its words.
    """
    speech = _Speech(upload)
    words: list[Word] = []
    for segment in segments:
        name = names.get(segment.speaker)
        spoken = spread(segment.text.split(), speech.inside(segment), 1.0)
        words += [_by(name, word) for word in spoken] if name else spoken
    return by_piece(upload, words)


def _by(name: str, word: Word) -> VoicedWord:
    return VoicedWord(word.text, word.start_s, word.end_s, word.confidence, name)


class _Speech:
    """Where the detector heard a voice, on the upload's clock, quick to ask."""

    def __init__(self, upload: Sequence[Piece]) -> None:
        self._spans = [
            (start - piece.start_s + at, end - piece.start_s + at)
            for piece, at in zip(upload, offsets(upload), strict=True)
            for start, end in piece.speech
        ]
        self._ends = [end for _, end in self._spans]

    def inside(self, segment: Segment) -> list[tuple[float, float]]:
        spans = list(self._within(segment.start_s, segment.end_s))
        length = segment.end_s - segment.start_s
        if sum(end - start for start, end in spans) < _COVERED * length:
            return [(segment.start_s, segment.end_s)]
        return spans

    def _within(self, start_s: float, end_s: float) -> Iterator[tuple[float, float]]:
        for start, end in self._spans[bisect_right(self._ends, start_s) :]:
            if start >= end_s:
                return
            yield max(start, start_s), min(end, end_s)
