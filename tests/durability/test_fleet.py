"""Several machines on PostgreSQL and a bucket, of which some are lost for good."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.library import Library, Options
from ingest.pipeline import About
from ingest.tables import jobs
from service.adding import Adding
from tests import s3
from tests.conftest import BIG
from tests.durability.clips import clips
from tests.durability.processes import Program
from tests.durability.standin import environment, standin
from tests.durability.test_kills import tell_nobody, wait_until_done
from tests.durability.whole import check_not_again, check_whole

RECORDINGS = 60 if BIG else 12
BURNS_S = 2.0


def test_machines_lost_for_good_are_taken_over_from(
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
        for machine in machines[:2]:
            _wait_for_work(opened)
            machine.kill(all_of_it=True)
        wait_until_done(opened, len(files))
        assert [machine.lives for machine in machines] == [False, False, True, True]
        check_whole(opened, files)
        check_not_again(opened, opened.engine, "dbos")


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
