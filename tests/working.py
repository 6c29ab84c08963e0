"""Having the jobs of a home done, by a worker in this process and its hands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ingest.library import Library
from service.following import Report, see_through
from service.jobs import OPEN, list_jobs
from service.worker import Worker


def work_off(library: Library, report: Report = lambda _job: None) -> int:
    """Do all that is queued; how many jobs that was."""
    with library.read() as connection:
        waiting = [job.job_id for job in list_jobs(connection) if job.state in OPEN]
    see_through(library, waiting, report)
    return len(waiting)


@contextmanager
def working(library: Library) -> Iterator[Worker]:
    """A worker in this process, meanwhile."""
    worker = Worker(library)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
