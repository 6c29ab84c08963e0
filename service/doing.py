"""Doing one attempt at a job, stage by stage: what the engine's workflow asks of a worker.

Each stage is done by a hand; how it ended decides what becomes of the job. What may pass by itself
is raised, and the engine tries again; everything else ends the job with a sentence.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ingest.database import passing
from ingest.errors import BadInput, Cancelled, NotFound, Unusable
from ingest.library import Library
from ingest.listen import Watch
from service import attempt_rows as rows
from service import logs
from service.erase import erase_unfinished
from service.hands import Failed, HandDied, Hands
from service.handwork import Passing, Task
from service.job_watch import JobWatch
from service.looking import memory_for_a_file

if TYPE_CHECKING:
    from service.engine import Ended

AWAY_S = 1.0  # between two questions to a database that is away
_READS_FILE = "decode"  # the stage that finds out whether a file can be used
_DEATHS = 3  # of the hands at one stage of one attempt, before it is given up
_LONG_S = 600.0  # of sound
_DEADLINE_S = (900.0, 4.0)  # of a stage: at least, and for each second of sound


class Leaving(BaseException):
    """This process is about to end: the job is left as it is.

    No ``Exception``, which the engine would write down as the job's end.
    """


class Doing:
    """Does attempts at jobs (``service.engine.Worker``), until ``stop`` is set."""

    def __init__(
        self, library: Library, hands: Mapping[str, Hands], executor: str, stop: threading.Event
    ) -> None:
        """``hands`` by lane: short, long, writing. ``executor`` is whose work it is."""
        self._library, self._hands, self._executor, self._stop = library, hands, executor, stop
        self._at_work: set[str] = set()  # job ids
        self._lock = threading.Lock()

    @property
    def idle(self) -> bool:
        with self._lock:
            return not self._at_work

    # --- what the workflow asks for --------------------------------------------------------------

    def begin(self, job_id: str, attempt: int) -> bool:
        self._await_database()
        with self._library.change() as connection:
            wanted = rows.open_row(connection, job_id, attempt) is not None
            if not wanted:
                rows.have_read(self._library, connection, "ingest")
        if wanted:
            self._begun(job_id)
        return wanted

    def stage(self, job_id: str, attempt: int, stage: str) -> Ended | None:
        self._await_database()
        self._begun(job_id)
        with logs.about(job_id=job_id, attempt=attempt, stage=stage, worker=self._executor):
            ended = self._stage(job_id, attempt, stage)
            if ended is not None:
                self._left(job_id)
                rows.trace(self._library, job_id, attempt, ended)
            return ended

    def give_up(self, job_id: str, attempt: int) -> None:
        self._await_database()
        with self._library.read() as connection:
            row = rows.open_row(connection, job_id, attempt)
        if row is not None:
            told = (row.error or "It failed again and again.").removesuffix(" It is tried again.")
            self._fail(row, told)
        self._left(job_id)
        rows.trace(self._library, job_id, attempt, "failed")

    def finish(self, job_id: str, attempt: int) -> None:
        self._await_database()
        rows.end(self._library, job_id, attempt, "done")
        self._left(job_id)
        rows.trace(self._library, job_id, attempt, "done")

    # --- within ----------------------------------------------------------------------------------

    def _stage(self, job_id: str, attempt: int, stage: str) -> Ended | None:
        began = time.monotonic()
        with self._library.read() as connection:
            row = rows.open_row(connection, job_id, attempt)
        if row is None:
            rows.drop_unwanted(self._library, job_id)
            with self._library.change() as connection:
                rows.have_read(self._library, connection, "ingest")
            return "cancelled"
        outcome = "done"
        try:
            with logs.about(call_id=row.call_id):
                self._do(row, stage, JobWatch(self._library, job_id, attempt))
        except Cancelled:
            outcome = "cancelled"
            rows.drop_unwanted(self._library, job_id)
            rows.end(self._library, job_id, attempt, "cancelled", "stopped by you")
            return "cancelled"
        except BadInput as problem:
            outcome = "failed"
            # A file that can never be used is forgotten. Elsewhere a setting is wrong, a key: what
            # the file holds is not lost over that.
            useless = stage == _READS_FILE or isinstance(problem, Unusable)
            return self._fail(row, str(problem), forget=useless)
        except (Failed, NotFound) as problem:
            outcome = "failed"
            return self._fail(row, str(problem))
        except (HandDied, Passing) as problem:
            outcome = "died" if isinstance(problem, HandDied) else "again"
            if any(hands.dropped for hands in self._hands.values()):
                self._left(job_id)
                raise Leaving from problem
            rows.say(self._library, job_id, attempt, f"{problem} It is tried again.")
            if (
                outcome == "died"
                and rows.deaths(self._library, job_id, attempt, stage) + 1 >= _DEATHS
            ):
                return self._fail(row, str(problem))
            raise
        finally:
            rows.note(
                self._library,
                row,
                stage,
                executor=self._executor,
                outcome=outcome,
                took_s=time.monotonic() - began,
            )
        return None

    def _do(self, row: rows.Row, stage: str, watch: JobWatch) -> None:
        audio_s = rows.audio_s(self._library, row.call_id)
        short = "short" if audio_s <= _LONG_S else "long"
        task = Task(
            home=self._library.home,
            options=self._library.options,
            kind=row.kind,
            stage=stage,
            call_id=row.call_id,
            memo_id=row.memo_id,
            request=dict(row.request),
            about=logs.current(),
            memory=memory_for_a_file() if row.kind == "ingest" else None,
        )
        least_s, each_s = _DEADLINE_S
        self._hands[short if row.kind == "ingest" else "writing"].do(
            task, Watch(watch.progress, watch.cancelled), least_s + each_s * audio_s
        )

    def _fail(self, row: rows.Row, error: str, *, forget: bool = False) -> Ended:
        if forget and row.call_id is not None:
            erase_unfinished(self._library, row.call_id, error)
        else:
            rows.mark_failed(self._library, row.call_id)
        rows.end(self._library, row.job_id, row.attempt, "failed", error)
        return "failed"

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
            if self._stop.wait(AWAY_S):
                raise Leaving

    def _begun(self, job_id: str) -> None:
        with self._lock:
            self._at_work.add(job_id)

    def _left(self, job_id: str) -> None:
        with self._lock:
            self._at_work.discard(job_id)
