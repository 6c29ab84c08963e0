"""The word error rate is computed as published, and over real clips."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eval.speech_recognition import Errors, compare, run, total
from ingest.library import Options
from ingest.transcribe import open_transcriber
from tests.ingest.sounds import BECKETT, spoken

SHARED = Path(os.environ.get("FIRSTHAND_SHARED", Path(__file__).parents[3] / "shared"))


@pytest.mark.parametrize(
    ("reference", "heard", "errors"),
    [
        ("Good morning.", "good morning", Errors(2, 0, 0, 0)),
        ("the red house burned", "the house burned down", Errors(4, 0, 1, 1)),
        ("It's twenty dollars, um, right?", "It is $20 right", Errors(4, 0, 0, 0)),
        ("we do not like it", "we do like it", Errors(5, 0, 1, 0)),
        ("the colour", "the color", Errors(2, 0, 0, 0)),
        ("", "anything at all", Errors(0, 0, 0, 3)),
        ("said and lost", "", Errors(3, 0, 3, 0)),
    ],
)
def test_errors(reference: str, heard: str, errors: Errors) -> None:
    assert compare(reference, heard) == errors


def test_the_total_weighs_clips_by_their_words() -> None:
    both = total([Errors(10, 1, 0, 0), Errors(90, 0, 0, 0)])
    assert both.rate == pytest.approx(0.01)
    assert total([]).rate == 0


def test_a_folder_is_heard(tmp_path: Path) -> None:
    (tmp_path / "beckett.wav").write_bytes(spoken("beckett.wav").read_bytes())
    (tmp_path / "beckett.txt").write_text(BECKETT)
    (tmp_path / "notes.md").write_text("no recording")
    [heard] = run(tmp_path, open_transcriber(Options(models=tmp_path)))
    assert heard.name == "beckett"
    assert heard.errors is not None
    assert heard.errors.rate < 0.1
    assert heard.duration_s == pytest.approx(9.96, abs=0.05)
    assert heard.cpu_s > 0


@pytest.mark.skipif(not (SHARED / "audio").is_dir(), reason="../shared/audio is not there")
def test_read_speech_meets_its_target() -> None:
    engine = open_transcriber(Options(models=Path("none")), "moonshine")
    heard = run(SHARED / "audio", engine, names=("jfk", "preamble", "spacewalk"))
    assert len(heard) == 3
    rates = [clip.errors.rate for clip in heard if clip.errors is not None]
    assert sum(rates) / 3 <= 0.02
