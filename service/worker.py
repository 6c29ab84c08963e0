"""The worker: the process that does jobs.

Whoever asks for work only writes a job row. A worker is the child of ``firsthand serve``, or
``firsthand worker`` on any machine, or the command that waits for its own files while no other
works (``service.following``).
"""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ingest.database import passing
from ingest.errors import BadInput, Cancelled, NotFound
from ingest.library import Library
from ingest.listen import Watch
from ingest.store import get_call, update_call
from ingest.tables import calls, jobs, stage_runs
from service import logs, tracing
from service.erase import erase_unfinished
from service.hands import Failed, HandDied, Hands, Passing, Task, prepare, tidy
from service.job_watch import JobWatch
from service.jobs import OPEN, enqueue_reading, set_fields

if TYPE_CHECKING:
    from service.engine import Ended

log = logging.getLogger(__name__)

_ROUND_S = 0.2  # how often new job rows are looked for
_AWAY_S = 1.0  # between two questions to a database that is away
_STOPPED_S = 1.0  # in which the thread of a job that was stopped comes to its end
_READS_FILE = "decode"  # the stage that finds out whether a file can be used
_DEATHS = 3  # of the hands at one stage of one attempt, before it is given up


class Leaving(BaseException):
    """This process is about to end: the job is left as it is.

    No ``Exception``, which the engine would write down as the job's end.
    """


class Worker:
    """Does the jobs of one home, in this process and its hands, until it is stopped."""

    def __init__(self, library: Library, *, alone: bool = True, at_once: int | None = None) -> None:
        """``at_once``: jobs in each of the two lanes for files; by default by cores."""
        from service.takeover import Takeover

        self.executor_id = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        self._library = library
        n = at_once or library.options.jobs_at_once or max(1, (os.cpu_count() or 1) // 2)
        self._hands = {"short": Hands(n), "long": Hands(n), "writing": Hands(1)}
        self._takeover = Takeover(library, self.executor_id, alone=alone)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, name="takeover", daemon=True)
        self._at_work: dict[str, str] = {}  # job id: workflow id
        self._lock = threading.Lock()

    # --- its life --------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin: take up what others left, then what is queued."""
        threading.Thread(target=prepare, name="prepare", daemon=True).start()
        from service import engine  # takes a second to import

        self._first_beat()
        at_once: dict[engine.Lane, int] = {
            "short": self._hands["short"].most + 1,  # the next is there when a hand gets free
            "long": self._hands["long"].most,
            "writing": 1,
        }
        engine.launch(self._library, self.executor_id, self, at_once)
        self._thread.start()

    def _first_beat(self) -> None:
        while True:
            try:
                self._takeover.beat()
                return
            except sa.exc.SQLAlchemyError as problem:  # the lock that another holds, say
                if passing(problem) is None or self._stop.wait(_AWAY_S):
                    raise

    def stop(self) -> None:
        """End. What is at work goes on with the next worker, from its last checkpoint."""
        from service import engine

        self._end_hands()
        engine.destroy()
        self._takeover.leave()

    def abandon(self) -> None:
        """End in the middle of things: for a process that is about to end itself.

        Whatever is at work keeps its checkpoints, and is taken over at once.
        """
        self._end_hands()
        self._takeover.leave()

    def _end_hands(self) -> None:
        self._stop.set()
        self._thread.join()
        self._wait_for(_STOPPED_S)  # a job that was stopped is seen to have been
        for hands in self._hands.values():
            hands.drop()
        self._wait_for(_STOPPED_S)

    def _wait_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self._lock:
                if not self._at_work:
                    return
            time.sleep(0.05)

    def _look(self) -> None:
        from service import engine
        from service.takeover import BEAT_S, TIDY_S

        last = 0.0
        tidied = float("-inf")
        while not self._stop.wait(_ROUND_S):
            try:
                self._takeover.hand_over()
                if time.monotonic() - last >= BEAT_S:
                    self._takeover.beat()
                    self._takeover.look_after(engine.at_work())
                    tidy()
                    last = time.monotonic()
                if time.monotonic() - tidied >= TIDY_S:
                    tidied = time.monotonic()
                    self._takeover.tidy()
            except Exception as problem:  # the thread's edge: a database that is away comes back
                if (why := passing(problem)) is not None:
                    log.warning("jobs are not looked after for now: %s", why)
                else:
                    log.exception("looking after the jobs failed; trying again")
                self._stop.wait(1.0)

    # --- what the engine's workflow asks for (service.engine.Worker) -----------------------------

    def begin(self, job_id: str, attempt: int) -> bool:
        self._await_database()
        with self._library.change() as connection:
            there = self._open(connection, job_id, attempt)
            if there is None:
                return False
            with self._lock:
                self._at_work[job_id] = f"{job_id}.{attempt}"
        return True

    def stage(self, job_id: str, attempt: int, stage: str) -> Ended | None:
        self._await_database()
        with logs.about(job_id=job_id, attempt=attempt, stage=stage, worker=self.executor_id):
            ended = self._stage(job_id, attempt, stage)
            if ended is not None:
                self._trace(job_id, attempt, ended)
            return ended

    def _stage(self, job_id: str, attempt: int, stage: str) -> Ended | None:
        began = time.monotonic()
        with self._lock:
            self._at_work[job_id] = f"{job_id}.{attempt}"
        with self._library.read() as connection:
            row = self._open(connection, job_id, attempt)
        if row is None:
            self._drop_unwanted(job_id)
            return self._left(job_id, "cancelled")
        watch = JobWatch(self._library, job_id, attempt)
        outcome = "done"
        try:
            with logs.about(call_id=row.call_id):
                self._do(row, stage, watch)
        except Cancelled:
            outcome = "cancelled"
            self._drop_unwanted(job_id)
            self._end(job_id, attempt, "cancelled", "stopped by you")
            return self._left(job_id, "cancelled")
        except BadInput as problem:
            outcome = "failed"
            if stage == _READS_FILE:  # it can never be used: nothing of it stays
                self._forget(row)
            else:  # a setting is wrong, a key; what the file holds is not lost over that
                self._mark_failed(row)
            self._end(job_id, attempt, "failed", str(problem))
            return self._left(job_id, "failed")
        except (Failed, NotFound) as problem:
            outcome = "failed"
            self._mark_failed(row)
            self._end(job_id, attempt, "failed", str(problem))
            return self._left(job_id, "failed")
        except (HandDied, Passing) as problem:
            outcome = "died" if isinstance(problem, HandDied) else "again"
            if self._stopping():
                self._left(job_id, "superseded")
                raise Leaving from problem
            self._say(job_id, attempt, f"{problem} It is tried again.")
            if outcome == "died" and self._deaths(job_id, attempt, stage) + 1 >= _DEATHS:
                self._mark_failed(row)
                self._end(job_id, attempt, "failed", str(problem))
                return self._left(job_id, "failed")
            raise
        finally:
            self._note(row, stage, outcome, time.monotonic() - began)
        return None

    def give_up(self, job_id: str, attempt: int) -> None:
        self._await_database()
        with self._library.read() as connection:
            row = self._open(connection, job_id, attempt)
        if row is not None:
            self._mark_failed(row)
            told = (row.error or "It failed again and again.").removesuffix(" It is tried again.")
            self._end(job_id, attempt, "failed", told)
        self._left(job_id, "failed")
        self._trace(job_id, attempt, "failed")

    def finish(self, job_id: str, attempt: int) -> None:
        self._await_database()
        with self._library.change() as connection:
            row = self._open(connection, job_id, attempt)
            if row is not None:
                set_fields(connection, job_id, state="done", error=None, fraction=1.0)
                if row.kind == "ingest" and self._library.llm is not None:
                    # Behind the files that wait already, so that it reads them all at once.
                    enqueue_reading(connection)
        self._left(job_id, "done")
        self._trace(job_id, attempt, "done")

    # --- within ----------------------------------------------------------------------------------

    def _await_database(self) -> None:
        """No try of a stage is spent on a database that does not even answer."""
        while True:
            try:
                with self._library.read() as connection:
                    connection.execute(sa.select(1))
                return
            except sa.exc.SQLAlchemyError as problem:
                if passing(problem) is None:
                    raise
            if self._stop.wait(_AWAY_S):
                raise Leaving

    def _do(self, row: sa.Row[tuple[object, ...]], stage: str, watch: JobWatch) -> None:
        audio_s = self._audio_s(row.call_id)
        lane = "writing" if row.kind != "ingest" else ("long" if audio_s > 600 else "short")
        task = Task(
            home=self._library.home,
            options=self._library.options,
            kind=row.kind,
            stage=stage,
            call_id=row.call_id,
            memo_id=row.memo_id,
            request=dict(row.request),
            about=logs.current(),
        )
        self._hands[lane].do(task, Watch(watch.progress, watch.cancelled), 900 + 4 * audio_s)

    def _open(
        self, connection: sa.Connection, job_id: str, attempt: int
    ) -> sa.Row[tuple[object, ...]] | None:
        """The job's row while this attempt at it is wanted."""
        return connection.execute(
            sa.select(jobs).where(
                jobs.c.job_id == job_id, jobs.c.attempt == attempt, jobs.c.state.in_(OPEN)
            )
        ).first()

    def _end(self, job_id: str, attempt: int, state: str, error: str) -> None:
        with self._library.change() as connection:
            if self._open(connection, job_id, attempt) is not None:
                set_fields(connection, job_id, state=state, error=error)

    def _say(self, job_id: str, attempt: int, error: str) -> None:
        with self._library.change() as connection:
            if self._open(connection, job_id, attempt) is not None:
                set_fields(connection, job_id, error=error)

    def _left(self, job_id: str, ended: Ended) -> Ended:
        with self._lock:
            self._at_work.pop(job_id, None)
        return ended

    def _drop_unwanted(self, job_id: str) -> None:
        """What a stopped job left of a call that never was ready."""
        with self._library.read() as connection:
            call_id = connection.scalar(
                sa.select(jobs.c.call_id).where(
                    jobs.c.job_id == job_id, jobs.c.state == "cancelled"
                )
            )
        if call_id is not None:
            erase_unfinished(self._library, call_id)

    def _forget(self, row: sa.Row[tuple[object, ...]]) -> None:
        if row.call_id is not None:
            erase_unfinished(self._library, row.call_id)

    def _mark_failed(self, row: sa.Row[tuple[object, ...]]) -> None:
        if row.call_id is None:
            return
        with self._library.change() as connection:
            try:
                if get_call(connection, row.call_id).state == "working":
                    update_call(connection, row.call_id, state="failed")
            except NotFound:
                return  # erased meanwhile

    def _audio_s(self, call_id: str | None) -> float:
        with self._library.read() as connection:
            found = connection.scalar(
                sa.select(calls.c.duration_s).where(
                    calls.c.call_id == call_id, calls.c.is_recording
                )
            )
        return float(found or 0.0)

    def _deaths(self, job_id: str, attempt: int, stage: str) -> int:
        c = stage_runs.c
        with self._library.read() as connection:
            return (
                connection.scalar(
                    sa.select(sa.func.count())
                    .select_from(stage_runs)
                    .where(
                        c.job_id == job_id,
                        c.attempt == attempt,
                        c.stage == stage,
                        c.outcome == "died",
                    )
                )
                or 0
            )

    def _note(
        self, row: sa.Row[tuple[object, ...]], stage: str, outcome: str, seconds: float
    ) -> None:
        audio_s = self._audio_s(row.call_id) or None
        told = {"call_id": row.call_id, "outcome": outcome, "seconds": round(seconds, 3)}
        log.info("a stage ended", extra=told)
        fields = {"call_id": row.call_id, "outcome": outcome, "audio_s": audio_s}
        tracing.stage(row.job_id, row.attempt, stage, seconds, fields)
        with self._library.change() as connection:
            connection.execute(
                stage_runs.insert().values(
                    job_id=row.job_id,
                    attempt=row.attempt,
                    stage=stage,
                    executor_id=self.executor_id,
                    outcome=outcome,
                    seconds=round(seconds, 3),
                    audio_s=audio_s,
                    ended_at=datetime.now(UTC),
                )
            )

    def _trace(self, job_id: str, attempt: int, outcome: str) -> None:
        """The span of an attempt that has ended, whoever did its first stages."""
        if not tracing.is_on():
            return
        c = stage_runs.c
        with self._library.read() as connection:
            kind, call_id = connection.execute(
                sa.select(jobs.c.kind, jobs.c.call_id).where(jobs.c.job_id == job_id)
            ).one()
            runs = connection.execute(
                sa.select(c.ended_at, c.seconds).where(c.job_id == job_id, c.attempt == attempt)
            ).all()
        ends = [(end.replace(tzinfo=end.tzinfo or UTC).timestamp(), s) for end, s in runs]
        began = min((end - seconds for end, seconds in ends), default=time.time())
        fields = {"kind": kind, "call_id": call_id, "outcome": outcome}
        tracing.attempt(job_id, attempt, began, fields)

    def _stopping(self) -> bool:
        return any(hands.dropped for hands in self._hands.values())
