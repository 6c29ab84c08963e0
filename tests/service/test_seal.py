"""The seal: what a process under it can still do, tried from within one."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.library import Library, Options
from ingest.listen import NOBODY
from ingest.llm import ModelOptions
from ingest.pipeline import About, receive
from service.doctor import examine
from service.hands import Hands, dismiss
from service.handwork import Looking, Task, seal_for
from service.seal import version
from service.settings import Settings
from tests.conftest import ROOT
from tests.ingest.sounds import spoken

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's")

# Every act a hostile decoder might try; says which of them came off.
TRIES = """
import json, os, signal, socket, sys
from pathlib import Path
from service.seal import Seal, put_on

told = json.loads(sys.argv[1])
paths = lambda names: None if names is None else tuple(map(Path, names))
own, other, port = Path(told["own"]), Path(told["other"]), told["port"]
held = (other / "held").open("rb")
if told["writes"] is not None:
    put_on(Seal(paths(told["reads"]), paths(told["writes"]), told["connects"]))

def bind(): socket.create_server(("127.0.0.1", 0)).close()
def connect(): socket.create_connection(("127.0.0.1", port), 5).close()
def start(): os.spawnv(os.P_WAIT, "/bin/true", ["true"]) == 0 or 1 / 0
tries = {
    "read own": lambda: (own / "file").read_bytes(),
    "write own": lambda: (own / "new").write_bytes(b"x"),
    "read other": lambda: (other / "file").read_bytes(),
    "list other": lambda: list(other.iterdir()),
    "write other": lambda: (other / "new").write_bytes(b"x"),
    "append other": lambda: (other / "file").open("ab"),
    "cut other": lambda: os.truncate(other / "file", 0),
    "remove other": lambda: (other / "gone").unlink(),
    "move other": lambda: (other / "file").rename(own / "moved"),
    "link other": lambda: os.link(other / "held", own / "linked"),
    "make folder": lambda: (other / "folder").mkdir(),
    "through a link": lambda: (own / "link").read_bytes(),
    "by descriptor": lambda: Path(f"/proc/self/fd/{held.fileno()}").read_bytes(),
    "signal": lambda: os.kill(os.getppid(), 0),
    "environment": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    "memory": lambda: Path(f"/proc/{os.getppid()}/mem").open("rb"),
    "bind": bind,
    "connect": connect,
    "python": lambda: __import__("sqlite3") and __import__("av"),
    "start": start,
}
came_off = []
for name, act in tries.items():
    try:
        act()
    except (OSError, ZeroDivisionError):
        continue
    came_off.append(name)
print(json.dumps(came_off))
"""


@pytest.fixture(autouse=True)
def _none_idle() -> Iterator[None]:
    yield
    dismiss()


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    own, other = tmp_path / "own", tmp_path / "other"
    for folder in (own, other):
        folder.mkdir()
        for name in ("file", "held", "gone"):
            (folder / name).write_bytes(b"words")
    (own / "link").symlink_to(other / "held")
    return own, other


def came_off(
    folders: tuple[Path, Path],
    port: int,
    *,
    reads: tuple[Path, ...] | None,
    writes: tuple[Path, ...] | None = (),
    connects: bool = False,
) -> set[str]:
    told = {
        "own": str(folders[0]),
        "other": str(folders[1]),
        "port": port,
        "reads": None if reads is None else [str(path) for path in reads],
        "writes": None if writes is None else [str(path) for path in writes],
        "connects": connects,
    }
    command = [sys.executable, "-c", TRIES, json.dumps(told)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


# What the seals of this kernel let through; see ``docs/security.md``. Files are sealed from 1 on.
LET_THROUGH = {
    *(("cut other",) if version() < 3 else ()),
    *(("bind", "connect") if version() < 4 else ()),
    *(("signal",) if version() < 6 else ()),
}


def test_the_kernel_has_seals() -> None:
    """Linux from 5.13 on, unless somebody switched them off. How far they go is told below."""
    release = tuple(map(int, re.findall(r"\d+", os.uname().release)[:2]))
    assert version() >= (6 if release >= (6, 12) else 4 if release >= (6, 7) else 1), release


def test_the_doctor_says_whether_there_is_one(library: Library) -> None:
    assert examine(library, Settings(home=library.home)).seal == version()


def test_what_only_looks_can_read_one_folder_and_do_nothing_else(
    folders: tuple[Path, Path], listening: int
) -> None:
    done = came_off(folders, listening, reads=(folders[0],))
    assert done - LET_THROUGH == {"read own", "python", "start"}


def test_what_works_on_a_home_writes_there_and_nowhere_else(
    folders: tuple[Path, Path], listening: int
) -> None:
    done = came_off(folders, listening, reads=(), writes=(folders[0],))
    assert done - LET_THROUGH == {"read own", "write own", "python", "start"}


def test_where_servers_are_named_it_connects_and_reads_but_writes_nowhere_else(
    folders: tuple[Path, Path], listening: int
) -> None:
    done = came_off(folders, listening, reads=None, writes=(folders[0],), connects=True)
    assert {"write own", "connect", "bind", "read other"} <= done
    writing = {"write other", "append other", "cut other", "remove other", "move other"}
    hidden = {*writing, "link other", "make folder", "signal", "environment", "memory"}
    assert not done & hidden - LET_THROUGH


def test_the_tries_come_off_without_a_seal(folders: tuple[Path, Path], listening: int) -> None:
    """So that the tests above can fail."""
    done = came_off(folders, listening, reads=None, writes=None)
    tried = set(re.findall(r'^    "(.*)": ', TRIES, re.MULTILINE))
    assert tried - done <= {"memory"}  # which some machines forbid anyway


def test_who_is_sealed_how(tmp_path: Path) -> None:
    alone = Options(models=tmp_path / "models")
    assert seal_for(tmp_path, alone).writes == (tmp_path,)
    assert seal_for(tmp_path, alone).reads == (tmp_path / "models",)
    assert not seal_for(tmp_path, alone).connects
    for options in (
        Options(models=tmp_path, database_url="postgresql://x"),
        Options(models=tmp_path, vectors_url="http://x"),
        Options(models=tmp_path, media_url="s3://x"),
        Options(models=tmp_path, transcriber="openai"),
        Options(models=tmp_path, openai_api_key="x"),
        Options(models=tmp_path, openai_base_url="http://x"),
        Options(models=tmp_path, model=ModelOptions("openai:x")),
    ):
        assert seal_for(tmp_path, options).connects
    looking = Looking(tmp_path / "x.wav", 60, 1, tmp_path).seal
    assert (looking.reads, looking.writes, looking.connects) == ((tmp_path,), (), False)


def test_recordings_on_another_disk_belong_to_the_home(library: Library, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    (library.home / "media").symlink_to(disk)
    recording = spoken("beckett.wav")
    call_id = receive(library, recording, About()).call_id
    task = Task(library.home, library.options, "ingest", "decode", call_id, None, {})
    assert task.seal.writes == (library.home, disk)
    Hands(1).do(task, NOBODY, 120)
    assert len(list(library.media.names())) == 2  # the copy to play as well


def test_a_home_s_hand_does_not_go_to_another(library: Library, tmp_path: Path) -> None:
    def task(home: Path) -> Task:
        return Task(home, library.options, "ingest", "store", "x", None, {})

    assert task(library.home).seal == seal_for(library.home, library.options)
    assert task(library.home).seal != task(tmp_path / "another").seal


def test_no_memory_is_written_down_where_it_dies(tmp_path: Path) -> None:
    code = (
        "import resource; from service.seal import Seal, put_on; put_on(Seal(()));"
        "print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "(0, 0)"
