"""What became of jobs: the runs of their stages, and which rows are let go in time.

Jobs that failed stay until a person has them forgotten: nothing else says that they failed.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from pydantic import Field

from ingest.errors import Conflict
from ingest.library import Library
from ingest.models import Frozen
from ingest.tables import jobs, stage_runs
from service.jobs import OPEN, get_job
from service.shapes import Job
from service.stage_totals import fold


class StageRun(Frozen):
    """One run of a stage, and how it ended."""

    stage: str
    attempt: int
    outcome: str = Field(description="done, failed, cancelled, again (it is tried again) or died")
    seconds: float
    ended_at: datetime


class JobHistory(Job):
    """A job with every run of its stages, the earliest first."""

    runs: tuple[StageRun, ...]


def history(connection: sa.Connection, job_id: str) -> JobHistory:
    """Raises ``NotFound``."""
    job = get_job(connection, job_id)
    select = sa.select(stage_runs).where(stage_runs.c.job_id == job_id)
    runs = tuple(
        StageRun(
            stage=row.stage,
            attempt=row.attempt,
            outcome=row.outcome,
            seconds=row.seconds,
            # SQLite keeps no time zone; everything is written in UTC.
            ended_at=row.ended_at.replace(tzinfo=row.ended_at.tzinfo or UTC),
        )
        for row in connection.execute(select.order_by(stage_runs.c.seq))
    )
    return JobHistory(**job.model_dump(), runs=runs)


def forget(library: Library, job_id: str) -> Job:
    """Remove a job that ended from the list; its call stays as it is.

    Raises ``NotFound``, and ``Conflict`` while it has not ended.
    """
    with library.change() as connection:
        job = get_job(connection, job_id)
        if job.state in OPEN:
            raise Conflict(f"Job {job_id} is {job.state}; stop it first.")
        fold(connection, stage_runs.c.job_id == job_id)
        connection.execute(jobs.delete().where(jobs.c.job_id == job_id))
    return job


def prune(connection: sa.Connection, before: datetime) -> int:
    """Let go of jobs that were done or stopped ``before``, with their runs; how many jobs."""
    old = sa.and_(jobs.c.state.in_(("done", "cancelled")), jobs.c.updated_at < before)
    gone = sa.select(jobs.c.job_id).where(old)
    fold(connection, stage_runs.c.job_id.in_(gone))
    return connection.execute(jobs.delete().where(old)).rowcount
