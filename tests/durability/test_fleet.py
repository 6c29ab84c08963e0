"""Several machines on PostgreSQL and a bucket, of which some are lost for good."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.library import Library, Options
from ingest.pipeline import About
from ingest.tables import jobs, stage_runs
from service.adding import Adding
from service.workers import workers_living
from tests import s3
from tests.conftest import BIG
from tests.durability.clips import clips
from tests.durability.processes import Program
from tests.durability.standin import Busy, environment, standin
from tests.durability.test_kills import tell_nobody, wait_until_done
from tests.durability.whole import check_not_again, check_whole

RECORDINGS = 60 if BIG else 12
BURNS_S = 2.0
WAKES_S = 4.0  # for a machine that wakes to go on with what it was at
# How many recordings for how many workers.
PORTIONS = {2: 40, 4: 80} if BIG else {4: 12}


def test_machines_that_are_lost_or_hang_are_taken_over_from(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = clips(tmp_path / "clips", RECORDINGS)
    media = f"s3://{s3.BUCKET}/firsthand"
    with standin(BURNS_S) as served, s3.served(monkeypatch), ExitStack() as held:
        env = {
            **environment(served),
            "FIRSTHAND_DATABASE_URL": postgres_url,
            "FIRSTHAND_MEDIA_URL": media,
            "FIRSTHAND_JOBS_AT_ONCE": "1",
        }
        # Four machines: nothing is shared but the stores.
        machines = [
            held.enter_context(
                Program(tmp_path / f"machine-{n}", "worker", env=env, log=tmp_path / f"log-{n}")
            )
            for n in range(4)
        ]
        options = Options(
            models=tmp_path / "models",
            database_url=postgres_url,
            media_url=media,
            transcriber="openai",
            openai_base_url=env["FIRSTHAND_OPENAI_BASE_URL"],
        )
        opened = Library(tmp_path / "home", options)
        held.callback(opened.close)
        adding = Adding(opened, transcriber=None, report=tell_nobody)
        for path in files:
            adding.receive(path, About())
        gone: list[float] = []
        for machine in machines[:2]:
            _wait_for_work(opened)
            machine.kill(all_of_it=True)
            gone.append(time.time())
        # A third one hangs, as a laptop that was closed does, and wakes after all was done.
        _wait_for_work(opened)
        machines[2].pause()
        gone.append(time.time())
        wait_until_done(opened, len(files))
        machines[2].go_on()
        time.sleep(WAKES_S)
        print(f"\ntaken over after {_taken_over(opened, gone):.0f} s at most")
        assert [machine.lives for machine in machines] == [False, False, True, True]
        check_whole(opened, files)
        check_not_again(opened, opened.engine, "dbos")


def test_every_worker_hears_its_share(tmp_path: Path, postgres_url: str) -> None:
    files = clips(tmp_path / "clips", sum(PORTIONS.values()), seconds=1.5)
    busy = Busy()
    with standin(2 * BURNS_S, busy) as served, ExitStack() as held:
        env = {
            **environment(served),
            "FIRSTHAND_DATABASE_URL": postgres_url,
            "FIRSTHAND_JOBS_AT_ONCE": "1",
        }
        home = tmp_path / "home"
        opened = Library(home, Options(models=tmp_path / "models", database_url=postgres_url))
        held.callback(opened.close)
        adding = Adding(opened, transcriber=None, report=tell_nobody)

        machines: list[Program] = []

        def work(n: int, some: Sequence[Path]) -> float:
            """With ``n`` more workers; calls a minute, once each of them has begun."""
            for _ in range(n):
                program = Program(home, "worker", env=env, log=tmp_path / "log")
                machines.append(held.enter_context(program))
            while workers_living(opened) < len(machines):
                time.sleep(0.1)
            there = _done(opened)
            for path in some:
                adding.receive(path, About())
            while _done(opened) == there:
                time.sleep(0.05)
            first, start = _done(opened), time.monotonic()
            wait_until_done(opened, there + len(some))
            return 60 * (there + len(some) - first) / (time.monotonic() - start)

        before = 0
        for n, some in PORTIONS.items():
            busy.most = 0
            rate = work(n - before, [files.pop() for _ in range(some)])
            print(f"\n{n} workers: {rate:.0f} calls a minute")
            assert busy.most == n
            before = n


def _done(library: Library) -> int:
    with library.read() as connection:
        select = sa.select(sa.func.count()).select_from(jobs).where(jobs.c.state == "done")
        return connection.scalar(select) or 0


def _taken_over(library: Library, gone: Sequence[float]) -> float:
    """Seconds from a machine's end to the first stage of a job of its that another began."""
    with library.read() as connection:
        rows = connection.execute(sa.select(stage_runs)).all()
    began: dict[str, list[tuple[float, str]]] = {}
    for row in rows:
        runs = began.setdefault(row.job_id, [])
        runs.append((row.ended_at.timestamp() - row.seconds, row.executor_id))
    took = [0.0]
    for runs in began.values():
        (_, first), *others = sorted(runs)
        # A job that changed hands was at work when its first machine went.
        for at in [at for at, by in others if by != first][:1]:
            took += [at - max(g for g in gone if g <= at)]
    return max(took)


def _wait_for_work(library: Library) -> None:
    """Until at least three jobs are at work: then whoever is killed is in the middle of one."""
    end = time.monotonic() + 120
    working = 0
    while time.monotonic() < end:
        with library.read() as connection:
            select = sa.select(sa.func.count()).select_from(jobs).where(jobs.c.state == "working")
            working = connection.scalar(select) or 0
        if working >= 3:
            return
        time.sleep(0.1)
    raise AssertionError(f"{working} jobs are at work")
