"""What a program had in memory does not get into the files of its vectors."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from ingest.chroma import Chroma

MARK = b"qwobbleplex and so on "


def fill() -> None:
    """Memory that was in use, of many sizes, given back."""
    held = [MARK * n for n in (120, 600, 1200, 3000, 5000, 6000, 6300, 6400) * 12]
    del held


def in_threads() -> None:
    threads = [Thread(target=fill) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's way")
def test_chroma_writes_no_used_memory(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).normal(size=(10, 384)).astype(np.float32)
    for n in range(3):
        in_threads()
        chroma = Chroma(tmp_path / str(n))
        chroma.open()
        for name in ("first", "second"):
            chroma.identity(name)
            for batch in range(2):
                in_threads()
                chroma.add(name, [f"{batch}-{i}" for i in range(10)], vectors)
                chroma.remove(name, [f"{batch}-{i}" for i in range(4)])
        chroma.close()
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert files
    assert [p for p in files if b"qwobble" in p.read_bytes()] == []
