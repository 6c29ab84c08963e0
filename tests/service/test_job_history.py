"""The list of jobs in the hand: what failed, why, trying again, forgetting; and what time takes."""

from __future__ import annotations

import json
import sqlite3
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from fastapi.testclient import TestClient

from ingest.errors import Conflict, NotFound
from ingest.library import Library
from ingest.pipeline import About, receive
from ingest.tables import jobs as table
from ingest.tables import stage_runs
from service import jobs
from service.api import create_app
from service.cli import main
from service.job_history import forget, history, prune
from service.settings import Settings
from service.shapes import Job
from service.takeover import BOOK_KEPT, JOBS_KEPT
from tests.conftest import ON_POSTGRESQL
from tests.working import work_off


def added(library: Library, path: Path) -> str:
    received = receive(library, path, About())
    with library.change() as connection:
        called: dict[str, object] = {"called": path.name}
        return jobs.enqueue(connection, "ingest", call_id=received.call_id, request=called)


def listed(library: Library) -> list[Job]:
    with library.read() as connection:
        return jobs.list_jobs(connection)


@pytest.fixture
def away(library: Library, plain_call: Path) -> tuple[str, Path]:
    """A job that failed because its file is missing: it lies beside where it ought to."""
    job_id = added(library, plain_call)
    kept = next(p for p in (library.home / "media").rglob("*.md"))
    kept.rename(kept.with_suffix(".away"))
    work_off(library)
    assert [job.state for job in listed(library)] == ["failed"]
    return job_id, kept


@pytest.fixture
def unusable(library: Library, tmp_path: Path) -> str:
    """A job that failed because its file can never be used."""
    # Floats, the last of which is no number: the first minute, which is heard at once, is fine.
    sound = struct.pack("<f", 0.0) * (70 * 8000) + struct.pack("<f", float("nan")) * 8000
    form = struct.pack("<HHIIHH", 3, 1, 8000, 32_000, 4, 32)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", len(sound)) + sound
    path = tmp_path / "no-numbers.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    job_id = added(library, path)
    work_off(library)
    return job_id


def run(library: Library, *args: str) -> Result:
    home = ["--home", str(library.home)]
    return CliRunner().invoke(main, [*home, "jobs", *args], catch_exceptions=False)


on_sqlite = pytest.mark.skipif(ON_POSTGRESQL, reason="the command opens the home folder")


@on_sqlite
def test_what_failed_is_listed_shown_and_tried_again(
    library: Library, away: tuple[str, Path]
) -> None:
    job_id, kept = away
    told = run(library, "--state", "failed").output
    assert job_id in told
    assert "is missing from the media folder" in " ".join(told.split())
    assert run(library, "list", "--state", "done").output == "No jobs are done.\n"
    shown = json.loads(run(library, "show", job_id, "--json").stdout)
    assert [(r["attempt"], r["outcome"]) for r in shown["runs"]][-1] == (1, "failed")
    assert "failed" in run(library, "show", job_id).output
    still = run(library, "retry", job_id)
    assert still.exit_code == 1
    kept.with_suffix(".away").rename(kept)
    again = run(library, "retry", "--failed", "--json")
    assert again.exit_code == 0
    assert [(j["job_id"], j["state"]) for j in json.loads(again.stdout)] == [(job_id, "done")]
    with library.read() as connection:
        runs = history(connection, job_id).runs
    assert {r.attempt for r in runs} == {1, 2, 3}
    assert all(r.seconds >= 0 and r.ended_at.tzinfo is UTC for r in runs)
    assert run(library, "retry", "--failed").output == "No job failed.\n"


@on_sqlite
def test_a_file_that_cannot_be_used_is_said_to_be_gone(library: Library, unusable: str) -> None:
    assert "samples that are not numbers" in " ".join(run(library).output.split())
    result = run(library, "retry", "--failed")
    assert result.exit_code == 1
    assert f"{unusable}: That file was not kept, because it cannot be used" in result.stderr
    assert [job.state for job in listed(library)] == ["failed"]


@on_sqlite
def test_ids_that_are_none_and_usage(library: Library) -> None:
    assert run(library, "show", "nothing").exit_code == 1
    assert run(library, "retry", "nothing").exit_code == 1
    assert run(library, "retry").exit_code == 2
    assert run(library, "--state", "lost").exit_code == 2
    assert run(library).output == "No jobs.\n"


@on_sqlite
def test_a_queued_job_is_stopped_and_forgotten(library: Library, plain_call: Path) -> None:
    job_id = added(library, plain_call)
    assert "stop it first" in run(library, "forget", job_id).stderr
    assert json.loads(run(library, "cancel", job_id, "--json").stdout)["state"] == "cancelled"
    assert run(library, "forget", job_id).exit_code == 0
    assert listed(library) == []


def test_the_list_over_http(library: Library, away: tuple[str, Path]) -> None:
    job_id, _ = away
    with library.change() as connection:
        newest = [jobs.enqueue(connection, "memo") for _ in range(250)][-1]
    app = create_app(library, Settings(home=library.home))
    with TestClient(app, base_url="http://127.0.0.1:8400") as client:
        assert len(client.get("/api/jobs").json()) == 200
        assert newest in {job["job_id"] for job in client.get("/api/jobs").json()}
        assert len(client.get("/api/jobs?limit=3").json()) == 3
        [failed] = client.get("/api/jobs?state=failed").json()
        assert failed["job_id"] == job_id
        assert "missing" in failed["error"]
        assert client.get("/api/jobs?state=failed&kind=memo").json() == []
        assert client.get("/api/jobs?state=lost").status_code == 422
        assert client.get("/api/jobs?limit=0").status_code == 422
        assert client.get(f"/api/jobs/{job_id}/runs").json()["runs"][-1]["outcome"] == "failed"
        origin = {"Origin": "http://127.0.0.1:8400"}
        assert client.delete(f"/api/jobs/{newest}", headers=origin).status_code == 409
        assert client.delete(f"/api/jobs/{job_id}", headers=origin).status_code == 204
        assert client.get(f"/api/jobs/{job_id}").status_code == 404


def test_what_failed_is_kept_until_it_is_forgotten(
    library: Library, away: tuple[str, Path]
) -> None:
    job_id, kept = away
    with library.change() as connection:
        prune(connection, datetime.now(UTC) + timedelta(days=1))
    assert [job.job_id for job in listed(library)] == [job_id]
    assert forget(library, job_id).state == "failed"
    with library.read() as connection:
        assert connection.execute(sa.select(stage_runs)).all() == []
    with pytest.raises(NotFound):
        forget(library, job_id)
    # Added again, its call is taken up where it is.
    kept.with_suffix(".away").rename(kept)
    with library.read() as connection:
        call_id = connection.scalar(sa.text("SELECT call_id FROM calls"))
    with library.change() as connection:
        assert jobs.enqueue(connection, "ingest", call_id=call_id) == job_id
    work_off(library)
    assert [job.state for job in listed(library)] == ["done"]


def test_what_went_well_is_let_go_in_time(library: Library, plain_call: Path) -> None:
    job_id = added(library, plain_call)
    work_off(library)
    old = datetime.now(UTC) - JOBS_KEPT - timedelta(minutes=1)
    with library.change() as connection:
        assert prune(connection, old) == 0
        connection.execute(table.update().values(updated_at=old))
        waiting = jobs.enqueue(connection, "memo")
        assert prune(connection, datetime.now(UTC) - JOBS_KEPT) == 1
        assert connection.execute(sa.select(stage_runs)).all() == []
    assert [job.job_id for job in listed(library)] == [waiting]
    with pytest.raises(Conflict):
        forget(library, waiting)
    assert job_id != waiting


@pytest.mark.skipif(ON_POSTGRESQL, reason="the engine's book lies beside the other tables there")
def test_the_engines_book_does_not_grow_for_ever(library: Library, plain_call: Path) -> None:
    for n in range(3):
        copy = plain_call.with_stem(f"call {n}")
        copy.write_text(plain_call.read_text() + f"\nLin Mori: That was visit {n}.\n")
        added(library, copy)
    work_off(library)
    assert book(library) == [3, 3]
    age(library)
    plain_call.write_text(plain_call.read_text() + "\nLin Mori: That was the last visit.\n")
    added(library, plain_call)
    work_off(library)
    assert book(library) == [1, 1]
    assert [job.state for job in listed(library)] == ["done"] * 4


def book(library: Library) -> list[int]:
    """How many workflows the engine knows, and of how many it has steps."""
    with sqlite3.connect(library.home / "jobs.db") as connection:
        counts = [
            connection.execute(f"SELECT count(DISTINCT workflow_uuid) FROM {name}").fetchone()[0]  # noqa: S608
            for name in ("workflow_status", "operation_outputs")
        ]
    connection.close()
    return counts


def age(library: Library) -> None:
    """Make all that is in the engine's book older than it is kept."""
    ms = int((BOOK_KEPT + timedelta(minutes=1)).total_seconds() * 1000)
    with sqlite3.connect(library.home / "jobs.db") as connection:
        connection.execute(f"UPDATE workflow_status SET created_at = created_at - {ms}")  # noqa: S608
    connection.close()
