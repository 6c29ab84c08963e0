"""A made-up home, made once, for tests of homes with very many calls."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from eval.population import Population
from ingest.embed import DIM
from ingest.library import Library, Options
from tests.once import once

CALLS = 30


def seeds(folder: Path) -> Path:
    """Vectors for the real passages, which take a minute to embed: any will do."""
    path = folder / "seeds.npy"
    rows = np.random.default_rng(7).standard_normal((2_000, DIM)).astype("<f4")
    np.save(path, rows / np.linalg.norm(rows, axis=1, keepdims=True))
    return path


@pytest.fixture(scope="session")
def _made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "made-up", _make) / "home"


def _make(folder: Path) -> None:
    library = Library(folder / "home", Options(models=folder / "models"))
    Population(library, seeds(folder)).grow(CALLS)
    library.close()


@pytest.fixture
def made_up(_made_once: Path, tmp_path: Path) -> Iterator[Library]:
    """A home of the test's own with ``CALLS`` calls of 200 utterances and a codebook."""
    home = tmp_path / "made-up"
    shutil.copytree(_made_once, home)
    opened = Library(home, Options(models=home / "models"))
    yield opened
    opened.close()
