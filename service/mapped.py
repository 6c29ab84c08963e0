"""Vectors by the hundred thousand, in a file without a name that vanishes with this process.

Pages of it are in memory only while they are read, so that many vectors cost no memory.
"""

from __future__ import annotations

import mmap
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

_MAPPED = 1 << 20  # bytes from which on a block lies in a file


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """``vectors`` (rows, width), zeros at first; views of its rows keep it alive."""

    vectors: Vectors
    pages: mmap.mmap | None = None

    @classmethod
    def of(cls, folder: Path, rows: int, width: int) -> Block:
        """The file is made in ``folder`` and has no name there."""
        size = rows * width * 4
        if size < _MAPPED:
            return cls(np.zeros((rows, width), np.float32))
        with tempfile.TemporaryFile(dir=folder) as file:
            file.truncate(size)
            pages = mmap.mmap(file.fileno(), size)
        return cls(np.frombuffer(pages, np.float32).reshape(rows, width), pages)

    def rest(self) -> None:
        """Let go of the memory that reading took; the vectors stay."""
        if self.pages is not None:
            self.pages.madvise(mmap.MADV_DONTNEED)
