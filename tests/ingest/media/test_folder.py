from __future__ import annotations

import errno
import hashlib
import os
import time
from pathlib import Path

import pytest

from ingest.errors import BadInput, NoRoom, NotFound, TooLarge
from ingest.library import Library
from ingest.media import Folder
from ingest.pipeline import About, receive


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


def test_a_file_that_is_given_away_becomes_the_kept_one(tmp_path: Path) -> None:
    source = tmp_path / "a.wav"
    source.write_bytes(b"sound")
    media = Folder(tmp_path / "media")
    kept = media.keep(source, limit=10, given=True)
    assert media.here(kept.name).stat().st_ino == source.stat().st_ino
    assert not media.keep(source, limit=10, given=True).new
    source.unlink()
    assert media.here(kept.name).read_bytes() == b"sound"


def test_where_files_cannot_have_two_names_it_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_args: object) -> None:
        raise OSError(errno.EXDEV, "another disk")

    monkeypatch.setattr(os, "link", no_links)
    source = tmp_path / "a.wav"
    source.write_bytes(b"sound")
    media = Folder(tmp_path / "media")
    kept = media.keep(source, limit=10, given=True)
    assert media.here(kept.name).stat().st_ino != source.stat().st_ino
    assert media.here(kept.name).read_bytes() == b"sound"


def test_another_hash_than_announced_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "a.wav"
    source.write_bytes(b"sound")
    media = Folder(tmp_path / "media")
    for given in (False, True):
        with pytest.raises(BadInput, match="is not what was announced"):
            media.keep(source, limit=10, given=given, sha256="0" * 64)
    assert [p for p in media.folder.rglob("*") if p.is_file()] == []
    assert source.read_bytes() == b"sound"


def test_a_broken_file_is_mended_and_ranges_and_names_are_told(tmp_path: Path) -> None:
    source = tmp_path / "a.wav"
    source.write_bytes(b"sound")
    media = Folder(tmp_path / "media")
    name = media.keep(source, limit=10).name
    media.here(name).write_bytes(b"so")
    media.keep(source, limit=10)
    assert b"".join(media.read(name, 1, 4)) == b"oun"
    assert media.size(name) == 5
    (media.folder / name[:2] / "notes.txt").touch()
    assert list(media.names()) == [name]


@pytest.mark.parametrize("given", [False, True])
def test_what_is_kept_is_young_also_when_it_was_there(tmp_path: Path, given: bool) -> None:
    source = tmp_path / "a.wav"
    source.write_bytes(b"sound")
    then = time.time() - 7200
    media = Folder(tmp_path / "media")
    for _ in range(2):
        os.utime(source, (then, then))
        place = media.here(media.keep(source, limit=10, given=given).name)
        assert place.stat().st_mtime > then + 7000
        os.utime(place, (then, then))


def test_a_full_disk_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    source = tmp_path / "a.wav"
    source.write_bytes(b"sound")
    media = Folder(tmp_path / "media")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoRoom, match=r"There is no room for a\.wav in"):
        media.keep(source, limit=10)
    assert list(media.folder.iterdir()) == []


def test_what_a_process_that_died_left_goes_after_a_day(tmp_path: Path) -> None:
    source = tmp_path / "a.wav"
    source.write_bytes(b"sound")
    media = Folder(tmp_path / "media")
    for name, age_h in ((".incoming-old", 25), (".incoming-new", 23)):
        (media.folder / name).mkdir(parents=True)
        then = time.time() - age_h * 3600
        os.utime(media.folder / name, (then, then))
    media.keep(source, limit=10)
    assert [p.name for p in media.folder.glob(".*")] == [".incoming-new"]


def test_the_same_bytes_under_another_ending_are_kept_once(
    library: Library, plain_call: Path
) -> None:
    first = receive(library, plain_call, About())
    again = receive(library, plain_call.rename(plain_call.with_suffix(".txt")), About(title="Ice"))
    assert again.call_id == first.call_id
    assert [Path(name).suffix for name in library.media.names()] == [".md"]
