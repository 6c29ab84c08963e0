import json
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from eval.pronounce import without_stage
from ingest.accounts import read_accounts
from ingest.audio import decode, probe
from ingest.library import Library
from ingest.models import RATE, Samples, Transcript
from service import codebook_files, sample
from service.codebook import list_codes
from service.sample import SampleRecording

EVAL = Path(__file__).parents[2] / "eval"
LARKSPUR = EVAL / "corpora" / "larkspur"


def truth(recording: SampleRecording) -> dict[str, object]:
    loaded = json.loads((EVAL / "spoken" / f"{recording.call_id}.json").read_bytes())
    assert isinstance(loaded, dict)
    return loaded


def spoken(recording: SampleRecording) -> list[tuple[int, str, str, float, float, str]]:
    """(i, speaker, role, start_s, end_s, text) of each utterance."""
    utterances = truth(recording)["utterances"]
    assert isinstance(utterances, list)
    return [
        (u["i"], u["speaker"], u["role"], u["start_s"], u["end_s"], u["text"]) for u in utterances
    ]


@cache
def sound(recording: SampleRecording) -> Samples:
    return np.concatenate(list(decode(recording.path)), axis=1)


def level(samples: Samples, start_s: float, end_s: float) -> float:
    """Decibels below full scale."""
    part = samples[round(start_s * RATE) : round(end_s * RATE)]
    return float(10 * np.log10(np.mean(np.square(part)) + 1e-12))


each_recording = pytest.mark.parametrize(
    "recording", sample.recordings(), ids=lambda r: r.path.name
)


def test_every_call_is_there_once_as_sound_or_as_text() -> None:
    texts = [p.stem for p in sample.calls()]
    recorded = [r.call_id for r in sample.recordings()]
    assert sorted(texts + recorded) == [f"LC-{n:03}" for n in range(1, 25)]
    assert len(sample.calls(without_recorded=False)) == 24


def test_what_is_shipped_is_the_corpus() -> None:
    assert sample.accounts().read_bytes() == (LARKSPUR / "accounts.csv").read_bytes()
    for path in sample.calls(without_recorded=False):
        assert path.read_bytes() == (LARKSPUR / "calls" / path.name).read_bytes()


def test_the_codebook_is_whole_and_loads_twice_as_once(library: Library) -> None:
    codes = codebook_files.import_file(library, sample.codebook())
    assert codes == codebook_files.import_file(library, sample.codebook())
    with library.read() as connection:
        assert len(list_codes(connection)) == len(codes) == 8
    assert {"pain", "request", "praise", "competitor"} == {code.kind for code in codes}
    assert all(code.definition and code.include and code.exclude for code in codes)


def test_the_codebook_is_not_the_truth_it_is_measured_by() -> None:
    written = sample.codebook().read_text(encoding="utf-8").casefold()
    truth = json.loads((LARKSPUR / "truth.json").read_bytes())
    for theme in truth["themes"]:
        assert theme["label"].casefold() not in written
        assert theme["statement"].casefold() not in written


def test_sizes_and_kinds() -> None:
    recordings = sample.recordings()
    assert sum(r.path.stat().st_size for r in recordings) <= 6_000_000
    assert sum(r.path.suffix == ".ogg" for r in recordings) >= 4
    assert {"opus"} == {probe(r.path).codec for r in recordings}
    assert sum(r.stereo for r in recordings) == 1
    assert {2, 3, 4} == {len({line[1] for line in spoken(r)}) for r in recordings}


def test_the_index_gives_nobody_away() -> None:
    index = (sample.accounts().parent / "recordings" / "index.json").read_text(encoding="utf-8")
    for recording in sample.recordings():
        for _, speaker, *_ in spoken(recording):
            assert speaker not in index
    assert "customer" not in index
    assert "internal" not in index


@each_recording
def test_a_recording_is_as_long_and_as_wide_as_said(recording: SampleRecording) -> None:
    found = probe(recording.path)
    assert found.duration_s is not None
    assert 240 <= found.duration_s <= 360
    assert found.duration_s == pytest.approx(truth(recording)["duration_s"], abs=0.2)
    assert found.channels == (2 if recording.stereo else 1)


@each_recording
def test_a_recording_stands_for_its_transcript(recording: SampleRecording) -> None:
    path = LARKSPUR / "calls" / f"{recording.call_id}.json"
    call = Transcript.model_validate_json(path.read_bytes())
    assert (recording.account_id, recording.date, recording.title) == (
        call.account_id,
        call.date,
        call.title,
    )
    assert recording.account_id in {a.account_id for a in read_accounts(sample.accounts())}
    roles = {p.name: p.role for p in call.participants}
    lines = spoken(recording)
    for i, speaker, role, _, _, text in lines:
        assert text == without_stage(call.utterances[i].text)
        assert speaker == call.utterances[i].speaker
        assert role == roles[speaker]
    assert [line[0] for line in lines] == sorted({line[0] for line in lines})
    words = sum(len(line[5].split()) for line in lines)
    assert words >= 0.9 * sum(len(without_stage(u.text).split()) for u in call.utterances)


@each_recording
def test_speech_lies_where_the_ground_truth_says(recording: SampleRecording) -> None:
    mixed = sound(recording).mean(axis=0)
    lines = spoken(recording)
    for (*_, start_s, end_s, _), (*_, next_start_s, _, _) in pairwise(lines):
        assert next_start_s - end_s >= 0.19
        voice = level(mixed, start_s, end_s)
        pause = level(mixed, end_s + 0.05, next_start_s - 0.05)
        assert voice > pause + 15


def test_in_stereo_each_speaker_has_a_channel() -> None:
    (recording,) = (r for r in sample.recordings() if r.stereo)
    left, right = sound(recording)
    first = spoken(recording)[0][1]
    for _, speaker, _, start_s, end_s, _ in spoken(recording):
        own, other = (left, right) if speaker == first else (right, left)
        assert level(own, start_s, end_s) > level(other, start_s, end_s) + 20
