from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.receiver import Receiver, receiving
from tests.service.api.conftest import client as client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one
