"""Working on a memo: its document, its versions, the gate while one writes, what is new since."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field

from ingest.models import Frozen
from service.api.deps import LibraryDep, RedactionDep
from service.api.needs import GuardedRoute, needs
from service.edited import versions
from service.edited.difference import Change, difference
from service.edited.document import Document, Findings, document, findings
from service.edited.since import since
from service.shapes import Changes

router = APIRouter(prefix="/api/memos/{memo_id}", tags=["memos"], route_class=GuardedRoute)


class Text(Frozen):
    text: str


class NewVersion(Frozen):
    """``base`` is the version that the text was made from."""

    text: str
    base: int = Field(ge=0)
    note: str = ""


class Base(Frozen):
    base: int = Field(ge=0)


@router.get("/document", response_model=Document)
@needs("viewer", "see")
def shown(library: LibraryDep, memo_id: str, version: int | None = None) -> Response:
    """A version to be read, the newest unless told otherwise; 0 is the draft."""
    return Response(document(library, memo_id, version), media_type="application/json")


@router.post("/check")
@needs("editor")
def check(library: LibraryDep, memo_id: str, written: Text) -> Findings:
    """Which sentences of a text about customers rest on their words; nothing is kept."""
    return findings(library, memo_id, written.text)


@router.get("/versions")
@needs("viewer")
def every(library: LibraryDep, memo_id: str) -> list[versions.Version]:
    """The versions, the newest first, the draft (0) last."""
    with library.read() as connection:
        return versions.versions(connection, memo_id)


@router.post("/versions", status_code=201)
@needs("editor", "change")
def save(library: LibraryDep, memo_id: str, new: NewVersion) -> versions.Version:
    """Save a text as the newest version; 409 when it was made from an older one."""
    return versions.save(library, memo_id, new.text, new.base, new.note)


@router.get("/versions/{n}")
@needs("viewer", "see")
def one(library: LibraryDep, memo_id: str, n: int) -> versions.VersionText:
    """A version with its text."""
    with library.read() as connection:
        return versions.version(library, connection, memo_id, n)


@router.post("/versions/{n}/restore", status_code=201)
@needs("editor", "change")
def restore(library: LibraryDep, memo_id: str, n: int, on: Base) -> versions.Version:
    """Make an earlier version the newest once more."""
    return versions.restore(library, memo_id, n, on.base)


@router.get("/diff")
@needs("viewer", "see")
def diff(
    library: LibraryDep,
    redaction: RedactionDep,
    memo_id: str,
    before: Annotated[int, Query(alias="from")],
    after: Annotated[int, Query(alias="to")],
) -> list[Change]:
    """What is different between two versions, block by block."""
    with library.read() as connection:
        old = versions.version(library, connection, memo_id, before)
        new = versions.version(library, connection, memo_id, after)
    # Masked first: a difference may cut through a number.
    return difference(redaction.text(old.text), redaction.text(new.text))


@router.get("/since")
@needs("viewer", "see")
def news(library: LibraryDep, memo_id: str) -> Changes:
    """What is new since the memo was drafted."""
    return since(library, memo_id)
