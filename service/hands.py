"""Hands: child processes that do the heavy stages of jobs, each one at a time.

A hand can be killed at any instant, which is how a long transcription is stopped at once, and a
decoder that crashes takes only its hand along. What a stage came to is in the database, so that
nothing but the stage's own time is lost. Idle hands are kept, with their models loaded.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from contextlib import nullcontext

from ingest.errors import BadInput, Cancelled, FirsthandError, TooLarge, Unusable
from ingest.listen import Watch
from service import logs
from service.handwork import Looking, Passing, Task, Verdict, serve
from service.places import Places

_LOOK_S = 0.1  # how often the one who waits looks whether to stop
_CONTEXT = multiprocessing.get_context("spawn")
_IDLE_MOST = 4  # hands kept for later
IDLE_S = 180.0  # and for so long


class HandDied(FirsthandError):
    """The process that did the work ended in the middle of it, or took too long."""

    retry = True


class Failed(FirsthandError):
    """The work cannot be done as things are; trying again at once is of no use."""


class _Hand:
    """One child process, and the line to it."""

    def __init__(self) -> None:
        self._line, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(
            target=serve, args=(theirs, logs.chosen), name="hand", daemon=True
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

    def do(self, task: Task | Looking, watch: Watch, deadline_s: float) -> tuple[Verdict, str]:
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
    if verdict == "large":
        raise TooLarge(sentence)
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

    def __init__(self, most: int, places: Places | None = None) -> None:
        """``places``: shared with other workers, of which each hand needs one to be at work."""
        self.most = most
        self._places = places
        self._free = threading.Semaphore(most)
        self._lock = threading.Lock()
        self._busy: set[_Hand] = set()
        self.dropped = False

    def do(self, task: Task | Looking, watch: Watch, deadline_s: float) -> str:
        """Do a stage in a child process; what came of it, as it tells.

        Raises ``BadInput``, ``Cancelled``, ``Passing`` and ``HandDied`` (both worth another try),
        or ``Failed``.
        """

        def look() -> None:
            if self.dropped:
                raise HandDied("The worker is about to end.")
            if watch.cancelled():
                raise Cancelled("The work was stopped before it began.")

        while not self._free.acquire(timeout=_LOOK_S):
            look()
        try:
            with self._places.one(look) if self._places else nullcontext():
                verdict, sentence = self._done(task, watch, deadline_s)
        finally:
            self._free.release()
        _raise(verdict, sentence)
        return sentence

    def _done(self, task: Task | Looking, watch: Watch, deadline_s: float) -> tuple[Verdict, str]:
        hand = _take()
        with self._lock:
            self._busy.add(hand)
        try:
            told = hand.do(task, watch, deadline_s)
        except BaseException:
            hand.kill()
            raise
        finally:
            with self._lock:
                self._busy.discard(hand)
        _give_back(hand)
        return told

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
