"""Jobs: where the work stands, live, and stopping or repeating it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent

from service import jobs as core
from service.api.deps import FeedDep, LibraryDep
from service.api.job_feed import place, start
from service.api.needs import GuardedRoute, needs
from service.job_history import JobHistory, forget, history
from service.shapes import Job, JobState

router = APIRouter(prefix="/api/jobs", tags=["jobs"], route_class=GuardedRoute)


@router.get("")
@needs("viewer")
def every(
    library: LibraryDep,
    state: JobState | None = None,
    kind: Literal["ingest", "memo", "read"] | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[Job]:
    """The newest jobs, of one state or kind if named, the newest first."""
    with library.read() as connection:
        return core.list_jobs(connection, state=state, kind=kind, limit=limit)


@router.get("/events", response_class=EventSourceResponse)
@needs("viewer")
async def every_event(
    feed: FeedDep,
    after: Annotated[str | None, Query(description="an event's id, as Last-Event-ID")] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> AsyncIterator[ServerSentEvent]:
    """Every job that is open or changed after that event (without one: in the last hour), and from
    then on at every change, as ``job`` events. What is known already may come again.
    """
    async for job in feed.every(start(last_event_id or after)):
        yield _event(job)


@router.get("/{job_id}")
@needs("viewer")
def one(library: LibraryDep, job_id: str) -> Job:
    with library.read() as connection:
        return core.get_job(connection, job_id)


@router.get("/{job_id}/runs")
@needs("viewer")
def runs(library: LibraryDep, job_id: str) -> JobHistory:
    """The job with every run of its stages."""
    with library.read() as connection:
        return history(connection, job_id)


@router.delete("/{job_id}", status_code=204)
@needs("editor", "change")
def dismiss(library: LibraryDep, job_id: str) -> None:
    """Take a job that ended off the list; 409 while it has not."""
    forget(library, job_id)


@router.get("/{job_id}/events", response_class=EventSourceResponse)
@needs("viewer")
async def events(
    feed: FeedDep, job: Annotated[Job, Depends(one)]
) -> AsyncIterator[ServerSentEvent]:
    """The job at every change until it ends, as ``job`` events; the first comes at once."""
    async for now in feed.one(job.job_id):
        yield _event(now)


def _event(job: Job) -> ServerSentEvent:
    return ServerSentEvent(data=job, event="job", id=place(job))


@router.post("/{job_id}/cancel")
@needs("editor", "change")
def cancel(library: LibraryDep, job_id: str) -> Job:
    """Stop the job; a call that was not ready before is removed."""
    return core.cancel(library, job_id)


@router.post("/{job_id}/retry")
@needs("editor", "change")
def retry(library: LibraryDep, job_id: str) -> Job:
    """Queue a job again that failed or was stopped."""
    return core.retry(library, job_id)
