"""How well recordings are transcribed: the word error rate, and what it costs.

One real case: ``spacewalk.flac``, 26 s of an interview, whose reference begins "Yeah. As as much
as, it's worth celebrating, the first spacewalk with an all female team"; the default engine writes
"Yeah, as much as it's worth celebrating the first spacewalk with an all-female team", which is one
word dropped of 64.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ingest import audio
from ingest.channels import channels_differ, mixed
from ingest.models import RATE, Samples
from ingest.pieces import pieces
from ingest.transcribe import Engine


@dataclass(frozen=True, slots=True)
class Errors:
    """Words of a reference and of them those put wrong, left out and put in."""

    words: int
    substituted: int
    deleted: int
    inserted: int

    @property
    def rate(self) -> float:
        """Word error rate, as a share; above 1 where much was invented."""
        return (self.substituted + self.deleted + self.inserted) / max(self.words, 1)


@dataclass(frozen=True, slots=True)
class Heard:
    """One clip as the engine heard it. ``cpu_s`` covers decoding, voice detection and engine."""

    name: str
    text: str
    errors: Errors | None
    duration_s: float
    cpu_s: float
    confidence: float


def compare(reference: str, heard: str) -> Errors:
    """Errors after Whisper's English normaliser, which evens out spelling, numbers and fillers."""
    import jiwer

    normal = _normaliser()
    expected = normal(reference)
    if not expected:
        return Errors(0, 0, 0, len(normal(heard).split()))
    found = jiwer.process_words(expected, normal(heard))
    return Errors(len(expected.split()), found.substitutions, found.deletions, found.insertions)


def total(errors: Iterable[Errors]) -> Errors:
    """All errors over all words, so that a long clip counts for more than a short one."""
    found = list(errors)
    return Errors(
        sum(e.words for e in found),
        sum(e.substituted for e in found),
        sum(e.deleted for e in found),
        sum(e.inserted for e in found),
    )


def run(folder: Path, engine: Engine, *, names: Sequence[str] = ()) -> list[Heard]:
    """Hear the recordings of a folder, all or those named (without suffix), sorted by name.

    ``clip.txt`` beside ``clip.flac`` is its reference; a clip without one is heard all the same,
    for its cost.
    """
    clips = [
        path
        for path in sorted(folder.iterdir())
        if path.suffix in {".flac", ".wav", ".mp3", ".ogg", ".m4a"}
        and (not names or path.stem in names)
    ]
    return [hear(path, engine) for path in clips]


def hear(path: Path, engine: Engine) -> Heard:
    """One recording through decoder, voice detector and engine, as ``firsthand add`` does it."""
    begun = time.process_time()
    blocks = audio.decode(path)
    if not channels_differ(audio.decode(path)):
        blocks = mixed(blocks)
    samples = 0

    def counted() -> Iterator[Samples]:
        nonlocal samples
        for block in blocks:
            samples += block.shape[1]
            yield block

    found = [word for _, words in engine.hear(pieces(counted())) for word in words]
    cpu_s = time.process_time() - begun
    text = " ".join(word.text for word in sorted(found, key=lambda word: word.start_s))
    reference = path.with_suffix(".txt")
    return Heard(
        name=path.stem,
        text=text,
        errors=compare(reference.read_text("utf-8"), text) if reference.is_file() else None,
        duration_s=samples / RATE,
        cpu_s=cpu_s,
        confidence=sum(word.confidence for word in found) / max(len(found), 1),
    )


@cache
def _normaliser() -> Callable[[str], str]:
    with warnings.catch_warnings():
        # Its source has an escape that Python warns of whenever it is compiled, here or in a test.
        warnings.simplefilter("ignore")
        from whisper_normalizer.english import EnglishTextNormalizer

    normaliser: Callable[[str], str] = EnglishTextNormalizer()
    return normaliser
