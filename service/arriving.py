"""Bytes on their way into a file: block by block, while there is room, the end flushed to disk."""

from __future__ import annotations

import hashlib
import hmac
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.errors import FirsthandError, NoRoom, TooLarge
from ingest.media.port import BLOCK, room_for, too_large

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

CHECKSUMS = ("sha1", "sha256")  # tus asks for the first


class WrongChecksum(FirsthandError):
    """Bytes did not arrive as they were sent; none of them is kept."""

    status = 460


def space_left(folder: Path) -> int:
    """Bytes that may still be written to the disk of ``folder``."""
    return shutil.disk_usage(folder).free


class Sink(io.RawIOBase):
    """The end of a file. ``most`` bytes go into it in all; ``length`` is what was announced.

    Writing raises ``TooLarge`` and ``NoRoom``; what was written before stays.
    """

    def __init__(self, path: Path, *, most: int, length: int | None, least_free: int) -> None:
        self._path, self._most, self._length, self._least = path, most, length, least_free
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
        self.size = os.fstat(self._file).st_size

    def writable(self) -> bool:
        return True

    def require(self, more: int) -> None:
        """Raises ``TooLarge`` and ``NoRoom`` when ``more`` bytes cannot go in."""
        if self.size + more > self._most:
            if self._length is None:
                raise too_large(self._path.name, self.size + more, self._most)
            raise TooLarge(f"{self._path.name} was announced with {self._length} bytes; more came.")
        if space_left(self._path.parent) < self._least + more:
            raise NoRoom(
                f"The disk of {self._path.parent} is full, but for what FIRSTHAND_MIN_FREE_MB "
                "keeps free; free some space and go on."
            )

    def write(self, block: ReadableBuffer) -> int:
        view = memoryview(block)
        length = len(view)
        self.require(length)
        with room_for(self._path.name, self._path.parent):
            while view:
                written = os.write(self._file, view)
                self.size += written
                view = view[written:]
        return length

    def flush(self) -> None:
        if not self.closed:
            with room_for(self._path.name, self._path.parent):
                os.fsync(self._file)

    def close(self) -> None:
        if not self.closed:
            try:
                super().close()  # flushes
            finally:
                os.close(self._file)


class Arriving:
    """One request's bytes of an upload; ``lock`` is the descriptor that holds it.

    Bytes with a ``checksum`` (its kind and digest) wait beside the file until they are known to be
    right: the file holds only what has arrived. ``sink`` is none where all of it is here already.
    """

    def __init__(
        self, sink: Sink | None, path: Path, lock: int, checksum: tuple[str, bytes] | None
    ) -> None:
        self._sink, self._path, self._lock = sink, path, lock
        self._waiting = _Waiting(path.parent, *checksum) if checksum and sink else None

    def write(self, block: bytes) -> None:
        """Raises ``TooLarge`` and ``NoRoom``."""
        if self._sink is None:
            raise TooLarge(f"{self._path.name} is here already; nothing more can come.")
        if self._waiting is None:
            self._sink.write(block)
            return
        self._sink.require(self._waiting.size + len(block))
        with room_for(self._path.name, self._path.parent):
            self._waiting.write(block)

    def end(self) -> None:
        """The request came whole. Raises ``WrongChecksum`` and what ``write`` raises."""
        if self._sink is None:
            return
        if self._waiting is not None:
            for block in self._waiting.checked():
                self._sink.write(block)
        self._sink.flush()

    def close(self) -> None:
        """Let go of the upload. What arrived stays, also of a request that broke off."""
        try:
            if self._waiting is not None:
                self._waiting.close()
            if self._sink is not None:
                self._sink.close()
        finally:
            os.close(self._lock)


class _Waiting:
    """Bytes whose checksum is not known yet, in a file without a name."""

    def __init__(self, folder: Path, kind: str, digest: bytes) -> None:
        self._kind, self._digest = kind, digest
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed with its request
        self.size = 0

    def write(self, block: bytes) -> None:
        self._file.write(block)
        self.size += len(block)

    def checked(self) -> Iterator[bytes]:
        self._file.seek(0)
        # SHA-1 is in the protocol against faults of the line, not against people.
        found = hashlib.new(self._kind, usedforsecurity=False)
        while block := self._file.read(BLOCK):
            found.update(block)
        if not hmac.compare_digest(found.digest(), self._digest):
            raise WrongChecksum(f"The {self._kind} of these bytes is another; send them again.")
        self._file.seek(0)
        while block := self._file.read(BLOCK):
            yield block

    def close(self) -> None:
        self._file.close()
