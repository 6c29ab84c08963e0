"""Jobs: where the work stands, live, and stopping or repeating it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import sqlalchemy as sa
from fastapi import APIRouter
from fastapi.sse import EventSourceResponse, ServerSentEvent

from ingest.database import passing
from service import jobs as core
from service.api.deps import LibraryDep
from service.shapes import Job

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

POLL_S = 0.25


@router.get("")
def every(library: LibraryDep) -> list[Job]:
    """All jobs, the newest first."""
    with library.read() as connection:
        return core.list_jobs(connection)


@router.get("/{job_id}")
def one(library: LibraryDep, job_id: str) -> Job:
    with library.read() as connection:
        return core.get_job(connection, job_id)


@router.get("/{job_id}/events", response_class=EventSourceResponse)
def events(library: LibraryDep, job_id: str) -> Iterator[ServerSentEvent]:
    """The job at every change until it ends, as ``job`` events; the first comes at once."""
    shown: Job | None = None
    while shown is None or shown.state in ("queued", "working"):
        try:
            with library.read() as connection:
                job = core.get_job(connection, job_id)
        except sa.exc.SQLAlchemyError as problem:
            if shown is None or passing(problem) is None:
                raise
            time.sleep(POLL_S)  # a database that is away comes back, and the job with it
            continue
        if job != shown:
            yield ServerSentEvent(data=job, event="job")
            shown = job
        else:
            time.sleep(POLL_S)


@router.post("/{job_id}/cancel")
def cancel(library: LibraryDep, job_id: str) -> Job:
    """Stop the job; a call that was not ready before is removed."""
    return core.cancel(library, job_id)


@router.post("/{job_id}/retry")
def retry(library: LibraryDep, job_id: str) -> Job:
    """Queue a job again that failed or was stopped."""
    return core.retry(library, job_id)
