"""Voices are counted, and told apart in time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from eval.diarization import error_rate
from ingest.diarize import Diarization, VoiceLog, diarize
from ingest.models import RATE, Piece, Samples, Turn
from ingest.pieces import pieces
from ingest.voice_groups import find_voices
from ingest.voices import SIZE, Voices
from tests.conftest import SHARED
from tests.ingest.sounds import blocks, silence, speech

SENTENCE_S = 2.5


def sentences(name: str, *, pitch: float = 1.0) -> list[Samples]:
    """Stretches of one voice of about ``SENTENCE_S``, higher or lower as if it were another's."""
    voice = speech(name)
    at = np.arange(0, len(voice) - 1, pitch)
    shifted = np.interp(at, np.arange(len(voice)), voice).astype(np.float32)
    size = round(SENTENCE_S * RATE)
    return [shifted[i : i + size] for i in range(0, len(shifted) - size, size)]


def conversation(order: str, voices: dict[str, list[Samples]]) -> tuple[Samples, list[Turn]]:
    """The voices in that order, 0.6 s between them, and the turns as they truly are."""
    sound, turns = [silence(0.6)], []
    at = 0.6
    queues = {name: list(parts) for name, parts in voices.items()}
    for name in order:
        part = queues[name].pop(0)
        turns.append(Turn(name, at, at + len(part) / RATE))
        sound += [part, silence(0.6)]
        at += len(part) / RATE + 0.6
    return np.concatenate(sound), turns


def heard(sound: Samples, hint: int | None = None) -> Diarization:
    log = VoiceLog()
    for piece in pieces(blocks(sound)):
        log.hear(piece)
    return diarize(log, speakers_hint=hint)


@pytest.fixture(scope="module")
def three_voices() -> dict[str, list[Samples]]:
    return {
        "A": sentences("two_cities.wav"),
        "B": sentences("two_cities.wav", pitch=1.3),
        "C": sentences("two_cities.wav", pitch=0.78),
    }


def labels(found: Sequence[Turn]) -> list[str]:
    return list(dict.fromkeys(turn.speaker for turn in found))


def test_three_voices_are_told_apart(three_voices: dict[str, list[Samples]]) -> None:
    sound, turns = conversation("ABCABBACCABCAB", three_voices)
    found = heard(sound)
    assert labels(found.turns) == ["S1", "S2", "S3"]
    rates = error_rate(turns, found.turns)
    assert rates["confused"] < 0.01
    assert rates["der"] < 0.15  # the readers pause inside their sentences
    starts = [turn.start_s for turn in found.turns]
    assert starts == sorted(starts)


def test_the_change_is_where_it_is(three_voices: dict[str, list[Samples]]) -> None:
    sound, turns = conversation("AABBAABB", three_voices)
    found = heard(sound)
    changes = [b.start_s for a, b in pairwise(turns) if a.speaker != b.speaker]
    got = [b.start_s for a, b in pairwise(found.turns) if a.speaker != b.speaker]
    assert got == pytest.approx(changes, abs=1.0)


def test_one_voice_is_one_speaker() -> None:
    found = heard(speech("two_cities.wav"))
    assert labels(found.turns) == ["S1"]
    assert found.doubt > 0.5  # in a call somebody else should have been there
    assert heard(speech("two_cities.wav"), hint=1).doubt < 0.3


def test_a_hint_bounds_the_number(three_voices: dict[str, list[Samples]]) -> None:
    sound, _ = conversation("ABCABCABC", three_voices)
    assert labels(heard(sound, hint=2).turns) == ["S1", "S2"]


def test_nobody_spoke() -> None:
    assert diarize(VoiceLog()) == Diarization((), 0.0)


def test_a_word_alone_is_a_speaker_and_doubtful() -> None:
    log = VoiceLog()
    log.hear(Piece(0, 3.0, speech("beckett.wav")[: RATE // 2], ((3.1, 3.4),)))
    found = diarize(log)
    assert labels(found.turns) == ["S1"]
    assert found.turns[0].start_s == pytest.approx(3.0, abs=0.11)
    assert found.doubt > 0.5


def drawn(rng: np.random.Generator, voice: Samples, count: int, noise: float) -> Voices:
    """Windows of one voice: the voice and as much noise as windows have."""
    rows = voice + noise * rng.standard_normal((count, SIZE)) / np.sqrt(SIZE)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def invented(rng: np.random.Generator, alike: float) -> Samples:
    """A voice whose cosine with any other is about ``alike``."""
    common = np.ones(SIZE) / np.sqrt(SIZE)
    own = rng.standard_normal(SIZE)
    own -= (own @ common) * common
    own /= np.linalg.norm(own)
    return np.asarray(np.sqrt(alike) * common + np.sqrt(1 - alike) * own, np.float32)


@pytest.mark.parametrize("speakers", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("alike", [0.5, 0.7])
def test_voices_are_counted(speakers: int, alike: float) -> None:
    rng = np.random.default_rng(speakers)
    voices = np.concatenate(
        [drawn(rng, invented(rng, alike), 10 + 30 * k, 0.55) for k in range(speakers)]
    )
    found = find_voices(voices, np.full(len(voices), 1.6))
    assert len(found.means) == speakers
    assert found.doubt < 0.5


def test_voices_that_are_nearly_one_are_doubtful() -> None:
    rng = np.random.default_rng(0)
    a = invented(rng, 0.8)
    b = invented(rng, 0.8)
    between = np.concatenate([drawn(rng, a, 60, 0.5), drawn(rng, b, 60, 0.5)])
    assert find_voices(between, np.full(120, 1.6)).doubt > 0.25


def test_the_same_sound_again_is_no_new_voice() -> None:
    rng = np.random.default_rng(1)
    voice = invented(rng, 0.5)
    windows = drawn(rng, voice, 60, 0.55)
    jingle = drawn(rng, voice, 1, 1.0)
    voices = np.concatenate([windows, np.repeat(jingle, 9, axis=0)])
    assert len(find_voices(voices, np.full(len(voices), 1.6)).means) == 1


def test_thousands_of_windows_are_no_burden() -> None:
    rng = np.random.default_rng(2)
    voices = np.concatenate([drawn(rng, invented(rng, 0.6), 4000, 0.55) for _ in range(3)])
    assert len(find_voices(voices, np.full(len(voices), 1.6)).means) == 3


@pytest.mark.skipif(not (SHARED / "audio").is_dir(), reason="no shared audio on this machine")
def test_a_real_answer_is_one_speaker() -> None:
    from ingest.audio import decode

    log = VoiceLog()
    for piece in pieces(decode(SHARED / "audio" / "spacewalk.flac")):
        log.hear(piece)
    assert labels(diarize(log).turns) == ["S1"]
