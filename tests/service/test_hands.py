"""Hands: what a stage in a child process comes to, and what becomes of the child."""

from __future__ import annotations

import os
import signal
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
    Unavailable,
    Unusable,
)
from ingest.library import Library, Options
from ingest.listen import NOBODY, Watch
from ingest.pipeline import About, receive
from service import hands
from service.hands import Failed, HandDied, Hands
from service.handwork import Passing, Task, judged


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
        (Unusable("x"), "unusable"),
        (Cancelled("x"), "cancelled"),
        (Unavailable("x"), "passing"),
        (NoRoom("x"), "passing"),
        (NotFound("x"), "failed"),
        (FirsthandError("x"), "failed"),
        (OSError(28, "No space left on device"), "passing"),
        (MemoryError(), "bug"),
        (ValueError("x"), "bug"),
    ],
)
def test_every_error_is_judged(problem: BaseException, verdict: str) -> None:
    assert judged(problem)[0] == verdict
