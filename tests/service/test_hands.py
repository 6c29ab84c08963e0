"""Hands: what a stage in a child process comes to, and what becomes of the child."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import (
    BadInput,
    Cancelled,
    FirsthandError,
    NoRoom,
    NotFound,
    TooLarge,
    Unavailable,
    Unusable,
)
from ingest.library import Library, Options
from ingest.listen import NOBODY, Watch
from ingest.pipeline import About, receive
from service import hands, looking
from service.hands import Failed, HandDied, Hands
from service.handwork import Looking, Passing, Task, judged
from service.looking import look
from service.silencing import silence
from tests.conftest import ROOT
from tests.ingest.sounds import spoken


@pytest.fixture(autouse=True)
def _none_idle() -> Iterator[None]:
    hands.dismiss()
    yield
    hands.dismiss()


def task(library: Library, call_id: str | None, stage: str) -> Task:
    return Task(
        home=library.home,
        options=library.options,
        kind="ingest",
        stage=stage,
        call_id=call_id,
        memo_id=None,
        request={},
    )


def test_a_stage_is_done_elsewhere_and_the_hand_is_kept(library: Library, plain_call: Path) -> None:
    call_id = receive(library, plain_call, About()).call_id
    told: list[tuple[str, float]] = []
    some = Hands(1)
    watch = Watch(progress=lambda stage, fraction: told.append((stage, fraction)))
    some.do(task(library, call_id, "store"), watch, 60)
    first = [hand for hand, _ in hands._idle]
    some.do(task(library, call_id, "decode"), NOBODY, 60)
    assert [hand for hand, _ in hands._idle] == first
    assert ("store", 1.0) in told
    hands.tidy(idle_s=3600)
    assert hands._idle
    hands.tidy(idle_s=0)
    assert not hands._idle
    assert not first[0].lives


def test_what_is_wrong_is_told_by_its_kind(library: Library, plain_call: Path) -> None:
    call_id = receive(library, plain_call, About()).call_id
    for path in (library.home / "media").glob("*/*"):
        path.write_bytes(b"\0no transcript")
    with pytest.raises(BadInput):
        Hands(1).do(task(library, call_id, "decode"), NOBODY, 60)
    with pytest.raises(Failed, match="There is no call"):
        Hands(1).do(task(library, "gone", "store"), NOBODY, 60)


def test_a_home_that_cannot_be_opened_may_pass_and_is_no_fault_of_the_file(
    library: Library, tmp_path: Path
) -> None:
    closed = Options(models=tmp_path, database_url="postgresql://nobody@127.0.0.1:1/none")
    there = task(library, "any", "store")
    with pytest.raises(Passing, match="cannot be opened"):
        Hands(1).do(
            Task(there.home, closed, there.kind, there.stage, there.call_id, None, {}), NOBODY, 60
        )


def test_a_hand_that_dies_takes_nothing_along(library: Library, plain_call: Path) -> None:
    call_id = receive(library, plain_call, About()).call_id
    some = Hands(1)

    def kill() -> None:
        while not some._busy:
            time.sleep(0.01)
        for hand in list(some._busy):
            os.kill(hand._process.pid or 0, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(HandDied, match="ended in the middle of it"):
        some.do(task(library, call_id, "store"), NOBODY, 60)
    killer.join()
    some.do(task(library, call_id, "store"), NOBODY, 60)


def test_a_stage_is_stopped_and_ended_when_it_takes_too_long(
    library: Library, plain_call: Path
) -> None:
    call_id = receive(library, plain_call, About()).call_id
    with pytest.raises(Cancelled):
        Hands(1).do(task(library, call_id, "store"), Watch(cancelled=lambda: True), 60)
    with pytest.raises(HandDied, match="took more than 0 s"):
        Hands(1).do(task(library, call_id, "store"), NOBODY, 0.0)
    assert not hands._idle


@pytest.mark.parametrize(
    ("problem", "verdict"),
    [
        (BadInput("x"), "bad"),
        (TooLarge("x"), "large"),
        (Unusable("x"), "unusable"),
        (Cancelled("x"), "cancelled"),
        (Unavailable("x"), "passing"),
        (NoRoom("x"), "passing"),
        (NotFound("x"), "failed"),
        (FirsthandError("x"), "failed"),
        (OSError(28, "No space left on device"), "passing"),
        (MemoryError(), "failed"),
        (ValueError("x"), "bug"),
    ],
)
def test_every_error_is_judged(problem: BaseException, verdict: str) -> None:
    assert judged(problem)[0] == verdict


def test_a_look_at_a_recording_is_taken_elsewhere(tmp_path: Path) -> None:
    assert look(spoken("beckett.wav"), 3600) == pytest.approx(10, abs=2)
    with pytest.raises(TooLarge, match="longer than the limit"):
        look(spoken("beckett.wav"), 1)
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF" + bytes(100))
    with pytest.raises(BadInput, match=r"broken\.wav cannot be read"):
        look(broken, 3600)


def test_who_silenced_a_recording_is_let_go(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    out = tmp_path / "out" / "without.m4a"
    silence(spoken("beckett.wav"), out, [(0.0, 1.0)], "beckett.wav")
    assert out.exists()
    assert hands._idle == []


def test_a_decoder_that_dies_costs_its_file(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    path.write_bytes(spoken("two_cities.wav").read_bytes())

    def kill() -> None:
        while not looking._hands._busy:
            time.sleep(0.001)
        for hand in list(looking._hands._busy):
            os.kill(hand._process.pid or 0, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(BadInput, match="the decoder broke off over it"):
        receive(library, path, About(), look=look)
    killer.join()
    assert list(library.media.names()) == []
    assert receive(library, path, About(), look=look).fresh


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGSTOP])
def test_however_a_decoder_ends_the_next_file_is_looked_at(how: signal.Signals) -> None:
    """A crash, a failed assertion, or, stopped, a loop without an end."""
    some, recording = Hands(1), spoken("two_cities.wav")

    def befall() -> None:
        while not some._busy:
            time.sleep(0.001)
        for hand in list(some._busy):
            os.kill(hand._process.pid or 0, how)

    thread = threading.Thread(target=befall)
    thread.start()
    looking_at = Looking(recording, 3600, 1 << 30, recording.parent)
    deadline_s = 2.0 if how == signal.SIGSTOP else 120.0
    with pytest.raises(HandDied, match="took more than" if how == signal.SIGSTOP else "ended"):
        some.do(looking_at, NOBODY, deadline_s)
    thread.join()
    assert not some._busy
    assert float(some.do(looking_at, NOBODY, 120)) > 5


@pytest.mark.parametrize(
    "said",
    [
        pickle.dumps(("done", "")),
        b"",
        b"[]",
        b'"done"',
        b'["progress"]',
        b'["progress", "decode", "half"]',
        b'["root", "x"]',
        b'["done", {}]',
        b"[" * 90_000,
        b"\xff\xfe",
    ],
)
def test_what_a_hand_says_is_not_trusted(said: bytes) -> None:
    with pytest.raises(EOFError):
        hands._understood(said)


def test_a_decoder_gets_so_much_memory(library: Library) -> None:
    recording = spoken("beckett.wav")
    some = Hands(1)
    with pytest.raises(FirsthandError):
        some.do(Looking(recording, 3600, 1 << 20, recording.parent), NOBODY, 120)
    assert float(some.do(Looking(recording, 3600, 1 << 30, recording.parent), NOBODY, 120)) > 5
    call_id = receive(library, recording, About()).call_id
    some.do(task(library, call_id, "decode"), NOBODY, 120)


LIMITED = """
from service.handwork import limit_memory
limit_memory(500 << 20)
try:
    bytearray(1 << 30)
except MemoryError:
    limit_memory(None)
    print(len(bytearray(1 << 30)))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux")
def test_more_memory_than_that_fails_and_nothing_else() -> None:
    command = [sys.executable, "-c", LIMITED]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert int(said) == 1 << 30
