"""A quote to take along as sound, and several as a reel."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, BinaryIO

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response, StreamingResponse

from ingest.errors import BadInput
from service.api.deps import LibraryDep, RedactionDep
from service.api.described import file as file_of
from service.api.needs import GuardedRoute, needs
from service.clips import Made, Place, clip
from service.reels import ReelOf, reel

router = APIRouter(prefix="/api", tags=["calls"], route_class=GuardedRoute)

_SOUND, _MOVING = "audio/mp4", "video/mp4"
_BLOCK = 1 << 18


@router.get(
    "/calls/{call_id}/clips/{utterance}.m4a",
    response_class=Response,
    responses=file_of(_SOUND),
)
@needs("viewer", "export", costly="export")
def one(
    library: LibraryDep,
    redaction: RedactionDep,
    call_id: str,
    utterance: Annotated[int, Path(ge=0)],
    words: Annotated[str | None, Query(max_length=20_000)] = None,
    first: Annotated[int | None, Query(alias="from", ge=0)] = None,
    end: Annotated[int | None, Query(alias="to", ge=0)] = None,
) -> Response:
    """The words of an utterance as sound: all of them, ``words``, or the characters ``from`` up to
    before ``to``. What is masked in the text is silent.
    """
    if (first is None) != (end is None) or (words is not None and first is not None):
        raise BadInput("Give `words`, or both `from` and `to`, or none of them.")
    place = Place(call_id=call_id, utterance=utterance, words=words)
    span = None if first is None or end is None else (first, end)
    made = clip(library, place, redaction, span)
    return _sent(made, f"{place.call_id}-{utterance}.m4a", _SOUND)


@router.post("/reels", response_class=Response, responses=file_of(_MOVING, _SOUND))
@needs("viewer", "export", costly="export")
def several(library: LibraryDep, redaction: RedactionDep, of: ReelOf) -> Response:
    """Quotes one after another: an .mp4 that shows their words, or an .m4a."""
    made = reel(library, of, redaction)
    moving = of.captions == "written"
    return _sent(made, f"reel.{'mp4' if moving else 'm4a'}", _MOVING if moving else _SOUND)


def _sent(made: Made, name: str, kind: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(made.size),
        "Cache-Control": "private, no-store",
    }
    if made.note:
        headers["Firsthand-Note"] = made.note
    return StreamingResponse(_blocks(made.file), 200, headers, media_type=kind)


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while block := file.read(_BLOCK):
            yield block
