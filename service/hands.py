"""Hands: child processes that do the heavy stages of jobs, each one at a time.

A hand can be killed at any instant, which is how a long transcription is stopped at once, and a
decoder that crashes takes only its hand along. What a stage came to is in the database, so that
nothing but the stage's own time is lost. Idle hands are kept, with their models loaded.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

from ingest.database import passing
from ingest.errors import BadInput, Cancelled, FirsthandError, Unusable
from ingest.library import Library, Options
from ingest.listen import Watch
from service import logs

log = logging.getLogger(__name__)

_LOOK_S = 0.1  # how often the one who waits looks whether to stop
_CONTEXT = multiprocessing.get_context("spawn")
_IDLE_MOST = 4  # hands kept for later
IDLE_S = 180.0  # and for so long

# done; the file holds nothing of use; file or request is at fault; stopped; may pass by itself;
# cannot be done as things are; a fault of ours
Verdict = Literal["done", "unusable", "bad", "cancelled", "passing", "failed", "bug"]

# People are told on the job; what is a fault of ours is for the log.
_LEVELS: dict[Verdict, int] = {
    "done": logging.DEBUG,
    "unusable": logging.INFO,
    "bad": logging.INFO,
    "cancelled": logging.INFO,
    "passing": logging.INFO,
    "failed": logging.INFO,
    "bug": logging.ERROR,
}


@dataclass(frozen=True, slots=True)
class Task:
    """One stage of one job, on one home."""

    home: Path
    options: Options
    kind: str  # ingest, memo, read
    stage: str
    call_id: str | None
    memo_id: str | None
    request: dict[str, Any]
    about: dict[str, object] = field(default_factory=dict)  # what lines of the log say of it


class HandDied(FirsthandError):
    """The process that did the work ended in the middle of it, or took too long."""

    retry = True


class Passing(FirsthandError):
    """What stopped the work may pass by itself: a server that is away, a full disk."""

    retry = True


class Failed(FirsthandError):
    """The work cannot be done as things are; trying again at once is of no use."""


class _Hand:
    """One child process, and the line to it."""

    def __init__(self) -> None:
        self._line, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(
            target=_serve, args=(theirs, logs.chosen), name="hand", daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def lives(self) -> bool:
        return self._process.is_alive()

    def end(self) -> None:
        """Kill it, and leave the rest to whoever waits for it."""
        self._process.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.join()
        self._line.close()

    def do(self, task: Task, watch: Watch, deadline_s: float) -> tuple[Verdict, str]:
        """Have it done; what became of it. After an error the hand is of no more use."""
        end = time.monotonic() + deadline_s
        try:
            self._line.send(task)
            while True:
                if self._line.poll(_LOOK_S):
                    told = self._line.recv()
                    if told[0] != "progress":
                        return told[0], told[1]
                    watch.progress(told[1], told[2])
                if watch.cancelled():
                    raise Cancelled("The work was stopped.")
                if time.monotonic() > end:
                    raise HandDied(
                        f"The stage {task.stage} took more than {deadline_s:,.0f} s and was ended."
                    )
        except (EOFError, BrokenPipeError, ConnectionResetError) as error:
            self._process.join(1)
            raise HandDied(
                f"The process that did {task.stage} ended in the middle of it "
                f"(status {self._process.exitcode})."
            ) from error


def _raise(verdict: Verdict, sentence: str) -> None:
    if verdict == "unusable":
        raise Unusable(sentence)
    if verdict == "bad":
        raise BadInput(sentence)
    if verdict == "cancelled":
        raise Cancelled(sentence)
    if verdict == "passing":
        raise Passing(sentence)
    if verdict in ("failed", "bug"):
        raise Failed(sentence)


class Hands:
    """So many hands at most; who finds none free waits."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._free = threading.Semaphore(most)
        self._lock = threading.Lock()
        self._busy: set[_Hand] = set()
        self.dropped = False

    def do(self, task: Task, watch: Watch, deadline_s: float) -> None:
        """Do a stage in a child process.

        Raises ``BadInput``, ``Cancelled``, ``Passing`` and ``HandDied`` (both worth another try),
        or ``Failed``.
        """
        while not self._free.acquire(timeout=_LOOK_S):
            if self.dropped:
                raise HandDied("The worker is about to end.")
            if watch.cancelled():
                raise Cancelled("The work was stopped before it began.")
        try:
            hand = _take()
            with self._lock:
                self._busy.add(hand)
            try:
                verdict, sentence = hand.do(task, watch, deadline_s)
            except BaseException:
                hand.kill()
                raise
            finally:
                with self._lock:
                    self._busy.discard(hand)
            _give_back(hand)
        finally:
            self._free.release()
        _raise(verdict, sentence)

    def drop(self) -> None:
        """Kill whoever is at work; what they did not finish is done by the next worker."""
        self.dropped = True
        with self._lock:
            for hand in self._busy:
                hand.end()


_idle: list[tuple[_Hand, float]] = []  # the last one in has its models loaded most surely
_idle_lock = threading.Lock()


def prepare() -> None:
    """Start a hand beforehand, so that the first job need not wait for it."""
    with _idle_lock:
        if _idle:
            return
    _give_back(_Hand())


def dismiss() -> None:
    """End the idle hands; each has the last home it worked on open."""
    with _idle_lock:
        while _idle:
            _idle.pop()[0].kill()


def tidy(idle_s: float = IDLE_S) -> None:
    """End hands that have done nothing for so long: they hold models in memory."""
    since = time.monotonic() - idle_s
    with _idle_lock:
        for one in [pair for pair in _idle if pair[1] < since]:
            _idle.remove(one)
            one[0].kill()


def _take() -> _Hand:
    with _idle_lock:
        while _idle:
            hand, _since = _idle.pop()
            if hand.lives:
                return hand
    return _Hand()


def _give_back(hand: _Hand) -> None:
    with _idle_lock:
        if hand.lives and len(_idle) < _IDLE_MOST:
            _idle.append((hand, time.monotonic()))
            return
    hand.kill()


# --- in the child --------------------------------------------------------------------------------


def _serve(line: Connection, log_as: logs.Log) -> None:
    """Do tasks one after another until the other end is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the worker is told, and ends us
    logs.set_up(log_as)
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.pid,), daemon=True).start()
    import ingest.stages  # noqa: F401  # what nearly every task needs, before the first comes

    one_at_a_time = threading.Lock()  # a stage may have threads of its own

    def progress(stage: str, fraction: float) -> None:
        with one_at_a_time:
            line.send(("progress", stage, fraction))

    library: Library | None = None
    while True:
        try:
            task: Task = line.recv()
        except (EOFError, ConnectionResetError):
            return
        with logs.about(**task.about):
            try:
                if library is None or (library.home, library.options) != (task.home, task.options):
                    if library is not None:
                        library.close()
                        library = None
                    library = _opened(task)
                progress(task.stage, 0.0)  # it is at work, also where that begins with waiting
                _do(library, task, progress)
            except Exception as problem:  # the child's edge: whatever it was is told to the worker
                verdict, sentence = judged(problem)
                log.log(_LEVELS[verdict], "the stage broke off: %s", verdict, exc_info=problem)
                line.send((verdict, sentence))
            else:
                line.send(("done", ""))


def _opened(task: Task) -> Library:
    try:
        return Library(task.home, task.options)
    except FirsthandError as problem:  # the worker has it open: the home is no fault of the file's
        raise Passing(str(problem)) from problem


def _end_with(parent: int | None) -> None:
    """Nobody is left to tell once the worker is dead, not even by a signal."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def judged(problem: BaseException) -> tuple[Verdict, str]:
    """What an error means for the job, and the sentence for people."""
    if isinstance(problem, BadInput):
        return ("unusable" if isinstance(problem, Unusable) else "bad"), str(problem)
    if isinstance(problem, Cancelled):
        return "cancelled", str(problem)
    if isinstance(problem, FirsthandError):
        return ("passing" if problem.retry else "failed"), str(problem)
    if (why := passing(problem)) is not None:
        return "passing", str(why)
    if isinstance(problem, OSError):
        return "passing", f"The disk or the network failed ({problem.strerror or problem})."
    return "bug", "An unexpected error stopped the work; the log has the details."


def _do(library: Library, task: Task, progress: Callable[[str, float], None]) -> None:
    watch = Watch(progress)
    if task.kind == "memo":
        from service.drafting import draft_as_asked

        draft_as_asked(library, task.request, task.memo_id, progress)
    elif task.kind == "read":
        from service.model_reading import see_to

        see_to(library, progress)
    else:
        from ingest.stages import run

        run(
            library,
            task.call_id or "",
            task.stage,
            transcriber=task.request.get("transcriber"),
            watch=watch,
        )
