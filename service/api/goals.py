"""First-hand hours by person and week, goals of people, and their calendars."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool

from ingest.calendars import LIMIT_BYTES
from ingest.errors import TooLarge
from ingest.models import Frozen
from service.api.deps import LibraryDep
from service.api.needs import GuardedRoute, needs
from service.goals import hours, loading, people

router = APIRouter(prefix="/api/goals", tags=["goals"], route_class=GuardedRoute)

PersonName = Annotated[str, Path(min_length=1, max_length=200)]
_BODY: dict[str, object] = {
    "requestBody": {"required": True, "content": {"text/calendar": {"schema": {"type": "string"}}}}
}


class HoursWanted(Frozen):
    hours: float | None


class Removed(Frozen):
    removed: int


@router.get("")
@needs("viewer")
def goals(
    library: LibraryDep,
    week: Annotated[dt.date | None, Query(description="a day of the last week")] = None,
    weeks: Annotated[int, Query(ge=1, le=hours.WEEKS_MOST)] = 1,
    person: Annotated[str | None, Query(max_length=200)] = None,
) -> hours.Goals:
    """Each person's hours with customers, week by week, and the team's."""
    return hours.goals(library, _now(), week, weeks, person)


@router.put("/people/{person}")
@needs("admin", "change")
def set_(library: LibraryDep, person: PersonName, wanted: HoursWanted) -> people.Goal:
    """Set a person's hours a week; null goes back to the home's."""
    return people.set_goal(library, person, wanted.hours)


@router.put("/people/{person}/calendar", openapi_extra=_BODY)
@needs("admin", "change", any_size=True)
async def load(
    library: LibraryDep,
    person: PersonName,
    request: Request,
    zone: Annotated[str | None, Query(max_length=100)] = None,
    dry_run: bool = False,
) -> loading.CalendarChange:
    """Load a calendar (``text/calendar``) in place of the person's last."""
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > LIMIT_BYTES:
            raise TooLarge(f"A calendar may have {LIMIT_BYTES:,} bytes.")
    file = loading.CalendarFile(name="the calendar", data=bytes(body))
    return await run_in_threadpool(
        loading.load_calendar, library, [file], person, _now(), zone=zone, dry_run=dry_run
    )


@router.delete("/people/{person}/calendar")
@needs("admin", "delete")
def remove(library: LibraryDep, person: PersonName) -> Removed:
    """Forget a person's calendar; their goal stays."""
    return Removed(removed=people.remove_calendar(library, person))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
