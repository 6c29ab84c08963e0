"""Two workspaces that hold the same call under the same ids.

In folders, and in one PostgreSQL, one bucket and one Chroma server.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest.accounts import read_accounts
from ingest.feeding import feed
from ingest.pipeline import About, process, receive
from ingest.store import put_accounts
from service.settings import Settings
from service.spaces import Space, Spaces
from service.workspaces import add
from tests import corpus
from tests.ingest.chroma_server import chroma_server
from tests.postgres import Postgres
from tests.s3 import BUCKET, served

# Said in calls that only the one has.
THEIRS = ("Greta", "Pinecrest", "clipboard", "Osprey", "auditors", "Quay Fisheries")


@dataclass(frozen=True, slots=True)
class Two:
    """``one`` has four calls and five accounts, ``other`` the first of each, from the same file."""

    settings: Settings
    one: Space
    other: Space


@pytest.fixture(params=["folders", "shared stores"])
def settings(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """A home in which nothing is."""
    here = Settings(home=tmp_path / "home", models=tmp_path / "none", min_free_mb=0)
    if request.param == "folders":
        yield here
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.make()
    with served(monkeypatch), chroma_server(tmp_path / "chroma") as chroma:
        yield here.model_copy(
            update={
                "database_url": SecretStr(url),
                "media_url": f"s3://{BUCKET}/home",
                "vectors_url": chroma.url,
            }
        )
    server.drop(url)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return corpus.write(tmp_path / "corpus")


@pytest.fixture
def two(settings: Settings, files: Path) -> Iterator[Two]:
    add(settings, "one")
    add(settings, "other")
    with Spaces(settings) as spaces:
        one, other = spaces.get("one"), spaces.get("other")
        accounts = read_accounts(files / "accounts.csv")
        for library, some, paths in (
            (one.library, accounts, sorted((files / "calls").iterdir())),
            (
                other.library,
                [accounts[0].model_copy(update={"name": "Tarn Biobank"})],
                [files / "calls" / "FC-1.json"],
            ),
        ):
            with library.change() as connection:
                put_accounts(connection, some)
            for path in paths:
                process(library, receive(library, path, About()).call_id)
            feed(library)
        yield Two(settings, one, other)
