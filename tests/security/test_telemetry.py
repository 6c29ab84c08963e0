"""No library of ours tells its maker that it is used, as onnxruntime does unless told not to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


def left_behind(code: str, home: Path) -> set[str]:
    """What a process that runs this leaves in a user's home."""
    home.mkdir()
    # A user's desk: among others a build server's CI would keep onnxruntime quiet by itself.
    desk = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "LD_LIBRARY_PATH")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**desk, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {path.name for path in home.rglob("*") if path.is_file()}


def test_onnxruntime_would_keep_a_number_for_this_machine(tmp_path: Path) -> None:
    """So that the tests below can fail. Once it does not, the switch in ``ingest`` can go."""
    assert "deviceid" in left_behind("import onnxruntime", tmp_path / "home")


@pytest.mark.parametrize(
    "code",
    [
        "import ingest, onnxruntime",
        "from ingest.embed import open_embedder; open_embedder().embed(['words'])",
        "import service.cli, ingest.library, onnxruntime",
    ],
)
def test_nothing_of_it_is_there_when_we_use_it(tmp_path: Path, code: str) -> None:
    assert left_behind(code, tmp_path / "home") == set()
