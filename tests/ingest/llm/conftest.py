from __future__ import annotations

from collections.abc import Callable

import pytest

from ingest.library import Library
from ingest.llm import Llm, open_llm
from tests.llm_server import LlmServer

Ask = Callable[..., Llm]


@pytest.fixture
def llm_with(library: Library, llm_server: LlmServer) -> Ask:
    """Opens a model at the test's server with changed options, on the test's empty home."""

    def opened(**changed: object) -> Llm:
        options = llm_server.options(**changed)
        return open_llm(options, library.engine, sleep=llm_server.sleep)

    return opened


@pytest.fixture
def llm(llm_with: Ask) -> Llm:
    return llm_with()
