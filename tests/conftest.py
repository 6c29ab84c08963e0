"""What all tests share: an empty home, the sample as transcripts, and no silent skips in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ingest.accounts import read_accounts
from ingest.library import Library, Options
from ingest.pipeline import About
from ingest.store import put_accounts
from service.adding import Adding
from service.hands import dismiss
from tests import corpus
from tests.llm_server import llm_server as llm_server
from tests.once import once
from tests.postgres import Postgres
from tests.postgres import postgres as postgres
from tests.postgres import postgres_url as postgres_url

ROOT = Path(__file__).parent.parent
# Read before the fixture below hides the environment from the tests.
REQUIRE_ALL = os.environ.get("FIRSTHAND_REQUIRE_ALL") == "1"
BIG = os.environ.get("FIRSTHAND_BIG") == "1"
# Which database the homes below are on: the whole suite can be run on PostgreSQL.
ON_POSTGRESQL = os.environ.get("FIRSTHAND_TEST_DATABASE") == "postgresql"
SHARED = Path(os.environ.get("FIRSTHAND_SHARED", ROOT.parent / "shared"))

# No example fails because a machine is slow. The gate tries the same examples each time, so that a
# change is refused for what it did; everywhere else new ones are tried.
settings.register_profile(
    "firsthand",
    settings.get_profile("ci" if REQUIRE_ALL else "default"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("firsthand")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine's user reaches a test."""
    for name in list(os.environ):
        if name.startswith(("FIRSTHAND_", "OTEL_")) or name == "OPENAI_API_KEY":
            monkeypatch.delenv(name)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str | None:
    """Where an empty home's database is; ``None`` is in its folder."""
    return str(request.getfixturevalue("postgres_url")) if ON_POSTGRESQL else None


@pytest.fixture
def library(tmp_path: Path, database_url: str | None) -> Iterator[Library]:
    """An empty, open home."""
    options = Options(models=tmp_path / "models", database_url=database_url)
    opened = Library(tmp_path / "home", options)
    yield opened
    opened.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is required, a skipped test is a failed one."""
    report = yield
    if report.skipped and REQUIRE_ALL and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped although everything is required"
    return report


@pytest.fixture(scope="session")
def _filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small corpus in it, made once and only ever copied."""
    return once(tmp_path_factory, "filled", _fill) / "home"


@pytest.fixture(scope="session")
def _filled_on_postgresql(
    postgres: Postgres, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """The same, and the name of its database."""
    folder = tmp_path_factory.mktemp("filled")
    _fill(folder, postgres.make("filled", of="migrated"))
    return folder / "home", "filled"


def _fill(into: Path, database_url: str | None = None) -> None:
    folder, home = corpus.write(into / "corpus"), into / "home"
    library = Library(home, Options(models=home / "models", database_url=database_url))
    with library.change() as connection:
        put_accounts(connection, read_accounts(folder / "accounts.csv"))
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    for path in sorted((folder / "calls").iterdir()):
        adding.receive(path, About())
    adding.finish()
    assert adding.outcome().errors == ()
    library.close()
    dismiss()  # a database that somebody has open is not copied


@pytest.fixture
def filled_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Where the filled home's database is; ``None`` is in its folder."""
    if not ON_POSTGRESQL:
        yield None
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.make(of=request.getfixturevalue("_filled_on_postgresql")[1])
    yield url
    server.drop(url)


@pytest.fixture
def filled_home(
    request: pytest.FixtureRequest,
    filled_url: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A home of the test's own with four calls and five accounts (see ``tests/corpus.py``)."""
    home = tmp_path / "filled"
    if filled_url is None:
        shutil.copytree(request.getfixturevalue("_filled_once"), home)
    else:
        shutil.copytree(request.getfixturevalue("_filled_on_postgresql")[0], home)
        monkeypatch.setenv("FIRSTHAND_DATABASE_URL", filled_url)
    return home


@pytest.fixture
def filled(filled_home: Path, filled_url: str | None) -> Iterator[Library]:
    """The filled home, open."""
    opened = Library(filled_home, Options(models=filled_home / "models", database_url=filled_url))
    yield opened
    opened.close()


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
