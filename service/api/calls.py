"""Calls: upload, list, read, correct, erase, and the sound itself with byte ranges."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool
from fastapi.responses import Response
from pydantic import Field

from ingest import correction_log
from ingest.consent import Consent
from ingest.correction_log import LastCorrection
from ingest.errors import BadInput, FirsthandError
from ingest.fixes import NewSpeaker, SpeakerFix, UtteranceFix
from ingest.library import Library
from ingest.media.port import too_large
from ingest.models import Call, Frozen, Role
from ingest.pipeline import TITLE_LIMIT, About
from ingest.store import get_call, list_calls, require_account
from ingest.transcripts.dates import parse_date
from service import taking_in
from service.api.bodies import drain
from service.api.deps import LibraryDep, UploadsDep
from service.api.forms import read_form
from service.api.needs import GuardedRoute, needs
from service.api.reading import read_after
from service.arriving import Sink
from service.correcting import correct, describe
from service.erase import erase
from service.reading import CallText, read_call
from service.uploads import Uploads

router = APIRouter(prefix="/api/calls", tags=["calls"], route_class=GuardedRoute)


class SpeakerPatch(Frozen):
    name: str | None = Field(default=None, min_length=1, max_length=200)
    role: Role | None = None


class NewSpeakerPatch(Frozen):
    name: str = Field(min_length=1, max_length=200)
    role: Role | None = None


class UtterancePatch(Frozen):
    text: str | None = Field(default=None, max_length=20_000)
    speaker: str | None = Field(default=None, description="a label")
    new_speaker: NewSpeakerPatch | None = Field(default=None, description="instead of `speaker`")


class CallPatch(Frozen):
    """What a person corrects; what is left out stays."""

    title: str | None = Field(default=None, min_length=1, max_length=300)
    date: str | None = None
    account_id: str | None = None
    consent: Consent | None = None
    speakers: dict[str, SpeakerPatch] = Field(default={}, description="by label")
    merge: dict[str, str] = Field(default={}, description="which label goes into which other")
    utterances: dict[int, UtterancePatch] = Field(default={}, description="by number")


class Corrected(Call):
    """A call as it is now, and the correction that can be taken back."""

    undo: LastCorrection | None = None


_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {
            "type": "string",
            "format": "binary",
            "description": "a recording or a transcript",
        },
        "account_id": {"type": "string"},
        "date": {"type": "string"},
        "title": {"type": "string", "maxLength": TITLE_LIMIT},
        "consent": {"type": "string", "enum": ["given", "refused"]},
        "call_id": {
            "type": "string",
            "maxLength": 64,
            "description": "the call of which the file is the recording, or the transcript",
        },
    },
}
_BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}}
_FORM_BYTES = 1 << 20  # of a form beside its file, at most


@router.post("", status_code=202, openapi_extra=_BODY)
@needs("editor", "add", costly="upload", any_size=True)
async def upload(library: LibraryDep, uploads: UploadsDep, request: Request) -> taking_in.TakenIn:
    """Take in one file, straight to disk as it comes; the work is a job to be followed.

    For long files and lines that break there is ``/api/uploads``.
    """
    limit = library.options.max_file_bytes
    length = request.headers.get("content-length", "")
    most = int(length) if length.isdecimal() else limit + _FORM_BYTES
    try:
        if most > limit + _FORM_BYTES:
            raise too_large("The file", most, limit)
        async with contextmanager_in_threadpool(uploads.passing(most)) as folder:
            return await _from_form(library, uploads, request, folder)
    except FirsthandError:
        await drain(request)
        raise


async def _from_form(
    library: Library, uploads: Uploads, request: Request, folder: Path
) -> taking_in.TakenIn:
    opened: list[tuple[Path, Sink]] = []

    def open_file(name: str) -> Sink:
        path = folder / taking_in.file_name(name)
        opened.append((path, uploads.sink(path)))
        return opened[-1][1]

    try:
        fields, there = await read_form(request, open_file)
    finally:
        for _path, sink in opened:
            await run_in_threadpool(sink.close)
    if not there:
        raise BadInput("The form has no file in the field `file`.")
    [(path, _sink)] = opened
    said = taking_in.about(*map(fields.get, ("account_id", "date", "title", "consent")))
    join = fields.get("call_id") or None
    return await run_in_threadpool(taking_in.take_in, library, path, said, call_id=join)


@router.get("")
@needs("viewer")
def every(library: LibraryDep) -> list[Call]:
    """All calls, the latest first."""
    with library.read() as connection:
        return list_calls(connection)


@router.get("/{call_id}")
@needs("viewer", "see")
def one(library: LibraryDep, call_id: str) -> CallText:
    """One call with everything said in it."""
    return read_call(library, call_id)


@router.patch("/{call_id}", dependencies=[Depends(read_after)])
@needs("editor", "change")
def patch(library: LibraryDep, call_id: str, changes: CallPatch) -> Corrected:
    """Correct what the call is and who said what; what follows from it is computed anew."""
    day = parse_date(changes.date) if changes.date else None
    if changes.account_id is not None:
        with library.read() as connection:
            require_account(connection, changes.account_id)
    if changes.speakers or changes.merge or changes.utterances:
        correct(
            library,
            call_id,
            speakers={k: SpeakerFix(v.name, v.role) for k, v in changes.speakers.items()},
            merge=changes.merge,
            utterances={k: _fix(k, v) for k, v in changes.utterances.items()},
        )
    about = About(changes.account_id, day, changes.title, changes.consent)
    describe(library, call_id, about)
    with library.read() as connection:
        call = get_call(connection, call_id)
        return Corrected(**dict(call), undo=correction_log.newest(connection, call_id))


def _fix(i: int, given: UtterancePatch) -> UtteranceFix:
    new = given.new_speaker
    if new is not None and given.speaker is not None:
        raise BadInput(f"Utterance {i} is given a speaker and a new one; give one of them.")
    return UtteranceFix(
        given.text, given.speaker if new is None else NewSpeaker(new.name, new.role)
    )


@router.delete("/{call_id}", status_code=204)
@needs("admin", "delete")
def delete(library: LibraryDep, call_id: str) -> Response:
    """Erase the call and everything that came from it."""
    erase(library, call_id)
    return Response(status_code=204)
