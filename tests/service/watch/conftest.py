"""A folder that is watched."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.library import Library
from tests.service.watch.looking import Looking, started


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    return folder


@pytest.fixture
def looking(library: Library, root: Path) -> Looking:
    return started(library, root)
