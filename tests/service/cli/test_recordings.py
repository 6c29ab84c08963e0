"""A recording on its way in through the command line, heard again, and worked on by a worker."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ingest.stages import STAGES
from service.cli import main
from tests.conftest import ROOT
from tests.ingest.sounds import spoken


def run(home: Path, *args: str) -> Result:
    result = CliRunner().invoke(main, ["--home", str(home), *args, "--json"])
    assert result.exit_code == 0, result.stderr
    return result


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_a_recording_is_heard_and_corrections_survive_hearing_it_again(home: Path) -> None:
    added = run(home, "add", str(spoken("beckett.wav")), "--date", "2026-05-04")
    events = [json.loads(line) for line in added.stderr.splitlines()]
    stages = list(dict.fromkeys(e["stage"] for e in events if e["stage"]))
    assert stages == sorted(stages, key=STAGES.index)
    assert {"transcribe", "index"} <= set(stages)
    assert events[-1]["state"] == "done"
    assert {e["file"] for e in events} == {"beckett.wav"}

    (call,) = json.loads(added.stdout)["calls"]
    assert (call["engine"], call["date"]) == ("moonshine", "2026-05-04")
    call_id, label = call["call_id"], call["speakers"][0]["label"]
    run(home, "speakers", call_id, f"{label}=Samuel B.:internal")

    again = json.loads(run(home, "add", "--again", call_id, "--transcriber", "moonshine").stdout)
    (heard,) = again["calls"]
    (speaker,) = heard["speakers"]
    assert (speaker["name"], speaker["role"], speaker["basis"]) == (
        "Samuel B.",
        "internal",
        "person",
    )
    shown = json.loads(run(home, "show", call_id).stdout)
    assert "fail better" in shown["utterances"][-1]["text"].casefold()
    assert all(u["end_s"] > u["start_s"] >= 0 for u in shown["utterances"])


def test_a_transcript_cannot_be_heard_again(filled_home: Path) -> None:
    result = CliRunner().invoke(main, ["--home", str(filled_home), "add", "--again", "FC-1"])
    assert result.exit_code == 1
    assert "came as a transcript" in result.stderr


def test_a_worker_does_what_was_queued(home: Path) -> None:
    queued = json.loads(run(home, "add", str(spoken("beckett.wav")), "--no-wait").stdout)
    (call_id,) = queued["queued"]
    assert queued["calls"] == []
    worker = subprocess.Popen(
        [sys.executable, "-m", "service.cli", "--home", str(home), "worker"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        for _ in range(600):
            (call,) = json.loads(run(home, "calls").stdout)
            if call["state"] == "ready":
                break
            time.sleep(0.1)
    finally:
        worker.send_signal(signal.SIGINT)
        told = worker.communicate(timeout=120)[1]
    assert (call["call_id"], call["state"]) == (call_id, "ready")
    assert worker.returncode == 0, told
    assert "Working on queued files" in told
