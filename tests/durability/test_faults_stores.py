"""Chroma and the store of media fail and come back, in the middle of what is asked of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from ingest.mending import apart
from ingest.pipeline import About, receive
from service import engine, jobs
from service.hands import dismiss
from tests.conftest import BIG
from tests.durability.faults_home import (
    QUICK,
    all_ended,
    check_ready_once,
    command,
    ended,
    jobs_of,
    open_home,
    transcripts,
    until,
    upload,
)
from tests.durability.processes import Web
from tests.ingest.chroma_server import chroma_server
from tests.s3 import Fault, Way, served
from tests.working import work_off

KILLS = 8 if BIG else 1
N = 24 if BIG else 8
FAILED = Fault(
    answer=b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)
SLOW = Fault(wait_s=1.0)


def test_chroma_is_killed_and_started_while_it_is_fed(tmp_path: Path) -> None:
    files = transcripts(tmp_path / "in", N)
    with chroma_server(tmp_path / "chroma") as chroma:
        env = {**QUICK, "FIRSTHAND_VECTORS_URL": chroma.url}
        with Web(tmp_path / "home", env=env, log=tmp_path / "log") as web:
            assert web.ready()
            library = open_home(tmp_path / "home", env)
            with asking(web) as answered:
                for kill in range(KILLS):
                    for path in files[kill::KILLS]:
                        assert upload(web.address, path).status_code == 202
                    until(lambda: any(j.state == "done" for j in jobs_of(library)), "a call")
                    chroma.kill()
                    time.sleep(1.0)
                    chroma.start()
                until(lambda: all_ended(library, N), "all jobs' end")
                until(lambda: not apart(library), "all vectors' being fed")
            assert set(answered) == {200}
            check_ready_once(library, [path.stem for path in files])
            library.close()


@contextmanager
def asking(web: Web) -> Iterator[list[int]]:
    """The status of every answer to a question that is asked over and over meanwhile."""
    over = threading.Event()
    answered: list[int] = []

    def ask() -> None:
        while not over.wait(0.3):
            asked = {"question": "What do customers say about false alarms?"}
            answer = httpx2.post(f"{web.address}/api/ask", json=asked, timeout=60)
            answered.append(answer.status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield answered
    finally:
        over.set()
        thread.join()


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    with served(monkeypatch) as found:
        dismiss()  # hands that know nothing of it
        yield found
        dismiss()


def test_the_media_store_fails_for_some_seconds(tmp_path: Path, way: Way) -> None:
    env = {**QUICK, "FIRSTHAND_MEDIA_URL": "s3://calls/p"}
    files = transcripts(tmp_path / "in", 6)
    with Web(tmp_path / "home", env=env, log=tmp_path / "log") as web:
        assert web.ready()
        library = open_home(tmp_path / "home", env)
        over = failing_for_some_seconds(way)
        adding = command(tmp_path / "home", "add", *map(str, files), env=env)
        assert ended(adding)[0] == 0
        over.join()
        check_ready_once(library, [path.stem for path in files])
        # Again, with files that were taken in before, while the worker is at them.
        more = transcripts(tmp_path / "more", 4, prefix="M")
        for path in more:
            assert upload(web.address, path).status_code == 202
        over = failing_for_some_seconds(way)
        until(lambda: all_ended(library, 10), "all jobs' end")
        over.join()
        check_ready_once(library, [path.stem for path in (*files, *more)])
        library.close()


def failing_for_some_seconds(way: Way) -> threading.Thread:
    """Two thirds of what is asked fail, the rest is slow."""
    asked = [0]

    def fault(_line: str) -> Fault:
        asked[0] += 1
        return SLOW if asked[0] % 3 == 0 else FAILED

    way.fault = fault

    def end() -> None:
        time.sleep(8.0 if BIG else 3.0)
        way.fault = lambda _line: None

    thread = threading.Thread(target=end)
    thread.start()
    return thread


def test_a_media_store_that_stays_away_fails_the_job_and_retry_goes_on(
    tmp_path: Path, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "TRIES", 2)  # of nine, which take minutes
    library = open_home(tmp_path / "home", {"FIRSTHAND_MEDIA_URL": "s3://calls/p"})
    [path] = transcripts(tmp_path / "in", 1)
    call_id = receive(library, path, About()).call_id
    with library.change() as connection:
        job_id = jobs.enqueue(connection, "ingest", call_id=call_id)
    way.fault = lambda _line: FAILED
    told: list[str | None] = []
    work_off(library, lambda job: told.append(job.error))
    [job] = jobs_of(library)
    assert job.state == "failed"
    assert job.error is not None
    assert job.error.endswith("does not answer now; try again in a while.")
    assert any((error or "").endswith("It is tried again.") for error in told)
    way.fault = lambda _line: None
    assert jobs.retry(library, job_id).state == "queued"
    work_off(library)
    check_ready_once(library, [path.stem])
    library.close()
