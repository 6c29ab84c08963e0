"""Calls: upload, list, read, correct, erase, and the sound itself with byte ranges."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path, PurePath
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from fastapi.responses import Response
from pydantic import Field

from ingest.corrections import SpeakerFix, UtteranceFix, correct
from ingest.errors import NotFound
from ingest.models import Call, Frozen, Role
from ingest.pipeline import About, describe, receive
from ingest.store import get_call, list_calls, media_name
from ingest.transcripts.dates import parse_date
from service.api.deps import LibraryDep
from service.api.ranges import streamed
from service.api.reading import read_after
from service.erase import erase
from service.jobs import enqueue, last_job
from service.reading import CallText, read_call

router = APIRouter(prefix="/api/calls", tags=["calls"])


class Accepted(Frozen):
    """``job_id`` is the last job of the call when these very bytes are a ready call already."""

    job_id: str | None
    call_id: str


class SpeakerPatch(Frozen):
    name: str | None = Field(default=None, min_length=1, max_length=200)
    role: Role | None = None


class UtterancePatch(Frozen):
    text: str | None = Field(default=None, max_length=20_000)
    speaker: str | None = None


class CallPatch(Frozen):
    """What a person corrects; what is left out stays."""

    title: str | None = Field(default=None, min_length=1, max_length=300)
    date: str | None = None
    account_id: str | None = None
    speakers: dict[str, SpeakerPatch] = Field(default={}, description="by label")
    utterances: dict[int, UtterancePatch] = Field(default={}, description="by number")


@router.post("", status_code=202)
def upload(
    library: LibraryDep,
    file: Annotated[UploadFile, File(description="a recording or a transcript")],
    account_id: Annotated[str | None, Form()] = None,
    date: Annotated[str | None, Form()] = None,
    title: Annotated[str | None, Form(max_length=300)] = None,
) -> Accepted:
    """Take in one file; the work is a job to be followed."""
    about = About(
        account_id=account_id or None,
        date=parse_date(date) if date else None,
        title=title or None,
    )
    # The name is kept for its ending and as a title; as a path it is nothing.
    called = PurePath((file.filename or "upload").replace("\\", "/")).name[:200].replace("\0", "")
    with tempfile.TemporaryDirectory(dir=library.home, prefix=".upload-") as folder:
        path = Path(folder) / (called if called not in ("", ".", "..") else "upload")
        with path.open("wb") as sink:
            shutil.copyfileobj(file.file, sink, 1 << 20)
        received = receive(library, path, about)
    with library.change() as connection:
        if not received.fresh:
            job_id = last_job(connection, received.call_id)
        else:
            request: dict[str, object] = {"called": called}
            job_id = enqueue(connection, "ingest", call_id=received.call_id, request=request)
    return Accepted(job_id=job_id, call_id=received.call_id)


@router.get("")
def every(library: LibraryDep) -> list[Call]:
    """All calls, the latest first."""
    with library.read() as connection:
        return list_calls(connection)


@router.get("/{call_id}")
def one(library: LibraryDep, call_id: str) -> CallText:
    """One call with everything said in it."""
    return read_call(library, call_id)


@router.patch("/{call_id}", dependencies=[Depends(read_after)])
def patch(library: LibraryDep, call_id: str, changes: CallPatch) -> Call:
    """Correct what the call is and who said what; what follows from it is computed anew."""
    describe(
        library,
        call_id,
        About(
            account_id=changes.account_id,
            date=parse_date(changes.date) if changes.date else None,
            title=changes.title,
        ),
    )
    if changes.speakers or changes.utterances:
        return correct(
            library,
            call_id,
            speakers={k: SpeakerFix(v.name, v.role) for k, v in changes.speakers.items()},
            utterances={k: UtteranceFix(v.text, v.speaker) for k, v in changes.utterances.items()},
        )
    with library.read() as connection:
        return get_call(connection, call_id)


@router.delete("/{call_id}", status_code=204)
def delete(library: LibraryDep, call_id: str) -> Response:
    """Erase the call and everything that came from it."""
    erase(library, call_id)
    return Response(status_code=204)


@router.get("/{call_id}/audio", response_class=Response)
def audio(library: LibraryDep, request: Request, call_id: str) -> Response:
    """The recording as it came, with byte ranges so that a player can jump."""
    with library.read() as connection:
        call = get_call(connection, call_id)
        name = media_name(connection, call_id)
    if not call.has_audio:
        raise NotFound(f"{call_id} came as a transcript; there is no recording to play.")
    # Never a type that a browser would run, whatever the ending says.
    return streamed(library.media, name, playable(Path(name)), request)


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


def playable(path: Path) -> str:
    """The media type of a recording by its ending; bytes when it is none that we know."""
    return _TYPES.get(path.suffix, "application/octet-stream")
