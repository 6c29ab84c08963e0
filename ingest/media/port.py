"""What a store of media can do, whichever it is, and the names of what lies in it."""

from __future__ import annotations

import errno
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingest.errors import BadInput, NoRoom, TooLarge, shown

BLOCK = 1 << 20
FULL = (errno.ENOSPC, errno.EDQUOT)  # what a disk, or a person's part of it, says when full
LEFT_S = 24 * 3600.0  # after this a working folder belongs to a process that died
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")
_NAME = re.compile(r"[0-9a-f]{64}(?:\.[a-z0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored file: its name in the store and the SHA-256 of its bytes, in hexadecimal.

    ``new`` is false when these bytes were there already.
    """

    name: str
    sha256: str
    new: bool


class Media(Protocol):
    """A store of files that never change. A bucket's raise ``Unavailable`` and ``StoreRefused``."""

    def keep(
        self, path: Path, *, limit: int, given: bool = False, sha256: str | None = None
    ) -> Kept:
        """Store the file at ``path``, read in blocks.

        ``given``: nobody will write to it any more, so it may itself become the stored file.
        ``sha256``: what its bytes must hash to. Raises ``TooLarge`` for one over ``limit`` bytes,
        before reading it, ``BadInput`` when there is nothing to read or another hash, and
        ``NoRoom``; nothing is stored then.
        """

    def local(self, name: str) -> AbstractContextManager[Path]:
        """A file with these bytes to read while the context lasts. Raises ``NotFound``."""

    def here(self, name: str) -> Path | None:
        """The file itself where it lies on this machine, else none. Raises ``NotFound``."""

    def size(self, name: str) -> int:
        """How many bytes the file has. Raises ``NotFound``."""

    def read(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from ``start`` up to before ``stop``, block by block. Raises ``NotFound``."""

    def erase(self, name: str) -> None:
        """Remove the file; it may be gone already."""

    def names(self, older_s: float = 0.0) -> Iterator[str]:
        """The names of all that is stored for so many seconds at least, in no order."""


def name_for(sha256: str, path: Path) -> str:
    """What a file is called in a store. Only a plain ending is taken over: names are hostile."""
    ending = path.suffix.lower()
    return sha256 + (ending if _SUFFIX.fullmatch(ending) else "")


def is_name(text: str) -> bool:
    """Whether a store could have named a file so; what else lies in it is not ours."""
    return _NAME.fullmatch(text) is not None


def check_size(path: Path, limit: int) -> int:
    """The size of the file in bytes. Raises ``BadInput`` and ``TooLarge``."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise BadInput(f"{shown(path.name)} cannot be read ({error.strerror}).") from error
    if size > limit:
        raise too_large(shown(path.name), size, limit)
    if size == 0:
        raise BadInput(f"{shown(path.name)} is empty; nothing was added.")
    return size


def too_large(called: str, size: int, limit: int) -> TooLarge:
    return TooLarge(
        f"{called} has {size / 1e6:,.0f} MB, over the limit of {limit / 1e6:,.0f} MB; "
        "raise FIRSTHAND_MAX_FILE_MB or add a smaller file."
    )


def check_hash(path: Path, is_so: str, must_be: str | None) -> None:
    """Raises ``BadInput`` when the bytes are not the ones that were announced."""
    if must_be is not None and is_so != must_be:
        raise BadInput(
            f"{shown(path.name)} is not what was announced: its SHA-256 is {is_so[:12]}…, not "
            f"{must_be[:12]}…; send it again."
        )


@contextmanager
def room_for(called: str, folder: Path) -> Iterator[None]:
    """Writing into ``folder``. Raises ``NoRoom`` when it is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise NoRoom(
            f"There is no room for {shown(called)} in {folder}; free some space."
        ) from error


def clear(folder: Path, pattern: str) -> None:
    """Remove the working folders that processes which died left behind."""
    for left in folder.glob(pattern):
        try:
            old = time.time() - left.stat().st_mtime > LEFT_S
        except FileNotFoundError:
            continue  # its owner has just removed it
        if old:
            shutil.rmtree(left, ignore_errors=True)
