"""Memory that is blank when it is given out, for libraries that write it to disk unused.

The library beneath Chroma (hnswlib) takes room for vectors to come and writes all of it into its
file: what the program held there before, customers' words among it, would lie in the file for ever.
glibc can overwrite memory as it is taken and given back (``M_PERTURB``, see mallopt(3)). That costs
a little, so it is on only while such a library works. Another C library is left as it is.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_M_PERTURB = -6
_ZEROS = 0xFF  # what is taken is filled with the complement


class _Blank:
    """How many work with blank memory just now, in all threads."""

    def __init__(self) -> None:
        self._n = 0
        self._lock = Lock()

    def add(self, n: int) -> None:
        with self._lock:
            self._n += n
            set_to = getattr(ctypes.CDLL(None), "mallopt", None)
            if set_to is not None:
                set_to(_M_PERTURB, _ZEROS if self._n else 0)


_blank = _Blank()


@contextmanager
def blank_memory() -> Iterator[None]:
    """While inside, the memory that anything in this process takes is blank."""
    _blank.add(1)
    try:
        yield
    finally:
        _blank.add(-1)
