"""The real server as its own process: it serves, works, refuses strangers and a second server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.conftest import ROOT
from tests.ports import comes_to_answer, free_port


@pytest.fixture
def server(filled_home: Path) -> Iterator[tuple[str, Path]]:
    """Its address and its home; it is ended with the test."""
    port = free_port()
    command = [sys.executable, "-m", "service.cli", "serve", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--home", str(filled_home)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    address = f"http://127.0.0.1:{port}"
    try:
        assert comes_to_answer(f"{address}/healthz", process)
        yield address, filled_home
    finally:
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=120)


def test_commands_go_on_working_while_it_serves(server: tuple[str, Path], plain_call: Path) -> None:
    address, home = server

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "service.cli", "--home", str(home), *args]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    added = run("add", str(plain_call), "--account", "FRZ-5")
    assert added.returncode == 0, added.stderr
    titles = [call["title"] for call in httpx2.get(f"{address}/api/calls", timeout=60).json()]
    assert "Sable Genomics" in titles
    asked = run("ask", "Who chips ice out of the freezer?")
    assert "We chip ice out of the freezer by hand" in asked.stdout
    assert run("codebook", "add", "Ice").returncode == 0
    assert [code["label"] for code in httpx2.get(f"{address}/api/codes", timeout=60).json()] == [
        "Ice"
    ]
    edited = run("evidence", "add", "FC-4", "1", "--words", "it just works", "--kind", "praise")
    assert edited.returncode == 0, edited.stderr
    ledger = httpx2.get(f"{address}/api/calls/FC-4/evidence", timeout=60).json()
    assert "added" in [item["status"] for item in ledger]
    second = run("serve", "--port", "0")
    assert second.returncode == 1
    assert "is in use by another process" in second.stderr
    assert run("delete", "FC-1").returncode == 0
    assert httpx2.get(f"{address}/api/calls/FC-1", timeout=60).status_code == 404


def test_it_refuses_to_open_to_others(filled_home: Path) -> None:
    command = [sys.executable, "-m", "service.cli", "serve", "--host", "0.0.0.0"]
    done = subprocess.run(
        [*command, "--home", str(filled_home)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Refusing to serve on 0.0.0.0" in done.stderr
