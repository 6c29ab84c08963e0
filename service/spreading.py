"""What a worker sees to between its jobs: noticing what is new, and telling hooks of it."""

from __future__ import annotations

import logging
import threading
import time

import sqlalchemy as sa

from ingest.errors import Cancelled
from ingest.library import Library
from ingest.listen import Watch
from ingest.tables import hooks
from service import noticing
from service.hands import Failed, HandDied, Hands
from service.handwork import Passing, Task
from service.hooks.postman import Postman

log = logging.getLogger(__name__)

LOOK_S = 1.0  # how often it is looked whether anything is due
_PATIENCE_S = 600.0  # files that keep coming put off the noticing no longer than that
_DEADLINE_S = 900.0  # of one noticing
_AGAIN_S = 60.0  # after it failed
_LAST_S = 20.0  # for telling what happened, before a worker ends


class Spreading:
    """Of one worker: its ``hands`` do what is heavy, the sending is done in threads of its own."""

    def __init__(self, library: Library, hands: Hands, stop: threading.Event) -> None:
        self._library, self._hands, self._stop = library, hands, stop
        self._postman = Postman(library)
        self._noticed = time.monotonic()
        self._failed = float("-inf")  # when

    def notice(self) -> None:
        """Notice what is new, if anything may be, once no more files are on their way."""
        if time.monotonic() - self._failed < _AGAIN_S:
            return
        with self._library.read() as connection:
            if not noticing.is_due(connection):
                self._noticed = time.monotonic()
                return
            late = time.monotonic() - self._noticed > _PATIENCE_S
            if not late and not noticing.is_quiet(connection):
                return
        self._notice()

    def tell(self) -> None:
        """Send hooks what is due."""
        self._postman.round()

    def finish(self) -> None:
        """Before a worker ends that has done all there was: nobody may work here for long."""
        with self._library.read() as connection:
            any_on = connection.scalar(sa.select(hooks.c.hook_id).where(hooks.c.is_on).limit(1))
        if any_on is not None:
            self._notice()
            self._postman.finish(_LAST_S, self._stop)

    def end(self) -> None:
        self._postman.end()

    def _notice(self) -> None:
        task = Task(
            home=self._library.home,
            options=self._library.options,
            kind="notice",
            stage="notice",
            call_id=None,
            memo_id=None,
            request={},
        )
        watch = Watch(lambda _stage, _fraction: None, self._stop.is_set)
        try:
            self._hands.do(task, watch, _DEADLINE_S)
        except Cancelled:
            return  # the worker ends; the next one looks again
        except (Failed, HandDied, Passing) as problem:
            self._failed = time.monotonic()
            log.warning("what is new was not noticed, and is tried again: %s", problem)
            return
        self._noticed = time.monotonic()
