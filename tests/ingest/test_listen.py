"""A recording goes in, utterances with speakers come out; the engine is the real default one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ingest import audio
from ingest.errors import BadInput, Cancelled, TooLarge
from ingest.library import Options
from ingest.listen import ONE_VOICE, SPEAKERS_DOUBTFUL, Heard, hear
from ingest.models import RATE, Samples
from ingest.transcribe import Engine, open_transcriber
from tests.ingest.sounds import blocks, noise, silence, speech, spoken
from tests.ingest.transcribe.servers import Reply, serving


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


# --- an engine that tells voices apart ----------------------------------------------------------


def pitched(pitch: float, seconds: float) -> Samples:
    voice = speech("two_cities.wav")
    at = np.arange(0, len(voice) - 1, pitch)
    shifted = np.interp(at, np.arange(len(voice)), voice)
    return np.asarray(shifted[: round(seconds * RATE)], np.float32)


def hosted(path: Path, segments: Sequence[tuple[str | None, float, float, str]]) -> Heard:
    """What is heard at ``path`` when the server tells these segments: speaker, start, end, text."""
    pytest.importorskip("openai", reason="the [openai] extra is not installed")
    body = {
        "text": " ".join(text for *_, text in segments),
        "segments": [
            {"speaker": speaker, "start": start, "end": end, "text": text}
            for speaker, start, end, text in segments
        ],
    }
    with serving(lambda _: Reply(json.dumps(body).encode())) as served:
        options = Options(
            models=Path("unused"), openai_base_url=served.address, openai_model="x-diarize"
        )
        return hear(path, open_transcriber(options, "openai"))


@pytest.fixture(scope="module")
def two_voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of a low voice, then twelve of a high one."""
    sound = np.concatenate([pitched(0.78, 12.0), pitched(1.3, 12.0)])
    return recording(tmp_path_factory.mktemp("voices"), sound)


def test_an_engine_that_tells_voices_apart_is_believed(two_voices: Path) -> None:
    heard = hosted(
        two_voices,
        [
            ("<script>B</script>", 0.0, 5.5, "It is slow."),
            ("<script>B</script>", 6.0, 11.5, "So we left."),
            ("A", 12.2, 17.5, "When was that?"),
            ("A", 18.0, 23.0, "Tell me more."),
        ],
    )
    assert [(u.speaker, u.text) for u in heard.utterances] == [
        ("S1", "It is slow. So we left."),
        ("S2", "When was that? Tell me more."),
    ]
    assert heard.speakers_doubt < 0.5
    assert heard.warnings == ()
    assert (heard.engine, heard.model) == ("openai", "x-diarize")


def test_an_engine_that_hears_one_voice_too_few_is_doubted(two_voices: Path) -> None:
    heard = hosted(two_voices, [("A", 0.0, 11.5, "It is slow."), ("A", 12.0, 23.0, "Why so?")])
    assert {u.speaker for u in heard.utterances} == {"S1"}
    assert heard.warnings == (ONE_VOICE,)


def test_an_engine_that_parts_one_voice_in_two_is_doubted(two_voices: Path) -> None:
    heard = hosted(
        two_voices,
        [("A", 0.0, 5.8, "It is slow."), ("B", 5.8, 11.5, "So it is."), ("C", 12.0, 23.0, "Why?")],
    )
    assert heard.warnings == (SPEAKERS_DOUBTFUL,)


def test_where_not_every_word_has_a_speaker_our_own_ears_decide(two_voices: Path) -> None:
    low, high = "So it is slow and so we left in spring.", "And why did you not tell us so before?"
    heard = hosted(two_voices, [("A", 0.0, 11.5, low), (None, 12.2, 23.0, high)])
    assert [(u.speaker, u.text) for u in heard.utterances] == [("S1", low), ("S2", high)]


def test_two_channels_stay_two_speakers_whatever_the_engine_tells(tmp_path: Path) -> None:
    seconds = [("A", float(i), i + 0.9, f"word{i}.") for i in range(24)]
    heard = hosted(recording(tmp_path, *two_sides(0.0)), seconds)
    assert heard.channels_apart
    assert heard.speakers_doubt == 0
    assert {u.speaker for u in heard.utterances} == {"S1", "S2"}
    right = [u for u in heard.utterances if u.speaker == "S2"]
    assert all(8.0 <= (u.start_s or 0) <= 18.5 for u in right)
