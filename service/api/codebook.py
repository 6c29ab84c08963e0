"""The codebook: codes, what is judged about them, candidates, and the whole of it as a file."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import Field

from ingest.errors import TooLarge
from ingest.models import Frozen
from service import codebook as core
from service import deciding
from service.api.deps import LibraryDep, RedactionDep
from service.api.described import file as file_of
from service.api.needs import GuardedRoute, needs
from service.api.reading import read_after
from service.codebook import Change, NewCode, Revision
from service.codebook_files import LARGEST, Format, export, import_bytes
from service.shapes import Code, EvidenceKind

# "function": before the answer goes out, so that whoever gets it finds the job.
router = APIRouter(
    prefix="/api",
    tags=["codebook"],
    dependencies=[Depends(read_after, scope="function")],
    route_class=GuardedRoute,
)


class Merging(Frozen):
    ids: tuple[str, ...] = Field(description="the codes that go into the one addressed")


class UtterancePlace(Frozen):
    call_id: str
    utterance: int


class Splitting(Frozen):
    label: str = Field(description="of the new code")
    places: tuple[UtterancePlace, ...]


class Judging(UtterancePlace):
    verdict: Literal["confirm", "reject", "clear"]


class Attaching(UtterancePlace):
    from_code: str | None = Field(default=None, description="the code it does not belong to")


class Confirming(Frozen):
    """What a model named keeps its name and meaning where none is given."""

    label: str | None = None
    definition: str | None = None
    kind: EvidenceKind | None = None


class Undone(Frozen):
    undone: str


# --- codes -------------------------------------------------------------------------------------


@router.get("/codes")
@needs("viewer")
def every(library: LibraryDep, dismissed: bool = False) -> list[Code]:
    """The active codes, pinned first; with ``dismissed`` those as well."""
    with library.read() as connection:
        return core.list_codes(connection, dismissed=dismissed)


@router.post("/codes", status_code=201)
@needs("editor", "change")
def add(library: LibraryDep, code: NewCode) -> Code:
    """A new code."""
    return core.add(library, code)


@router.get("/codes/{code_id}")
@needs("viewer", "see")
def one(library: LibraryDep, code_id: str) -> Code:
    """A code; under the id of one that was merged away, the one it went into."""
    with library.read() as connection:
        return core.get_code(connection, code_id)


@router.patch("/codes/{code_id}")
@needs("editor", "change")
def patch(library: LibraryDep, code_id: str, changes: Revision) -> Code:
    """Rename, describe, pin, dismiss or restore a code; what is left out stays."""
    return core.revise(library, code_id, changes)


@router.delete("/codes/{code_id}", status_code=204)
@needs("editor", "delete")
def remove(library: LibraryDep, code_id: str) -> Response:
    """Take a code out, with all that was judged about it."""
    core.remove(library, code_id)
    return Response(status_code=204)


@router.post("/codes/{code_id}/merge")
@needs("editor", "change")
def merge(library: LibraryDep, code_id: str, what: Merging) -> Code:
    """Merge other codes into this one."""
    return core.merge(library, what.ids, code_id)


@router.post("/codes/{code_id}/split", status_code=201)
@needs("editor", "change")
def split(library: LibraryDep, code_id: str, what: Splitting) -> Code:
    """A new code of words that were this one's."""
    places = [(place.call_id, place.utterance) for place in what.places]
    return core.split(library, code_id, what.label, places)


@router.post("/codes/{code_id}/judge")
@needs("editor", "change")
def judge(library: LibraryDep, code_id: str, what: Judging) -> Code:
    """Say that an utterance belongs to the code or does not, or take that back."""
    return core.judge(library, code_id, what.call_id, what.utterance, what.verdict)


@router.post("/codes/{code_id}/attach")
@needs("editor", "change")
def attach(library: LibraryDep, code_id: str, what: Attaching) -> Code:
    """Put an utterance under this code, away from another one."""
    return core.attach(library, what.call_id, what.utterance, code_id, what.from_code)


# --- candidates --------------------------------------------------------------------------------


@router.post("/candidates/{candidate_id}/confirm", status_code=201)
@needs("editor", "change")
def confirm(library: LibraryDep, candidate_id: str, what: Confirming) -> Code:
    """Make a candidate theme a code, with its quotes as examples."""
    return deciding.confirm(
        library, candidate_id, what.label, definition=what.definition, kind=what.kind
    )


@router.post("/candidates/{candidate_id}/dismiss", status_code=201)
@needs("editor", "change")
def dismiss(library: LibraryDep, candidate_id: str) -> Code:
    """Put a candidate theme aside; it is never offered again."""
    return deciding.dismiss(library, candidate_id)


# --- the whole ---------------------------------------------------------------------------------


@router.put(
    "/codebook",
    openapi_extra={"requestBody": {"content": {"text/csv": {}, "application/yaml": {}}}},
)
@needs("editor", "change")
async def put(library: LibraryDep, request: Request) -> list[Code]:
    """Load or update codes: ``text/csv`` with a heading line, or a list in YAML (or JSON)."""
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > LARGEST:
            raise TooLarge(f"The codebook has over {LARGEST:,} bytes, which none needs.")
    kind = request.headers.get("content-type", "")
    form: Format = "yaml" if "yaml" in kind or "json" in kind else "csv"
    return await run_in_threadpool(import_bytes, library, bytes(body), form)


@router.get(
    "/codebook.{form}", response_class=Response, responses=file_of("text/csv", "application/yaml")
)
@needs("viewer", "export", costly="export")
def take_home(library: LibraryDep, redaction: RedactionDep, form: Format) -> Response:
    """The active codes as a file."""
    with library.read() as connection:
        data = export(connection, form, redaction)
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/yaml"
    name = f'attachment; filename="codebook.{form}"'
    return Response(data, media_type=kind, headers={"Content-Disposition": name})


@router.get("/codebook/history")
@needs("viewer")
def history(library: LibraryDep) -> list[Change]:
    """The changes that can be undone, the latest first."""
    with library.read() as connection:
        return core.history(connection)


@router.post("/codebook/undo")
@needs("editor", "change")
def undo(library: LibraryDep) -> Undone:
    """Take back the last change; again, the one before."""
    return Undone(undone=core.undo(library))
