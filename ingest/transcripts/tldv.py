"""tl;dv's JSON: the transcript of a meeting as its API gives it.

https://doc.tldv.io/ (``GET /v1alpha1/meetings/{id}/transcript``): ``{"id", "meetingId", "data":
[{"speaker", "text", "startTime", "endTime"}]}``, times in seconds. The meeting itself (name,
happenedAt, organizer, invitees) may stand beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingest.models import Participant, Transcript
from ingest.transcripts.cues import Cue
from ingest.transcripts.said import Meeting, cue_of, once, person, time_at, transcript
from ingest.transcripts.shape import entries, object_at, text_at


def is_tldv(content: object) -> bool:
    if not isinstance(content, dict) or not isinstance(content.get("data"), list):
        return False
    first = next(iter(content["data"]), None)
    return isinstance(first, dict) and {"speaker", "text", "startTime"} <= set(first)


def parse_tldv(content: object) -> Transcript:
    meeting = content if isinstance(content, dict) else {}
    about = Meeting(text_at(meeting, "name"), text_at(meeting, "happenedAt"), _people(meeting))
    return transcript("tldv", _cues(meeting), about)


def _cues(meeting: Mapping[str, object]) -> Iterator[Cue]:
    for n, one in enumerate(entries(meeting, "data", "the file")):
        where = f"entry {n}"
        yield cue_of(
            where,
            speaker=text_at(one, "speaker"),
            text=text_at(one, "text"),
            times=(time_at(one, "startTime", where), time_at(one, "endTime", where)),
        )


def _people(meeting: Mapping[str, object]) -> tuple[Participant, ...]:
    invited = entries(meeting, "invitees", "the file") if meeting.get("invitees") else []
    people = (object_at(meeting, "organizer"), *invited)
    return once(person(text_at(one, "name"), text_at(one, "email")) for one in people)
