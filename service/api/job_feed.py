"""News of jobs for any number of streams: one look at the database for all of them.

While nobody listens nothing is read. A stream waits in the event loop and holds no thread. What a
job's row says after a change is news; steps in between may be passed over, an end never is.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool

from ingest.errors import FirsthandError
from ingest.library import Library
from service.jobs import OPEN, get_job, jobs_since
from service.shapes import Job

log = logging.getLogger(__name__)

POLL_S = 0.25
# A row is stamped before its transaction ends, and by the clock of whoever writes it: so long after
# its stamp a change may still come to sight.
OVERLAP = timedelta(seconds=60)
LATELY = timedelta(hours=1)  # what one who comes without a place to go on from is told of


class JobFeed:
    """Belongs to one event loop."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._news: dict[str, tuple[int, Job]] = {}  # by job id, the last change last
        self._seq = 0
        self._changed = asyncio.Event()  # replaced at every change
        self._listeners = 0
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    def close(self) -> None:
        """End every stream."""
        self._closed = True
        self._wake()

    async def every(self, since: datetime) -> AsyncIterator[Job]:
        """All open jobs and those that changed since then, and after that every change."""

        def now() -> list[Job]:
            with self._library.read() as connection:
                return jobs_since(connection, since, or_open=True)

        with _Listening(self):
            seq = self._seq  # before the look: what changes during it comes twice, or not at all
            shown = {}
            for job in await run_in_threadpool(now):
                shown[job.job_id] = job
                yield job
            async for job in self._after(seq):
                if shown.pop(job.job_id, None) != job:
                    yield job

    async def one(self, job_id: str) -> AsyncIterator[Job]:
        """The job, and then at every change until it ends. Raises ``NotFound``."""

        def now() -> Job:
            with self._library.read() as connection:
                return get_job(connection, job_id)

        with _Listening(self):
            seq = self._seq
            shown = await run_in_threadpool(now)
            yield shown
            if shown.state not in OPEN:
                return
            async for job in self._after(seq):
                if job.job_id == job_id and job != shown:
                    yield job
                    if job.state not in OPEN:
                        return

    async def _after(self, seq: int) -> AsyncIterator[Job]:
        while not self._closed:
            changed = self._changed
            fresh = []
            for n, job in reversed(self._news.values()):
                if n <= seq:
                    break
                fresh.append(job)
            seq = self._seq
            for job in reversed(fresh):
                yield job
            if not fresh:
                await changed.wait()

    # --- looking ---------------------------------------------------------------------------------

    def _listen(self) -> None:
        self._listeners += 1
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())

    def _leave(self) -> None:
        self._listeners -= 1
        if self._listeners == 0 and self._looking is not None:
            self._looking.cancel()
            self._looking = None
            self._news.clear()

    async def _look(self) -> None:
        newest = datetime.now(UTC)
        fails = False
        while not self._closed:
            try:
                found = await run_in_threadpool(self._since, newest - OVERLAP)
                fails = False
            except (FirsthandError, DBAPIError) as problem:
                if not fails:  # once, not at every look
                    log.warning("jobs cannot be looked at: %s", type(problem).__name__)
                fails = True
                found = []
            news = False
            for job in found:
                known = self._news.get(job.job_id)
                if known is None or known[1] != job:
                    self._seq += 1
                    self._news.pop(job.job_id, None)
                    self._news[job.job_id] = (self._seq, job)
                    news = True
                # A clock that is ahead must not hide what others write.
                newest = max(newest, min(job.updated_at, datetime.now(UTC)))
            if news:
                self._wake()
            await asyncio.sleep(POLL_S)

    def _since(self, moment: datetime) -> list[Job]:
        with self._library.read() as connection:
            return jobs_since(connection, moment)

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class _Listening:
    """One stream that is open."""

    def __init__(self, feed: JobFeed) -> None:
        self._feed = feed

    def __enter__(self) -> None:
        self._feed._listen()

    def __exit__(self, *_: object) -> None:
        self._feed._leave()


def place(job: Job) -> str:
    """Where to go on after this job: the time of its change. Ids of events are such places."""
    return job.updated_at.isoformat()


def start(place: str | None) -> datetime:
    """From when on one is to be told who was at this place last; anything else stands for none."""
    if place:
        with suppress(ValueError, OverflowError):
            at = datetime.fromisoformat(place)
            return min(at if at.tzinfo else at.replace(tzinfo=UTC), datetime.now(UTC)) - OVERLAP
    return datetime.now(UTC) - LATELY
