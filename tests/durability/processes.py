"""Real processes of the program, and the tree of what they started, for tests that kill them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.conftest import ROOT
from tests.ports import comes_to_answer, free_port


class Program:
    """``firsthand`` with these arguments on a home; ended with the ``with``."""

    def __init__(self, home: Path, *args: str, env: Mapping[str, str], log: Path) -> None:
        command = [sys.executable, "-m", "service.cli", *args, "--home", str(home)]
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **env},
                stdout=errors,
                stderr=errors,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def kill(self, *, all_of_it: bool = False) -> None:
        """SIGKILL; with ``all_of_it`` whatever it started as well, as when a machine is gone."""
        if all_of_it:
            self._signal(signal.SIGKILL)
        else:
            self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        """Stop it and whatever it started, where they are."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        for pid in (self.pid, *below(self.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def end(self) -> None:
        if self.lives:
            self._process.terminate()
            try:
                self._process.wait(120)
            except subprocess.TimeoutExpired:
                self.kill(all_of_it=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


class Web(Program):
    """``firsthand serve``; ``ready`` waits for its answer."""

    def __init__(
        self, home: Path, *args: str, env: Mapping[str, str], log: Path, port: int | None = None
    ) -> None:
        self.port = port or free_port()
        super().__init__(home, "serve", "--port", str(self.port), *args, env=env, log=log)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ready(self) -> bool:
        """Whether it came to answer; not when it died before."""
        return comes_to_answer(f"{self.address}/healthz", self._process)


def below(pid: int) -> list[int]:
    """The processes that ``pid`` started, and those that they did; the nearest first."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                # The name in parentheses may hold anything.
                fields = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found = list(parents.get(pid, ()))
    for one in found:
        found += parents.get(one, ())
    return found


def is_worker(pid: int) -> bool:
    try:
        return b"worker" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return False
