"""A home under a fault: what is put into it, and that in the end all of it is there, once."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import httpx2
import sqlalchemy as sa

from ingest.library import Library, Options
from ingest.models import Call
from ingest.store import files, list_calls, list_utterances
from ingest.tables import stage_results
from service.jobs import list_jobs
from service.shapes import Job
from tests import corpus
from tests.conftest import ROOT

WAIT_S = 240.0  # for what has to come about: a loaded machine is slow
# A quarter of what there may be, so that one worker is at two files when something breaks.
QUICK = {"FIRSTHAND_JOBS_AT_ONCE": "2", "FIRSTHAND_MIN_FREE_MB": "0"}


def transcripts(folder: Path, n: int, *, prefix: str = "N") -> list[Path]:
    """``n`` calls of nine utterances in native JSON, without accounts."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for i in range(n):
        told = {**corpus.call("FC-1"), "call_id": f"{prefix}-{i:02}", "account_id": None}
        path = folder / f"{prefix}-{i:02}.json"
        path.write_text(json.dumps(told), "utf-8")
        made.append(path)
    return made


def until(true: Callable[[], object], what: str, *, seconds: float = WAIT_S) -> None:
    """Returns once it is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what} did not come about in {seconds:.0f} s"
        time.sleep(0.1)


def upload(address: str, path: Path) -> httpx2.Response:
    return httpx2.post(
        f"{address}/api/calls", files={"file": (path.name, path.read_bytes())}, timeout=120
    )


def problem(answer: httpx2.Response) -> tuple[int, str]:
    """Status and sentence of an answer that has to be a problem document."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["detail"]


def command(home: Path, *args: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """``firsthand`` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "service.cli", "--home", str(home), *args],
        cwd=ROOT,
        env={**os.environ, **QUICK, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its status, once it has ended, and what it said."""
    out, errors = process.communicate(timeout=WAIT_S)
    return process.returncode, out + errors


def open_home(home: Path, env: Mapping[str, str] | None = None) -> Library:
    env = env or {}
    options = Options(
        models=home,
        database_url=env.get("FIRSTHAND_DATABASE_URL"),
        media_url=env.get("FIRSTHAND_MEDIA_URL"),
        vectors_url=env.get("FIRSTHAND_VECTORS_URL"),
    )
    return Library(home, options)


def jobs_of(library: Library) -> list[Job]:
    with library.read() as connection:
        return list_jobs(connection)


def calls_of(library: Library) -> list[Call]:
    with library.read() as connection:
        return list_calls(connection)


def all_ended(library: Library, n: int) -> bool:
    states = [job.state for job in jobs_of(library)]
    return len(states) >= n and not {"queued", "working"} & set(states)


def known(library: Library) -> set[str]:
    """The calls that there are jobs of."""
    return {job.call_id or "" for job in jobs_of(library)}


def check_ready_once(
    library: Library, names: Sequence[str], *, before: Collection[str] = ()
) -> None:
    """Every call is there once, whole and ready, its one job done, and nothing left beside.

    ``before`` are calls that have nothing to do with it.
    """
    new = [call for call in calls_of(library) if call.call_id not in before]
    assert sorted(call.call_id for call in new) == sorted(names)
    assert {call.state for call in new} == {"ready"}
    ended = [job for job in jobs_of(library) if job.call_id not in before]
    assert [(job.state, job.error) for job in ended] == [("done", None)] * len(names)
    with library.read() as connection:
        held = {name: len(list_utterances(connection, name)) for name in names}
        assert connection.scalar(sa.select(sa.func.count()).select_from(stage_results)) == 0
        media = files(connection)
    assert min(held.values()) > 0, held
    assert sorted(library.media.names()) == sorted(media)


def check_files_whole(home: Path) -> None:
    """Neither database of the home is damaged."""
    for name in ("firsthand.db", "jobs.db"):
        with closing(sqlite3.connect(home / name)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], name
