"""Waiting for jobs, and being the worker while there is none.

On a home folder one process works at a time: it holds the folder's lock. On PostgreSQL there may be
any number, each of which says every few seconds that it lives.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import sqlalchemy as sa

from ingest.database import passing
from ingest.errors import Conflict
from ingest.library import Library
from service.jobs import OPEN, get_job
from service.shapes import Job

Report = Callable[[Job], None]
POLL_S = 0.1  # how often one who waits looks for news


def see_through(
    library: Library,
    job_ids: Collection[str],
    report: Report,
    *,
    then: Callable[[], str] | None = None,
) -> None:
    """Return when these jobs have ended, telling of every change.

    They are done by the workers there are; where there is none, by this process meanwhile. ``then``
    gives the id of one more job to wait for, once they have ended.
    """
    shown: dict[str, Job] = {}
    waited_for = list(job_ids)

    def ended() -> bool:
        nonlocal then
        try:
            with library.read() as connection:
                found = [get_job(connection, job_id) for job_id in waited_for]
        except sa.exc.SQLAlchemyError as problem:
            if passing(problem) is None:
                raise
            return False  # a database that is away comes back, and the jobs with it
        for job in found:
            if shown.get(job.job_id) != job:
                shown[job.job_id] = job
                report(job)
        if any(job.state in OPEN for job in found):
            return False
        if then is None:
            return True
        waited_for.append(then())
        then = None
        return False

    while not ended():
        with working(library) as works:
            while works and not ended():
                time.sleep(POLL_S)
        time.sleep(POLL_S)


@contextmanager
def working(library: Library) -> Iterator[bool]:
    """Work on this home while nobody else does; whether this process is the one."""
    from service.worker import Worker

    with right_to_work(library) as free:
        if not free:
            yield False
            return
        worker = Worker(library, alone=alone(library))
        worker.start()
        try:
            yield True
        except BaseException:
            # Threads are in the middle of things that only the end of the process stops.
            worker.abandon()
            raise
        worker.stop()


def alone(library: Library) -> bool:
    """Whether one process at most works on this home."""
    return library.engine.dialect.name == "sqlite"


@contextmanager
def right_to_work(library: Library) -> Iterator[bool]:
    """Hold the right to work on this home; whether it is free."""
    if not alone(library):
        from service.workers import workers_living

        try:
            free = not workers_living(library)
        except sa.exc.SQLAlchemyError as problem:
            if passing(problem) is None:
                raise
            free = False  # as long as it cannot be asked
        yield free
        return
    with ExitStack() as held:
        try:
            held.enter_context(library.holding("worker.lock"))
        except Conflict:
            free = False
        else:
            free = True
        yield free


def stay(
    library: Library,
    stopped: threading.Event,
    *,
    wait: bool = False,
    places: Path | None = None,
) -> None:
    """Work on whatever is queued until ``stopped``; ``places`` as ``Worker`` has them.

    Raises ``Conflict`` when a home folder has a worker already, unless to ``wait`` for its end. The
    caller has to end the process: what is in the middle of a stage is left to the next worker.
    """
    from service.worker import Worker

    while not stopped.is_set():
        with right_to_work(library) as free:
            if free or not alone(library):
                worker = Worker(library, alone=alone(library), places=places)
                worker.start()
                stopped.wait()
                worker.abandon()
                return
        if not wait:
            raise Conflict(
                f"{library.home} has a worker already; a home folder takes one at a time."
            )
        stopped.wait(1.0)
