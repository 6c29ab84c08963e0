"""The small corpus as the model of ``tests/reader.py`` reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.library import Library, Options
from ingest.llm import open_llm
from service.model_reading import see_to
from tests import reader
from tests.llm_server import LlmServer
from tests.postgres import database_of_filled


def opened(home: Path, server: LlmServer, **changed: object) -> Library:
    """The home with a model that is ``server``."""
    model = server.options(**changed)
    options = Options(
        models=home / "models",
        model=model,
        database_url=database_of_filled(),
    )
    library = Library(home, options)
    # Between two tries the server is not waited for.
    vars(library)["_llm"] = open_llm(model, library.engine, sleep=server.sleep)
    return library


@pytest.fixture
def unread(filled_home: Path, llm_server: LlmServer) -> Iterator[Library]:
    """Four calls that the model is still to read; it is honest unless a test changes it."""
    llm_server.model = reader.honest
    library = opened(filled_home, llm_server)
    yield library
    library.close()


@pytest.fixture
def read(unread: Library) -> Library:
    """The same, read and sorted."""
    see_to(unread)
    return unread
