"""Fathom's JSON: a meeting of its API with the transcript in it, or the transcript alone.

https://developers.fathom.ai/api-reference/recordings/get-transcript and
https://developers.fathom.ai/api-reference/meetings/list-meetings . An entry has a start in whole
seconds (``"00:05:32"``); the people invited are external or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingest.errors import BadInput
from ingest.models import Participant, Transcript
from ingest.transcripts.cues import Cue
from ingest.transcripts.said import Meeting, cue_of, once, person, time_at, transcript
from ingest.transcripts.shape import entries, object_at, text_at


def is_fathom(content: object) -> bool:
    return isinstance(content, dict) and _meeting(content) is not None


def parse_fathom(content: object) -> Transcript:
    meeting = _meeting(content) if isinstance(content, dict) else None
    if meeting is None:
        raise BadInput("the file has no Fathom transcript; export it again")
    started = (
        text_at(meeting, "recording_start_time")
        or text_at(meeting, "scheduled_start_time")
        or text_at(meeting, "created_at")
    )
    title = text_at(meeting, "meeting_title") or text_at(meeting, "title")
    about = Meeting(title, started, _people(meeting))
    return transcript("fathom", _cues(meeting), about)


def _meeting(content: Mapping[str, object]) -> Mapping[str, object] | None:
    listed = content.get("items")
    items: list[object] = listed if isinstance(listed, list) else []
    if len(items) > 1 and _as_meeting(items[0]) is not None:
        raise BadInput(f"the file has {len(items)} calls; export every call by itself")
    for one in (content, *items):
        if (found := _as_meeting(one)) is not None:
            return found
    return None


def _as_meeting(of: object) -> dict[str, object] | None:
    if not isinstance(of, dict) or not isinstance(of.get("transcript"), list):
        return None
    first = next(iter(of["transcript"]), None)
    known = isinstance(first, dict) and "timestamp" in first and "speaker" in first
    return of if known else None


def _cues(meeting: Mapping[str, object]) -> Iterator[Cue]:
    names = {
        str(one.get("email") or "").casefold(): text_at(one, "matched_speaker_display_name")
        for one in _invited(meeting)
    }
    for n, one in enumerate(entries(meeting, "transcript", "the meeting")):
        where = f"entry {n}"
        speaker = object_at(one, "speaker")
        email = text_at(speaker, "matched_calendar_invitee_email") or ""
        label = text_at(speaker, "display_name") or names.get(email.casefold()) or email
        times = (time_at(one, "timestamp", where), None)
        yield cue_of(where, speaker=label, text=text_at(one, "text"), times=times)


def _people(meeting: Mapping[str, object]) -> tuple[Participant, ...]:
    spoken = {
        (text_at(s, "matched_calendar_invitee_email") or "").casefold(): text_at(s, "display_name")
        for one in entries(meeting, "transcript", "the meeting")
        if (s := object_at(one, "speaker"))
    }
    people = []
    for one in _invited(meeting):
        email = text_at(one, "email")
        called = (
            text_at(one, "matched_speaker_display_name")
            or spoken.get((email or "").casefold())
            or text_at(one, "name")
        )
        external = one.get("is_external")
        internal = None if not isinstance(external, bool) else not external
        people.append(person(called, email, internal=internal))
    host = object_at(meeting, "recorded_by")
    if host:
        people.append(person(text_at(host, "name"), text_at(host, "email"), internal=True))
    known = {one.email for one in people if one is not None}
    people += [person(name, a) for a, name in spoken.items() if a and name and a not in known]
    return once(people)


def _invited(meeting: Mapping[str, object]) -> list[dict[str, object]]:
    if not meeting.get("calendar_invitees"):
        return []
    return entries(meeting, "calendar_invitees", "the meeting")
