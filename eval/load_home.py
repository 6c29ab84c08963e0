"""The home, the recordings and the server of ``eval.load``, and the memory that it takes."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np

from eval.served import wait_for
from ingest.accounts import read_accounts
from ingest.audio import decode
from ingest.channels import mixed
from ingest.library import Library, Options
from ingest.models import RATE
from ingest.pipeline import About, receive
from ingest.playback import make
from ingest.store import list_calls, put_accounts, update_call
from service import codebook_files, sample
from service.access import users
from service.access.person import Role
from service.adding import Adding
from service.demo import START, TODAY
from service.drafting import draft_and_save
from service.hands import dismiss
from service.shapes import Filters

PASSWORD = "a long walk over the frozen lake"
LENGTH_S = 45  # of a recording that comes in
_EVERY_S = 2.0


def made(home: Path, people: int) -> tuple[list[str], tuple[list[str], str, list[str], list[str]]]:
    """A home with the sample's 24 calls, a recording to play and a memo; the names of its users,
    of whom the first is an admin; and its calls, the one that plays, accounts and memos."""
    library = Library(home, Options(models=home))
    with library.change() as connection:
        given = read_accounts(sample.accounts())
        put_accounts(connection, given)
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    for path in sample.calls(without_recorded=False):
        adding.receive(path, About())
    adding.finish()
    codebook_files.import_file(library, sample.codebook())
    memo = draft_and_save(library, filters=Filters(top=20), start=START, today=TODAY)
    with library.read() as connection:
        calls = [call.call_id for call in list_calls(connection)]
    heard = receive(library, sample.recordings()[0].path, About()).call_id
    make(library, heard)
    names = [f"person-{n}" for n in range(people)]
    with library.change() as connection:
        update_call(connection, heard, state="ready")
        for n, name in enumerate(names):
            role: Role = "admin" if n == 0 else "editor" if n % 5 == 0 else "viewer"
            now = datetime.now(UTC)
            users.add_user(connection, name, password=PASSWORD, role=role, now=now)
    library.close()
    dismiss()
    return names, (calls, heard, [one.account_id for one in given], [memo.id])


def recordings(folder: Path, n: int) -> list[Path]:
    """WAV files of ``LENGTH_S``, each another stretch of the sample's recordings."""
    spoken = []
    for one in sample.recordings():
        blocks = mixed(decode(one.path, rate=RATE))
        spoken.append((np.concatenate(list(blocks), axis=1)[0] * 32767).astype("<i2"))
    paths = []
    for number in range(n):
        whole = spoken[number % len(spoken)]
        first = number // len(spoken) * 20 * RATE
        path = folder / f"call {number}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(whole[first : first + LENGTH_S * RATE].tobytes())
        paths.append(path)
    return paths


@dataclass(frozen=True)
class Server:
    address: str
    pid: int


@contextmanager
def served(home: Path) -> Iterator[Server]:
    """``firsthand serve`` with its worker."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FIRSTHAND_")}
    command = [sys.executable, "-m", "service.cli", "--home", str(home), "serve"]
    with subprocess.Popen([*command, "--port", str(port)], env=environment) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for(address)
            yield Server(address, process.pid)
        finally:
            worker = _worker_of(process.pid)
            process.terminate()
            process.wait()
            while worker is not None and Path(f"/proc/{worker}").exists():
                time.sleep(0.1)  # it notices that it is alone, and still needs its home


class Memory:
    """What the server and its worker hold, MB, from time to time. The hands that transcribe come
    and go, and hold a model each: they are left out.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._seen: list[tuple[float, float]] = []

    async def watch(self) -> None:
        while True:
            worker = _worker_of(self._pid)
            if worker is not None:
                self._seen.append((_resident_mb(self._pid), _resident_mb(worker)))
            await asyncio.sleep(_EVERY_S)

    def curves(self) -> dict[str, list[float]]:
        server, worker = zip(*self._seen, strict=True)
        return {"the server": list(server), "the worker": list(worker)}


def _worker_of(pid: int) -> int | None:
    for child in _children(pid):
        with suppress(FileNotFoundError):
            if b"worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                return child
    return None


def _children(pid: int) -> list[int]:
    tasks = islice(Path(f"/proc/{pid}/task").glob("*/children"), None)
    return [int(one) for path in tasks for one in path.read_text().split()]


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return 0.0
