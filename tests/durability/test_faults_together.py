"""Several processes on one home at the same instant, and stopping a job from another process."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import sqlalchemy as sa

from ingest.library import Library
from ingest.pipeline import About, receive
from ingest.store import update_call
from ingest.tables import stage_results
from service.jobs import enqueue, set_fields
from tests.conftest import BIG, ROOT
from tests.durability.clips import clips
from tests.durability.faults_home import (
    QUICK,
    all_ended,
    calls_of,
    check_files_whole,
    check_ready_once,
    jobs_of,
    open_home,
    transcripts,
    until,
    upload,
)
from tests.durability.processes import Web, below
from tests.durability.standin import environment, standin

ROUNDS = 8 if BIG else 2
GONE_S = 5.0  # in which a stopped job's process has to be gone; it takes less than one


def command(home: Path, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "service.cli", "--home", str(home), *args],
        cwd=ROOT,
        env={**os.environ, **QUICK},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, errors = process.communicate(timeout=240)
    return process.returncode, out + errors


def at_once(*actions: Callable[[], object]) -> None:
    """All of them, begun at the same instant."""
    gate = threading.Barrier(len(actions))

    def begin(action: Callable[[], object]) -> None:
        gate.wait()
        action()

    threads = [threading.Thread(target=begin, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_many_processes_on_a_new_home(tmp_path: Path) -> None:
    home = tmp_path / "home"
    files = transcripts(tmp_path / "in", 2 + ROUNDS)
    # Two that add the same file to a home that is not there yet: one works, the other waits.
    both = [command(home, "add", str(files[0])) for _ in range(2)]
    assert [ended(process)[0] for process in both] == [0, 0]
    # Two servers: one of them lives.
    servers = [Web(home, env=QUICK, log=tmp_path / f"log-{n}") for n in range(2)]
    try:
        until(lambda: [s.lives for s in servers].count(False) == 1, "one server's end")
        [web] = [server for server in servers if server.lives]
        [refused] = [n for n, server in enumerate(servers) if not server.lives]
        assert "is in use by another process" in (tmp_path / f"log-{refused}").read_text()
        assert web.ready()
        library = open_home(home)
        asked = command(home, "ask", "What do customers say about false alarms?")
        added = command(home, "add", str(files[1]))
        assert ended(added)[0] == 0
        status, told = ended(asked)
        assert status == 0
        assert "false alarms in March alone" in told
        failed_before(library, files[-1])
        for path in files[2:]:
            same_file_at_once(web, home, path)
        until(lambda: all_ended(library, len(files)), "all jobs' end")
        check_ready_once(library, [path.stem for path in files])
        library.close()
        check_files_whole(home)
    finally:
        for server in servers:
            server.end()


def same_file_at_once(web: Web, home: Path, path: Path) -> None:
    """By upload, twice, and by ``add``."""
    adding = command(home, "add", str(path))
    time.sleep(1.0)  # what it takes to start
    at_once(*[lambda: upload(web.address, path).raise_for_status()] * 2)
    assert ended(adding)[0] == 0


def failed_before(library: Library, path: Path) -> None:
    """A call of the file whose first attempt came to nothing."""
    call_id = receive(library, path, About()).call_id
    with library.change() as connection:
        job_id = enqueue(connection, "ingest", call_id=call_id)
        set_fields(connection, job_id, state="failed", error="It failed.")
        update_call(connection, call_id, state="failed")


def test_a_job_stopped_while_it_hears_is_gone_at_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    [sound] = clips(tmp_path / "sound", 1)
    with standin(60.0) as ears:
        env = {**QUICK, **environment(ears)}
        with Web(home, env=env, log=tmp_path / "log") as web:
            assert web.ready()
            library = open_home(home)
            answer = upload(web.address, sound).json()
            until(lambda: ears.asked, "hearing it")
            hands = {pid for pid in below(web.pid) if is_hand(pid)}
            began = time.monotonic()
            stop = httpx2.post(f"{web.address}/api/jobs/{answer['job_id']}/cancel")
            answered_s = time.monotonic() - began
            assert stop.json()["state"] == "cancelled"
            until(lambda: not hands <= set(below(web.pid)), "the hand's end", seconds=GONE_S)
            print(
                f"stopping: answered in {answered_s:.2f} s, "
                f"the process gone after {time.monotonic() - began:.2f} s"
            )
            [job] = jobs_of(library)
            assert (job.state, job.error) == ("cancelled", "stopped by you")
            assert calls_of(library) == []
            assert list(library.media.names()) == []
            with library.read() as connection:
                assert connection.scalar(sa.select(sa.func.count()).select_from(stage_results)) == 0
            assert httpx2.get(f"{web.address}/api/calls/{answer['call_id']}").status_code == 404
            # The worker goes on with the next at once.
            [path] = transcripts(tmp_path / "in", 1)
            assert upload(web.address, path).status_code == 202
            until(lambda: all_ended(library, 2), "the next job's end")
            assert [c.state for c in calls_of(library)] == ["ready"]
            library.close()


def is_hand(pid: int) -> bool:
    try:
        told = Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return False
    return b"spawn_main" in told
