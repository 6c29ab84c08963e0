"""The jobs that came of watched files, and what becomes of them."""

from __future__ import annotations

import sqlalchemy as sa

from ingest.library import Library
from ingest.tables import jobs
from service.jobs import OPEN, get_job
from service.watch.events import Tell
from service.watch.taking import Found

_AT_ONCE = 500  # ids in one question to the database


class Pending:
    """``open`` are the files that are worked on, by the id of the job."""

    def __init__(self, library: Library, tell: Tell) -> None:
        self.open: dict[str, Found] = {}
        self._library, self._tell = library, tell

    def follow(self) -> None:
        """Tell of the jobs that have ended since."""
        ids = list(self.open)
        states: dict[str, str] = {}
        with self._library.read() as connection:
            for n in range(0, len(ids), _AT_ONCE):
                some = jobs.c.job_id.in_(ids[n : n + _AT_ONCE])
                rows = connection.execute(sa.select(jobs.c.job_id, jobs.c.state).where(some))
                states |= {row.job_id: row.state for row in rows}
            ended = [get_job(connection, one) for one in states if states[one] not in OPEN]
        for job_id in ids:
            if job_id not in states:  # somebody took it off the list
                del self.open[job_id]
        for job in ended:
            found = self.open.pop(job.job_id)
            about = {"call_id": job.call_id, "job_id": job.job_id}
            if job.state == "done":
                self._tell(found.event("ready", **about))
            else:
                self._tell(found.event("failed", message=job.error or job.state, **about))
