"""The audit log, for admins: page by page, and as a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from ingest.audit_rows import Row
from service.access import audit as core
from service.api.deps import LibraryDep
from service.api.described import file as file_of
from service.api.needs import GuardedRoute, needs

router = APIRouter(prefix="/api/audit", tags=["audit"], route_class=GuardedRoute)

Day = Annotated[date | None, Query(description="in UTC")]


def _wanted(
    since: Day = None,
    until: Day = None,
    who: Annotated[str | None, Query(max_length=200, description="a name or an id")] = None,
    action: core.Action | None = None,
) -> core.Wanted:
    return core.Wanted(since=since, until=until, who=who or None, action=action)


WantedDep = Annotated[core.Wanted, Depends(_wanted)]


@router.get("")
@needs("admin", "see")
def every(
    library: LibraryDep,
    wanted: WantedDep,
    limit: Annotated[int, Query(ge=1, le=core.LONGEST_PAGE)] = core.PAGE,
    before: Annotated[
        int | None, Query(ge=1, le=2**63 - 1, description="go on after the row of this number")
    ] = None,
) -> list[Row]:
    """The rows of the log, the newest first."""
    return core.rows(library, replace(wanted, before=before), limit)


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses=file_of(*core.MEDIA_TYPES.values()),
)
@needs("admin", "export")
def export(
    library: LibraryDep, wanted: WantedDep, format: core.Format = "csv"
) -> StreamingResponse:
    """The log as a file, the oldest row first."""
    return StreamingResponse(
        core.exported(library, format, wanted),
        media_type=core.MEDIA_TYPES[format],
        headers={"Content-Disposition": f'attachment; filename="audit-log.{format}"'},
    )
