"""Watches over one job at work: writes how far it is, and sees when somebody stops it."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime

import sqlalchemy as sa

from ingest.database import passing
from ingest.errors import FirsthandError
from ingest.library import Library
from ingest.tables import jobs
from service.jobs import OPEN

log = logging.getLogger(__name__)

TICK_S = 0.25  # least time between two stored signs of progress
_ASK_S = 0.5  # how often it is asked whether the job was stopped


class JobWatch:
    """The work goes on while the database is away: it asks again."""

    def __init__(self, library: Library, job_id: str, attempt: int) -> None:
        self._library = library
        self._mine = sa.and_(
            jobs.c.job_id == job_id, jobs.c.attempt == attempt, jobs.c.state.in_(OPEN)
        )
        self._stage = ""
        self._stored = self._asked = 0.0
        self._unwanted = False

    def progress(self, stage: str, fraction: float) -> None:
        now = time.monotonic()
        if stage == self._stage and now - self._stored < TICK_S:
            return
        values = {
            "state": "working",
            "stage": stage,
            "fraction": fraction,
            "error": None,
            "updated_at": datetime.now(UTC),
        }
        try:
            with self._library.change() as connection:
                connection.execute(jobs.update().where(self._mine).values(values))
        except (sa.exc.SQLAlchemyError, FirsthandError) as problem:
            if passing(problem) is None:
                raise
            log.warning("progress could not be written: %s", type(problem).__name__)
        self._stage, self._stored = stage, now

    def cancelled(self) -> bool:
        now = time.monotonic()
        if now - self._asked >= _ASK_S:
            self._asked = now
            try:
                with self._library.read() as connection:
                    self._unwanted = connection.scalar(sa.select(1).where(self._mine)) is None
            except (sa.exc.SQLAlchemyError, FirsthandError) as problem:
                if passing(problem) is None:
                    raise
                log.warning("whether to stop could not be asked: %s", type(problem).__name__)
        return self._unwanted
