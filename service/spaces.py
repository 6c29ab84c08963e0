"""The workspaces that a server has open: each from when it is first asked for, until the end."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import dataclass
from functools import partial
from threading import Lock

import sqlalchemy as sa

from ingest.database import passing
from ingest.errors import FirsthandError, Unavailable
from ingest.library import Library
from ingest.tables import jobs
from service.digest.sending import send_due
from service.digest.sending import waits as digest_waits
from service.hooks.deliveries import any_waiting
from service.jobs import OPEN
from service.retention import sweep, waits
from service.settings import MAIN, Settings
from service.workspaces import Workspace, list_workspaces, open_library
from service.workspaces import get as get_workspace

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Space:
    """An open workspace: its library, and the settings as they are for it."""

    name: str
    library: Library
    settings: Settings


Keep = Callable[[Space], AbstractContextManager[None]]


class Spaces:
    """The open workspaces of a home; safe to share between threads.

    ``keep`` is what is held for each of them as long as it is open: locks, feeding, a worker.
    """

    def __init__(self, settings: Settings, keep: Keep = lambda _space: nullcontext()) -> None:
        self._settings, self._keep = settings, keep
        self._open: dict[str, tuple[Space, ExitStack]] = {}
        self._lock = Lock()  # of opening and closing; who asks for an open one does not wait
        self._closed = False

    def __enter__(self) -> Spaces:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, name: str) -> Space:
        """The workspace, opened if it was not.

        Raises ``NotFound`` and ``BadInput`` for a name of none, ``Conflict`` when another process
        has it, and what a store raises that cannot be used.
        """
        found = self._open.get(name)
        if found is None:
            with self._lock:
                found = self._open.get(name) or self._opened(name)
        return found[0]

    def all(self) -> list[Workspace]:
        """Those there are, open or not."""
        return list_workspaces(self.get(MAIN).library)

    def wake(self) -> None:
        """Open those in which jobs wait, or were at work when the last server ended."""
        for one in self.all():
            try:
                if one.name not in self._open and self._has(one.name, _open_jobs):
                    self.get(one.name)
            except (FirsthandError, sa.exc.SQLAlchemyError) as problem:
                if self._closed:
                    return
                why = passing(problem) or problem
                log.warning("jobs in the workspace %s wait: %s", one.name, why)

    def sweep(self, today: dt.date) -> None:
        """Erase in each of them what is due; one in which nothing is due is not kept open."""
        for one in self.all():
            try:
                if one.name in self._open or self._has(one.name, partial(waits, today=today)):
                    sweep(self.get(one.name).library, today)
            except (FirsthandError, OSError, sa.exc.SQLAlchemyError) as problem:
                if self._closed:
                    return
                why = passing(problem) or problem
                log.warning("calls that are due in the workspace %s stay: %s", one.name, why)

    def tell(self, now: dt.datetime) -> None:
        """Send the digest of each of them in which it is due."""
        for one in self.all():
            try:
                if one.name in self._open or self._has(one.name, partial(digest_waits, now=now)):
                    space = self.get(one.name)
                    send_due(space.library, space.settings, now)
            except (FirsthandError, OSError, sa.exc.SQLAlchemyError) as problem:
                if self._closed:
                    return
                why = passing(problem) or problem
                log.warning("the digest of the workspace %s waits: %s", one.name, why)

    def close(self) -> None:
        """Close all, the main one last: the others are told by it."""
        with self._lock:
            self._closed = True
            main = self._open.pop(MAIN, None)
            with ThreadPoolExecutor() as pool:  # each waits for its worker to end
                for ended in [pool.submit(held.close) for _, held in self._open.values()]:
                    ended.result()
            self._open.clear()
            if main is not None:
                main[1].close()

    # --- within ----------------------------------------------------------------------------------

    def _opened(self, name: str) -> tuple[Space, ExitStack]:
        if self._closed:
            raise Unavailable("The server is about to end.")
        if name != MAIN and (main := self._open.get(MAIN)) is not None:
            get_workspace(main[0].library, name)  # most that is asked for in vain ends here
        settings = self._settings.of(name)
        with ExitStack() as held:
            library = held.enter_context(closing(open_library(settings)))
            space = Space(name, library, settings)
            held.enter_context(self._keep(space))
            found = self._open[name] = space, held.pop_all()
        return found

    def _has(self, name: str, anything: Callable[[sa.Connection], bool]) -> bool:
        with closing(open_library(self._settings.of(name))) as library, library.read() as here:
            return anything(here)


def _open_jobs(connection: sa.Connection) -> bool:
    waiting = sa.select(jobs.c.job_id).where(jobs.c.state.in_(OPEN)).limit(1)
    return connection.scalar(waiting) is not None or any_waiting(connection)
