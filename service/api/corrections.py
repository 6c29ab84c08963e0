"""What was corrected in a call: the list, and taking the newest back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from ingest import corrections as core
from ingest.correction_log import Correction, corrections
from ingest.models import Frozen
from ingest.store import get_call
from service.api.deps import LibraryDep
from service.api.needs import GuardedRoute, needs
from service.api.reading import read_after

router = APIRouter(prefix="/api/calls/{call_id}", tags=["calls"], route_class=GuardedRoute)


class Undone(Frozen):
    undone: str


@router.get("/corrections")
@needs("viewer", "see")
def listed(library: LibraryDep, call_id: str) -> list[Correction]:
    """The corrections of a call, the newest first."""
    with library.read() as connection:
        get_call(connection, call_id)
        return corrections(connection, call_id)


@router.post("/undo", dependencies=[Depends(read_after)])
@needs("editor", "change")
def undo(
    library: LibraryDep,
    call_id: str,
    correction_id: Annotated[int | None, Query(alias="id")] = None,
) -> Undone:
    """Take back the newest correction; with `id` only if that is the newest."""
    return Undone(undone=core.undo(library, call_id, correction_id))
