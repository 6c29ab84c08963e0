"""Homes on both databases, with people in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.library import Library, Options
from service.access.users import User, add_user
from tests.postgres import Postgres

NOW = datetime(2026, 6, 3, 9, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Library]:
    """An empty home."""
    url = None
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.make(of="migrated")
    opened = Library(tmp_path / "home", Options(models=tmp_path / "none", database_url=url))
    yield opened
    opened.close()
    if url is not None:
        server.drop(url)


@pytest.fixture
def ada(home: Library) -> User:
    """The admin, without a password: hashing takes its time."""
    with home.change() as connection:
        return add_user(connection, "Ada@example.com", password=None, role="admin", now=NOW)


@pytest.fixture
def bo(home: Library, ada: User) -> User:
    """An editor of the main workspace."""
    assert ada.role_in("main") == "admin"
    with home.change() as connection:
        return add_user(connection, "bo", password=None, role="editor", now=NOW)
