"""Real Chromium in front of real servers: homes, visits, and what no page may ever do.

Every visit is watched: an error in a script, a breach of the content policy or a request that
leaves loopback fails the test that made it. Screenshots of every room, light and dark, go to the
folder ``FIRSTHAND_SHOTS`` names, else to one that pytest throws away. With
``FIRSTHAND_TEST_ACCOUNTS=1`` every home has accounts, and every visitor signs in as its admin.
With ``FIRSTHAND_TEST_SLOW_MS=2500`` every step of a visitor comes so much later: a test that only
holds on a quick machine is found by it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from ingest.accounts import read_accounts
from ingest.library import Library, Options
from ingest.pipeline import About
from ingest.store import put_accounts
from service import codebook_files
from service import sample as bundled
from service.adding import Adding
from service.hands import dismiss
from tests.browser.people import ADMIN, PASSWORD, let_in
from tests.browser.visits import PATIENCE_MS, Visit
from tests.durability.processes import Web
from tests.once import once
from tests.ports import free_port

# Read before tests hide the environment.
SHOTS = os.environ.get("FIRSTHAND_SHOTS")
ACCOUNTS = os.environ.get("FIRSTHAND_TEST_ACCOUNTS") == "1"
SLOW_MS = float(os.environ.get("FIRSTHAND_TEST_SLOW_MS", "0"))

Serve = Callable[..., Web]
Visits = Callable[..., Visit]


# Of this package only: Playwright's event loop runs in this thread, where other tests want theirs;
# so does the worker that fills the sample's home, which therefore is made before.
@pytest.fixture(scope="package")
def chromium(_sample_once: Path) -> Iterator[Browser]:
    """Debian's Chromium, or Playwright's own where that was installed."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        path = own if Path(own).exists() else shutil.which("chromium")
        if path is None:
            pytest.skip("there is no Chromium; on Debian: apt-get install chromium")
        expect.set_options(timeout=PATIENCE_MS)
        # Its sandbox wants a user that is not root.
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"], slow_mo=SLOW_MS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def _sample_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's transcripts, its codebook and the one stereo recording of it."""
    return once(tmp_path_factory, "sample", _make_sample) / "home"


def _make_sample(folder: Path) -> None:
    home = folder / "home"
    library = Library(home, Options(models=home / "models"))
    with library.change() as connection:
        put_accounts(connection, read_accounts(bundled.accounts()))
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    shortest = min(bundled.recordings(), key=lambda one: one.path.stat().st_size)
    adding.receive(shortest.path, About(shortest.account_id, shortest.date, shortest.title))
    for path in bundled.calls():
        adding.receive(path, About())
    adding.finish()
    assert adding.outcome().errors == ()
    codebook_files.import_file(library, bundled.codebook())
    library.close()
    dismiss()


@pytest.fixture
def sample_home(_sample_once: Path, tmp_path: Path) -> Path:
    """A home of the test's own with the sample in it: 21 calls, one with sound."""
    return Path(shutil.copytree(_sample_once, tmp_path / "sample"))


@pytest.fixture(scope="package")
def sample(_sample_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The sample served, for tests that only look."""
    home = Path(shutil.copytree(_sample_once, tmp_path_factory.mktemp("looked-at") / "home"))
    with served(home) as web:
        yield web


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """``serve(home)``: a server of the test's own, with its worker; ended with the test."""
    opened: list[Web] = []

    def start(home: Path, *args: str, port: int | None = None) -> Web:
        if ACCOUNTS:
            let_in(home)
        web = Web(home, *args, env={}, log=tmp_path / "serve.log", port=port or free_port())
        opened.append(web)
        assert web.ready(), (tmp_path / "serve.log").read_text("utf-8")
        return web

    yield start
    for web in opened:
        web.end()


@contextmanager
def served(home: Path, *args: str) -> Generator[Web]:
    """A server for many tests that only look."""
    if ACCOUNTS:
        let_in(home)
    log = home.parent / "serve.log"
    with Web(home, *args, env={}, log=log) as web:
        assert web.ready(), log.read_text("utf-8")
        yield web


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visits]:
    """``visit(web, "/calls", width=390, dark=True)``: a page of a visitor of its own, watched.

    ``name`` has signed in; ``None`` has not, or is at the machine where nobody has an account.
    """
    made: list[Visit] = []

    def open_(
        web: Web,
        path: str = "/",
        *,
        width: int = 1280,
        dark: bool = False,
        name: str | None = ADMIN if ACCOUNTS else None,
    ) -> Visit:
        one = Visit(chromium, web.address, width=width, dark=dark)
        made.append(one)
        if name is not None:
            one.api("/api/session", "POST", {"name": name, "password": PASSWORD})
        one.go(path)
        return one

    yield open_
    for one in made:
        one.close()
    for one in made:
        assert one.wrong == [], one.wrong


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for screenshots."""
    folder = Path(SHOTS) if SHOTS else tmp_path_factory.mktemp("shots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
