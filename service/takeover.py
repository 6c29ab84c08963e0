"""Nothing is left lying: what the engine does not notice by itself.

Three things it does not do: take over from a worker that never returns, notice work of its own that
no thread does any more, and learn of job rows. Every worker looks every few seconds, without a
leader: whatever one of them does is conditional, so that all may do it at once. A worker that wakes
after it was given up finds its attempt taken, and its stages' results are upserts.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import sqlalchemy as sa

from ingest.errors import NotFound
from ingest.library import Library
from ingest.stages import stages_of
from ingest.store import get_call
from ingest.tables import jobs, workers
from service import engine, job_history, stage_totals
from service.hooks import deliveries
from service.jobs import OPEN
from service.workers import DEAD_S, clock

BEAT_S = 3.0
_SURE_S = 2 * BEAT_S  # to see that a beat which is old goes on no more
LOST_S = 15.0  # ours by the engine's book, and no thread at it
TIDY_S = 3600.0  # between two times
BOOK_KEPT = timedelta(days=7)  # long after any row that is open was compared with it
JOBS_KEPT = timedelta(days=90)
_SHORT_S = 600.0  # of sound: longer ones queue by themselves
_DAMAGED = (
    "Every process that worked on it ended in the middle of it "
    f"({engine.RECOVERIES} times); it was given up."
)


class Takeover:
    """What one worker sees to, between its jobs."""

    def __init__(self, library: Library, executor_id: str, *, alone: bool) -> None:
        """``alone``: no other process can be at work on this home (it holds the home's lock)."""
        self._library, self._me, self._alone = library, executor_id, alone
        self._beats: dict[str, tuple[float, float]] = {}  # executor: its beat, since when (ours)
        self._looked = float("-inf")  # when
        self._missing: dict[str, float] = {}  # workflow id: since when no thread is at it

    # --- being alive -----------------------------------------------------------------------------

    def beat(self) -> None:
        """Say that this worker lives, by the database's clock: ours may differ or jump."""
        now = _clock(self._library)
        with self._writing_signs() as connection:
            known = connection.execute(
                workers.update().where(workers.c.executor_id == self._me).values(beat=now)
            ).rowcount
            if not known:
                connection.execute(
                    workers.insert().values(
                        executor_id=self._me,
                        host=socket.gethostname()[:255],
                        pid=os.getpid(),
                        version=version("firsthand"),
                        beat=now,
                    )
                )

    def _writing_signs(self) -> AbstractContextManager[sa.Connection]:
        """Not behind other writers where that is possible: one that hangs would end us all."""
        on_file = self._library.engine.dialect.name == "sqlite"
        return self._library.change() if on_file else self._library.engine.begin()

    def leave(self) -> None:
        """Say that it lives no more: what it left is taken over at once."""
        with self._library.change() as connection:
            connection.execute(workers.delete().where(workers.c.executor_id == self._me))

    # --- handing over ----------------------------------------------------------------------------

    def hand_over(self) -> int:
        """Give the engine the job rows that it does not have yet; how many there were."""
        with self._library.read() as connection:
            rows = connection.execute(
                sa.select(jobs)
                .where(jobs.c.state.in_(OPEN), ~jobs.c.handed_over)
                .order_by(jobs.c.created_at, jobs.c.job_id)
            ).all()
            attempts = [_attempt(connection, row) for row in rows]
        for attempt in attempts:
            engine.submit(attempt)
            with self._library.change() as connection:
                connection.execute(
                    jobs.update()
                    .where(_is(attempt.job_id, attempt.attempt))
                    .values(handed_over=True)
                )
        return len(attempts)

    # --- looking after ---------------------------------------------------------------------------

    def look_after(self, at_work: set[str]) -> None:
        """Compare the job rows with the engine's book, and mend what lies between them.

        ``at_work`` are the workflows that this process has a thread for.
        """
        living = self._living()
        with self._library.read() as connection:
            rows = connection.execute(
                sa.select(jobs).where(jobs.c.state.in_(OPEN), jobs.c.handed_over)
            ).all()
        if not rows:
            self._missing.clear()
            return
        known = engine.statuses([engine.workflow_id(r.job_id, r.attempt) for r in rows])
        dead: set[str] = set()
        missing: set[str] = set()
        for row in rows:
            name = engine.workflow_id(row.job_id, row.attempt)
            there = known.get(name)
            if there is None:
                self._set(row, state="queued", handed_over=False)  # its book was lost: once more
            elif there.status == "PENDING":
                if there.executor_id == self._me:
                    if name not in at_work:
                        missing.add(name)
                elif there.executor_id not in living:
                    dead.add(there.executor_id or "")
            elif there.status == "MAX_RECOVERY_ATTEMPTS_EXCEEDED":
                self._set(row, state="failed", error=_DAMAGED)
            elif there.status not in ("ENQUEUED", "DELAYED"):
                # It ended, and the row does not say so: another attempt goes on from there.
                self._set(row, state="queued", attempt=row.attempt + 1, handed_over=False)
        if dead:
            engine.recover(sorted(dead))
        self._resume(missing)

    def tidy(self) -> None:
        """Let go of what ended long ago: the engine's book, and rows of jobs that went well."""
        now = datetime.now(UTC)
        engine.forget_ended(now - BOOK_KEPT)
        with self._library.change() as connection:
            job_history.prune(connection, now - JOBS_KEPT)
            stage_totals.prune(connection, now)
            deliveries.prune(connection, now)

    def _resume(self, missing: set[str]) -> None:
        now = time.monotonic()
        self._missing = {name: self._missing.get(name, now) for name in missing}
        for name, since in list(self._missing.items()):
            if now - since > LOST_S:
                engine.resume(name)
                del self._missing[name]

    def _living(self) -> set[str]:
        """Whose beat goes on, as seen from here: a clock that jumps ends nobody and keeps nobody.

        One whose beat is old is given the time of two more: then it is dead, and no jump.
        """
        if self._alone:
            return {self._me}
        with self._library.read() as connection:
            beats = dict(connection.execute(sa.select(workers.c.executor_id, workers.c.beat)).all())
        clock, now = _clock(self._library), time.monotonic()
        before, self._beats = self._beats, {}
        if now - self._looked > 2 * BEAT_S:
            before = {}  # we were held up, as they may have been: their silence counts from now
        self._looked = now
        living = {self._me}
        for executor, beat in beats.items():
            last, since = before.get(executor, (None, now))
            since = since if last == beat else now
            self._beats[executor] = (beat, since)
            silent_s = now - since
            if silent_s <= (_SURE_S if clock - beat > DEAD_S else DEAD_S):
                living.add(executor)
        return living

    def _set(self, row: sa.Row[tuple[object, ...]], **values: object) -> None:
        with self._library.change() as connection:
            connection.execute(
                jobs.update()
                .where(_is(row.job_id, row.attempt), jobs.c.state.in_(OPEN))
                .values({**values, "updated_at": datetime.now(UTC)})
            )


def _is(job_id: str, attempt: int) -> sa.ColumnElement[bool]:
    return sa.and_(jobs.c.job_id == job_id, jobs.c.attempt == attempt)


def _clock(library: Library) -> float:
    with library.read() as connection:
        return clock(connection)


def _attempt(connection: sa.Connection, row: sa.Row[tuple[object, ...]]) -> engine.Attempt:
    """How the engine is to do a job: which stages, in which lane, before which others."""
    if row.kind != "ingest":
        return engine.Attempt(row.job_id, row.attempt, (row.kind,), "writing", 1)
    try:
        call = get_call(connection, row.call_id)
    except NotFound:  # erased meanwhile; the first step sees that
        return engine.Attempt(row.job_id, row.attempt, (), "short", 1)
    seconds = (call.duration_s or 0.0) if call.has_audio else 0.0
    return engine.Attempt(
        row.job_id,
        row.attempt,
        stages_of(call),
        "long" if seconds > _SHORT_S else "short",
        1 + round(seconds / 60),
    )
