"""Hears a recording: from its file to utterances, in three steps that can each be kept.

Find the speech; recognise the words; tell the voices apart and put words and voices together. An
engine that tells voices apart itself is believed, and checked against our own ears. Each step
decodes the file anew (a hundredth of the work) and sees the sound a piece at a time, so that a
recording of hours needs no more memory than one of minutes, and work that broke off goes on in
another process. A stereo file is read once more beforehand, to learn whether its channels are two
people's; then the channel is the speaker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from ingest.align import align, align_channels, align_told
from ingest.errors import Cancelled, Unusable
from ingest.models import RATE, Piece, Samples, Turn, Utterance, Word
from ingest.pieces import Cut, cut_of, cut_out, pieces

if TYPE_CHECKING:
    from ingest.transcribe import Engine

Progress = Callable[[str, float], None]  # stage, fraction of it from 0 to 1


def _unheard(_stage: str, _fraction: float) -> None:
    """Nobody listens to the progress."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how far the work is, and whether to stop."""

    progress: Progress = _unheard
    cancelled: Callable[[], bool] = lambda: False

    def stop_if_asked(self, name: str) -> None:
        """Raises ``Cancelled`` once it is."""
        if self.cancelled():
            raise Cancelled(f"The work on {name} was stopped.")


NOBODY = Watch()

WORDS_DOUBTFUL = (
    "The words are doubtful: the sound is distant, noisy or not in the engine's language."
)
SPEAKERS_DOUBTFUL = "Who spoke when is doubtful: the voices are hard to tell apart."
ONE_VOICE = "Only one voice was found: if more people spoke, their words are under one name."
# Mean confidence of the words: clear speech has 0.9 and more, far-field meetings of which 40 % is
# heard wrong have 0.72 to 0.74.
_SURE_ENOUGH = 0.75
_DOUBTFUL = 0.5


@dataclass(frozen=True, slots=True)
class Sound:
    """Where in a recording somebody speaks. ``loud_db`` is of each channel, when they are apart."""

    duration_s: float
    apart: bool  # two channels are two people's
    loud_db: tuple[float, ...]
    cuts: tuple[Cut, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What was recognised, by channel (the second is empty unless they are apart)."""

    words: tuple[tuple[Word, ...], tuple[Word, ...]]
    engine: str
    model: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard. Utterances are labelled ``S1``, ``S2`` …, by channel or by first word.

    ``speakers_doubt`` is 0 where the channel is the speaker; where the engine told voices apart,
    how little our own ears bear it out (``ingest.told_apart``); else our own diarization's doubt.
    """

    utterances: tuple[Utterance, ...]
    duration_s: float
    channels_apart: bool
    speakers_doubt: float
    engine: str
    model: str
    warnings: tuple[str, ...]


def hear(
    path: Path,
    engine: Engine,
    *,
    speakers_hint: int | None = None,
    vocabulary: Sequence[str] = (),
    limit_s: float | None = None,
    progress: Progress = _unheard,
    cancelled: Callable[[], bool] = lambda: False,
) -> Heard:
    """Hear the recording at ``path``: find the speech, recognise it, tell the voices apart.

    Raises what the three do.
    """
    watch = Watch(progress, cancelled)
    sound = find_speech(path, limit_s=limit_s, watch=watch)
    words = recognise(path, sound, engine, vocabulary=vocabulary, watch=watch)
    return tell_apart(path, sound, words, speakers_hint=speakers_hint, watch=watch)


def find_speech(path: Path, *, limit_s: float | None = None, watch: Watch = NOBODY) -> Sound:
    """Decode the recording at ``path`` and find where somebody speaks.

    Raises ``BadInput`` when it is no recording, ``TooLarge`` past ``limit_s``, and ``Cancelled``
    soon after the watch says so.
    """
    from ingest.audio import decode, probe
    from ingest.channels import channels_differ, mixed
    from ingest.crosstalk import Loudness, without_leakage

    watch.progress("decode", 0.0)
    recording = probe(path)
    clock = _Clock(path.name, recording.duration_s, watch)
    apart = False
    loudness = Loudness()
    if recording.channels == 2:
        blocks = loudness.through(clock.through(decode(path, limit_s=limit_s), "decode", 0.0, 0.5))
        apart = channels_differ(blocks)
    begin = 0.5 if recording.channels == 2 else 0.0
    blocks = clock.through(decode(path, limit_s=limit_s), "decode", begin, 1.0)
    loud_db = loudness.loud_db() if apart else np.zeros(0, np.float32)
    found = pieces(without_leakage(blocks, loud_db) if apart else mixed(blocks))
    cuts = tuple(cut_of(piece) for piece in found)
    watch.progress("decode", 1.0)
    return Sound(round(clock.heard_s, 3), apart, tuple(map(float, loud_db)), cuts)


def recognise(
    path: Path,
    sound: Sound,
    engine: Engine,
    *,
    vocabulary: Sequence[str] = (),
    kept: Sequence[Sequence[Word]] = (),
    keep: Callable[[int, Sequence[Word]], None] = lambda _n, _words: None,
    watch: Watch = NOBODY,
) -> Words:
    """The words of every piece of ``sound``.

    ``keep`` is given those of piece ``n`` as they come; ``kept`` are what it was given when the
    work broke off, and are not recognised again. Raises ``Unusable`` when there is no word in it.
    """
    words: tuple[list[Word], list[Word]] = ([], [])
    for cut, before in zip(sound.cuts, kept, strict=False):
        words[cut.channel].extend(before)
    begin = len(kept)
    watch.progress("transcribe", begin / max(1, len(sound.cuts)))
    for n, (piece, heard) in enumerate(
        engine.hear(_pieces(path, sound, sound.cuts[begin:], watch), vocabulary=vocabulary), begin
    ):
        watch.stop_if_asked(path.name)
        words[piece.channel].extend(heard)
        keep(n, heard)
        watch.progress("transcribe", min((n + 1) / len(sound.cuts), 0.99))
    watch.progress("transcribe", 1.0)
    if not any(words):
        raise Unusable(f"No speech was heard in {path.name}.")
    return Words((tuple(words[0]), tuple(words[1])), engine.name, engine.model)


def tell_apart(
    path: Path,
    sound: Sound,
    words: Words,
    *,
    speakers_hint: int | None = None,
    watch: Watch = NOBODY,
) -> Heard:
    """Who said which words. ``speakers_hint``: how many took part, when known."""
    from ingest.diarize import VoiceLog, diarize
    from ingest.told_apart import doubt_about

    watch.progress("diarize", 0.0)
    mono = words.words[0]
    if sound.apart:
        utterances, doubt = align_channels((list(mono), list(words.words[1]))), 0.0
    else:
        log = VoiceLog()
        for n, piece in enumerate(_pieces(path, sound, sound.cuts, watch)):
            watch.stop_if_asked(path.name)
            log.hear(piece)
            watch.progress("diarize", min((n + 1) / len(sound.cuts), 0.99))
        if (speakers := _told(mono)) is not None:
            turns = [
                Turn(name, word.start_s, word.end_s)
                for word, name in zip(mono, speakers, strict=True)
            ]
            utterances = _renamed(align_told(mono, speakers))
            doubt = doubt_about(turns, log, speakers_hint=speakers_hint)
        else:
            found = diarize(log, speakers_hint=speakers_hint)
            utterances, doubt = _renamed(align(mono, found.turns)), found.doubt
    watch.progress("diarize", 1.0)
    sure = fmean(word.confidence for side in words.words for word in side)
    warnings = [WORDS_DOUBTFUL] if sure < _SURE_ENOUGH else []
    if doubt > _DOUBTFUL:
        one = len({u.speaker for u in utterances}) == 1
        warnings.append(ONE_VOICE if one else SPEAKERS_DOUBTFUL)
    return Heard(
        utterances=tuple(utterances),
        duration_s=sound.duration_s,
        channels_apart=sound.apart,
        speakers_doubt=round(doubt, 3),
        engine=words.engine,
        model=words.model,
        warnings=tuple(warnings),
    )


def _pieces(path: Path, sound: Sound, cuts: Sequence[Cut], watch: Watch) -> Iterator[Piece]:
    """The pieces at ``cuts``, from the file again: decoding costs a hundredth of recognising."""
    from ingest.audio import decode
    from ingest.channels import mixed
    from ingest.crosstalk import without_leakage

    blocks = _stoppable(decode(path), path.name, watch)
    if sound.apart:
        return cut_out(without_leakage(blocks, np.array(sound.loud_db, np.float32)), cuts)
    return cut_out(mixed(blocks), cuts)


def _stoppable(blocks: Iterable[Samples], name: str, watch: Watch) -> Iterator[Samples]:
    for block in blocks:
        watch.stop_if_asked(name)
        yield block


def _told(words: Sequence[Word]) -> list[str] | None:
    """Each word's speaker by the engine; ``None`` unless it told of all, since two ways of telling
    voices apart have no labels in common.
    """
    from ingest.transcribe import VoicedWord

    speakers = [word.speaker for word in words if isinstance(word, VoicedWord)]
    return speakers if len(speakers) == len(words) else None


def _renamed(utterances: Sequence[Utterance]) -> list[Utterance]:
    """Labels by first word, without gaps: a voice may have had a turn and no word in it."""
    names = list(dict.fromkeys(u.speaker for u in utterances))
    return [u.model_copy(update={"speaker": f"S{names.index(u.speaker) + 1}"}) for u in utterances]


class _Clock:
    """Watches the blocks go by: tells how far they are, and stops when asked to."""

    def __init__(self, name: str, duration_s: float | None, watch: Watch) -> None:
        self._name, self._duration_s, self._watch = name, duration_s, watch
        self.heard_s = 0.0

    def through(
        self, blocks: Iterable[Samples], stage: str, begin: float, end: float
    ) -> Iterator[Samples]:
        """``begin`` and ``end`` are the part of the stage that this is."""
        self.heard_s = 0.0
        for block in blocks:
            self._watch.stop_if_asked(self._name)
            self.heard_s += block.shape[1] / RATE
            if self._duration_s:
                done = begin + (end - begin) * self.heard_s / self._duration_s
                self._watch.progress(stage, min(done, 0.99))
            yield block
