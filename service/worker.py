"""The worker: the process that does jobs.

Whoever asks for work only writes a job row. A worker is the child of ``firsthand serve``, or
``firsthand worker`` on any machine, or the command that waits for its own files while no other
works (``service.following``).
"""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from ingest.database import passing
from ingest.library import Library
from service.doing import AWAY_S, Doing
from service.hands import Hands, prepare, tidy
from service.handwork import seal_for
from service.places import Places
from service.spreading import LOOK_S, Spreading

log = logging.getLogger(__name__)

_AGAIN_S = 1.0  # after something failed
_ROUND_S = 0.2  # how often new job rows are looked for
_STOPPED_S = 1.0  # in which the thread of a job that was stopped comes to its end


class Worker:
    """Does the jobs of one home, in this process and its hands, until it is stopped."""

    def __init__(
        self,
        library: Library,
        *,
        alone: bool = True,
        at_once: int | None = None,
        places: Path | None = None,
    ) -> None:
        """``at_once``: jobs in each of the two lanes for files; by default by cores. ``places``: a
        folder shared with the workers of other workspaces, of which no more than so many jobs
        together are then at work.
        """
        from service.takeover import Takeover

        self.executor_id = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        self._library = library
        n = at_once or library.options.jobs_at_once or max(1, (os.cpu_count() or 1) // 2)
        most: dict[str, int] = {"short": n, "long": n, "writing": 1}
        self._hands = {
            lane: Hands(m, Places(places, lane, m) if places else None) for lane, m in most.items()
        }
        self._takeover = Takeover(library, self.executor_id, alone=alone)
        self._stop = threading.Event()
        self._doing = Doing(library, self._hands, self.executor_id, self._stop)
        self._spreading = Spreading(library, self._hands["writing"], self._stop)
        # Apart: whoever waits for his turn to write lives, and has to say so.
        self._threads = [
            threading.Thread(target=target, name=name, daemon=True)
            for name, target in (
                ("beat", self._beat),
                ("takeover", self._look),
                ("notice", partial(self._every, self._spreading.notice)),
                ("hooks", partial(self._every, self._spreading.tell)),
            )
        ]

    def start(self) -> None:
        """Begin: take up what others left, then what is queued."""
        seal = seal_for(self._library.home, self._library.options)
        threading.Thread(target=prepare, args=(seal,), name="prepare", daemon=True).start()
        from service import engine  # takes a second to import

        self._first_beat()
        at_once: dict[engine.Lane, int] = {
            "short": self._hands["short"].most + 1,  # the next is there when a hand gets free
            "long": self._hands["long"].most,
            "writing": 1,
        }
        engine.launch(self._library, self.executor_id, self._doing, at_once)
        for thread in self._threads:
            thread.start()

    def _first_beat(self) -> None:
        while True:
            try:
                self._takeover.beat()
                return
            except sa.exc.SQLAlchemyError as problem:  # the lock that another holds, say
                if passing(problem) is None or self._stop.wait(AWAY_S):
                    raise

    def stop(self) -> None:
        """End. What is at work goes on with the next worker, from its last checkpoint."""
        from service import engine

        self._try(self._spreading.finish)
        self._end_hands()
        engine.destroy()
        self._takeover.leave()

    def abandon(self) -> None:
        """End in the middle of things: for a process that is about to end itself.

        Whatever is at work keeps its checkpoints, and is taken over at once.
        """
        self._end_hands()
        self._takeover.leave()

    def _end_hands(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._spreading.end()
        self._wait_for(_STOPPED_S)  # a job that was stopped is seen to have been
        for hands in self._hands.values():
            hands.drop()
        self._wait_for(_STOPPED_S)

    def _wait_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._doing.idle:
                return
            time.sleep(0.05)

    def _beat(self) -> None:
        from service.takeover import BEAT_S

        while not self._stop.wait(BEAT_S):
            self._try(self._takeover.beat)

    def _every(self, see_to: Callable[[], None]) -> None:
        while not self._stop.wait(LOOK_S):
            self._try(see_to)

    def _look(self) -> None:
        from service.takeover import BEAT_S, TIDY_S

        looked = tidied = float("-inf")
        while not self._stop.wait(_ROUND_S):
            now = time.monotonic()
            self._try(self._takeover.hand_over)
            if now - looked >= BEAT_S:
                self._try(self._look_after)
                looked = now
            if now - tidied >= TIDY_S:
                self._try(self._takeover.tidy)
                tidied = now

    def _look_after(self) -> None:
        from service import engine

        self._takeover.look_after(engine.at_work())
        tidy()

    def _try(self, see_to: Callable[[], object]) -> None:
        try:
            see_to()
        except Exception as problem:  # the thread's edge: a database that is away comes back
            if (why := passing(problem)) is not None:
                log.warning("jobs are not looked after for now: %s", why)
            else:
                log.exception("looking after the jobs failed; trying again")
            self._stop.wait(_AGAIN_S)
