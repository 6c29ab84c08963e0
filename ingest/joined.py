"""The transcript that a meeting tool made of a call whose recording is here too.

A call of two files has its recording where every call has its file, and the transcript in a row of
``call_transcripts``. Until both were compared nothing is decided: should they turn out not to be of
one call, the file that came last makes a call of its own and the other is as it was. Every function
leaves the transaction to its caller.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import PurePath
from typing import Any, Literal

import sqlalchemy as sa

from ingest import stage_store
from ingest.erased import ERASED
from ingest.errors import Busy, Conflict, NotFound
from ingest.media import Kept
from ingest.models import Call
from ingest.store import (
    content_of,
    get_call,
    insert_call,
    media_name,
    playback_name,
    update_call,
)
from ingest.tables import call_transcripts as table
from ingest.tables import calls, jobs, utterances, watched
from ingest.transcripts.clean import clean_title

File = Literal["recording", "transcript"]
HEARD = ("decode", "transcribe", "diarize")  # stages whose results are of the recording alone


@dataclass(frozen=True, slots=True)
class Joined:
    """``alone`` is the row in ``calls`` that the file which came last would have by itself."""

    call_id: str
    media: str
    file_name: str
    content_sha256: str
    came_last: File
    alone: Mapping[str, Any]
    asked: bool
    words_from: File | None
    agreement: float | None
    offset_s: float | None


def joined(connection: sa.Connection, call_id: str) -> Joined | None:
    """The transcript of a call that is a recording, if it has one."""
    row = connection.execute(sa.select(table).where(table.c.call_id == call_id)).mappings().first()
    return None if row is None else Joined(**row)


def is_undecided(connection: sa.Connection, call_id: str | None) -> bool:
    """Whether a second file waits to be compared with the first."""
    waits = (table.c.call_id == call_id) & table.c.words_from.is_(None)
    return connection.scalar(sa.select(table.c.call_id).where(waits)) is not None


def sounding() -> sa.ColumnElement[bool]:
    """Of a row in ``calls``: whether there is a recording to listen to. While one that came to a
    transcript is not compared with it, the words are on another clock: nothing masked in them would
    be silent, and it may be of another call.
    """
    mine = table.c.call_id == calls.c.call_id
    waits = sa.exists().where(mine, table.c.words_from.is_(None), table.c.came_last == "recording")
    return calls.c.is_recording & ~waits


def is_heard(connection: sa.Connection, call_id: str) -> bool:
    """``sounding`` of one call."""
    return bool(connection.scalar(sa.select(sounding()).where(calls.c.call_id == call_id)))


def require_sound(connection: sa.Connection, call: Call) -> None:
    """Raises ``NotFound`` where there is nothing to listen to, or not yet."""
    if not call.has_audio:
        raise NotFound(f"{call.call_id} came as a transcript; there is no recording to play.")
    if not is_heard(connection, call.call_id):
        raise NotFound(
            f"The recording of {call.call_id} is not compared with its transcript yet; until then "
            "it is not played."
        )


def join(
    connection: sa.Connection,
    call_id: str,
    values: Mapping[str, Any],
    *,
    asked: bool,
    said: Mapping[str, Any] | None = None,
) -> None:
    """Add a second file, whose row would be ``values``, to a call; what is kept of its work goes.

    ``said`` is what somebody said of the file; it goes to the call once both are of one call.
    Raises ``NotFound``, ``Busy``, and ``Conflict`` where the call cannot take it.
    """
    call = get_call(connection, call_id)
    if (why := refusal(connection, call, recording=bool(values["is_recording"]))) is not None:
        raise Conflict(why)
    if values["is_recording"]:
        require_rest(connection, call_id)
    alone = {**_as_json(values), "said": _as_json(said or {})}
    row: dict[str, object] = {"call_id": call_id, "asked": asked, "alone": alone}
    if values["is_recording"]:
        row |= {"came_last": "recording", "media": media_name(connection, call_id)}
        row |= {"file_name": call.file_name, "content_sha256": call.content_sha256}
        of_file = ("media", "media_type", "is_recording", "content_sha256", "file_name")
        changed = {name: values[name] for name in (*of_file, "duration_s")}
        update_call(connection, call_id, playback=None, **changed)
        stage_store.forget(connection, call_id)
    else:
        row |= {"came_last": "transcript"}
        row |= {name: values[name] for name in ("media", "file_name", "content_sha256")}
        stage_store.forget(connection, call_id, ("joined", "speakers", "evidence"))
    connection.execute(table.insert().values(row))


def refusal(connection: sa.Connection, call: Call, *, recording: bool) -> str | None:
    """Why the call cannot take a second file, a recording or a transcript."""
    what = "recording" if recording else "transcript"
    if call.has_audio == recording or joined(connection, call.call_id) is not None:
        return (
            f"Call {call.call_id} has a {what} already; delete the call first if this one is to "
            "take its place."
        )
    if is_erased_from(connection, call.call_id):
        return (
            f"Somebody was erased from call {call.call_id}: a {what} could bring back what they "
            "said, so it is not joined."
        )
    return None


def is_erased_from(connection: sa.Connection, call_id: str) -> bool:
    """Whether somebody was erased from the call."""
    said = utterances.c.call_id == call_id, utterances.c.text == ERASED
    return connection.scalar(sa.select(utterances.c.i).where(*said).limit(1)) is not None


def require_rest(connection: sa.Connection, call_id: str) -> None:
    """Raises ``Busy`` while a job has the transcript in hand that a recording is to join."""
    open_ = jobs.c.call_id == call_id, jobs.c.state.in_(("queued", "working"))
    if connection.scalar(sa.select(jobs.c.job_id).where(*open_).limit(1)) is not None:
        raise Busy(
            f"The recording belongs to call {call_id}, which is still being worked on; add it "
            "again once that is done."
        )


def decide(
    connection: sa.Connection,
    other: Joined,
    *,
    words_from: File,
    agreement: float,
    offset_s: float | None,
) -> None:
    """Both are of one call: what is known of the file that came last, and of the call is not, goes
    to the call. Nobody's refusal is lost over that.
    """
    where = table.c.call_id == other.call_id
    told = {"words_from": words_from, "agreement": agreement, "offset_s": offset_s}
    connection.execute(table.update().where(where).values(told))
    if other.words_from is not None or not other.alone:
        return
    call = get_call(connection, other.call_id)
    known = _from_json(other.alone)
    said = known.get("said") or {}
    of_transcript = other.came_last == "transcript"
    found = {"source": known["source"]} if of_transcript else {}
    found |= {
        name: known[name]
        for name in ("date", "account_id")
        if (of_transcript or name in said) and getattr(call, name) is None and known[name]
    }
    if call.consent is None or said.get("consent") == "refused":
        found["consent"] = said.get("consent", call.consent)
    first, last = call.file_name, other.file_name
    if not of_transcript:
        first, last = last, first
    tells = "title" in said or (of_transcript and known["title"] != _by_name(last))
    if call.title == _by_name(first) and tells:
        found["title"] = known["title"]
    if found:
        update_call(connection, other.call_id, **found)


def part(connection: sa.Connection, other: Joined, note: str) -> str:
    """Make two calls of it again; the id of the one that is new, whose work is queued.

    ``note`` is kept on both.
    """
    values = {name: v for name, v in _from_json(other.alone).items() if name in calls.c}
    before = get_call(connection, other.call_id)
    media = media_name(connection, other.call_id)
    played = playback_name(connection, other.call_id)
    connection.execute(table.delete().where(table.c.call_id == other.call_id))
    if other.came_last == "recording":
        _as_it_was(connection, other)
        values |= {"media": media, "playback": played}
    new = str(values["call_id"])
    if connection.scalar(sa.select(calls.c.call_id).where(calls.c.call_id == new)) is not None:
        new = f"call-{values['content_sha256'][:12]}"  # the id that the file gives is taken
        values["call_id"] = new
    insert_call(connection, {**values, "state": "working", "notes": [note]})
    if other.came_last == "recording":
        stage_store.move(connection, other.call_id, new, HEARD)
        warnings = [*before.warnings, note]
        update_call(connection, other.call_id, warnings=warnings)
    add_note(connection, other.call_id, note)
    stage_store.forget(connection, other.call_id, ("joined", "speakers", "evidence"))
    _queue(connection, values, of=other.call_id)
    _came_as(connection, str(values["content_sha256"]), new)
    return new


def undo(connection: sa.Connection, call_id: str) -> set[str]:
    """Take the file that came last off a call where nothing is decided; its names in the store."""
    other = joined(connection, call_id)
    if other is None or other.words_from is not None:
        return set()
    names = {media_name(connection, call_id), playback_name(connection, call_id)}
    connection.execute(table.delete().where(table.c.call_id == call_id))
    if other.came_last == "transcript":
        _came_as(connection, other.content_sha256, None)
        stage_store.forget(connection, call_id, ("joined", "speakers", "evidence"))
        return {other.media}
    _came_as(connection, content_of(connection, call_id), None)
    _as_it_was(connection, other)
    stage_store.forget(connection, call_id)
    return {name for name in names if name}


def replace(connection: sa.Connection, call_id: str, kept: Kept, file_name: str) -> None:
    """Put another file in the place of a call's transcript; both stay of one call."""
    where = table.c.call_id == call_id
    told = {"media": kept.name, "content_sha256": kept.sha256, "file_name": file_name}
    connection.execute(table.update().where(where).values(**told, alone={}))


def forget(connection: sa.Connection, call_id: str) -> None:
    """The call has one file from now on."""
    connection.execute(table.delete().where(table.c.call_id == call_id))


def add_note(connection: sa.Connection, call_id: str, note: str) -> None:
    """Keep a sentence about a call's files, to stand among its warnings from then on."""
    notes = notes_of(connection, call_id)
    if note not in notes:
        update_call(connection, call_id, notes=[*notes, note])


def notes_of(connection: sa.Connection, call_id: str) -> list[str]:
    return list(connection.scalar(sa.select(calls.c.notes).where(calls.c.call_id == call_id)) or ())


def _as_it_was(connection: sa.Connection, other: Joined) -> None:
    """The transcript's call is one again, as it was before the recording came."""
    ends = sa.select(sa.func.max(utterances.c.end_s)).where(utterances.c.call_id == other.call_id)
    update_call(
        connection,
        other.call_id,
        media=other.media,
        media_type=mimetypes.guess_type(other.media)[0] or "application/octet-stream",
        playback=None,
        is_recording=False,
        content_sha256=other.content_sha256,
        file_name=other.file_name,
        duration_s=connection.scalar(ends),
    )


def _came_as(connection: sa.Connection, sha256: str, call_id: str | None) -> None:
    """The watched files with these bytes are of another call now, or of none."""
    of_file = watched.c.content_sha256 == sha256
    connection.execute(watched.update().where(of_file).values(call_id=call_id))


def _by_name(file_name: str) -> str | None:
    return clean_title(PurePath(file_name).stem)


def _queue(connection: sa.Connection, values: Mapping[str, Any], *, of: str) -> None:
    """A job for the call that is new. One that is at work upon the recording goes on with it."""
    job_id = str(values["content_sha256"])[:32]
    now = datetime.now(UTC)
    mine = jobs.c.job_id == job_id
    told: dict[str, object] = {"call_id": values["call_id"], "updated_at": now}
    queued = {
        "state": "queued",
        "fraction": 0.0,
        "request": {"called": values["file_name"], "parted_from": of},
        "created_at": now,
    }
    state = connection.scalar(sa.select(jobs.c.state).where(mine))
    if state in ("queued", "working"):
        connection.execute(jobs.update().where(mine).values(told))
    elif state is not None:  # of a call of the same file that was erased since
        again = {"attempt": jobs.c.attempt + 1, "handed_over": False, "error": None, "stage": None}
        connection.execute(jobs.update().where(mine).values(**told, **queued, **again))
    else:
        connection.execute(jobs.insert().values(job_id=job_id, kind="ingest", **told, **queued))


def _as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in values.items()
    }


def _from_json(kept: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(kept)
    values["date"] = values["date"] and date.fromisoformat(values["date"])
    values["created_at"] = datetime.fromisoformat(values["created_at"])
    return values
