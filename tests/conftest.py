"""What all tests share: an empty home, the sample as transcripts, and no silent skips in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from ingest.accounts import read_accounts
from ingest.library import Library, Options
from ingest.pipeline import About
from ingest.store import put_accounts
from service.adding import Adding
from tests import corpus
from tests.llm_server import llm_server as llm_server

ROOT = Path(__file__).parent.parent
# Read before the fixture below hides the environment from the tests.
REQUIRE_ALL = os.environ.get("FIRSTHAND_REQUIRE_ALL") == "1"
BIG = os.environ.get("FIRSTHAND_BIG") == "1"
SHARED = Path(os.environ.get("FIRSTHAND_SHARED", ROOT.parent / "shared"))


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine's user reaches a test."""
    for name in list(os.environ):
        if name.startswith("FIRSTHAND_") or name == "OPENAI_API_KEY":
            monkeypatch.delenv(name)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """An empty, open home."""
    opened = Library(tmp_path / "home", Options(models=tmp_path / "models"))
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
    folder = corpus.write(tmp_path_factory.mktemp("corpus"))
    home = tmp_path_factory.mktemp("filled") / "home"
    library = Library(home, Options(models=home / "models"))
    with library.change() as connection:
        put_accounts(connection, read_accounts(folder / "accounts.csv"))
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    for path in sorted((folder / "calls").iterdir()):
        adding.receive(path, About())
    adding.finish()
    assert adding.outcome().errors == ()
    library.close()
    return home


@pytest.fixture
def filled_home(_filled_once: Path, tmp_path: Path) -> Path:
    """A home of the test's own with four calls and five accounts (see ``tests/corpus.py``)."""
    home = tmp_path / "filled"
    shutil.copytree(_filled_once, home)
    return home


@pytest.fixture
def filled(filled_home: Path) -> Iterator[Library]:
    """The filled home, open."""
    opened = Library(filled_home, Options(models=filled_home / "models"))
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
