"""An attempt at a job in the database: what stands there of it, and what is written there."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

import sqlalchemy as sa

from ingest import joined
from ingest.errors import NotFound
from ingest.library import Library
from ingest.store import content_of, get_call, update_call
from ingest.tables import calls, jobs, stage_runs
from service import tracing
from service.erase import erase_unfinished
from service.jobs import OPEN, enqueue, enqueue_reading, reading_is_due, set_fields

log = logging.getLogger(__name__)

Row = sa.Row[tuple[object, ...]]


def open_row(connection: sa.Connection, job_id: str, attempt: int) -> Row | None:
    """The job's row while this attempt at it is wanted."""
    return connection.execute(
        sa.select(jobs).where(
            jobs.c.job_id == job_id, jobs.c.attempt == attempt, jobs.c.state.in_(OPEN)
        )
    ).first()


def end(library: Library, job_id: str, attempt: int, state: str, error: str | None = None) -> None:
    """Write down how the job ended, unless somebody else did."""
    with library.change() as connection:
        row = open_row(connection, job_id, attempt)
        if row is not None:
            done = {"fraction": 1.0} if state == "done" else {}
            set_fields(connection, job_id, state=state, error=error, **done)
            if state == "done" and joined.is_undecided(connection, row.call_id):
                # Its transcript came after the last look at it.
                enqueue(connection, row.kind, call_id=row.call_id, request=dict(row.request))
            have_read(library, connection, row.kind)


def have_read(library: Library, connection: sa.Connection, kind: str) -> None:
    """Queue a model's reading when a file was the last one for now."""
    if kind == "ingest" and library.llm is not None and reading_is_due(connection):
        enqueue_reading(connection)


def say(library: Library, job_id: str, attempt: int, error: str) -> None:
    """Tell whoever looks at the job what holds it up."""
    with library.change() as connection:
        if open_row(connection, job_id, attempt) is not None:
            set_fields(connection, job_id, error=error)


def drop_unwanted(library: Library, job_id: str) -> None:
    """What a stopped job left of a call that never was ready."""
    with library.read() as connection:
        call_id = connection.scalar(
            sa.select(jobs.c.call_id).where(jobs.c.job_id == job_id, jobs.c.state == "cancelled")
        )
        try:
            if call_id is not None and content_of(connection, call_id)[:32] != job_id:
                return  # of a recording that was taken off the call
        except NotFound:
            return
    if call_id is not None:
        erase_unfinished(library, call_id)


def mark_failed(library: Library, call_id: str | None) -> None:
    """A call that never was ready is one that failed."""
    if call_id is None:
        return
    with library.change() as connection:
        try:
            if get_call(connection, call_id).state == "working":
                update_call(connection, call_id, state="failed")
        except NotFound:
            return  # erased meanwhile


def audio_s(library: Library, call_id: str | None) -> float:
    """Seconds of a recording; 0 for anything else."""
    with library.read() as connection:
        found = connection.scalar(
            sa.select(calls.c.duration_s).where(calls.c.call_id == call_id, calls.c.is_recording)
        )
    return float(found or 0.0)


def deaths(library: Library, job_id: str, attempt: int, stage: str) -> int:
    """How many hands died at the stage."""
    c = stage_runs.c
    here = (c.job_id == job_id, c.attempt == attempt, c.stage == stage, c.outcome == "died")
    with library.read() as connection:
        select = sa.select(sa.func.count()).select_from(stage_runs).where(*here)
        return connection.scalar(select) or 0


def note(
    library: Library, row: Row, stage: str, executor: str, outcome: str, took_s: float
) -> None:
    """One run of a stage has ended."""
    sound_s = audio_s(library, row.call_id) or None
    seconds = round(took_s, 3)
    log.info(
        "a stage ended", extra={"call_id": row.call_id, "outcome": outcome, "seconds": seconds}
    )
    fields = {"call_id": row.call_id, "outcome": outcome, "audio_s": sound_s}
    tracing.stage(row.job_id, row.attempt, stage, took_s, fields)
    with library.change() as connection:
        connection.execute(
            stage_runs.insert().values(
                job_id=row.job_id,
                attempt=row.attempt,
                stage=stage,
                executor_id=executor,
                outcome=outcome,
                seconds=seconds,
                audio_s=sound_s,
                ended_at=datetime.now(UTC),
            )
        )


def trace(library: Library, job_id: str, attempt: int, outcome: str) -> None:
    """The span of an attempt that has ended, whoever did its first stages."""
    if not tracing.is_on():
        return
    c = stage_runs.c
    with library.read() as connection:
        kind, call_id = connection.execute(
            sa.select(jobs.c.kind, jobs.c.call_id).where(jobs.c.job_id == job_id)
        ).one()
        runs = connection.execute(
            sa.select(c.ended_at, c.seconds).where(c.job_id == job_id, c.attempt == attempt)
        ).all()
    ends = [(at.replace(tzinfo=at.tzinfo or UTC).timestamp(), s) for at, s in runs]
    began = min((at - seconds for at, seconds in ends), default=time.time())
    fields = {"kind": kind, "call_id": call_id, "outcome": outcome}
    tracing.attempt(job_id, attempt, began, fields)
