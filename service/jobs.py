"""Jobs: work that outlives a request, kept in the database and done by whoever holds the home.

A job is a row; ``service.worker`` does the queued ones. The process that holds the home's writing
right works, others enqueue and watch.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa

from ingest.errors import Conflict, NotFound
from ingest.library import Library
from ingest.store import get_call
from ingest.tables import jobs
from service.erase import erase_unfinished
from service.shapes import Job


def enqueue(
    connection: sa.Connection,
    kind: str,
    *,
    call_id: str | None = None,
    memo_id: str | None = None,
    request: dict[str, object] | None = None,
) -> str:
    """A new job; for a call with one under way, that one. Returns its id."""
    if call_id is not None:
        waiting = sa.select(jobs.c.job_id).where(
            jobs.c.call_id == call_id, jobs.c.state.in_(("queued", "working"))
        )
        there: str | None = connection.scalar(waiting)
        if there is not None:
            return there
    job_id = uuid.uuid4().hex
    now = datetime.now(UTC)
    connection.execute(
        jobs.insert().values(
            job_id=job_id,
            kind=kind,
            state="queued",
            fraction=0.0,
            call_id=call_id,
            memo_id=memo_id,
            request=request or {},
            created_at=now,
            updated_at=now,
        )
    )
    return job_id


def enqueue_reading(connection: sa.Connection) -> str:
    """A job that has a language model read and sort what waits; the one that is queued already,
    if there is one (one at work may have begun too early to see the newest call).
    """
    waiting = sa.select(jobs.c.job_id).where(jobs.c.kind == "read", jobs.c.state == "queued")
    there: str | None = connection.scalar(waiting)
    return there or enqueue(connection, "read")


def last_job(connection: sa.Connection, call_id: str) -> str | None:
    """The id of the newest job on a call, if it had one."""
    query = sa.select(jobs.c.job_id).where(jobs.c.call_id == call_id)
    found: str | None = connection.scalar(query.order_by(jobs.c.created_at.desc()).limit(1))
    return found


def get_job(connection: sa.Connection, job_id: str) -> Job:
    """One job. Raises ``NotFound``."""
    row = connection.execute(sa.select(jobs).where(jobs.c.job_id == job_id)).mappings().first()
    if row is None:
        raise NotFound(f"There is no job {job_id!r}.")
    return _job(row)


def list_jobs(connection: sa.Connection) -> list[Job]:
    """All jobs, the newest first."""
    rows = connection.execute(sa.select(jobs).order_by(jobs.c.created_at.desc())).mappings()
    return [_job(row) for row in rows]


def _job(row: sa.RowMapping) -> Job:
    stamps = {n: row[n].replace(tzinfo=row[n].tzinfo or UTC) for n in ("created_at", "updated_at")}
    fields = {name: value for name, value in row.items() if name != "request"}
    return Job.model_validate({**fields, **stamps, "file": row["request"].get("called")})


def cancel(library: Library, job_id: str) -> Job:
    """Stop a job; one at work stops at its next step. Raises ``Conflict`` when it has ended."""
    with library.change() as connection:
        job = get_job(connection, job_id)
        if job.state not in ("queued", "working"):
            raise Conflict(f"Job {job_id} is {job.state} already; there is nothing to stop.")
        set_fields(connection, job_id, state="cancelled", error="stopped by you")
    if job.state == "queued" and job.call_id is not None:
        erase_unfinished(library, job.call_id)
    return job.model_copy(update={"state": "cancelled"})


def retry(library: Library, job_id: str) -> Job:
    """Queue a failed or stopped job again. Raises ``Conflict`` when it is not one."""
    with library.change() as connection:
        job = get_job(connection, job_id)
        if job.state not in ("failed", "cancelled"):
            raise Conflict(
                f"Job {job_id} is {job.state}; only one that ended badly can be retried."
            )
        if job.call_id is not None:
            _require_call(connection, job)
        set_fields(connection, job_id, state="queued", error=None, fraction=0.0, stage=None)
        return get_job(connection, job_id)


def _require_call(connection: sa.Connection, job: Job) -> None:
    try:
        get_call(connection, job.call_id or "")
    except NotFound:
        raise Conflict("That file was not kept, because it cannot be used; add it again.") from None


def set_fields(connection: sa.Connection, job_id: str, **values: object) -> None:
    """Change a job's row and its time of change."""
    stamped = {**values, "updated_at": datetime.now(UTC)}
    connection.execute(jobs.update().where(jobs.c.job_id == job_id).values(stamped))
