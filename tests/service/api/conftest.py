from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from ingest.library import Library
from service.api import create_app
from service.settings import Settings
from service.worker import Worker
from tests.service.api.masked import _private_once as _private_once
from tests.service.api.masked import private as private
from tests.service.api.masked import private_memo as private_memo
from tests.working import working


@pytest.fixture
def client(filled: Library) -> Iterator[TestClient]:
    """The application over the filled home, as a browser would reach it; nobody works on jobs."""
    with TestClient(
        create_app(filled, Settings(home=filled.home)),
        base_url="http://127.0.0.1:8400",
        raise_server_exceptions=False,
    ) as opened:
        yield opened


@pytest.fixture
def worker(filled: Library) -> Iterator[Worker]:
    """A worker that does the jobs of the filled home meanwhile."""
    with working(filled) as one:
        yield one
