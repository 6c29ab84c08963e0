"""Media in a folder of the home.

A file is hashed, flushed to disk and only then gets its name, so that a name is only ever seen
with the whole content behind it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ingest.errors import NotFound
from ingest.media.port import (
    BLOCK,
    Kept,
    check_hash,
    check_size,
    clear,
    is_name,
    name_for,
    room_for,
)


class Folder:
    """The media folder of a home. See ``Media`` for what its methods promise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(
        self, path: Path, *, limit: int, given: bool = False, sha256: str | None = None
    ) -> Kept:
        size = check_size(path, limit)
        self.folder.mkdir(parents=True, exist_ok=True)
        clear(self.folder, ".incoming-*")
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".incoming-") as beside:
            with room_for(path.name, self.folder):
                source = _linked(path, Path(beside)) if given else None
                digest = _copied(path, Path(beside)) if source is None else _flushed(source)
            check_hash(path, digest, sha256)
            name = name_for(digest, path)
            place = self._place(name)
            there = _renewed(place)
            if there != size:
                # Of another size it is not those bytes: something outside broke it.
                os.utime(Path(beside) / "file")
                _put(Path(beside) / "file", place)
        return Kept(name=name, sha256=digest, new=there is None)

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        yield self.here(name)

    def here(self, name: str) -> Path:
        place = self._place(name)
        if not place.is_file():
            raise NotFound(f"The file {name} is missing from the media folder {self.folder}.")
        return place

    def size(self, name: str) -> int:
        return self.here(name).stat().st_size

    def read(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        with self.here(name).open("rb") as file:
            file.seek(start)
            while start < stop and (block := file.read(min(BLOCK, stop - start))):
                start += len(block)
                yield block

    def erase(self, name: str) -> None:
        """Its folder goes too, once that is empty."""
        place = self._place(name)
        place.unlink(missing_ok=True)
        with suppress(OSError):  # others lie in it, or it is gone already
            place.parent.rmdir()

    def names(self, older_s: float = 0.0) -> Iterator[str]:
        for place in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            with suppress(FileNotFoundError):  # erased meanwhile
                age_s = time.time() - place.stat().st_mtime
                if is_name(place.name) and (not older_s or age_s >= older_s):
                    yield place.name

    def _place(self, name: str) -> Path:
        return self.folder / name[:2] / name


def _renewed(place: Path) -> int | None:
    """The size of what is there, if anything; its call comes next, so it is no stray of old."""
    try:
        os.utime(place)
        return place.stat().st_size
    except FileNotFoundError:
        return None


def _linked(path: Path, beside: Path) -> Path | None:
    """The same file under a second name, where the file system can do that."""
    try:
        os.link(path, beside / "file")
    except OSError:
        return None  # another disk, or no links there: it is copied
    return beside / "file"


def _flushed(path: Path) -> str:
    with path.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
        os.fsync(source.fileno())
    return digest


def _copied(path: Path, beside: Path) -> str:
    digest = hashlib.sha256()
    descriptor = os.open(beside / "file", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as sink, path.open("rb") as source:
        while block := source.read(BLOCK):
            digest.update(block)
            sink.write(block)
        sink.flush()
        os.fsync(sink.fileno())
    return digest.hexdigest()


def _put(file: Path, place: Path) -> None:
    place.parent.mkdir(exist_ok=True)
    try:
        file.replace(place)
    except FileNotFoundError:  # its folder was erased as empty in between
        place.parent.mkdir(exist_ok=True)
        file.replace(place)
    _sync(place.parent)


def _sync(folder: Path) -> None:
    """Flush a folder, so that a name in it outlives a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
