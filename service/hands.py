"""Hands: child processes that do the heavy stages of jobs, each one at a time.

A hand can be killed at any instant, which is how a long transcription is stopped at once, and a
decoder that crashes takes only its hand along. What a stage came to is in the database, so that
nothing but the stage's own time is lost. Idle hands are kept, with their models loaded.
"""

from __future__ import annotations

import json
import multiprocessing
import threading
import time
from contextlib import nullcontext
from typing import NamedTuple, get_args

from ingest.errors import BadInput, Cancelled, FirsthandError, TooLarge, Unusable
from ingest.listen import Watch
from service import logs
from service.handwork import Cutting, Passing, Silencing, Unfolding, Verdict, Work
from service.places import Places
from service.seal import Seal, begin

_LOOK_S = 0.1  # how often the one who waits looks whether to stop
_SAID_MOST = 10_000  # bytes of what a hand says at once
_CONTEXT = multiprocessing.get_context("spawn")
_IDLE_MOST = 4  # hands kept for later
IDLE_S = 180.0  # and for so long


class HandDied(FirsthandError):
    """The process that did the work ended in the middle of it, or took too long."""

    retry = True


class Failed(FirsthandError):
    """The work cannot be done as things are; trying again at once is of no use."""


class _Hand:
    """One child process under a seal, and the line to it."""

    def __init__(self, seal: Seal) -> None:
        self.seal = seal
        self._line, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(
            target=begin, args=(theirs, logs.chosen, seal), name="hand", daemon=True
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

    def do(self, task: Work, watch: Watch, deadline_s: float) -> tuple[Verdict, str]:
        """Have it done; what became of it. After an error the hand is of no more use."""
        end = time.monotonic() + deadline_s
        try:
            self._line.send(task)
            while True:
                if self._line.poll(_LOOK_S):
                    told = _understood(self._line.recv_bytes(_SAID_MOST))
                    if not isinstance(told, Progress):
                        return told
                    watch.progress(*told)
                if watch.cancelled():
                    raise Cancelled("The work was stopped.")
                if time.monotonic() > end:
                    raise HandDied(
                        f"The stage {task.stage} took more than {deadline_s:,.0f} s and was ended."
                    )
        except (EOFError, OSError) as error:  # its end, or more at once than any hand says
            self._process.join(1)
            raise HandDied(
                f"The process that did {task.stage} ended in the middle of it "
                f"(status {self._process.exitcode})."
            ) from error


class Progress(NamedTuple):
    stage: str
    fraction: float


def _understood(said: bytes) -> Progress | tuple[Verdict, str]:
    """What a hand says, which is no more to be trusted than what it works on: never a pickle.

    Raises ``EOFError`` for what no hand in its senses says.
    """
    try:
        match json.loads(said):
            case ["progress", str(stage), float(fraction)]:
                return Progress(stage, fraction)
            case [verdict, str(sentence)] if verdict in get_args(Verdict):
                return verdict, sentence
    except (ValueError, RecursionError):
        pass
    raise EOFError("a hand said what makes no sense")


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

    def do(self, task: Work, watch: Watch, deadline_s: float) -> str:
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

    def _done(self, task: Work, watch: Watch, deadline_s: float) -> tuple[Verdict, str]:
        hand = _take(task.seal)
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
        if isinstance(task, Silencing | Cutting | Unfolding):
            hand.kill()  # its seal is for a folder which nobody has again
        else:
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


def prepare(seal: Seal) -> None:
    """Start a hand beforehand, so that the first job need not wait for it."""
    with _idle_lock:
        if any(hand.seal == seal for hand, _since in _idle):
            return
    _give_back(_Hand(seal))


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


def _take(seal: Seal) -> _Hand:
    with _idle_lock:
        for n in reversed(range(len(_idle))):
            if _idle[n][0].seal == seal:
                hand, _since = _idle.pop(n)
                if hand.lives:
                    return hand
    return _Hand(seal)


def _give_back(hand: _Hand) -> None:
    with _idle_lock:
        if hand.lives and len(_idle) < _IDLE_MOST:
            _idle.append((hand, time.monotonic()))
            return
    hand.kill()
