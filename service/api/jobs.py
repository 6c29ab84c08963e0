"""Jobs: where the work stands, live, and stopping or repeating it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from service import jobs as core
from service.api.deps import LibraryDep
from service.job_history import JobHistory, forget, history
from service.shapes import Job, JobState

router = APIRouter(prefix="/api/jobs", tags=["jobs"])

POLL_S = 0.25


@router.get("")
def every(
    library: LibraryDep,
    state: JobState | None = None,
    kind: Literal["ingest", "memo", "read"] | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[Job]:
    """The newest jobs, of one state or kind if named, the newest first."""
    with library.read() as connection:
        return core.list_jobs(connection, state=state, kind=kind, limit=limit)


@router.get("/{job_id}")
def one(library: LibraryDep, job_id: str) -> Job:
    with library.read() as connection:
        return core.get_job(connection, job_id)


@router.get("/{job_id}/runs")
def runs(library: LibraryDep, job_id: str) -> JobHistory:
    """The job with every run of its stages."""
    with library.read() as connection:
        return history(connection, job_id)


@router.delete("/{job_id}", status_code=204)
def dismiss(library: LibraryDep, job_id: str) -> None:
    """Take a job that ended off the list; 409 while it has not."""
    forget(library, job_id)


@router.get("/{job_id}/events", response_class=EventSourceResponse)
def events(library: LibraryDep, job_id: str) -> Iterator[ServerSentEvent]:
    """The job at every change until it ends, as ``job`` events; the first comes at once."""
    shown: Job | None = None
    while shown is None or shown.state in ("queued", "working"):
        with library.read() as connection:
            job = core.get_job(connection, job_id)
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
