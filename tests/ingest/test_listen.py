"""A recording goes in, utterances with speakers come out; the engine is the real default one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ingest import audio
from ingest.errors import BadInput, Cancelled, TooLarge
from ingest.library import Options
from ingest.listen import ONE_VOICE, Heard, hear
from ingest.models import RATE, Samples
from ingest.transcribe import Engine, open_transcriber
from tests.ingest.sounds import blocks, noise, silence, speech, spoken


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    models = tmp_path_factory.mktemp("models")
    return open_transcriber(Options(models=models), "moonshine")


def recording(folder: Path, *channels: Samples) -> Path:
    path = folder / "call.ogg"
    audio.encode(path, blocks(*channels), rate=RATE)
    return path


def test_one_voice(engine: Engine) -> None:
    stages: list[tuple[str, float]] = []
    heard = hear(
        spoken("beckett.wav"),
        engine,
        progress=lambda stage, fraction: stages.append((stage, fraction)),
    )
    assert {u.speaker for u in heard.utterances} == {"S1"}
    assert "fail better" in heard.utterances[-1].text.lower()
    assert heard.duration_s == pytest.approx(9.96, abs=0.1)
    assert (heard.engine, heard.channels_apart) == ("moonshine", False)
    assert heard.warnings == (ONE_VOICE,)
    assert list(dict.fromkeys(stage for stage, _ in stages)) == ["decode", "transcribe", "diarize"]
    for stage in ("decode", "transcribe", "diarize"):
        fractions = [fraction for name, fraction in stages if name == stage]
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0


def two_sides(leak: float) -> tuple[Samples, Samples]:
    """The left side reads, the right one answers, the left one reads on."""
    reader, answer = speech("two_cities.wav"), speech("beckett.wav")
    left = np.concatenate([reader[: 8 * RATE], silence(len(answer) / RATE), reader[12 * RATE :]])
    right = np.concatenate([silence(8), answer, silence(len(reader) / RATE - 12)])
    left, right = left[: 26 * RATE], right[: 26 * RATE]
    hiss = noise(26, level=0.0003)
    scale = np.float32(leak)
    return left + scale * right + hiss, right + scale * left + hiss


@pytest.mark.parametrize("leak", [0.0, 0.1])
def test_two_channels_are_two_speakers(engine: Engine, tmp_path: Path, leak: float) -> None:
    heard = hear(recording(tmp_path, *two_sides(leak)), engine)
    assert heard.channels_apart
    assert heard.speakers_doubt == 0
    right = " ".join(u.text for u in heard.utterances if u.speaker == "S2").lower()
    left = " ".join(u.text for u in heard.utterances if u.speaker == "S1").lower()
    assert "fail" in right
    assert "fail" not in left
    assert "best of times" in left
    assert "times" not in right
    starts = [u.start_s for u in heard.utterances if u.start_s is not None]
    assert starts == sorted(starts)


def test_two_voices_on_one_channel(engine: Engine, tmp_path: Path) -> None:
    voice = speech("two_cities.wav")
    reader, low = voice[: 12 * RATE], voice[12 * RATE : 22 * RATE]
    slowed = np.interp(np.arange(0, len(low) - 1, 0.8), np.arange(len(low)), low)
    sound = np.concatenate([reader, silence(0.5), slowed.astype(np.float32), silence(0.5)])
    heard: Heard = hear(recording(tmp_path, sound), engine, speakers_hint=2)
    assert not heard.channels_apart
    assert {u.speaker for u in heard.utterances} == {"S1", "S2"}
    for u in heard.utterances:
        assert u.start_s is not None
        assert (u.speaker == "S2") == (u.start_s > 11.9)
    assert 0 < heard.speakers_doubt <= 1


def test_silence_is_told(engine: Engine, tmp_path: Path) -> None:
    path = recording(tmp_path, noise(20, level=0.0005))
    with pytest.raises(BadInput, match=r"No speech was heard in call\.ogg"):
        hear(path, engine)


def test_it_stops_when_asked(engine: Engine) -> None:
    with pytest.raises(Cancelled, match=r"beckett\.wav"):
        hear(spoken("beckett.wav"), engine, cancelled=lambda: True)


def test_too_long_is_refused(engine: Engine) -> None:
    with pytest.raises(TooLarge):
        hear(spoken("beckett.wav"), engine, limit_s=2.0)
