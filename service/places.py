"""Places for hands: so many at once in all the workers of a server, however many workspaces it has.

A place is a file whose lock is held while a hand is at work, so that a worker which dies gives its
places back. Nobody goes before those who wait: with one workspace nobody ever does.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_POLL_S = 0.1


class Places:
    """``most`` places of one lane, in a folder that all the workers know."""

    def __init__(self, folder: Path, lane: str, most: int) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._files = [folder / f"{lane}-{n}" for n in range(most)]
        self._line = folder / f"{lane}-line"  # its lock is shared by all who wait

    @contextmanager
    def one(self, look: Callable[[], None]) -> Iterator[None]:
        """Hold a place. While there is none, ``look`` is called often; it raises to give up."""
        descriptor = self._wait(look)
        try:
            yield
        finally:
            os.close(descriptor)

    def _wait(self, look: Callable[[], None]) -> int:
        line = _open(self._line)
        try:
            # Whoever has just given its place back would else have it again before any other looks.
            if _lock(line, fcntl.LOCK_EX):
                found = self._free()
                if found is not None:
                    return found
            fcntl.flock(line, fcntl.LOCK_SH)
            while True:
                time.sleep(_POLL_S)
                look()
                found = self._free()
                if found is not None:
                    return found
        finally:
            os.close(line)

    def _free(self) -> int | None:
        for file in self._files:
            descriptor = _open(file)
            if _lock(descriptor, fcntl.LOCK_EX):
                return descriptor
            os.close(descriptor)
        return None


def _open(file: Path) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT, 0o600)


def _lock(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
