"""Jobs: work that outlives a request, kept in the database and done by a worker.

A job is a row, and the row is what people see of it. Writing it is all that asking for work takes:
a worker (``service.worker``) finds it, gives it to the engine that does it step by step
(``service.engine``), and writes here how far it is. A job on a file has the file's content hash for
an id, so that the same file, sent twice at the same instant, is one job on one call.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import UTC, datetime

import sqlalchemy as sa

from ingest import stage_store
from ingest.errors import Conflict, NotFound
from ingest.library import Library
from ingest.store import content_of, get_call
from ingest.tables import jobs
from service.erase import erase_unfinished
from service.shapes import Job, JobState

OPEN: tuple[JobState, ...] = ("queued", "working")
_MANY = 20  # calls that do not wait for the rest to be read by a model


def enqueue(
    connection: sa.Connection,
    kind: str,
    *,
    call_id: str | None = None,
    memo_id: str | None = None,
    request: dict[str, object] | None = None,
) -> str:
    """A job in the queue; for a call with one under way, that one. Returns its id.

    A call whose last job has ended has it done again, from the stage where it broke off.
    """
    job_id = uuid.uuid4().hex if call_id is None else _job_of(connection, call_id)
    now = datetime.now(UTC)
    before = connection.execute(sa.select(jobs).where(jobs.c.job_id == job_id)).mappings().first()
    if before is None:
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
    elif before["state"] not in OPEN:
        asked = request or {}
        if call_id is not None and asked.get("transcriber") != before["request"].get("transcriber"):
            # Another engine is to hear it: nothing that the last one heard is of use.
            stage_store.forget(connection, call_id)
        _again(connection, job_id, call_id=call_id, request=asked, created_at=now)
    return job_id


def _job_of(connection: sa.Connection, call_id: str) -> str:
    return content_of(connection, call_id)[:32]


def enqueue_reading(connection: sa.Connection) -> str:
    """A job that has a language model read and sort what waits; the one that is queued already,
    if there is one (one at work may have begun too early to see the newest call).
    """
    waiting = sa.select(jobs.c.job_id).where(jobs.c.kind == "read", jobs.c.state == "queued")
    there: str | None = connection.scalar(waiting)
    return there or enqueue(connection, "read")


def reading_is_due(connection: sa.Connection) -> bool:
    """Whether a model is to read now what came in: all at once, when no more files are on their
    way, or ``_MANY`` did since the last reading.
    """
    ingest = sa.select(sa.func.count()).select_from(jobs).where(jobs.c.kind == "ingest")
    if not connection.scalar(ingest.where(jobs.c.state.in_(OPEN))):
        return True
    last = sa.select(sa.func.max(jobs.c.created_at)).where(jobs.c.kind == "read")
    since = ingest.where(jobs.c.state == "done")
    if (read := connection.scalar(last)) is not None:
        since = since.where(jobs.c.updated_at > read)
    return (connection.scalar(since) or 0) >= _MANY


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


def list_jobs(
    connection: sa.Connection,
    *,
    state: JobState | None = None,
    kind: str | None = None,
    limit: int | None = None,
) -> list[Job]:
    """The newest ``limit`` of all jobs, or of one state or kind, the newest first."""
    query = sa.select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.job_id).limit(limit)
    if state is not None:
        query = query.where(jobs.c.state == state)
    if kind is not None:
        query = query.where(jobs.c.kind == kind)
    return [_job(row) for row in connection.execute(query).mappings()]


def jobs_since(connection: sa.Connection, since: datetime, *, or_open: bool = False) -> list[Job]:
    """Jobs that changed since then, ``or_open`` ones too, in the order of their last change."""
    wanted = jobs.c.updated_at >= since
    if or_open:
        wanted = sa.or_(wanted, jobs.c.state.in_(OPEN))
    query = sa.select(jobs).where(wanted).order_by(jobs.c.updated_at, jobs.c.job_id)
    return [_job(row) for row in connection.execute(query).mappings()]


def _job(row: sa.RowMapping) -> Job:
    stamps = {n: row[n].replace(tzinfo=row[n].tzinfo or UTC) for n in ("created_at", "updated_at")}
    fields = {n: value for n, value in row.items() if n not in ("request", "handed_over")}
    return Job.model_validate({**fields, **stamps, "file": row["request"].get("called")})


def cancel(library: Library, job_id: str) -> Job:
    """Stop a job, and forget its call if that never was ready; one at work ends within a second.

    Raises ``Conflict`` when it has ended.
    """
    with library.change() as connection:
        job = get_job(connection, job_id)
        if job.state not in OPEN:
            raise Conflict(f"Job {job_id} is {job.state} already; there is nothing to stop.")
        set_fields(connection, job_id, state="cancelled", error="stopped by you")
    if job.call_id is not None:
        erase_unfinished(library, job.call_id)
    return job.model_copy(update={"state": "cancelled"})


def retry(library: Library, job_id: str) -> Job:
    """Queue a failed or stopped job again. Raises ``Conflict`` when it is not one.

    It goes on from the stage in which it failed: what was done before is kept.
    """
    with library.change() as connection:
        job = get_job(connection, job_id)
        if job.state not in ("failed", "cancelled"):
            raise Conflict(
                f"Job {job_id} is {job.state}; only one that ended badly can be retried."
            )
        if job.call_id is not None:
            _require_call(connection, job)
        _again(connection, job_id)
        return get_job(connection, job_id)


def retry_all(
    library: Library, job_ids: Collection[str] | None = None
) -> tuple[list[str], list[str]]:
    """Queue these jobs again, or all that failed: ids of those queued, and why others are not.

    Raises ``NotFound`` before any is queued.
    """
    with library.read() as connection:
        if job_ids is None:
            wanted = [job.job_id for job in list_jobs(connection, state="failed")]
        else:
            wanted = [get_job(connection, job_id).job_id for job_id in dict.fromkeys(job_ids)]
    queued, refused = [], []
    for job_id in reversed(wanted) if job_ids is None else wanted:
        try:
            queued.append(retry(library, job_id).job_id)
        except (Conflict, NotFound) as problem:
            refused.append(f"{job_id}: {problem}")
    return queued, refused


def _again(connection: sa.Connection, job_id: str, **values: object) -> None:
    set_fields(
        connection,
        job_id,
        state="queued",
        attempt=jobs.c.attempt + 1,
        handed_over=False,
        error=None,
        fraction=0.0,
        stage=None,
        **values,
    )


def _require_call(connection: sa.Connection, job: Job) -> None:
    try:
        get_call(connection, job.call_id or "")
    except NotFound:
        raise Conflict("That file was not kept, because it cannot be used; add it again.") from None


def set_fields(connection: sa.Connection, job_id: str, **values: object) -> None:
    """Change a job's row and its time of change."""
    stamped = {**values, "updated_at": datetime.now(UTC)}
    connection.execute(jobs.update().where(jobs.c.job_id == job_id).values(stamped))
