from __future__ import annotations

from datetime import date

import pytest

from ingest.library import Library
from service.drafting import draft_and_save
from service.shapes import Filters


@pytest.fixture
def memo_id(filled: Library) -> str:
    """A memo on the small corpus, drafted and untouched."""
    made = draft_and_save(filled, filters=Filters(top=20), today=date(2026, 6, 1))
    return made.id
