"""What surrounds the program fails and comes back: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import base64
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa

from ingest.library import Library
from ingest.pipeline import About, receive
from ingest.tables import stage_runs
from service import engine, takeover, workers
from service.jobs import enqueue
from tests.conftest import BIG
from tests.durability.clips import clips
from tests.durability.faults_home import (
    QUICK,
    all_ended,
    calls_of,
    check_files_whole,
    check_ready_once,
    command,
    ended,
    jobs_of,
    open_home,
    problem,
    transcripts,
    until,
    upload,
)
from tests.durability.processes import Web, below, is_worker
from tests.durability.standin import environment, standin
from tests.postgres import Postgres, own_postgres
from tests.recordings import noise_wav
from tests.working import working

TUS = {"Tus-Resumable": "1.0.0"}
DISK_MB = 40
FULL_S = 20.0 if BIG else 4.0
AWAY_S = 20.0 if BIG else 8.0
N = 40 if BIG else 12
STAGES = 5  # of a transcript
# As a full disk does, for as long as it is full: nothing of what a job came to is written.
REFUSES = """
CREATE TRIGGER steps BEFORE INSERT ON operation_outputs WHEN NEW.function_name = 'store'
BEGIN SELECT RAISE(ABORT, 'there is no room'); END;
CREATE TRIGGER ends BEFORE UPDATE OF status ON workflow_status WHEN NEW.status = 'ERROR'
BEGIN SELECT RAISE(ABORT, 'there is no room'); END;
"""


# --- PostgreSQL ----------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[Postgres]:
    with own_postgres() as running:
        yield running


def test_postgresql_is_stopped_and_started(tmp_path: Path, server: Postgres) -> None:
    url = server.make("firsthand")
    files = transcripts(tmp_path / "in", N)
    [sound, added] = clips(tmp_path / "sound", 2, seconds=12.0)
    with standin(3.0) as ears:
        env = {**QUICK, **environment(ears), "FIRSTHAND_DATABASE_URL": url}
        with Web(tmp_path / "home", env=env, log=tmp_path / "log") as web:
            assert web.ready()
            library = open_home(tmp_path / "home", env)
            [worker] = [pid for pid in below(web.pid) if is_worker(pid)]
            assert upload(web.address, sound).status_code == 202
            until(lambda: ears.asked, "hearing the recording")
            for path in files[:4]:
                assert upload(web.address, path).status_code == 202
            adding = command(tmp_path / "home", "add", str(added), env=env)
            until(lambda: len(jobs_of(library)) == 6, "its job")
            piecewise = announce(web, files[4])
            server.stop()
            since = time.monotonic()
            for status, sentence in (
                problem(httpx2.get(f"{web.address}/api/calls", timeout=60)),
                problem(upload(web.address, files[5])),
                problem(send(piecewise, files[4])),
            ):
                assert (status, "The database does not answer" in sentence) == (503, True)
            assert httpx2.get(f"{web.address}/healthz", timeout=60).status_code == 200
            assert httpx2.get(f"{web.address}/readyz", timeout=60).status_code == 503
            refused = [0]
            coming = threading.Thread(target=insist, args=(web, files[5:], refused))
            coming.start()
            time.sleep(max(0.0, AWAY_S - (time.monotonic() - since)))
            server.start()
            coming.join()
            assert ended(adding)[0] == 0
            assert refused[0] > 0
            # Without a database the door knows nobody and reads no piece: it is sent again.
            assert send(piecewise, files[4]).status_code == 204
            until(lambda: standing(piecewise).get("call_id"), "the upload's call")
            until(lambda: all_ended(library, N + 2), "all jobs' end")
            recordings = {c.call_id for c in calls_of(library)} - {p.stem for p in files}
            assert len(recordings) == 2
            check_ready_once(library, [*recordings, *(path.stem for path in files)])
            assert web.lives
            assert worker in below(web.pid)
            library.close()


def insist(web: Web, files: list[Path], refused: list[int]) -> None:
    """Send each until it is taken."""
    for path in files:
        while (answer := upload(web.address, path)).status_code != 202:
            assert problem(answer)[0] == 503
            refused[0] += 1
            time.sleep(0.3)


def announce(web: Web, path: Path) -> str:
    """An upload in pieces that is to come; its address."""
    name = base64.b64encode(path.name.encode()).decode()
    headers = {
        **TUS,
        "Upload-Length": str(path.stat().st_size),
        "Upload-Metadata": f"filename {name}",
    }
    answer = httpx2.post(f"{web.address}/api/uploads", headers=headers, timeout=60)
    assert answer.status_code == 201
    return web.address + str(answer.headers["Location"])


def send(address: str, path: Path) -> httpx2.Response:
    headers = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    return httpx2.patch(address, headers=headers, content=path.read_bytes(), timeout=60)


def standing(address: str) -> dict[str, object]:
    found: dict[str, object] = httpx2.get(address, headers=TUS, timeout=60).json()
    return found


# --- the disk ------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of ``DISK_MB``."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", place],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        # No package would help, so the gate that wants every package does not fail over it.
        pytest.xfail(f"a small disk cannot be mounted here ({mounted.stderr.decode().strip()})")
    yield place
    # The last of the processes that were told to end may be at it still.
    until(lambda: subprocess.run(["umount", place], check=False).returncode == 0, "unmounting")


def test_the_disk_is_full(tmp_path: Path, small_disk: Path) -> None:
    home = small_disk / "home"
    files = transcripts(tmp_path / "in", 6)
    [sound] = clips(tmp_path / "sound", 1)
    with standin(2.0) as ears:
        env = {**QUICK, **environment(ears), "FIRSTHAND_MIN_FREE_MB": "4"}
        with Web(home, env=env, log=tmp_path / "log") as web:
            assert web.ready()
            library = open_home(home)
            long = noise_wav(tmp_path / "long.wav", DISK_MB * 1_000_000)
            assert problem(upload(web.address, long))[0] in (413, 507)
            assert upload(web.address, sound).status_code == 202
            for path in files[:-1]:
                assert upload(web.address, path).status_code == 202
            until(lambda: ears.asked, "hearing the recording")
            fill(small_disk / "filled")
            since = time.monotonic()
            status, sentence = problem(upload(web.address, files[-1]))
            assert status == 507
            assert "free some space" in sentence
            assert httpx2.get(f"{web.address}/api/calls", timeout=60).status_code == 200
            time.sleep(max(0.0, FULL_S - (time.monotonic() - since)))
            (small_disk / "filled").unlink()
            assert upload(web.address, files[-1]).status_code == 202
            until(lambda: all_ended(library, len(files) + 1), "all jobs' end")
            recording = {c.call_id for c in calls_of(library)} - {p.stem for p in files}
            check_ready_once(library, [*recording, *(path.stem for path in files)])
            library.close()
            assert web.lives
        check_files_whole(home)


def fill(path: Path) -> None:
    """Up to the last byte."""
    block = bytes(1 << 16)
    with path.open("wb", buffering=0) as file:
        for size in (len(block), 4096, 1):
            with suppress(OSError):
                while file.write(block[:size]) == size:
                    pass


def test_a_stage_whose_end_could_not_be_written_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeover, "LOST_S", 1.0)
    [path] = transcripts(tmp_path / "in", 1)
    with closing(open_home(tmp_path / "home")) as library, working(library):
        with closing(sqlite3.connect(library.home / "jobs.db", timeout=60.0)) as book:
            book.executescript(REFUSES)
            queue(library, path)
            until(lambda: stages_done(library), "a stage")
            until(lambda: not engine.at_work(), "the thread's end")
            assert [job.state for job in jobs_of(library)] == ["working"]
            book.executescript("DROP TRIGGER steps; DROP TRIGGER ends;")
        until(lambda: all_ended(library, 1), "the job's end")
        check_ready_once(library, [path.stem])


# --- the clock -----------------------------------------------------------------------------------


def test_the_clock_jumps_an_hour_to_and_fro(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead_s, real = [0.0], time.time
    monkeypatch.setattr(time, "time", lambda: real() + ahead_s[0])
    files = transcripts(tmp_path / "in", 4)
    with closing(open_home(tmp_path / "home")) as library, working(library):

        def jump_while_at_it(path: Path, jump_s: float) -> None:
            before = stages_done(library)
            queue(library, path)
            until(lambda: stages_done(library) > before, "a stage")
            ahead_s[0] += jump_s

        for path, jump_s in zip(files, (3600.0, -7200.0, 3600.0, 0.0), strict=True):
            jump_while_at_it(path, jump_s)
        until(lambda: all_ended(library, len(files)), "all jobs' end")
        check_ready_once(library, [path.stem for path in files])
        assert stages_done(library) == len(files) * STAGES


def queue(library: Library, path: Path) -> None:
    call_id = receive(library, path, About()).call_id
    with library.change() as connection:
        enqueue(connection, "ingest", call_id=call_id)


def stages_done(library: Library) -> int:
    """How often a stage was done; what was not is a fault."""
    with library.read() as connection:
        outcomes = connection.scalars(sa.select(stage_runs.c.outcome)).all()
    assert set(outcomes) <= {"done"}
    return len(outcomes)


def test_a_worker_is_not_dead_because_the_database_s_clock_jumps(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead_s, passed_s = [0.0], [0.0]
    now = time.time()
    for module, name in ((takeover, "_clock"), (workers, "clock")):
        monkeypatch.setattr(module, name, lambda _of: now + passed_s[0] + ahead_s[0])
    monkeypatch.setattr(time, "monotonic", lambda: passed_s[0])
    with closing(open_home(tmp_path / "home", {"FIRSTHAND_DATABASE_URL": postgres_url})) as library:
        me, other, dying = (
            takeover.Takeover(library, name, alone=False) for name in ("me", "other", "dying")
        )

        def living(*beating: takeover.Takeover, seconds: float) -> set[str]:
            """Whom ``me`` holds for living, having looked every three seconds."""
            found: set[str] = set()
            for _ in range(round(seconds / takeover.BEAT_S)):
                passed_s[0] += takeover.BEAT_S
                found = me._living()  # before they beat: a jump makes every beat an old one
                for one in beating:
                    one.beat()
            return found

        assert living(me, other, dying, seconds=6) == {"me", "other", "dying"}
        for jump_s in (3600.0, -3600.0):
            ahead_s[0] += jump_s
            for _ in range(5):
                assert living(me, other, dying, seconds=3) == {"me", "other", "dying"}
            assert workers.workers_living(library) == 3
        ahead_s[0] -= 3600.0
        assert living(me, other, seconds=9) == {"me", "other", "dying"}
        assert living(me, other, seconds=9) == {"me", "other"}
        assert workers.workers_living(library) == 2
