"""Processes killed at random while recordings come in: all ends once, whole, and not done twice."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from ingest.library import Library, Options
from ingest.pipeline import About
from ingest.tables import jobs
from service.adding import Adding
from service.jobs import OPEN
from service.shapes import Job
from tests.conftest import BIG
from tests.durability.clips import clips
from tests.durability.processes import Web, below, is_worker
from tests.durability.standin import environment, standin
from tests.durability.whole import check_like_undisturbed, check_not_again, check_whole

KILLS, RECORDINGS = (200, 60) if BIG else (15, 12)
BETWEEN_S = (0.2, 4.0)  # between two kills
BURNS_S = 1.0  # of the stand-in, for each recording
WAIT_S = 900.0  # for all to be done, once nothing is killed any more: a loaded machine is slow


@pytest.fixture
def sound(tmp_path: Path) -> dict[Path, str | None]:
    """Recordings, and the engine that is to hear each: a third go to the real one."""
    made = clips(tmp_path / "clips", RECORDINGS)
    return {path: "moonshine" if n % 3 == 0 else None for n, path in enumerate(made)}


def test_nothing_is_lost_and_nothing_is_done_twice(
    tmp_path: Path, sound: Mapping[Path, str | None]
) -> None:
    home = tmp_path / "home"
    chance = random.Random(5)
    with standin(BURNS_S) as served:
        options = Options(
            models=tmp_path,
            transcriber="openai",
            openai_base_url=f"{served.address}/v1",
            openai_model="whisper-1",
        )
        opened = Library(home, options)
        with (
            Always(home, environment(served), tmp_path / "log") as web,
            _coming_in(opened, web, sound),
        ):
            for n in range(KILLS):
                time.sleep(chance.uniform(*BETWEEN_S))
                web.kill(("worker", "hand", "web", "worker")[n % 4], chance)
            wait_until_done(opened, len(sound))
        assert web.killed["web"]
        assert web.killed["worker"]
        check_whole(opened, list(sound))
        check_not_again(opened, sa.create_engine(f"sqlite:///{home / 'jobs.db'}"))
        scratch = Library(tmp_path / "scratch", options)
        check_like_undisturbed(opened, dict(list(sound.items())[:4]), scratch)
        scratch.close()
        opened.close()


class Always:
    """A server that is started again whenever it was killed."""

    def __init__(self, home: Path, env: Mapping[str, str], log: Path) -> None:
        self._home, self._env, self._log = home, env, log
        self._stop = threading.Event()
        self._web = Web(home, env=env, log=log)
        self.address = self._web.address
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self.killed = {"web": 0, "worker": 0, "hand": 0}

    def kill(self, whom: str, chance: random.Random) -> None:
        """SIGKILL the server, its worker, or one of the worker's hands; what is not there, the
        server instead.
        """
        below_web = below(self._web.pid)
        wanted = [pid for pid in below_web if is_worker(pid) == (whom == "worker")]
        if whom == "web" or not wanted:
            whom, pid = "web", self._web.pid
        else:
            pid = chance.choice(wanted)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.killed[whom] += 1

    def __enter__(self) -> Always:
        assert self._web.ready(), self._log.read_text()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._web.end()

    def _keep(self) -> None:
        while not self._stop.wait(0.1):
            if not self._web.lives:
                self._web = Web(self._home, env=self._env, log=self._log, port=self._web.port)


@contextmanager
def _coming_in(library: Library, web: Always, files: Mapping[Path, str | None]) -> Iterator[None]:
    """Files come in meanwhile: by upload, each until it was taken, or by a command that names the
    engine. Every other one comes twice.
    """

    def send() -> None:
        for n, (path, engine) in enumerate(files.items()):
            for _ in range(1 + n % 2):
                if engine is not None:
                    Adding(library, transcriber=engine, report=tell_nobody).receive(path, About())
                while engine is None and not _uploaded(web.address, path):
                    time.sleep(0.2)

    thread = threading.Thread(target=send)
    thread.start()
    yield
    thread.join()


def tell_nobody(_job: Job) -> None:
    pass


def _uploaded(address: str, path: Path) -> bool:
    try:
        with path.open("rb") as file:
            response = httpx2.post(
                f"{address}/api/calls", files={"file": (path.name, file)}, timeout=60
            )
    except httpx2.HTTPError:
        return False
    assert response.status_code == 202, response.text
    return True


def wait_until_done(library: Library, n: int) -> None:
    end = time.monotonic() + WAIT_S
    states: Sequence[str] = ()
    while time.monotonic() < end:
        with library.read() as connection:
            states = connection.scalars(sa.select(jobs.c.state)).all()
        if len(states) == n and not set(OPEN) & set(states):
            return
        time.sleep(0.2)
    raise AssertionError(f"not all was done: {sorted(states)}")
