"""A stored file, or the stretch of it that a player asks for, streamed from where it lies.

What lies in a folder is sent by Starlette's ``FileResponse``; what lies in a bucket passes through
here block by block. Its content never changes under its name, so its hash is its ETag.
"""

from __future__ import annotations

import re

from fastapi import Request
from fastapi.responses import FileResponse, Response, StreamingResponse

from ingest.media import Media

_RANGE = re.compile(
    r"bytes\s*=\s*(?:(\d{1,18})\s*-\s*(\d{1,18})?|-\s*(\d{1,18}))\s*", re.IGNORECASE
)


# Kept by the listener's own browser, which asks each time whether it may play it still.
_OWN = {"Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}


def streamed(media: Media, name: str, kind: str, request: Request) -> Response:
    """The file ``name`` as ``kind``, shown and not saved. Raises what the store raises."""
    place = media.here(name)
    if place is not None:
        return FileResponse(
            place, headers=_OWN, media_type=kind, content_disposition_type="inline", filename=name
        )
    size = media.size(name)
    tag = f'"{name[:64]}"'
    headers = {
        **_OWN,
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Content-Disposition": f'inline; filename="{name}"',
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={**_OWN, "ETag": tag})
    asked = request.headers.get("range")
    if asked is not None and request.headers.get("if-range", tag) != tag:
        asked = None  # what the asker has is of another file
    start, stop = _stretch(asked, size)
    if start >= stop:
        headers["Content-Range"] = f"bytes */{size}"
        return Response(status_code=416, headers=headers)
    status = 200
    if (start, stop) != (0, size) or _RANGE.fullmatch(asked or ""):
        status = 206
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    headers["Content-Length"] = str(stop - start)
    return StreamingResponse(media.read(name, start, stop), status, headers, media_type=kind)


def _stretch(asked: str | None, size: int) -> tuple[int, int]:
    """First byte, and the one after the last. All of it for no range, several, or nonsense:
    RFC 9110 leaves a server that freedom. Nothing where the range lies outside of the file.
    """
    found = _RANGE.fullmatch(asked or "")
    if found is None:
        return 0, size
    first, last, final = found.groups()
    if final is not None:
        return max(0, size - int(final)), size
    if last is not None and int(last) < int(first):
        return 0, 0
    return int(first), min(size, size if last is None else int(last) + 1)
