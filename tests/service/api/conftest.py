from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ingest.library import Library
from service.api import create_app
from service.settings import Settings


@pytest.fixture
def client(filled: Library) -> Iterator[TestClient]:
    """The application over the filled home, its worker running, as a browser would reach it."""
    with (
        filled.writing(),
        TestClient(
            create_app(filled, Settings(home=filled.home)),
            base_url="http://127.0.0.1:8400",
            raise_server_exceptions=False,
        ) as opened,
    ):
        yield opened


@pytest.fixture
def plain_call(tmp_path: Path) -> Path:
    """A small transcript of the plain kind that is in no home yet."""
    path = tmp_path / "sable visit.md"
    path.write_text(
        "# Sable Genomics\n\nDate: 2026-06-03\n\n"
        "Ida Kern: What is the hardest part of your week?\n\n"
        "Lin Mori: The ice. We chip ice out of the freezer by hand and lose a morning.\n",
        "utf-8",
    )
    return path
