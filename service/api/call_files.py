"""A call to take home, and its sound to play."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from ingest import joined
from ingest.errors import NotFound
from ingest.store import get_call, media_name, playback_name
from service import call_files
from service.api.deps import LibraryDep, RedactionDep
from service.api.described import file as file_of
from service.api.needs import GuardedRoute, needs
from service.api.ranges import streamed
from service.erasure import Erasure, erasure
from service.reading import read_call

router = APIRouter(prefix="/api/calls", tags=["calls"], route_class=GuardedRoute)

_VTT, _TXT, _JSON = call_files.MEDIA_TYPES.values()
_TYPES = {
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".aac": "audio/aac",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".flac": "audio/flac",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
}
_BYTES = "application/octet-stream"
_SOUND = file_of(*_TYPES.values(), _BYTES)
_PARTS: dict[int | str, dict[str, Any]] = {
    206: {**_SOUND[200], "description": "The bytes asked for."},
    304: {"description": "What the asker has is the same."},
    400: {"description": "No such range of bytes.", "content": {"text/plain": {}}},
    416: {"description": "Bytes that it does not have.", "content": {"text/plain": {}}},
}


# Before the plain id, which would swallow the ending.
# An id may end like that itself: then the call is told as JSON.
@router.get("/{call_id}.vtt", response_class=Response, responses=file_of(_VTT, _JSON))
@router.get("/{call_id}.txt", response_class=Response, responses=file_of(_TXT, _JSON))
@router.get("/{call_id}.json", response_class=Response, responses=file_of(_JSON))
@needs("viewer", "export", costly="export")
def file(library: LibraryDep, redaction: RedactionDep, request: Request, call_id: str) -> Response:
    """The call as a .vtt, .txt or .json file."""
    kind = PurePosixPath(request.url.path).suffix[1:]
    try:  # ids may have dots in them
        whole = read_call(library, f"{call_id}.{kind}")
        return Response(whole.model_dump_json(), media_type="application/json")
    except NotFound:
        call = redaction.value(read_call(library, call_id))
    headers = {"Content-Disposition": call_files.disposition(call, kind)}
    body = call_files.render(call, kind)
    return Response(body, media_type=call_files.MEDIA_TYPES[kind], headers=headers)


@router.get("/{call_id}/erasure")
@needs("admin")
def what_goes(library: LibraryDep, call_id: str) -> Erasure:
    """What deleting the call would take."""
    return erasure(library, call_id)


@router.get("/{call_id}/audio", response_class=Response, responses={**_SOUND, **_PARTS})
@needs("viewer", "see", costly="audio")
def audio(
    library: LibraryDep, request: Request, call_id: str, *, original: bool = False
) -> Response:
    """The recording to play, or as it came, with byte ranges so that a player can jump."""
    with library.read() as connection:
        joined.require_sound(connection, get_call(connection, call_id))
        name = media_name(connection, call_id)
        played = playback_name(connection, call_id)
    if played not in (None, name) and not original:
        try:
            return streamed(library.media, played, playable(Path(played)), request)
        except NotFound:
            pass  # the copy is gone, which `doctor` mends; what came may play as well
    # Never a type that a browser would run, whatever the ending says.
    return streamed(library.media, name, playable(Path(name)), request)


def playable(path: Path) -> str:
    """The media type of a recording by its ending; bytes when it is none that we know."""
    return _TYPES.get(path.suffix, _BYTES)
