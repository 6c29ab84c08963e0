"""Whisper's whole path, offline, with a tiny model that the tests make."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import EngineFailed, MissingPart
from ingest.library import Options
from ingest.models import RATE, Piece
from ingest.transcribe import open_transcriber
from ingest.transcribe.whisper import BATCH, vocabulary_prompt
from ingest.transcribe.whisper_models import available, locate
from tests.ingest.sounds import speech
from tests.ingest.transcribe import tiny_whisper

pytestmark = pytest.mark.whisper


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("faster_whisper", reason="the [whisper] extra is not installed")
    folder = tmp_path_factory.mktemp("models")
    tiny_whisper.make(folder / "whisper-tiny")
    return folder


def some(n: int) -> list[Piece]:
    sound = speech("two_cities.wav")
    cut = [sound[i * RATE : (i + 2) * RATE] for i in range(n)]
    return [Piece(i % 2, 10.0 * i, part, ((10.0 * i, 10.0 * i + 2),)) for i, part in enumerate(cut)]


def test_words_come_back_piece_by_piece_in_order(models: Path) -> None:
    engine = open_transcriber(Options(models=models), "auto")
    assert (engine.name, engine.model) == ("whisper", "whisper-tiny")
    pieces = some(BATCH + 1)
    heard = list(engine.hear(pieces, vocabulary=["Larkspur", "Priya Raman"]))
    assert [piece for piece, _ in heard] == pieces
    assert any(words for _, words in heard)
    for piece, words in heard:
        for word in words:
            assert word.text == word.text.strip() != ""
            assert piece.start_s <= word.start_s <= word.end_s <= piece.end_s + 1e-6
            assert 0 <= word.confidence <= 1


def test_it_is_lazy(models: Path) -> None:
    taken: list[Piece] = []

    def stream() -> Iterator[Piece]:
        for piece in some(2 * BATCH):
            taken.append(piece)
            yield piece

    heard = open_transcriber(Options(models=models), "whisper").hear(stream())
    assert taken == []
    next(heard)
    assert len(taken) == BATCH


def test_a_model_is_found_by_size_name_and_path(models: Path) -> None:
    for name in ("tiny", "whisper-tiny", str(models / "whisper-tiny"), None):
        assert locate(name, models) == models / "whisper-tiny"
    assert locate("small", models) is None
    listed = {info.name: info for info in available(models)}
    assert listed["whisper-tiny"].present
    assert listed["whisper-tiny"].bytes > 100_000
    assert not listed["whisper-small"].present
    assert listed["moonshine-tiny-en"].present


def test_a_missing_model_is_named_and_not_fetched(models: Path) -> None:
    with pytest.raises(MissingPart, match="firsthand models get whisper-small"):
        open_transcriber(Options(models=models, whisper_model="small"), "whisper")


def test_auto_is_moonshine_where_there_is_no_model(tmp_path: Path) -> None:
    engine = open_transcriber(Options(models=tmp_path / "none"))
    assert (engine.name, engine.model) == ("moonshine", "moonshine-tiny-en")


def test_a_damaged_model_says_so(tmp_path: Path) -> None:
    pytest.importorskip("faster_whisper", reason="the [whisper] extra is not installed")
    folder = tmp_path / "whisper-base"
    folder.mkdir()
    (folder / "model.bin").write_bytes(b"nothing")
    with pytest.raises(EngineFailed, match="fetch it again"):
        open_transcriber(Options(models=tmp_path), "whisper")


def test_the_prompt_holds_the_first_names_and_no_more_than_fit() -> None:
    assert vocabulary_prompt([]) is None
    prompt = vocabulary_prompt(["Larkspur", "Larkspur", "$names {x}", "Ana\nLee"])
    assert prompt is not None
    assert "Larkspur, $names {x}, Ana Lee" in prompt
    long = vocabulary_prompt([f"Company {i}" for i in range(1000)])
    assert long is not None
    assert "Company 0" in long
    assert len(long) < 800
