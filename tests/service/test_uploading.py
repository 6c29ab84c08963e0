"""Uploads to a real server that is killed, over connections that are cut, of files that are big."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from zlib import crc32

import pytest

from tests.conftest import BIG, ROOT
from tests.ports import comes_to_answer, free_port
from tests.recordings import noise_wav

BLOCK = 1 << 20
TUS = {"Tus-Resumable": "1.0.0"}


class Server:
    """A serving process over a home, on a port of its own that it keeps when started again."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.serve_alone", str(self.home), str(self.port)]
        ours = {k: v for k, v in os.environ.items() if not k.startswith("FIRSTHAND_")}
        self.process = subprocess.Popen(command, cwd=ROOT, env=ours)
        assert comes_to_answer(f"http://127.0.0.1:{self.port}/healthz", self.process)

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: object = None
    ) -> http.client.HTTPResponse:
        """The answer, its body read into ``.body`` and the connection closed."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body, headers or {})  # type: ignore[arg-type]
            answer = connection.getresponse()
            answer.body = answer.read()  # type: ignore[attr-defined]
            return answer
        finally:
            connection.close()

    def create(self, path: Path, **said: str) -> str:
        said = {"filename": path.name, **said}
        value = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in said.items())
        headers = {**TUS, "Upload-Length": str(path.stat().st_size), "Upload-Metadata": value}
        created = self.ask("POST", "/api/uploads", headers)
        assert created.status == 201
        return created.headers["Location"]

    def offset(self, address: str) -> int:
        answer = self.ask("HEAD", address, TUS)
        assert answer.status == 200
        return int(answer.headers["Upload-Offset"])

    def send(
        self, address: str, path: Path, offset: int, stop: int | None = None, slow_s: float = 0.0
    ) -> http.client.HTTPResponse:
        """The file from ``offset`` up to ``stop`` in one request."""
        headers = {
            **TUS,
            "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(offset),
            "Content-Length": str((stop or path.stat().st_size) - offset),
        }
        return self.ask("PATCH", address, headers, pieces(path, offset, stop, slow_s))

    def peak_kb(self) -> int:
        """The most memory the process ever held."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
        raise AssertionError("no VmHWM")


def pieces(
    path: Path, offset: int, stop: int | None = None, slow_s: float = 0.0
) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(offset)
        left = (stop or path.stat().st_size) - offset
        while left > 0 and (block := file.read(min(BLOCK // 4, left))):
            left -= len(block)
            yield block
            time.sleep(slow_s)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    opened = Server(tmp_path_factory.mktemp("uploading") / "home")
    yield opened
    opened.kill()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Server]:
    opened = Server(tmp_path / "home")
    yield opened
    opened.kill()


@pytest.fixture
def recording(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """12 MB that no other test has."""
    return noise_wav(tmp_path / "call.wav", 12_000_000, seed=crc32(request.node.name.encode()))


def kept(server: Server, path: Path) -> Path:
    """Where the server keeps the file's bytes; that they are right is made sure of."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    place = server.home / "media" / sha256[:2] / f"{sha256}{path.suffix}"
    with place.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == sha256
    return place


def calls(server: Server) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(server.ask("GET", "/api/calls").body)  # type: ignore[attr-defined]
    return found


def test_a_server_that_is_killed_again_and_again_loses_nothing(
    server: Server, recording: Path
) -> None:
    address = server.create(recording)
    chance = random.Random(5)
    acknowledged = sent = 0
    size = recording.stat().st_size
    for _ in range(4):
        offset = server.offset(address)
        assert offset >= acknowledged
        # One piece that is answered, then one in the middle of which the server dies.
        acknowledged = min(size, offset + chance.randrange(1, 1_500_000))
        assert server.send(address, recording, offset, acknowledged).status == 204
        killer = threading.Timer(chance.uniform(0.0, 0.1), server.kill)
        killer.start()
        with suppress(OSError, http.client.HTTPException):
            server.send(address, recording, acknowledged, size - 1, slow_s=0.02)
        killer.join()
        sent += 1
        server.start()
    assert sent == 4
    answer = server.send(address, recording, server.offset(address))
    assert answer.status == 204
    kept(server, recording)
    assert answer.headers["Upload-Call"] in {call["call_id"] for call in calls(server)}


def test_a_server_killed_at_the_last_byte_takes_the_file_in_when_asked(
    server: Server, recording: Path
) -> None:
    chance = random.Random(6)
    before = len(calls(server))
    for n in range(3):
        path = noise_wav(recording.with_name(f"call-{n}.wav"), 3_000_000, seed=n)
        address = server.create(path)
        server.send(address, path, 0, 2_900_000)
        killer = threading.Timer(chance.uniform(0.005, 0.25), server.kill)
        killer.start()
        with suppress(OSError, http.client.HTTPException):
            server.send(address, path, 2_900_000)
        killer.join()
        server.start()
        offset = server.offset(address)
        if offset < path.stat().st_size:
            assert server.send(address, path, offset).status == 204
        stands = json.loads(server.ask("GET", address).body)  # type: ignore[attr-defined]
        assert stands["call_id"] in {call["call_id"] for call in calls(server)}
        assert stands["job_id"]
        kept(server, path)
    assert len(calls(server)) - before == 3


def test_a_connection_cut_at_half_goes_on_from_there(server: Server, recording: Path) -> None:
    address = server.create(recording)
    size = recording.stat().st_size
    line = socket.create_connection(("127.0.0.1", server.port))
    head = (
        f"PATCH {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\n"
        f"Content-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n"
        f"Content-Length: {size}\r\n\r\n"
    )
    line.sendall(head.encode())
    with recording.open("rb") as file:
        line.sendall(file.read(size // 2))
    line.close()
    # The server may still be writing what was on the line.
    for _ in range(1200):
        answer = server.send(address, recording, offset := server.offset(address))
        if answer.status == 204:
            break
        assert answer.status in (409, 423)
        time.sleep(0.05)
    assert answer.status == 204
    assert size // 2 - 2 * BLOCK < offset <= size // 2
    kept(server, recording)


def test_of_two_that_write_at_once_one_is_sent_away(server: Server, recording: Path) -> None:
    address = server.create(recording)
    statuses: list[int] = []

    def send() -> None:
        with suppress(OSError, http.client.HTTPException):
            statuses.append(server.send(address, recording, 0, slow_s=0.01).status)

    both = [threading.Thread(target=send) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert statuses.count(204) == 1
    assert set(statuses) <= {204, 409, 423}
    kept(server, recording)


def test_the_kept_file_is_the_one_that_arrived_not_a_copy(server: Server, recording: Path) -> None:
    address = server.create(recording)
    size = recording.stat().st_size
    server.send(address, recording, 0, size - 1)
    [arrived] = (server.home / "uploads").glob("*/in/*")
    inode = arrived.stat().st_ino
    server.send(address, recording, size - 1)
    assert kept(server, recording).stat().st_ino == inode
    assert not arrived.exists()
    assert kept(server, recording).stat().st_nlink == 1


def test_memory_stays_as_it_is_whatever_the_length(fresh: Server, tmp_path: Path) -> None:
    """64 MB, or with ``FIRSTHAND_BIG=1`` 2 GB, once by pieces and once as a form."""
    size = 2_000_000_000 if BIG else 64_000_000
    first = noise_wav(tmp_path / "first.wav", 2_000_000, seed=1)
    fresh.send(fresh.create(first), first, 0)
    form(fresh, noise_wav(tmp_path / "second.wav", 2_000_000, seed=2))
    before = fresh.peak_kb()

    long = noise_wav(tmp_path / "long.wav", size, seed=3)
    assert fresh.send(fresh.create(long), long, 0).status == 204
    by_pieces = fresh.peak_kb() - before
    kept(fresh, long)
    other = noise_wav(long, size, seed=4)
    form(fresh, other)
    as_form = fresh.peak_kb() - before
    kept(fresh, other)
    print(f"{size / 1e6:.0f} MB: peak grew {by_pieces} kB by pieces, {as_form} kB with a form")
    assert by_pieces < 64_000
    assert as_form < 64_000


def form(server: Server, path: Path) -> None:
    start = (
        f'--b\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n'
    ).encode()
    end = b"\r\n--b--\r\n"

    def body() -> Iterator[bytes]:
        yield start
        yield from pieces(path, 0)
        yield end

    headers = {
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": str(len(start) + path.stat().st_size + len(end)),
    }
    answer = server.ask("POST", "/api/calls", headers, body())
    assert answer.status == 202, answer.body  # type: ignore[attr-defined]


def _small_disk(folder: Path) -> bool:
    """Mount a disk of 8 MB there; whether this machine lets us."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def test_a_full_disk_keeps_what_came_and_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    """On a real disk of 8 MB; where the machine lets us mount none,
    ``test_a_disk_that_fills_up_is_told`` has to do.
    """
    disk = tmp_path / "disk"
    if not _small_disk(disk):
        pytest.xfail("a small disk cannot be mounted here")
    try:
        home = tmp_path / "empty"
        Server(home).kill()  # made where there is room
        shutil.copytree(home, disk / "home")
        (disk / "ballast").write_bytes(bytes(3_000_000))
        small = Server(disk / "home")
        try:
            path = noise_wav(tmp_path / "call.wav", 3_500_000)
            address = small.create(path)
            (disk / "more").write_bytes(bytes(2_000_000))
            full = small.send(address, path, 0)
            assert full.status == 507
            came = small.offset(address)
            assert 0 < came < 3_500_000
            (disk / "more").unlink()
            (disk / "ballast").unlink()
            assert small.send(address, path, came).status == 204
            kept(small, path)
        finally:
            small.kill()
    finally:
        subprocess.run(["umount", str(disk)], check=True)
