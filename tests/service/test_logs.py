"""The log: each line one object, with what the work is on, and nobody's words at any level."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from ingest.library import Library
from ingest.listen import NOBODY
from ingest.tables import accounts
from service import logs
from service.hands import Failed, Hands, dismiss
from service.handwork import Task
from tests.conftest import ROOT
from tests.ports import comes_to_answer, free_port

MARK = "zanzibar"
TRANSCRIPT = f"""# The {MARK} title

Date: 2026-06-03

Ida {MARK.title()}: What is the hardest part of your {MARK} week?

Lin Mori: The {MARK}. We chip {MARK} out of the freezer by hand and lose a morning.
"""


def ended(client: httpx2.Client, job_id: str) -> dict[str, Any]:
    for _ in range(2400):
        job: dict[str, Any] = client.get(f"/api/jobs/{job_id}").json()
        if job["state"] not in ("queued", "working"):
            return job
        time.sleep(0.1)
    raise AssertionError(f"the job did not end: {job}")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[dict[str, Any]]]:
    """What serve and its worker log at the finest level, while marked words go through them."""
    home, port = tmp_path_factory.mktemp("logs") / "home", free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "service.cli", "serve", "--port", str(port), "--home", str(home)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "FIRSTHAND_LOG": "json", "FIRSTHAND_LOG_LEVEL": "debug"},
    )
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            assert comes_to_answer(f"{client.base_url}/healthz", process)
            account = {"account_id": "A-1", "name": f"The {MARK} laboratory", "arr_usd": 5}
            assert client.put("/api/accounts", json=[account]).status_code == 200
            files = [
                (f"{MARK}.md", TRANSCRIPT.encode(), "done"),
                (f"{MARK}.wav", f"RIFF {MARK}".encode() * 500, "failed"),
            ]
            for name, body, state in files:
                sent = client.post(
                    "/api/calls",
                    files={"file": (name, body)},
                    data={"account_id": "A-1", "title": f"About {MARK}"},
                )
                if sent.status_code == 202:
                    assert ended(client, sent.json()["job_id"])["state"] == state
                else:
                    assert (state, sent.status_code) == ("failed", 422)
            asked = client.post("/api/ask", json={"question": f"Who chips {MARK}?"}).json()
            assert MARK in json.dumps(asked["statements"])
            client.post("/api/ask", json={"question": 5, MARK: MARK})
            client.get(f"/api/calls/{MARK}", params={"q": MARK})
            client.get(f"/{MARK}", headers={"X-Request-Id": MARK})
            client.request(MARK.upper(), f"/{MARK}")
            client.post("/api/codes", json={"label": MARK, "definition": MARK})
            memo = client.post("/api/memos", json={"vision": f"{MARK} for all."}).json()
            assert ended(client, memo["job_id"])["state"] == "done"
    finally:
        process.send_signal(signal.SIGTERM)
        text = process.communicate(timeout=120)[1]
    return text, [json.loads(line) for line in text.splitlines()]


def test_no_word_of_anybody_is_in_it(told: tuple[str, list[dict[str, Any]]]) -> None:
    assert MARK not in told[0].lower()


def test_every_line_says_when_how_bad_and_what(told: tuple[str, list[dict[str, Any]]]) -> None:
    for line in told[1]:
        assert {"time", "level", "logger", "message"} <= line.keys()
    assert any("Firsthand is at http://" in line["message"] for line in told[1])


def test_requests_are_told_by_the_template_of_their_route(
    told: tuple[str, list[dict[str, Any]]],
) -> None:
    answered = [line for line in told[1] if line["message"] == "answered"]
    routes = {(line["method"], line["route"], line["status"]) for line in answered}
    assert ("POST", "/api/ask", 200) in routes
    assert ("POST", "/api/ask", 422) in routes
    assert ("GET", "/api/calls/{call_id}", 404) in routes
    assert ("GET", "unknown", 404) in routes
    assert {method for method, *_ in routes} <= {"GET", "POST", "PUT", "other"}
    assert len({line["request_id"] for line in answered}) == len(answered)
    assert all(line["ms"] >= 0 for line in answered)


def test_stages_are_told_with_what_they_worked_on(
    told: tuple[str, list[dict[str, Any]]],
) -> None:
    stages = [line for line in told[1] if line["message"] == "a stage ended"]
    assert {"store", "decode", "index", "memo"} <= {line["stage"] for line in stages}
    for line in stages:
        assert {"job_id", "attempt", "worker", "outcome", "seconds"} <= line.keys()
    assert all("call_id" in line for line in stages if line["stage"] != "memo")
    index = next(line for line in stages if line["stage"] == "index")
    assert index["outcome"] == "done"


def record(name: str, text: str, *args: object, error: BaseException) -> logging.LogRecord:
    told = (type(error), error, error.__traceback__)
    return logging.LogRecord(name, logging.ERROR, "there.py", 7, text, args, told)


def raised() -> BaseException:
    try:
        try:
            raise KeyError(MARK)
        except KeyError as cause:
            raise ValueError(f"words: {MARK}") from cause
    except ValueError as problem:
        return problem


@pytest.mark.parametrize("formatter", [logs.AsJson(), logs.AsText()])
def test_an_exception_is_told_without_its_message(formatter: logging.Formatter) -> None:
    line = formatter.format(record("service.hands", "it %s", "broke", error=raised()))
    assert MARK not in line
    assert "it broke" in line
    for part in ("builtins.ValueError", "builtins.KeyError", "test_logs.py", "raised"):
        assert part in line


@pytest.mark.parametrize("formatter", [logs.AsJson(), logs.AsText()])
def test_what_others_say_is_told_by_its_place(formatter: logging.Formatter) -> None:
    line = formatter.format(record("dbos", f"The step failed: {MARK}", error=raised()))
    assert MARK not in line
    assert "there:7" in line


def test_a_fault_of_ours_in_a_hand_is_told_without_words(
    library: Library, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "chosen", logs.Log("json", "DEBUG"))
    dismiss()  # a hand keeps the stderr that was there when it began
    task = Task(
        home=library.home,
        options=library.options,
        kind="memo",
        stage="memo",
        call_id=None,
        memo_id="m",
        request={"filters": {"top": MARK}},
        about={"job_id": "j", "attempt": 2},
    )
    with pytest.raises(Failed, match="An unexpected error stopped the work"):
        Hands(1).do(task, NOBODY, 60)
    dismiss()
    told = capfd.readouterr().err
    (line,) = [json.loads(line) for line in told.splitlines()]
    assert (line["level"], line["job_id"], line["attempt"]) == ("ERROR", "j", 2)
    assert "ValidationError" in line["error"][0]
    assert MARK not in told


def test_a_part_of_the_work_has_what_the_whole_has() -> None:
    with logs.about(job_id="j", stage="decode"), logs.about(stage="index", call_id=None):
        line = json.loads(logs.AsJson().format(record("service", "x", error=raised())))
        assert logs.current() == {"job_id": "j", "stage": "index", "call_id": None}
    assert (line["job_id"], line["stage"]) == ("j", "index")
    assert "call_id" not in line
    assert logs.current() == {}


def test_the_databases_errors_hold_no_words(library: Library) -> None:
    row = {"account_id": "A-1", "name": MARK}
    with pytest.raises(sa.exc.IntegrityError) as told, library.change() as connection:
        connection.execute(accounts.insert(), [row, row])
    assert MARK not in str(told.value)


def test_what_nobody_caught_is_logged_for_people() -> None:
    program = (
        "import threading; from service import logs; logs.set_up(logs.Log())\n"
        f"threading.Thread(target=lambda: int({MARK!r})).start()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.startswith("CRITICAL an error that nobody foresaw\n  builtins.ValueError")
    assert MARK not in done.stderr
