"""Watching until told to end: when to look, and having the work done that comes of it."""

from __future__ import annotations

import logging
import math
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from threading import Event as Flag

import sqlalchemy as sa

from ingest.database import passing
from ingest.library import Library
from ingest.tables import jobs
from service.following import working
from service.hands import tidy
from service.jobs import OPEN
from service.watch.alarm import Alarm
from service.watch.watcher import Watcher

log = logging.getLogger(__name__)

_TICK_S = 0.2
_TEND_S = 0.5  # between two questions about jobs
_REST = 4.0  # between two looks pass at least so many times what one takes
_AWAY_S = 5.0  # between two tries while the database is away


@dataclass(frozen=True, slots=True)
class Pace:
    """``every_s``: how often to look where nobody tells of changes. ``once``: until all that is
    there has been taken in, and worked on. ``works``: this process does the work where no other
    does; else nobody waits for it.
    """

    every_s: float = 30.0
    once: bool = False
    works: bool = True
    settle_s: float = 10.0


def run(library: Library, watcher: Watcher, pace: Pace, stopped: Flag) -> None:
    """Look and take in until ``stopped``.

    Raises ``KeyboardInterrupt`` when it was stopped in the middle of work that it did itself: the
    caller has to end the process, and the next worker goes on with it.
    """
    with closing(Alarm()) as alarm, ExitStack() as held:
        shift = held.enter_context(_Shift(library)) if pace.works else None
        run = _Run(watcher, pace, alarm, shift)
        if pace.once:
            run.once(stopped)
        else:
            run.always(stopped)
        if stopped.is_set() and shift is not None and shift.at_work:
            raise KeyboardInterrupt


class _Shift(ExitStack):
    """The time in which this process is the worker."""

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._library = library
        self.at_work = False

    def see_to(self) -> None:
        """Be the worker while something is queued and nobody else works."""
        with self._library.read() as connection:
            query = sa.select(jobs.c.job_id).where(jobs.c.state.in_(OPEN)).limit(1)
            queued = connection.scalar(query) is not None
        if queued and not self.at_work:
            self.at_work = self.enter_context(working(self._library))
            if not self.at_work:
                self.close()
        elif not queued and self.at_work:
            self.close()
            self.at_work = False
        tidy()


class _Run:
    def __init__(self, watcher: Watcher, pace: Pace, alarm: Alarm, shift: _Shift | None) -> None:
        self._watcher, self._pace = watcher, pace
        self._alarm, self._shift = alarm, shift
        self._tended = -math.inf

    def once(self, stopped: Flag) -> None:
        last = time.monotonic() + 2 * self._pace.settle_s + 1.0
        while not stopped.is_set():
            self._look(stopped)
            now = time.monotonic()
            if not self._watcher.waiting or now > last:
                break
            stopped.wait(max(_TICK_S, self._watcher.next_look_s(now)))
        self._watcher.tell_waiting()
        self._tended = -math.inf
        while self._shift is not None and not stopped.is_set():
            self._tend()
            if not (self._watcher.pending.open or self._shift.at_work):
                return
            stopped.wait(_TEND_S)

    def always(self, stopped: Flag) -> None:
        look_at = rested_at = time.monotonic()
        while not stopped.is_set():
            now = time.monotonic()
            try:
                if now >= look_at or (self._alarm.rung.is_set() and now >= rested_at):
                    self._alarm.rung.clear()
                    rested_at = self._look(stopped)
                    left = self._watcher.next_look_s(time.monotonic())
                    look_at = max(rested_at, time.monotonic() + min(self._pace.every_s, left))
                self._tend()
            except sa.exc.SQLAlchemyError as problem:
                if (why := passing(problem)) is None:
                    raise
                log.warning("nothing is taken in for now: %s", why)
                stopped.wait(_AWAY_S)
            stopped.wait(_TICK_S)

    def _look(self, stopped: Flag) -> float:
        """Look once; when the next look may be, by the monotonic clock."""
        began = time.monotonic()
        attended = False
        for _ in self._watcher.look(began):
            attended = True
            if stopped.is_set():
                break
            self._tend()
        end = time.monotonic()
        self._alarm.over(frozenset().union(*(one.folders() for one in self._watcher.sources)))
        took_s = 0.0 if attended else end - began
        return end + max(_TICK_S, min(_REST * took_s, self._pace.every_s))

    def _tend(self) -> None:
        """Have done what was taken in, and tell what became of it."""
        if time.monotonic() - self._tended < _TEND_S:
            return
        if self._shift is not None:
            self._shift.see_to()
        self._watcher.pending.follow()
        self._tended = time.monotonic()
