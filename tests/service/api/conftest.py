from __future__ import annotations

from collections.abc import Iterator

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
