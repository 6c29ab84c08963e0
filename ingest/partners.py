"""The call that a file may be the other half of: the recording of a transcript, or the reverse.

Names, titles, days and lengths only say which calls to look at. Whether they are one is told by
what was said: at once where the recording has been heard, else once it is (``ingest.joining``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath
from typing import Any

import sqlalchemy as sa

from ingest.agreement import compare
from ingest.erased import spoken_still
from ingest.errors import Conflict, shown
from ingest.joined import is_erased_from, refusal, require_rest
from ingest.joining import same_call, why_apart
from ingest.models import Utterance, Word
from ingest.store import get_call, list_utterances
from ingest.tables import call_transcripts, calls

_ZOOM = re.compile(r"GMT(\d{8}-\d{6})", re.IGNORECASE)
# What tools hang on the names of the files of a meeting.
_OF_TOOLS = re.compile(
    r"(?:meeting |audio |video )?(?:recording|transcript|transcription|otter|captions?|audio only|"
    r"closed caption|gallery|speaker|cc|(?<= )\d{3,4}x\d{3,4}|notes by gemini)(?: |$)",
)
_NAMELESS = {"", "audio", "video", "call", "meeting", "zoom 0", "zoom", "chat", "untitled"}
_NUMBERED = re.compile(r"(?:audio|video)\d+")  # as Zoom's program calls them
_LATELY = timedelta(days=7)  # of files that say no day
_MOST = 2_000  # calls looked at
_APART_S, _APART = 120.0, 0.25  # lengths of recording and transcript differ by so much at most


@dataclass(frozen=True, slots=True)
class Partner:
    """The call to join, if there is one; else why one that looked like it was not joined."""

    call_id: str | None = None
    note: str | None = None


def meeting_of(name: str) -> str | None:
    """What the names of a meeting's files have in common; ``None`` where that tells nothing."""
    if found := _ZOOM.search(name):
        return f"zoom {found[1]}"
    bare = PurePath(name).stem.casefold()
    words = " ".join(re.sub(r"[\W_]+", " ", bare).split())
    kept = _OF_TOOLS.sub("", words).strip()
    nameless = kept in _NAMELESS or len(kept) < 4 or kept.isdecimal() or _NUMBERED.fullmatch(kept)
    return None if nameless else kept


def partner(
    connection: sa.Connection,
    values: Mapping[str, Any],
    utterances: Sequence[Utterance],
    *,
    erased_too: bool = False,
) -> Partner:
    """The call that a file, whose row would be ``values``, is the other half of.

    ``utterances`` are those of a transcript. Raises ``Conflict`` where somebody was erased from
    that call, unless what they said may come back (``erased_too``), and ``Busy`` while a
    recording's is worked on: as a call of its own it would stay one.
    """
    recording = bool(values["is_recording"])
    likely = list(_likely(connection, values, utterances))
    if not erased_too:
        _refuse_erased(connection, values, utterances, likely)
    if recording:
        if len(likely) != 1:
            return Partner()
        why = refusal(connection, get_call(connection, likely[0]), recording=True)
        if why is not None:
            return Partner(note=why)
        require_rest(connection, likely[0])
        return Partner(likely[0])
    unheard, note = [], None
    for call_id in likely:
        call = get_call(connection, call_id)
        if refusal(connection, call, recording=False) is not None:
            continue
        words = list(_as_words(list_utterances(connection, call_id)))
        if not words:
            unheard.append(call_id)
            continue
        found = compare(utterances, words)
        if same_call(found):
            return Partner(call_id)
        note = why_apart(found, str(values["file_name"]))
    if len(unheard) == 1:
        return Partner(unheard[0])
    return Partner(note=note)


def _refuse_erased(
    connection: sa.Connection,
    values: Mapping[str, Any],
    utterances: Sequence[Utterance],
    likely: Sequence[str],
) -> None:
    for call_id in likely:
        if not is_erased_from(connection, call_id):
            continue
        left = spoken_still(list_utterances(connection, call_id))
        # What a recording says nobody knows yet.
        if values["is_recording"] or same_call(compare(utterances, list(_as_words(left)))):
            raise Conflict(
                f"{shown(str(values['file_name']))} may be of call {call_id}, from which a person "
                "was erased; it would bring back what they said. `firsthand add --erased-too` "
                "takes it in all the same."
            )


def _likely(
    connection: sa.Connection, values: Mapping[str, Any], utterances: Sequence[Utterance]
) -> Iterator[str]:
    c, day = calls.c, values["date"]
    other = (c.is_recording != values["is_recording"], c.state != "failed")
    alone = call_transcripts.c.call_id.is_(None)
    query = (
        sa.select(c.call_id, c.title, c.date, c.account_id, c.file_name, c.duration_s)
        .join(call_transcripts, call_transcripts.c.call_id == c.call_id, isouter=True)
        .where(*other, alone, _on(day))
        .order_by(c.created_at.desc())
        .limit(_MOST)
    )
    meeting = meeting_of(str(values["file_name"]))
    ends = [u.end_s for u in utterances if u.end_s is not None]
    length = values["duration_s"] if values["is_recording"] else max(ends, default=None)
    for row in connection.execute(query):
        if values["account_id"] and row.account_id and values["account_id"] != row.account_id:
            continue
        same_name = meeting is not None and meeting_of(row.file_name) == meeting
        titled = row.title.casefold() == str(values["title"]).casefold()
        same_title = titled and day is not None and row.date == day
        if same_name or (same_title and _fit(length, row.duration_s)):
            yield row.call_id


def _on(day: date | None) -> sa.ColumnElement[bool]:
    if day is None:
        return calls.c.created_at >= datetime.now(UTC) - _LATELY
    about = calls.c.date.between(day - timedelta(days=1), day + timedelta(days=1))
    return sa.or_(calls.c.date.is_(None), about)


def _fit(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return True
    return abs(one - other) <= max(_APART_S, _APART * max(one, other))


def _as_words(utterances: Sequence[Utterance]) -> Iterator[Word]:
    """What was recognised, each word where it stands in its utterance."""
    for u in utterances:
        texts = (u.original or u.text).split()
        start, end = u.start_s or 0.0, u.end_s or 0.0
        for n, text in enumerate(texts):
            at = start + (end - start) * n / len(texts)
            yield Word(text, at, at + (end - start) / len(texts), u.confidence or 0.0)
