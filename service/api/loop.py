"""The loop: who is to hear what became of a need; what became of that can be taken back."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from service import loop as core
from service.api.deps import LibraryDep, PersonDep, RedactionDep
from service.api.described import file as file_of
from service.api.needs import GuardedRoute, needs
from service.loop_file import as_csv

router = APIRouter(prefix="/api", tags=["loop"], route_class=GuardedRoute)

Text = Annotated[str | None, Query(max_length=200)]


def _wanted(
    need: Text = None,
    owner: Text = None,
    state: Annotated[Literal["to do", "sent", "dismissed", "all"], Query()] = "to do",
) -> core.Wanted:
    return core.Wanted(need=need, owner=owner, state=None if state == "all" else state)


WantedDep = Annotated[core.Wanted, Depends(_wanted)]


@router.get("/loop")
@needs("viewer")
def every(library: LibraryDep, wanted: WantedDep) -> core.Queue:
    """Whom to tell what, with the drafted notes; shipped needs first."""
    return core.queue(library, wanted)


@router.get("/loop/export", response_class=Response, responses=file_of("text/csv"))
@needs("viewer", "export", costly="export")
def take_home(library: LibraryDep, redaction: RedactionDep, wanted: WantedDep) -> Response:
    """The same as a table."""
    body = as_csv(core.queue(library, wanted), redaction)
    name = 'attachment; filename="to-tell.csv"'
    return Response(
        body, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name}
    )


@router.post("/loop/{entry_id}/sent")
@needs("editor", "change")
def sent(library: LibraryDep, person: PersonDep, entry_id: str) -> core.Entry:
    """They were told."""
    return core.mark(library, entry_id, "sent", person.name)


@router.post("/loop/{entry_id}/dismiss")
@needs("editor", "change")
def dismiss(library: LibraryDep, person: PersonDep, entry_id: str) -> core.Entry:
    """They need not be told."""
    return core.mark(library, entry_id, "dismissed", person.name)


@router.post("/loop/{entry_id}/restore")
@needs("editor", "change")
def restore(library: LibraryDep, entry_id: str) -> core.Entry:
    """They are to be told again."""
    return core.restore(library, entry_id)
