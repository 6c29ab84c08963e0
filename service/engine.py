"""The engine under the jobs: DBOS, which checkpoints every stage and queues what waits.

One workflow, ``work``, does one attempt at a job: a step for each stage, its end a checkpoint, so
that a stage that ended is not begun again whatever dies. Its state lies in ``jobs.db`` of the home,
or with everything else in PostgreSQL. Only a worker opens it; everybody else writes job rows.

DBOS is one per process; so is the worker that owns it.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from dbos import (
    DBOS,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    SetEnqueueOptions,
    SetWorkflowID,
    StepOptions,
    WorkflowStatus,
)
from dbos._dbos import _get_dbos_instance
from dbos._error import DBOSMaxStepRetriesExceeded

from ingest.library import Library
from ingest.postgresql import jobs_of

Lane = Literal["short", "long", "writing"]
LANES: tuple[Lane, ...] = ("short", "long", "writing")
# One name for all versions: what an older program began is finished by the newer one. A change in
# the order of a workflow's steps needs DBOS.patch, see tests/durability/test_upgrades.py.
VERSION = "1"
_POLL_S = 0.2
# Tries of a stage that failed for what may pass by itself: 1 s, 2 s, 4 s … apart, 4 minutes in all.
TRIES, FIRST_S, TIMES = 9, 1.0, 2.0
RECOVERIES = 20  # of one workflow: it takes its worker down every time

_ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_MANY = 200  # workflows in one request

Ended = Literal["done", "failed", "cancelled", "superseded"]


class Worker(Protocol):
    """What the workflow needs of the process it runs in."""

    def begin(self, job_id: str, attempt: int) -> bool:
        """Whether this attempt is still wanted."""

    def stage(self, job_id: str, attempt: int, stage: str) -> Ended | None:
        """Do one stage; how the job ended, if it did. Raises only what may pass by itself."""

    def give_up(self, job_id: str, attempt: int) -> None:
        """It did not pass by itself."""

    def finish(self, job_id: str, attempt: int) -> None:
        """Every stage is done."""


_worker: Worker | None = None


def _current() -> Worker:
    if _worker is None:
        raise RuntimeError("a workflow began before its worker")
    return _worker


def _step(name: str) -> StepOptions:
    """A step tried again while it fails, since what a worker raises may pass by itself."""
    return {
        "name": name,
        "retries_allowed": True,
        "interval_seconds": FIRST_S,
        "max_attempts": TRIES,
        "backoff_rate": TIMES,
    }


@DBOS.workflow(name="work", max_recovery_attempts=RECOVERIES)
def _work(job_id: str, attempt: int, stages: list[str]) -> str:
    worker = _current()
    if not DBOS.run_step(_step("begin"), worker.begin, job_id, attempt):
        return "superseded"
    for stage in stages:
        try:
            ended = DBOS.run_step(_step(stage), worker.stage, job_id, attempt, stage)
        except DBOSMaxStepRetriesExceeded:
            DBOS.run_step(_step("give up"), worker.give_up, job_id, attempt)
            return "failed"
        if ended is not None:
            return ended
    DBOS.run_step(_step("finish"), worker.finish, job_id, attempt)
    return "done"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a job, as the engine is given it. ``priority``: the least goes first."""

    job_id: str
    attempt: int
    stages: Sequence[str]
    lane: Lane
    priority: int

    @property
    def workflow_id(self) -> str:
        return workflow_id(self.job_id, self.attempt)


def workflow_id(job_id: str, attempt: int) -> str:
    return f"{job_id}.{attempt}"


def launch(library: Library, executor_id: str, worker: Worker, at_once: dict[Lane, int]) -> None:
    """Start the engine in this process, and begin with what is queued."""
    global _worker
    config: DBOSConfig = {
        "name": "firsthand",
        "system_database_url": _database(library),
        "dbos_system_schema": _schema(library),
        "executor_id": executor_id,
        "application_version": VERSION,
        # The default is pickle: whoever can write the database could run code here.
        "serializer": DBOSPortableJSONSerializer(),
        "log_level": "WARNING",
        "notification_listener_polling_interval_sec": 1.0,
    }
    DBOS(config=config)
    # It logs as we do, not past it: what it was given stands in its messages.
    its_own = logging.getLogger("dbos")
    its_own.handlers.clear()
    its_own.propagate = True
    _worker = worker
    DBOS.launch()
    for lane in LANES:
        DBOS.register_queue(lane, worker_concurrency=at_once[lane], polling_interval_sec=_POLL_S)


def destroy() -> None:
    """Stop the engine; what is under way stays where it is for the next worker."""
    global _worker
    DBOS.destroy(workflow_completion_timeout_sec=0)
    _worker = None


def submit(attempt: Attempt) -> None:
    """Give an attempt to the engine; the same attempt given twice is one."""
    queue = DBOS.retrieve_queue(attempt.lane)
    if queue is None:
        raise RuntimeError(f"the queue {attempt.lane} was not registered")
    with SetWorkflowID(attempt.workflow_id), SetEnqueueOptions(priority=attempt.priority):
        queue.enqueue(_work, attempt.job_id, attempt.attempt, list(attempt.stages))


def statuses(ids: Sequence[str]) -> dict[str, WorkflowStatus]:
    """What the engine knows of these workflows, by id."""
    found: dict[str, WorkflowStatus] = {}
    for start in range(0, len(ids), _MANY):
        some = DBOS.list_workflows(
            workflow_ids=list(ids[start : start + _MANY]), load_input=False, load_output=False
        )
        found |= {one.workflow_id: one for one in some}
    return found


def at_work() -> set[str]:
    """The workflows that a thread of this process is at. One that could not write to the engine's
    book, as on a full disk, is at work by that book and by nothing else.
    """
    return set(_get_dbos_instance()._active_workflows_set.activeList())


def recover(executors: Sequence[str]) -> int:
    """Give back what these executors left half done; safe to race. How many there were."""
    return len(DBOS._recover_pending_workflows(list(executors)))


def forget_ended(before: datetime) -> int:
    """Remove from the engine's book what was begun ``before`` and has ended; how many there were.

    It keeps them for ever by itself.
    """
    n = 0
    while some := DBOS.list_workflows(
        status=list(_ENDED),
        end_time=before.isoformat(),
        limit=_MANY,
        load_input=False,
        load_output=False,
    ):
        DBOS.delete_workflows([one.workflow_id for one in some])
        n += len(some)
    return n


def resume(workflow: str) -> None:
    """Queue a workflow again of which no thread is left."""
    DBOS.resume_workflow(workflow)


def _schema(library: Library) -> str:
    """Where in a PostgreSQL its book is: workspaces have the same job ids, and a book each."""
    workspace = library.options.workspace
    return "dbos" if workspace is None else jobs_of(workspace)


def _database(library: Library) -> str:
    if library.engine.dialect.name == "postgresql":
        return library.engine.url.render_as_string(hide_password=False)
    file = library.home / "jobs.db"
    # Before the engine opens it: later it fails with "database is locked".
    connection = sqlite3.connect(file)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()
    file.chmod(0o600)
    return f"sqlite:///{file}"


__all__ = (
    "LANES",
    "RECOVERIES",
    "Attempt",
    "Ended",
    "Lane",
    "Worker",
    "at_work",
    "destroy",
    "forget_ended",
    "launch",
    "recover",
    "resume",
    "statuses",
    "submit",
    "workflow_id",
)
