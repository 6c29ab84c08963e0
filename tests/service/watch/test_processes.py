"""The real command as a process: beside one that writes, killed, ended, beside a server."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ingest.library import Library
from ingest.store import list_calls
from service.jobs import list_jobs
from tests.conftest import ROOT
from tests.ports import comes_to_answer, free_port
from tests.service.watch.looking import transcript

PATIENCE_S = 240.0  # after which a test fails; nothing is measured
MARK = "zanzibar"
# Writes a line, waits, and so on; then another file under a name of its own, which it gives up.
WRITER = """
import os, sys, time
slow, part, whole = sys.argv[1:]
with open(slow, "w") as file:
    file.write("Ida Kern: What is hard?\\n\\n")
    for n in range(12):
        file.write(f"Lin Mori: Number {n} of zanzibar hums.\\n\\n")
        file.flush()
        os.utime(slow, (0, 0))
        time.sleep(0.4)
with open(part, "w") as file:
    for n in range(5):
        file.write(f"Ida Kern: And {n}?\\n\\nLin Mori: The part {n} of zanzibar hums.\\n\\n")
        file.flush()
        time.sleep(0.4)
os.rename(part, whole)
"""


class Watching:
    """``firsthand watch`` with ``--json``; what it tells, line by line."""

    def __init__(self, home: Path, *args: str, env: Mapping[str, str] | None = None) -> None:
        command = [sys.executable, "-m", "service.cli", "watch", *args, "--json"]
        self.process = subprocess.Popen(
            [*command, "--home", str(home)],
            cwd=ROOT,
            env={**os.environ, "FIRSTHAND_MIN_FREE_MB": "1", **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.errors: list[str] = []
        self._threads = [threading.Thread(target=f, daemon=True) for f in (self._read, self._err)]
        for thread in self._threads:
            thread.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _err(self) -> None:
        assert self.process.stderr
        self.errors += list(self.process.stderr)

    def next(self) -> dict[str, Any] | None:
        """The next event; none at the end."""
        line = self._lines.get(timeout=PATIENCE_S)
        if line is None:
            self._lines.put(None)  # for whoever asks after the end
            return None
        told: dict[str, Any] = json.loads(line)
        return told

    def until(self, **wanted: object) -> dict[str, Any]:
        """The first event from here on that has these fields."""
        while (told := self.next()) is not None:
            if all(told.get(name) == value for name, value in wanted.items()):
                return told
        raise AssertionError(f"it ended without {wanted}: {self.errors}")

    def rest(self) -> list[dict[str, Any]]:
        """All events to its end."""
        found = list(iter(self.next, None))
        self.process.wait(PATIENCE_S)
        for thread in self._threads:
            thread.join(PATIENCE_S)
        for line in (self.process.stdout, self.process.stderr):
            assert line
            line.close()
        return found

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        self.rest()
        return self.process.returncode


@contextmanager
def watching(home: Path, *args: str, env: Mapping[str, str] | None = None) -> Iterator[Watching]:
    started = Watching(home, *args, env=env)
    try:
        yield started
    finally:
        started.end(signal.SIGKILL)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    return folder


def contents(library: Library) -> set[str]:
    with library.read() as connection:
        calls = list_calls(connection)
        assert len(list_jobs(connection)) == len(calls)
        return {call.content_sha256 for call in calls}


def digests(*paths: Path) -> set[str]:
    return {hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_files_come_in_whole_beside_who_writes_them_and_after_a_kill(
    library: Library, root: Path
) -> None:
    slow, part, whole = root / "slow.md", root / f"{MARK}.md.part", root / f"{MARK}.md"
    quiet = {"FIRSTHAND_LOG": "json", "FIRSTHAND_LOG_LEVEL": "DEBUG"}
    args = (str(root), "--settle", "3", "--no-wait", "--every", "60")
    with watching(library.home, *args, env=quiet) as watch:
        watch.until(event="watching", where=str(root))
        writer = subprocess.Popen([sys.executable, "-c", WRITER, slow, part, whole])
        came = {watch.until(event="taken")["file"] for _ in range(2)}
        assert came == {"slow.md", f"{MARK}.md"}
        assert writer.wait(PATIENCE_S) == 0
        assert contents(library) == digests(slow, whole)
        watch.end(signal.SIGKILL)
        assert MARK not in "".join(watch.errors).lower()
        for line in watch.errors:
            json.loads(line)
    off = transcript(root / "while off.md", "Nobody watched.")
    with watching(library.home, *args) as watch:
        watch.until(event="watching")
        told = watch.next()
        assert told is not None
        assert (told["event"], told["file"]) == ("taken", "while off.md")
        root.rename(root.parent / "gone")
        watch.until(event="away")
        (root.parent / "gone").rename(root)
        last = transcript(root / "last.md", "The last one.")
        watch.until(event="back")
        watch.until(event="taken", file="last.md")
        assert watch.end() == 0
        assert watch.errors == []
    assert contents(library) == digests(slow, whole, off, last)


def test_kills_at_any_moment_lose_nothing_and_take_nothing_twice(
    library: Library, root: Path
) -> None:
    paths = [transcript(root / f"{n}.md", f"Number {n} hums.") for n in range(60)]
    chance = random.Random(11)
    for _ in range(5):
        with watching(library.home, str(root), "--settle", "0", "--no-wait") as watch:
            for _ in range(chance.randint(1, 15)):
                watch.next()
            time.sleep(chance.random() * 0.05)
    with watching(library.home, str(root), "--settle", "0", "--no-wait", "--once") as watch:
        watch.rest()
        assert watch.process.returncode == 0, watch.errors
    assert contents(library) == digests(*paths)


def test_once_does_the_work_and_says_whether_anything_failed(library: Library, root: Path) -> None:
    transcript(root / "one.md")
    (root / "broken.json").write_text('{"utterances": [')
    with watching(library.home, str(root), "--once", "--settle", "1") as watch:
        told = watch.rest()
        assert [(e["event"], e.get("file")) for e in told] == [
            ("watching", None),
            ("failed", "broken.json"),
            ("taken", "one.md"),
            ("ready", "one.md"),
        ]
        assert watch.process.returncode == 1
    with library.read() as connection:
        [call] = list_calls(connection)
    assert call.state == "ready"
    command = [sys.executable, "-m", "service.cli", "watch", str(root), "--once"]
    ran = subprocess.run(
        [*command, "--home", str(library.home)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == (
        f"{root}: is watched\n"
        f"{root}: 1 files failed before and have not changed; --again tries them\n"
    )


def test_it_is_told_to_end_in_the_middle_of_work_and_the_next_one_goes_on(
    library: Library, root: Path
) -> None:
    for n in range(12):
        transcript(root / f"{n}.md", f"Number {n} hums.")
    with watching(library.home, str(root), "--settle", "0") as watch:
        watch.until(event="ready")
        assert watch.end() == 0
    with watching(library.home, str(root), "--settle", "0", "--once") as watch:
        watch.rest()
        assert watch.process.returncode == 0
    with library.read() as connection:
        assert {call.state for call in list_calls(connection)} == {"ready"}
        assert len(list_calls(connection)) == 12


def test_beside_a_server_that_watches_as_well(library: Library, root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    port = free_port()
    env = {**os.environ, "FIRSTHAND_WATCH": f"{other}, {tmp_path / 'nowhere'}"}
    command = [sys.executable, "-m", "service.cli", "serve", "--port", str(port)]
    server = subprocess.Popen(
        [*command, "--home", str(library.home)],
        cwd=ROOT,
        env=env,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert comes_to_answer(f"http://127.0.0.1:{port}/healthz", server)
        transcript(other / f"{MARK}.md", "The server's own.")
        transcript(root / "one.md", "The command's.")
        with watching(library.home, str(root), "--settle", "1") as watch:
            watch.until(event="ready", file="one.md")
            assert watch.end() == 0
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            with library.read() as connection:
                ready = {c.title for c in list_calls(connection) if c.state == "ready"}
            if ready == {MARK, "one"}:
                break
            time.sleep(0.5)
        assert ready == {MARK, "one"}
    finally:
        server.send_signal(signal.SIGTERM)
        errors = server.communicate(timeout=PATIENCE_S)[1]
    assert "place 2 of FIRSTHAND_WATCH cannot be looked at for now" in errors
    assert MARK not in errors


@pytest.mark.parametrize(
    ("args", "status", "why"),
    [
        ([], 2, "Missing argument"),
        (["{root}/nowhere"], 1, "There is no folder"),
        (["{root}/one.md"], 1, "add it with `firsthand add`"),
        (["{root}", "--name", "{{acount}}"], 1, "is none of {account}"),
        (["{root}", "--settle", "-1"], 2, "Invalid value for '--settle'"),
        (["{root}", "--account-from", "name"], 2, "Invalid value for '--account-from'"),
        (["s3://"], 1, "cannot be watched: it is s3://bucket/prefix."),
        (["{root}/.."], 1, "has the home folder"),
    ],
)
def test_bad_arguments_are_one_sentence(
    library: Library, root: Path, args: list[str], status: int, why: str
) -> None:
    transcript(root / "one.md")
    command = [sys.executable, "-m", "service.cli", "watch", *(a.format(root=root) for a in args)]
    ran = subprocess.run(
        [*command, "--home", str(library.home)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == status
    assert why in ran.stderr
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr
    if status == 1:
        assert len(ran.stderr.splitlines()) == 1
