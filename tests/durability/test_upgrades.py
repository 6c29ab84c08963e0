"""What an older program began is finished by the newer one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from ingest import migrations
from ingest.library import Library, Options
from ingest.pipeline import About
from ingest.tables import jobs, stage_runs, workers
from service.adding import Adding
from tests.conftest import ROOT
from tests.durability.clips import clips
from tests.durability.standin import environment, standin
from tests.durability.test_kills import tell_nobody, wait_until_done
from tests.durability.whole import check_whole
from tests.working import work_off

# A worker that says it is another version of the program.
OLDER = """
import importlib.metadata as metadata
import sys

if __name__ == "__main__":  # and not in its child processes
    real = metadata.version
    metadata.version = lambda name: "0.0.1" if name == "firsthand" else real(name)
    from service.cli import main

    main(["--home", sys.argv[1], "worker"])
"""


def test_a_job_that_an_older_worker_began_is_finished_from_where_it_was(tmp_path: Path) -> None:
    (clip,) = clips(tmp_path / "clips", 1)
    with standin(1.0) as slow:
        options = Options(
            models=tmp_path,
            transcriber="openai",
            openai_base_url=f"{slow.address}/v1",
            openai_model="whisper-1",
        )
        library = Library(tmp_path / "home", options)
        Adding(library, transcriber=None, report=tell_nobody).receive(clip, About())
        program = tmp_path / "older.py"
        program.write_text(OLDER)
        older = subprocess.Popen(
            [sys.executable, program, library.home],
            cwd=ROOT,
            env={**os.environ, **environment(slow)},
        )
        try:
            _wait_for_stage(library, "transcribe")
            with library.read() as connection:
                assert connection.scalar(sa.select(workers.c.version)) == "0.0.1"
        finally:
            older.send_signal(signal.SIGKILL)
            older.wait()
        work_off(library)
        wait_until_done(library, 1)
    check_whole(library, [clip])
    with library.read() as connection:
        assert connection.scalar(sa.select(jobs.c.attempt)) == 1
        done = connection.scalars(
            sa.select(stage_runs.c.stage).where(stage_runs.c.outcome == "done")
        ).all()
    assert Counter(done)["decode"] == 1
    library.close()


def test_jobs_of_a_program_without_an_engine_are_done(tmp_path: Path) -> None:
    files = clips(tmp_path / "clips", 2, seconds=2.0)
    library = Library(tmp_path / "home", Options(models=tmp_path))
    adding = Adding(library, transcriber=None, report=tell_nobody)
    for path in files:
        adding.receive(path, About())
    # As that program left them: one was at work, and nothing was known of attempts.
    with library.change() as connection:
        one = sa.select(sa.func.min(jobs.c.job_id)).scalar_subquery()
        connection.execute(jobs.update().where(jobs.c.job_id == one).values(state="working"))
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with library.engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
    library.close()

    newer = Library(tmp_path / "home", Options(models=tmp_path))
    work_off(newer)
    check_whole(newer, files)
    newer.close()


def _wait_for_stage(library: Library, stage: str) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with library.read() as connection:
            if connection.scalar(sa.select(jobs.c.stage)) == stage:
                return
        time.sleep(0.05)
    raise AssertionError(f"it never came to {stage}")
