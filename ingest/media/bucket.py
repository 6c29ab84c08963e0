"""Media in an S3-compatible bucket, through obstore.

A big file goes up in parts and is there only when the store has joined them all; it is read back
in pieces, each a request of its own that is tried again by itself.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError

from ingest.errors import NotFound, Unavailable
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
from ingest.media.s3 import FETCH, open_store, telling

PART = 8 << 20  # bytes of a part on its way up; S3 takes 10,000 of them, so 80 GB
AT_ONCE = 2  # parts on their way at once: with these the memory is bounded


class Bucket:
    """A bucket, or what of it lies under ``prefix``. See ``Media`` for what its methods promise.

    A request may last ``timeout_s``, and is tried again for ``patience_s`` before the store counts
    as unreachable. ``scratch`` is the folder where whole files lie while they are read.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str,
        *,
        scratch: Path,
        timeout_s: float = 60.0,  # a request carries a part at most: 8 MiB in it are 1.1 Mbit/s
        patience_s: float = 45.0,
    ) -> None:
        self._called = f"s3://{bucket}/{prefix}".rstrip("/")
        self._scratch = scratch
        self._store = open_store(bucket, prefix, timeout_s=timeout_s, patience_s=patience_s)

    def keep(
        self,
        path: Path,
        *,
        limit: int,
        given: bool = False,  # noqa: ARG002
        sha256: str | None = None,
    ) -> Kept:
        """``given`` changes nothing: the bytes have to travel in any case."""
        size = check_size(path, limit)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        check_hash(path, digest, sha256)
        name = name_for(digest, path)
        there = self._size(name)
        if there == size:
            return Kept(name=name, sha256=digest, new=False)
        try:
            with self._telling(name):
                self._send(name, path, digest, over=there is not None)
        except AlreadyExistsError:
            pass  # another process was faster with the same bytes
        if self._size(name) != size:
            raise Unavailable(
                f"{self._called} did not keep {path.name} whole; try again in a while."
            )
        return Kept(name=name, sha256=digest, new=True)

    def _send(self, name: str, path: Path, digest: str, *, over: bool) -> None:
        """``over``: what is there now are not those bytes."""
        parts = _parts(path, digest)
        if path.stat().st_size <= PART:
            whole = b"".join(parts)
            obstore.put(self._store, _key(name), whole, mode="overwrite" if over else "create")
        else:
            obstore.put(self._store, _key(name), parts, chunk_size=PART, max_concurrency=AT_ONCE)

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Fetched under its own name, its hash checked, and removed afterwards."""
        size = self.size(name)
        self._scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        clear(self._scratch, "*")
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            path = Path(folder) / name
            digest = hashlib.sha256()
            with room_for(name, self._scratch), path.open("wb") as sink:
                for block in self._pieces(name, 0, size, FETCH):
                    digest.update(block)
                    sink.write(block)
            if digest.hexdigest() != name[:64]:
                raise Unavailable(
                    f"What {self._called} gives for {name} are not the bytes that were stored; "
                    "look at the bucket, or add the file again."
                )
            yield path

    def here(self, name: str) -> Path | None:  # noqa: ARG002 - nothing of it is on this machine
        return None

    def size(self, name: str) -> int:
        found = self._size(name)
        if found is None:
            self._require_bucket()
            raise NotFound(f"The file {name} is missing from {self._called}.")
        return found

    def read(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        return self._pieces(name, start, stop, BLOCK)

    def erase(self, name: str) -> None:
        try:
            with self._telling(name):
                obstore.delete(self._store, _key(name))
        except NotFound:
            pass  # it is gone already

    def names(self, older_s: float = 0.0) -> Iterator[str]:
        before = datetime.now(UTC) - timedelta(seconds=older_s)
        listed = iter(obstore.list(self._store, chunk_size=1000))
        while True:
            with self._telling("its files"):
                some = next(listed, None)
            if some is None:
                return
            for one in some:
                name = one["path"].rpartition("/")[2]
                old = not older_s or one["last_modified"] <= before
                if old and is_name(name) and one["path"] == _key(name):
                    yield name

    def _pieces(self, name: str, start: int, stop: int, most: int) -> Iterator[bytes]:
        while start < stop:
            end = min(start + most, stop)
            with self._telling(name):
                block = bytes(obstore.get_range(self._store, _key(name), start=start, end=end))
            if len(block) != end - start:
                raise Unavailable(f"{self._called} gave a part of {name} only; try again.")
            start = end
            yield block

    def _size(self, name: str) -> int | None:
        """How long the object is; ``None`` when there is no such object, or no such bucket."""
        try:
            with self._telling(name):
                return obstore.head(self._store, _key(name))["size"]
        except NotFound:
            return None

    def _telling(self, name: str) -> AbstractContextManager[None]:
        return telling(self._called, name, "FIRSTHAND_MEDIA_URL")

    def _require_bucket(self) -> None:
        """A missing object and a missing bucket answer a HEAD alike; a list tells them apart."""
        for _name in self.names():
            return


def _key(name: str) -> str:
    return f"{name[:2]}/{name}"


def _parts(path: Path, digest: str) -> Iterator[bytes]:
    """The file's blocks. Raises when it is no longer what it was, so that nothing is stored."""
    again = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(PART):
            again.update(block)
            yield block
    check_hash(path, again.hexdigest(), digest)
