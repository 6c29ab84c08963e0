from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ingest.errors import BadInput, NotFound, TooLarge
from ingest.media import Folder


def test_a_file_is_kept_under_the_hash_of_its_content(tmp_path: Path) -> None:
    source = tmp_path / "Call.WAV"
    source.write_bytes(b"sound" * 1000)
    media = Folder(tmp_path / "media")

    kept = media.keep(source, limit=10_000)

    assert kept.sha256 == hashlib.sha256(b"sound" * 1000).hexdigest()
    assert kept.name == f"{kept.sha256}.wav"
    assert media.here(kept.name).read_bytes() == source.read_bytes()
    assert kept.new
    assert not media.keep(source, limit=10_000).new


@pytest.mark.parametrize("name", ["a.b c", "call.тxt", "noending", "x.toolongending"])
def test_only_a_plain_ending_is_taken_over(tmp_path: Path, name: str) -> None:
    source = tmp_path / name
    source.write_bytes(b"x")
    media = Folder(tmp_path / "media")
    kept = media.keep(source, limit=10)
    assert kept.name == kept.sha256


def test_a_sparse_giant_is_refused_before_it_is_read(tmp_path: Path) -> None:
    source = tmp_path / "giant.wav"
    with source.open("wb") as file:
        file.truncate(10_000_000_000)
    media = Folder(tmp_path / "media")
    with pytest.raises(TooLarge, match=r"giant\.wav has 10,000 MB, over the limit of 1 MB"):
        media.keep(source, limit=1_000_000)
    assert not media.folder.exists()


def test_an_empty_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.mp3").touch()
    media = Folder(tmp_path / "media")
    with pytest.raises(BadInput, match=r"empty\.mp3 is empty"):
        media.keep(tmp_path / "empty.mp3", limit=10)
    with pytest.raises(BadInput, match=r"gone\.mp3 cannot be read"):
        media.keep(tmp_path / "gone.mp3", limit=10)


def test_erasing_removes_the_file_and_may_be_repeated(tmp_path: Path) -> None:
    source = tmp_path / "a.wav"
    source.write_bytes(b"x")
    media = Folder(tmp_path / "media")
    kept = media.keep(source, limit=10)
    media.erase(kept.name)
    media.erase(kept.name)
    with pytest.raises(NotFound):
        media.here(kept.name)
