"""News of jobs: one stream for all, that goes on after the server was away and holds no thread."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from ingest.library import Library
from service.api.job_feed import LATELY, OVERLAP, start
from service.jobs import enqueue, set_fields
from tests.conftest import ROOT
from tests.ports import comes_to_answer, free_port


@contextmanager
def serving(home: Path, port: int) -> Iterator[str]:
    """The real server without a worker, ended as a person ends it."""
    command = [sys.executable, "-m", "service.cli", "serve", "--no-worker", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--home", str(home)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    address = f"http://127.0.0.1:{port}"
    try:
        assert comes_to_answer(f"{address}/healthz", process)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        told = process.communicate(timeout=120)[1]
    assert "timeout graceful shutdown exceeded" not in told


def events(response: httpx2.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    """Id and job of each event."""
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            yield fields["id"], json.loads(fields["data"])
            fields = {}


def until(found: Iterator[tuple[str, dict[str, Any]]], job_id: str, state: str) -> str:
    """The id of the event in which the job is in this state."""
    return next(at for at, job in found if (job["job_id"], job["state"]) == (job_id, state))


def put(library: Library, job_id: str, **values: object) -> None:
    with library.change() as connection:
        set_fields(connection, job_id, **values)


def queued(library: Library) -> str:
    with library.change() as connection:
        return enqueue(connection, "memo")


def test_what_ended_while_the_server_was_away_is_told_afterwards(filled: Library) -> None:
    port = free_port()
    first, second = queued(filled), queued(filled)
    with (
        serving(filled.home, port) as address,
        httpx2.Client(timeout=120) as client,
        client.stream("GET", f"{address}/api/jobs/events") as response,
    ):
        found = events(response)
        until(found, first, "queued")
        put(filled, first, state="working", stage="memo")
        last = until(found, first, "working")
    put(filled, first, state="done", fraction=1.0)
    with serving(filled.home, port) as address, httpx2.Client(timeout=120) as client:
        headers = {"Last-Event-ID": last}
        with client.stream("GET", f"{address}/api/jobs/events", headers=headers) as response:
            found = events(response)
            until(found, first, "done")
        with client.stream("GET", f"{address}/api/jobs/events", params={"after": last}) as again:
            until(events(again), second, "queued")


def test_sixty_streams_at_once_leave_the_server_free_and_end_with_it(filled: Library) -> None:
    job_id = queued(filled)
    ended: list[str] = []

    def follow(response: httpx2.Response) -> None:
        for _at, job in events(response):
            ended.append(job["state"])

    limits = httpx2.Limits(max_connections=100)
    with ExitStack() as held:
        threads = []
        with serving(filled.home, free_port()) as address:
            client = held.enter_context(httpx2.Client(timeout=120, limits=limits))
            for n in range(60):
                route = f"/api/jobs/{job_id}/events" if n % 2 else "/api/jobs/events"
                response = held.enter_context(client.stream("GET", address + route))
                assert response.status_code == 200
                threads.append(threading.Thread(target=follow, args=(response,)))
                threads[-1].start()
            assert client.get(f"{address}/api/calls").status_code == 200
            put(filled, job_id, state="working", stage="memo")
            while ended.count("working") < 60:
                time.sleep(0.05)
            assert client.get(f"{address}/api/jobs/{job_id}").json()["state"] == "working"
        for thread in threads:
            thread.join(120)
            assert not thread.is_alive()  # the server ended its stream
    assert ended.count("queued") == 60


def test_the_stream_of_one_job_ends_with_the_job(client: TestClient, filled: Library) -> None:
    job_id = queued(filled)
    put(filled, job_id, state="failed", error="It broke.")
    told = client.get(f"/api/jobs/{job_id}/events")
    assert [line for line in told.text.splitlines() if line.startswith("event")] == ["event: job"]
    assert '"state":"failed"' in told.text
    assert client.get("/api/jobs/nothing/events").status_code == 404


def test_one_begins_where_one_was_last_and_a_little_before() -> None:
    at = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    assert start("2026-05-04T12:00:00+00:00") == at - OVERLAP
    assert start("2026-05-04T12:00:00") == at - OVERLAP


@pytest.mark.parametrize(
    "after", [None, "", "yesterday", "0001-01-01", "2026-05-04T12:00:00+99:00"]
)
def test_a_place_that_is_none_is_the_last_hour(after: str | None) -> None:
    assert datetime.now(UTC) - LATELY - start(after) < timedelta(minutes=1)


def test_nobody_begins_in_the_future() -> None:
    assert start("9999-12-31T23:59:59") < datetime.now(UTC)
