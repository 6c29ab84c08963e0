"""Accounts out of a CRM's exports: looked at, loaded, taken back."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Base64Bytes, Field

from ingest.models import Frozen
from service.api.deps import LibraryDep
from service.api.needs import GuardedRoute, needs
from service.crm.applying import apply_crm, preview_crm, undo_crm
from service.crm.calls import call_matches
from service.crm.mappings import forget, list_mappings
from service.crm.shapes import Applied, CallMatch, Choices, CrmPreview, Mapping, Undone

router = APIRouter(prefix="/api/crm", tags=["accounts"], route_class=GuardedRoute)


class CrmFile(Frozen):
    """A CSV file as it is, whatever its encoding, and what a person said of it so far."""

    file: Base64Bytes
    choices: Choices = Choices()


class ToApply(CrmFile):
    name: str = Field(default="", max_length=255, description="what the file is called")
    seen: str | None = Field(
        default=None, max_length=64, description="of the preview: apply just what it showed"
    )


@router.post("/preview")
@needs("admin")
def preview(library: LibraryDep, given: CrmFile) -> CrmPreview:
    """What ``apply`` of the same would change, and what is to be answered first. Nothing is
    written.
    """
    return preview_crm(library, given.file, given.choices)


@router.post("/apply")
@needs("admin", "change")
def apply(library: LibraryDep, given: ToApply) -> Applied:
    """Load the file, all of it or nothing: 422 while questions are open or lines are faulty, 409
    when it would change something else than was seen.
    """
    now = datetime.now(UTC)
    return apply_crm(library, given.file, given.choices, now, file_name=given.name, seen=given.seen)


@router.post("/undo")
@needs("admin", "change")
def undo(library: LibraryDep, import_id: int | None = None) -> Undone:
    """Take the last import back; 409 when its accounts were changed since, or it is another than
    ``import_id``.
    """
    return undo_crm(library, import_id)


@router.get("/mappings")
@needs("admin")
def mappings(library: LibraryDep) -> list[Mapping]:
    """The mappings that are remembered, the one used last first."""
    with library.read() as connection:
        return list_mappings(connection)


@router.delete("/mappings/{mapping_id}", status_code=204)
@needs("admin", "delete")
def remove_mapping(library: LibraryDep, mapping_id: str) -> Response:
    """Forget a mapping: such files are asked about anew."""
    with library.change() as connection:
        forget(connection, mapping_id)
    return Response(status_code=204)


@router.get("/calls")
@needs("viewer")
def calls(library: LibraryDep) -> list[CallMatch]:
    """Calls without an account, and the account whose domain their customers write from."""
    with library.read() as connection:
        return call_matches(connection)
