"""Hears a recording: from its file to utterances, in one straight line.

Decode, find the speech, recognise the words, tell the voices apart, put words and voices together.
An engine that tells voices apart itself is believed, and checked against our own ears. The sound
passes through once, a piece at a time, so that a recording of hours needs no more memory than one
of minutes. Only a stereo file is read once more beforehand, to learn whether its channels are two
people's; then the channel is the speaker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from ingest.align import align, align_channels, align_told
from ingest.errors import BadInput, Cancelled
from ingest.models import RATE, Piece, Samples, Turn, Utterance, Word

if TYPE_CHECKING:
    from ingest.diarize import VoiceLog
    from ingest.transcribe import Engine

Progress = Callable[[str, float], None]  # stage, fraction of it from 0 to 1

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
    progress: Progress = lambda _stage, _fraction: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Heard:
    """Hear the recording at ``path``. ``speakers_hint``: how many took part, when known.

    Raises ``BadInput`` when it is no recording or holds no speech, ``TooLarge`` past ``limit_s``,
    ``Cancelled`` soon after ``cancelled()`` turns true, and whatever the engine raises.
    """
    from ingest.audio import decode, probe
    from ingest.channels import channels_differ, mixed
    from ingest.crosstalk import Loudness, without_leakage
    from ingest.diarize import VoiceLog, diarize
    from ingest.pieces import pieces
    from ingest.told_apart import doubt_about

    progress("decode", 0.0)
    recording = probe(path)
    clock = _Clock(path.name, recording.duration_s, progress, cancelled)
    apart = False
    loudness = Loudness()
    if recording.channels == 2:
        blocks = loudness.through(clock.through(decode(path, limit_s=limit_s), "decode"))
        apart = channels_differ(blocks)
    progress("decode", 1.0)

    sound = clock.through(decode(path, limit_s=limit_s), "transcribe")
    log = VoiceLog()
    words: tuple[list[Word], list[Word]] = ([], [])
    if apart:
        found = pieces(without_leakage(sound, loudness.loud_db()))
    else:
        found = _logged(pieces(mixed(sound)), log)
    for piece, heard in engine.hear(found, vocabulary=vocabulary):
        words[piece.channel].extend(heard)
    progress("transcribe", 1.0)
    if not any(words):
        raise BadInput(f"No speech was heard in {path.name}.")

    progress("diarize", 0.0)
    if apart:
        utterances, doubt = align_channels(words), 0.0
    elif (speakers := _told(words[0])) is not None:
        turns = [
            Turn(name, word.start_s, word.end_s)
            for word, name in zip(words[0], speakers, strict=True)
        ]
        utterances = _renamed(align_told(words[0], speakers))
        doubt = doubt_about(turns, log, speakers_hint=speakers_hint)
    else:
        found_turns = diarize(log, speakers_hint=speakers_hint)
        utterances, doubt = _renamed(align(words[0], found_turns.turns)), found_turns.doubt
    progress("diarize", 1.0)
    sure = fmean(word.confidence for side in words for word in side)
    warnings = [WORDS_DOUBTFUL] if sure < _SURE_ENOUGH else []
    if doubt > _DOUBTFUL:
        one = len({u.speaker for u in utterances}) == 1
        warnings.append(ONE_VOICE if one else SPEAKERS_DOUBTFUL)
    return Heard(
        utterances=tuple(utterances),
        duration_s=round(clock.heard_s, 3),
        channels_apart=apart,
        speakers_doubt=round(doubt, 3),
        engine=engine.name,
        model=engine.model,
        warnings=tuple(warnings),
    )


def _logged(found: Iterable[Piece], log: VoiceLog) -> Iterator[Piece]:
    for piece in found:
        log.hear(piece)
        yield piece


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

    def __init__(
        self,
        name: str,
        duration_s: float | None,
        progress: Progress,
        cancelled: Callable[[], bool],
    ) -> None:
        self._name, self._duration_s = name, duration_s
        self._progress, self._cancelled = progress, cancelled
        self.heard_s = 0.0

    def through(self, blocks: Iterable[Samples], stage: str) -> Iterator[Samples]:
        self.heard_s = 0.0
        for block in blocks:
            if self._cancelled():
                raise Cancelled(f"The work on {self._name} was stopped.")
            self.heard_s += block.shape[1] / RATE
            if self._duration_s:
                self._progress(stage, min(self.heard_s / self._duration_s, 0.99))
            yield block
