"""What an engine tells of voices, checked against our own ears: true turns, and spoilt ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ingest.diarize import VoiceLog
from ingest.models import Turn
from ingest.pieces import pieces
from ingest.told_apart import NOBODY, SEVERAL, doubt_about, who_at
from tests.ingest.sounds import blocks
from tests.ingest.test_diarize import conversation, sentences

Spoil = Callable[[int, Turn], str]


def test_who_speaks_when() -> None:
    frames, names = who_at([Turn("x", 0.02, 0.05), Turn("y", 0.04, 0.06)], 0.07)
    assert names == ["x", "y"]
    assert frames.tolist() == [NOBODY, NOBODY, 0, 0, SEVERAL, 1, NOBODY, NOBODY]


@pytest.fixture(scope="module")
def call() -> tuple[VoiceLog, list[Turn]]:
    voices = {
        "A": sentences("two_cities.wav"),
        "B": sentences("two_cities.wav", pitch=1.3),
        "C": sentences("two_cities.wav", pitch=0.78),
    }
    sound, turns = conversation("ABCABBACCABCAB", voices)
    log = VoiceLog()
    for piece in pieces(blocks(sound)):
        log.hear(piece)
    return log, turns


def test_true_turns_are_not_doubted(call: tuple[VoiceLog, list[Turn]]) -> None:
    log, turns = call
    assert doubt_about(turns, log) < 0.2


def test_edges_a_little_off_are_not_doubted(call: tuple[VoiceLog, list[Turn]]) -> None:
    log, turns = call
    late = [replace(turn, start_s=turn.start_s + 0.3, end_s=turn.end_s + 0.3) for turn in turns]
    assert doubt_about(late, log) < 0.2


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda _, turn: "A" if turn.speaker == "B" else turn.speaker, id="merged"),
        pytest.param(lambda i, turn: turn.speaker + ("x" if i > 6 else ""), id="split"),
        pytest.param(lambda i, _: "ABC"[i % 3], id="counted"),
        pytest.param(lambda _, __: "A", id="one"),
    ],
)
def test_wrong_labels_are_doubted(call: tuple[VoiceLog, list[Turn]], spoil: Spoil) -> None:
    log, turns = call
    assert doubt_about([replace(t, speaker=spoil(i, t)) for i, t in enumerate(turns)], log) > 0.5


def test_one_voice_is_doubted_unless_one_was_expected() -> None:
    sound, turns = conversation("AAAAAA", {"A": sentences("two_cities.wav")})
    log = VoiceLog()
    for piece in pieces(blocks(sound)):
        log.hear(piece)
    assert doubt_about(turns, log) > 0.5
    assert doubt_about(turns, log, speakers_hint=1) < 0.3


def test_what_cannot_be_checked_is_doubted() -> None:
    assert doubt_about([Turn("A", 0.0, 1.0)], VoiceLog()) == 1.0
