"""Memos: draft one in the background, read it, take it home as a file."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import Field

from ingest.models import Frozen
from service import memo
from service.api.deps import LibraryDep, RedactionDep
from service.api.described import file as file_of
from service.api.needs import GuardedRoute, needs
from service.drafting import queue_draft
from service.edited import versions
from service.export import FORMATS, MEDIA_TYPES
from service.shapes import Filters, Job, Memo

router = APIRouter(prefix="/api/memos", tags=["memos"], route_class=GuardedRoute)


class MemoRequest(Frozen):
    filters: Filters = Filters()
    start: dt.date | None = None
    vision: str | None = Field(default=None, max_length=100_000)
    carry: str | None = Field(
        default=None, description="a memo whose own paragraphs are carried over into the new one"
    )


@router.post("", status_code=202)
@needs("editor", "add", costly="memo")
def draft(library: LibraryDep, wanted: MemoRequest | None = None) -> Job:
    """Draft a memo; the job ends with it under its ``memo_id``."""
    request = (wanted or MemoRequest()).model_dump(mode="json")
    with library.change() as connection:
        return queue_draft(connection, request)


@router.get("")
@needs("viewer")
def every(library: LibraryDep) -> list[memo.MemoLine]:
    """The memos kept, the newest first."""
    with library.read() as connection:
        return memo.list_memos(connection)


# Before the plain id, which would swallow the ending.
@router.get("/{memo_id}.{kind}", response_class=Response, responses=file_of(*MEDIA_TYPES.values()))
@needs("viewer", "export", costly="export")
def file(
    library: LibraryDep,
    redaction: RedactionDep,
    memo_id: str,
    kind: str,
    version: int | None = None,
) -> Response:
    """The memo as a .md, .docx, .pdf or .html file: its newest version, or the one asked for."""
    from ingest.errors import NotFound

    if kind not in FORMATS:
        raise NotFound(f"A memo can be had as .{', .'.join(FORMATS)}; not as .{kind[:10]}.")
    body = versions.file(library, memo_id, kind, version, redaction)
    headers = {"Content-Disposition": f'attachment; filename="{memo_id}.{kind}"'}
    return Response(body, media_type=MEDIA_TYPES[kind], headers=headers)


@router.get("/{memo_id}")
@needs("viewer", "see")
def one(library: LibraryDep, memo_id: str) -> Memo:
    """The memo, every quote checked anew against its call."""
    with library.read() as connection:
        return memo.load(connection, memo_id)
