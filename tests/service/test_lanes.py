"""Lanes and priorities: a short recording does not wait behind long ones."""

from __future__ import annotations

import json
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from ingest.library import Library, Options
from ingest.models import RATE
from ingest.pipeline import About, receive
from ingest.store import update_call
from ingest.tables import stage_runs
from service import jobs
from service.jobs import OPEN
from service.worker import Worker
from tests.ingest.sounds import speech
from tests.ingest.transcribe.servers import Asked, Reply, serving
from tests.ingest.transcribe.test_hosted import seconds_of_upload

pytest.importorskip("openai", reason="the [openai] extra is not installed")

LONGS = 20
ANSWER = {
    "text": "We chip ice.",
    "words": [
        {"word": word, "start": 0.5 + at, "end": 0.9 + at}
        for at, word in enumerate(("We", "chip", "ice."))
    ],
    "segments": [{"start": 0.0, "end": 100.0, "text": "", "avg_logprob": -0.1}],
}


def recording(path: Path, *, times: int, n: int = 0) -> Path:
    """A voice; ``n`` samples of silence behind it make each file another one."""
    said = np.tile(speech("beckett.wav"), times)
    sound = np.concatenate([said, np.zeros(n, said.dtype)])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32_000).astype("<i2").tobytes())
    return path


def added(library: Library, path: Path, minutes: float) -> str:
    """A job on a recording that says of itself how long it is."""
    call_id = receive(library, path, About()).call_id
    with library.change() as connection:
        update_call(connection, call_id, duration_s=60 * minutes)
        return jobs.enqueue(connection, "ingest", call_id=call_id)


def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(1200):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it never came true")


def test_a_short_recording_passes_twenty_long_ones(
    tmp_path: Path, database_url: str | None
) -> None:
    long_s = len(speech("beckett.wav")) / RATE * 1.3  # between that once and three times
    let_go = threading.Event()

    def answer(asked: Asked) -> Reply:
        if seconds_of_upload(asked) > long_s:
            let_go.wait(120)
        return Reply(json.dumps(ANSWER).encode())

    with serving(answer) as served:
        options = Options(
            models=tmp_path / "models",
            transcriber="openai",
            openai_base_url=f"{served.address}/v1",
            openai_api_key="sk-none",
            database_url=database_url,
        )
        library = Library(tmp_path / "home", options)
        minutes = {
            added(library, recording(tmp_path / f"{n}.wav", times=3, n=n), 95 - 4 * n): 95 - 4 * n
            for n in range(LONGS)
        }
        worker = Worker(library, at_once=1)
        worker.start()
        try:
            wait_until(lambda: len(served.asked) == 1)  # a long one is being heard
            short = added(library, recording(tmp_path / "short.wav", times=1), 0.2)
            wait_until(lambda: state(library, short) not in OPEN)
            assert state(library, short) == "done"
            assert all(state(library, job_id) in OPEN for job_id in minutes)
            let_go.set()
            wait_until(lambda: len(heard(library) - {short}) >= 4)
        finally:
            let_go.set()
            worker.stop()
        order = [minutes[job_id] for job_id in heard_in_order(library) if job_id != short]
        # The first was begun before the others were there; from then on the shortest goes first.
        assert order[1:4] == sorted(set(minutes.values()) - {order[0]})[:3]
        library.close()


def state(library: Library, job_id: str) -> str:
    with library.read() as connection:
        return jobs.get_job(connection, job_id).state


def heard_in_order(library: Library) -> list[str]:
    c = stage_runs.c
    with library.read() as connection:
        done = sa.select(c.job_id).where(c.stage == "transcribe", c.outcome == "done")
        return list(connection.scalars(done.order_by(c.seq)))


def heard(library: Library) -> set[str]:
    return set(heard_in_order(library))
