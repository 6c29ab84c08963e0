"""What is found in a folder in which anybody may have put anything."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.errors import BadInput, Unavailable
from service.watch.folder import Unreadable, WatchedFolder
from service.watch.sources import Changed, Entry, is_passed_over, open_source, open_sources

NOBODY = 65534


def found(folder: WatchedFolder) -> dict[str, Entry]:
    return {entry.path: entry for entry in folder.entries(pytest.fail)}


@pytest.mark.parametrize(
    ("path", "over"),
    [
        ("call.vtt", False),
        ("a/call.vtt", False),
        ("call.vtt.part", True),
        ("Unconfirmed 3.crdownload", True),
        ("CALL.TMP", True),
        ("~$call.docx", True),
        ("call.vtt~", True),
        (".call.vtt.Ab12", True),
        (".cache/call.vtt", True),
        ("partial.vtt", False),
    ],
)
def test_what_is_not_finished_is_passed_over(path: str, over: bool) -> None:
    assert is_passed_over(path) == over


def test_files_are_found_and_read_and_nothing_else(tmp_path: Path) -> None:
    outside = tmp_path / "secret.vtt"
    outside.write_text("WEBVTT")
    root = tmp_path / "in"
    (root / "a" / ".git").mkdir(parents=True)
    (root / "a" / "x.vtt").write_bytes(b"x" * 3_000_000)
    (root / "a" / ".git" / "y.vtt").write_text("y")
    (root / "link.vtt").symlink_to(outside)
    (root / "folder").symlink_to(tmp_path)
    os.mkfifo(root / "pipe.vtt")
    folder = WatchedFolder(root)
    there = found(folder)
    assert list(there) == ["a/x.vtt"]
    assert folder.folders() == {root, root / "a"}
    assert b"".join(folder.blocks(there["a/x.vtt"])) == b"x" * 3_000_000


def test_a_link_in_place_of_what_was_found_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere"
    secret.mkdir()
    (secret / "x.vtt").write_text("x")
    root = tmp_path / "in"
    (root / "a").mkdir(parents=True)
    shutil.copy2(secret / "x.vtt", root / "a" / "x.vtt")
    folder = WatchedFolder(root)
    there = found(folder)["a/x.vtt"]
    shutil.rmtree(root / "a")
    (root / "a").symlink_to(secret)
    with pytest.raises(Unreadable):
        list(folder.blocks(there))
    (root / "a").unlink()
    (root / "a").mkdir()
    (root / "a" / "x.vtt").symlink_to(secret / "x.vtt")
    with pytest.raises(Unreadable):
        list(folder.blocks(there))
    (root / "a" / "x.vtt").unlink()
    os.mkfifo(root / "a" / "x.vtt")
    with pytest.raises(Changed):
        list(folder.blocks(there))


def test_a_file_that_changes_while_it_is_read_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "x.vtt"
    path.write_bytes(b"x" * 3_000_000)
    folder = WatchedFolder(tmp_path)
    blocks = folder.blocks(found(folder)["x.vtt"])
    next(blocks)
    with path.open("ab") as more:
        more.write(b"y")
    with pytest.raises(Changed):
        list(blocks)
    with pytest.raises(Changed):  # nor one that has changed since it was found
        list(folder.blocks(Entry("x.vtt", 1, "", "")))
    with pytest.raises(Changed):
        list(folder.blocks(Entry("gone.vtt", 1, "", "")))


def test_a_folder_that_is_away_is_told_and_comes_back(tmp_path: Path) -> None:
    root = tmp_path / "share"
    (root / "a").mkdir(parents=True)
    (root / "a" / "x.vtt").write_text("x")
    folder = WatchedFolder(root)
    assert list(found(folder)) == ["a/x.vtt"]
    root.rename(tmp_path / "away")
    with pytest.raises(Unavailable, match="No such file or directory"):
        found(folder)
    (tmp_path / "away").rename(root)
    assert list(found(folder)) == ["a/x.vtt"]


def test_a_very_deep_folder_is_left(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(70):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "x.vtt").write_text("x")
    told: list[str] = []
    assert list(WatchedFolder(tmp_path).entries(told.append)) == []
    assert len(told) == 1
    assert told[0].endswith("lies too deep; nothing in it is taken in.")


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of a superuser, whom no folder is closed to."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_what_may_not_be_read_does_not_keep_the_rest() -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        for path in (root / "closed" / "x.vtt", root / "open" / "y.vtt", root / "z.vtt"):
            path.parent.mkdir(exist_ok=True)
            path.write_text("x")
        (root / "closed").chmod(0)
        (root / "z.vtt").chmod(0)
        told: list[str] = []
        folder = WatchedFolder(root)
        with as_nobody():
            there = {entry.path: entry for entry in folder.entries(told.append)}
            with pytest.raises(Unreadable, match="Permission denied"):
                list(folder.blocks(there["z.vtt"]))
        assert list(there) == ["open/y.vtt", "z.vtt"]
        assert told == ["The folder closed cannot be read (Permission denied)."]
        (root / "closed").chmod(0o700)
        root.chmod(0)
        with as_nobody(), pytest.raises(Unavailable, match="Permission denied"):
            folder.require()
        root.chmod(0o700)


def test_places_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "call.vtt").write_text("x")
    for name, why in (
        ("nowhere", "There is no folder"),
        ("call.vtt", "add it with `firsthand add`"),
    ):
        with pytest.raises(BadInput, match=why):
            open_source(str(tmp_path / name)).require()
    for url in ("s3://", "http://x/y", "s3://key:secret@bucket/x", "s3://bucket/x?y"):
        with pytest.raises(BadInput, match="cannot be watched"):
            open_source(url)
    home = tmp_path / "watched" / "home"
    for place in (home, home / "media", tmp_path / "watched", tmp_path):
        with pytest.raises(BadInput, match="has the home folder"):
            open_sources([str(place)], home)
    (tmp_path / "link").symlink_to(tmp_path)
    twice = open_sources([str(tmp_path), str(tmp_path / "link")], tmp_path / ".firsthand")
    assert [source.where for source in twice] == [str(tmp_path)]


def test_what_is_kept_here_is_not_watched(tmp_path: Path) -> None:
    home = tmp_path / ".home"
    for place in (home / "media", home / "workspaces" / "b" / "media"):
        with pytest.raises(BadInput, match="has the home folder"):
            open_sources([str(place)], home)
    media = "s3://calls/our/media"
    for url in ("s3://calls", "s3://calls/our/", media, f"{media}/workspaces/b"):
        with pytest.raises(BadInput, match="FIRSTHAND_MEDIA_URL keeps"):
            open_sources([url], home, media)
    for url in ("s3://calls/in", "s3://calls/our/media2", "s3://other/our/media"):
        assert len(open_sources([url], home, media)) == 1
    assert len(open_sources(["s3://calls"], home, "s3://calls/.media")) == 1
