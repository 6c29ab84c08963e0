"""Several processes on one home at the same instant, and stopping a job from another process."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from ingest.library import Library
from ingest.pipeline import About, receive
from ingest.store import update_call
from service.jobs import enqueue, set_fields
from tests.conftest import BIG
from tests.durability.clips import clips
from tests.durability.faults_home import (
    QUICK,
    all_ended,
    check_files_whole,
    check_ready_once,
    command,
    ended,
    known,
    open_home,
    problem,
    transcripts,
    until,
    upload,
)
from tests.durability.processes import Web, below
from tests.durability.standin import environment, standin
from tests.ingest.transcribe.servers import Served

LOCKED_S = 20.0 if BIG else 17.0  # one that writes waits for 15
ROUNDS = 8 if BIG else 2
GONE_S = 30.0  # in which a stopped job's process has to be gone: hearing it would take a minute


@dataclass(frozen=True)
class Running:
    """A server on a home, whose recordings are heard by ``ears`` for a minute each."""

    web: Web
    library: Library
    ears: Served
    refused: str  # what a second server said that began at the same instant


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("together")
    with standin(60.0) as ears, ExitStack() as opened:
        env = {**QUICK, **environment(ears)}
        logs = [folder / f"log-{n}" for n in range(2)]
        both = [opened.enter_context(Web(folder / "home", env=env, log=log)) for log in logs]
        until(lambda: [one.lives for one in both].count(False) == 1, "one server's end")
        [web] = [one for one in both if one.lives]
        assert web.ready()
        library = opened.enter_context(closing(open_home(folder / "home")))
        [refused] = [log.read_text() for one, log in zip(both, logs, strict=True) if one != web]
        yield Running(web, library, ears, refused)


def test_one_of_two_servers_is_refused(running: Running) -> None:
    assert "is in use by another process" in running.refused
    assert "Traceback" not in running.refused


def test_one_file_added_twice_to_a_new_home(tmp_path: Path) -> None:
    """No server: one of them works, the other follows it."""
    [path] = transcripts(tmp_path / "in", 1)
    both = [command(tmp_path / "home", "add", str(path)) for _ in range(2)]
    assert [ended(process)[0] for process in both] == [0, 0]
    with closing(open_home(tmp_path / "home")) as library:
        check_ready_once(library, [path.stem])


def test_commands_while_it_serves(running: Running, tmp_path: Path) -> None:
    web, library = running.web, running.library
    files = transcripts(tmp_path / "in", 1 + ROUNDS, prefix="T")
    before = known(library)
    assert upload(web.address, files[0]).status_code == 202
    until(lambda: all_ended(library, 1), "its end")
    asked = command(library.home, "ask", "What do customers say about false alarms?")
    failed_before(library, files[-1])
    for path in files[1:]:
        same_file_at_once(running, path)
    status, told = ended(asked)
    assert status == 0
    assert "false alarms in March alone" in told
    until(lambda: all_ended(library, len(files)), "all jobs' end")
    check_ready_once(library, [path.stem for path in files], before=before)


def same_file_at_once(running: Running, path: Path) -> None:
    """By upload, twice, and by ``add``."""
    adding = command(running.library.home, "add", str(path))
    time.sleep(1.0)  # what it takes to start
    at_once(*[lambda: upload(running.web.address, path).raise_for_status()] * 2)
    assert ended(adding)[0] == 0


def at_once(*actions: Callable[[], object]) -> None:
    """All of them, begun at the same instant."""
    with ThreadPoolExecutor(len(actions)) as pool:
        for done in [pool.submit(action) for action in actions]:
            done.result()


def failed_before(library: Library, path: Path) -> None:
    """A call of the file whose first attempt came to nothing."""
    call_id = receive(library, path, About()).call_id
    with library.change() as connection:
        job_id = enqueue(connection, "ingest", call_id=call_id)
        set_fields(connection, job_id, state="failed", error="It failed.")
        update_call(connection, call_id, state="failed")


def test_a_job_stopped_while_it_hears_is_gone_at_once(running: Running, tmp_path: Path) -> None:
    web, library = running.web, running.library
    [sound] = clips(tmp_path / "sound", 1)
    before = known(library)
    answer = upload(web.address, sound).json()
    until(lambda: running.ears.asked, "hearing it")
    hands = {pid for pid in below(web.pid) if is_hand(pid)}
    began = time.monotonic()
    stop = httpx2.post(f"{web.address}/api/jobs/{answer['job_id']}/cancel", timeout=60)
    answered_s = time.monotonic() - began
    assert stop.json()["state"] == "cancelled"
    until(lambda: not hands <= set(below(web.pid)), "the hand's end", seconds=GONE_S)
    gone_s = time.monotonic() - began
    print(f"stopping: answered in {answered_s:.2f} s, the process gone after {gone_s:.2f} s")
    told = httpx2.get(f"{web.address}/api/jobs/{answer['job_id']}", timeout=60).json()
    assert (told["state"], told["error"]) == ("cancelled", "stopped by you")
    assert httpx2.get(f"{web.address}/api/calls/{answer['call_id']}", timeout=60).status_code == 404
    # The worker goes on with the next at once; of the first nothing is left.
    [path] = transcripts(tmp_path / "in", 1, prefix="C")
    before |= {answer["call_id"]}
    assert upload(web.address, path).status_code == 202
    until(lambda: all_ended(library, 2), "the next job's end")
    check_ready_once(library, [path.stem], before=before)


def is_hand(pid: int) -> bool:
    try:
        told = Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return False
    return b"spawn_main" in told


def test_another_process_holds_the_lock_of_both_databases(running: Running, tmp_path: Path) -> None:
    web, library = running.web, running.library
    files = transcripts(tmp_path / "in", 6, prefix="L")
    before = known(library)
    for path in files[:-1]:
        assert upload(web.address, path).status_code == 202
    with (
        closing(sqlite3.connect(library.home / "firsthand.db", timeout=60.0)) as calls,
        closing(sqlite3.connect(library.home / "jobs.db", timeout=60.0)) as jobs,
    ):
        for connection in (calls, jobs):
            connection.execute("BEGIN EXCLUSIVE")
        since = time.monotonic()
        assert httpx2.get(f"{web.address}/api/calls", timeout=60).status_code == 200
        status, sentence = problem(upload(web.address, files[-1]))
        assert status == 503
        assert "is busy with another change" in sentence
        time.sleep(max(0.0, LOCKED_S - (time.monotonic() - since)))
    assert upload(web.address, files[-1]).status_code == 202
    until(lambda: all_ended(library, len(files)), "all jobs' end")
    check_ready_once(library, [path.stem for path in files], before=before)
    assert web.lives
    check_files_whole(library.home)
