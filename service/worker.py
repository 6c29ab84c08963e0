"""The worker: does queued jobs one after another, in the process that holds the home.

One that dies leaves its job ``working``; the next holder of the home puts it back in the queue
(``recover``), and the work starts again from the stored file.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from datetime import date
from threading import Event, Thread

import sqlalchemy as sa

from ingest.errors import BadInput, Cancelled, Conflict, FirsthandError
from ingest.library import Library
from ingest.pipeline import process
from ingest.store import get_call, update_call
from ingest.tables import jobs
from service.erase import erase_unfinished
from service.jobs import enqueue_reading, get_job, set_fields
from service.model_reading import see_to
from service.shapes import Filters, Job

log = logging.getLogger(__name__)

Report = Callable[[Job], None]
POLL_S = 0.5  # how often an idle or waiting process looks for news
TICK_S = 0.25  # least time between two stored signs of progress


def recover(library: Library) -> None:
    """Put back what a process that died left half done. Only the holder of the home may."""
    with library.change() as connection:
        connection.execute(
            jobs.update().where(jobs.c.state == "working").values(state="queued", stage=None)
        )


def work_off(library: Library, report: Report = lambda _job: None) -> int:
    """Do the queued jobs, oldest first, until there are none; how many. Hold ``writing``."""
    done = 0
    while (job := _take(library)) is not None:
        _work(library, job, report)
        done += 1
    return done


def see_through(library: Library, job_ids: Collection[str], report: Report) -> None:
    """Return when these jobs have ended: done here when the home is free, else by its holder."""
    while True:
        with library.read() as connection:
            found = [get_job(connection, job_id) for job_id in job_ids]
        if all(job.state not in ("queued", "working") for job in found):
            return
        try:
            with library.writing():
                recover(library)
                work_off(library, report)
        except Conflict:
            for job in found:
                report(job)
            time.sleep(POLL_S)


def _take(library: Library) -> Job | None:
    with library.change() as connection:
        oldest = sa.select(jobs.c.job_id).where(jobs.c.state == "queued")
        job_id = connection.scalar(oldest.order_by(jobs.c.created_at, jobs.c.job_id).limit(1))
        if job_id is None:
            return None
        set_fields(connection, job_id, state="working")
        return get_job(connection, job_id)


def _work(library: Library, job: Job, report: Report) -> None:
    watch = _Watch(library, job, report)
    try:
        with library.read() as connection:
            request = connection.scalar(
                sa.select(jobs.c.request).where(jobs.c.job_id == job.job_id)
            )
        if job.kind == "memo":
            _draft(library, job, request or {}, watch)
        elif job.kind == "read":
            see_to(library, watch.progress, watch.cancelled)
        else:
            process(
                library,
                job.call_id or "",
                transcriber=(request or {}).get("transcriber"),
                progress=watch.progress,
                cancelled=watch.cancelled,
            )
    except Cancelled:
        _forget(library, job)
        watch.end("cancelled", "stopped by you")
    except BadInput as problem:
        # The file can never be used: nothing of it stays.
        _forget(library, job)
        watch.end("failed", str(problem))
    except FirsthandError as problem:
        _mark_failed(library, job)
        watch.end("failed", str(problem))
    except Exception:  # the worker's edge: one broken file must not stop the others
        log.exception("job %s failed", job.job_id)
        _mark_failed(library, job)
        watch.end("failed", "An unexpected error stopped the work; the log has the details.")
    else:
        watch.end("done", None)
        if job.kind == "ingest" and library.llm is not None:
            # Behind the files that wait already, so that it reads them all at once.
            with library.change() as connection:
                enqueue_reading(connection)


class _Watch:
    """Stores a job's progress, tells the reporter, and sees when somebody stops the job."""

    def __init__(self, library: Library, job: Job, report: Report) -> None:
        self._library, self._job, self._report = library, job, report
        self._stored = 0.0

    def progress(self, stage: str, fraction: float) -> None:
        if stage == self._job.stage and time.monotonic() - self._stored < TICK_S:
            return
        self._job = self._job.model_copy(update={"stage": stage, "fraction": fraction})
        if self.cancelled():
            raise Cancelled("The work was stopped.")
        with self._library.change() as connection:
            set_fields(connection, self._job.job_id, stage=stage, fraction=fraction)
        self._stored = time.monotonic()
        self._report(self._job)

    def cancelled(self) -> bool:
        with self._library.read() as connection:
            return get_job(connection, self._job.job_id).state == "cancelled"

    def end(self, state: str, error: str | None) -> None:
        with self._library.change() as connection:
            done = {"fraction": 1.0} if state == "done" else {}
            set_fields(connection, self._job.job_id, state=state, error=error, **done)
            job = get_job(connection, self._job.job_id)
        self._report(job)


def _forget(library: Library, job: Job) -> None:
    if job.call_id is not None:
        erase_unfinished(library, job.call_id)


def _mark_failed(library: Library, job: Job) -> None:
    if job.call_id is None:
        return
    with library.change() as connection:
        if get_call(connection, job.call_id).state == "working":
            update_call(connection, job.call_id, state="failed")


def _draft(library: Library, job: Job, request: dict[str, object], watch: _Watch) -> None:
    from service.drafting import draft_and_save

    start = request.get("start")
    vision = request.get("vision")
    draft_and_save(
        library,
        filters=Filters.model_validate(request.get("filters") or {}),
        start=date.fromisoformat(start) if isinstance(start, str) else None,
        vision=vision if isinstance(vision, str) else None,
        memo_id=job.memo_id,
        progress=watch.progress,
        cancelled=watch.cancelled,
    )


class Worker:
    """The background thread of a serving process."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._stop = Event()
        self._thread = Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to stop after the job at hand; that job starts again with the next process."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            job = _take(self._library)
            if job is None:
                self._stop.wait(POLL_S)
            else:
                _work(self._library, job, lambda _job: None)


def stay(library: Library) -> None:
    """Work on whatever is queued until interrupted. Hold ``writing``."""
    recover(library)
    try:
        while True:
            if work_off(library) == 0:
                time.sleep(POLL_S)
    except KeyboardInterrupt:
        log.info("stopped by hand")
