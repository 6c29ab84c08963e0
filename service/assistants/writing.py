"""The tools that change something: a memo drafted, a statement picked for the next one."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from ingest.library import Library
from ingest.models import Frozen
from service import jobs, picks
from service.assistants.tool import Arguments
from service.drafting import LONGEST_VISION, queue_draft
from service.shapes import Filters, Job, Pick


class DraftMemo(Arguments, Filters):
    """Draft the 30-day strategy memo from what is there now. It is done in the background: `job`
    says how far it is, `memo` has the text when it is done.
    """

    start: dt.date | None = Field(default=None, description="first of the 30 days")
    vision: str | None = Field(
        default=None, max_length=LONGEST_VISION, description="the vision to set beside the calls"
    )

    def answer(self, library: Library) -> Job:
        filters = Filters.model_validate(self.model_dump(include=set(Filters.model_fields)))
        request: dict[str, object] = {
            "filters": filters.model_dump(mode="json"),
            "start": self.start.isoformat() if self.start else None,
            "vision": self.vision,
        }
        with library.change() as connection:
            return queue_draft(connection, request)


class ShowJob(Arguments):
    """How far the drafting of a memo is."""

    job_id: str

    def answer(self, library: Library) -> Job:
        with library.read() as connection:
            return jobs.get_job(connection, self.job_id)


class Picks(Frozen):
    """What is picked for the next memo, in the order in which it was."""

    picks: tuple[Pick, ...]


class PickStatement(Arguments):
    """Pick a statement of an answer for the next memo; all of them without `n`."""

    answer_id: str
    n: int | None = Field(default=None, ge=0, description="which statement, from 0")
    part: picks.Part = Field(default="statements", description="or what speaks against them")

    def answer(self, library: Library) -> Picks:
        return Picks(picks=tuple(picks.add(library, self.answer_id, self.n, self.part)))
