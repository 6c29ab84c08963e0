"""Fireflies' JSON: the answer of its API, or the list of sentences that its page exports.

https://docs.fireflies.ai/schema/transcript , https://docs.fireflies.ai/schema/sentence . Times are
seconds (text or numbers), the date milliseconds since 1970. Who of the people uses Fireflies under
the host's own domain is the vendor's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingest.errors import BadInput
from ingest.models import Participant, Transcript
from ingest.transcripts.cues import Cue
from ingest.transcripts.said import Meeting, cue_of, moment_at, once, person, time_at, transcript
from ingest.transcripts.shape import entries, object_at, strings_at, text_at


def is_fireflies(content: object) -> bool:
    if isinstance(content, list):
        return bool(content) and isinstance(content[0], dict) and "sentence" in content[0]
    return isinstance(content, dict) and _call(content) is not None


def parse_fireflies(content: object) -> Transcript:
    if isinstance(content, list):
        return transcript("fireflies", _exported({"sentences": content}), Meeting())
    call = _call(content) if isinstance(content, dict) else None
    if call is None:
        raise BadInput("the file has no Fireflies transcript; export it again")
    at = moment_at(call, "date", "the transcript") or moment_at(call, "dateString", "it")
    about = Meeting(text_at(call, "title"), at, _people(call))
    return transcript("fireflies", _sentences(call), about)


def _call(content: Mapping[str, object]) -> Mapping[str, object] | None:
    """The transcript, which the API wraps: ``{"data": {"transcript": {…}}}``."""
    for outer in (content, object_at(content, "data")):
        listed = outer.get("transcripts")
        several: list[object] = listed if isinstance(listed, list) else []
        if len(several) > 1 and _with_sentences(several[0]) is not None:
            raise BadInput(f"the file has {len(several)} calls; export every call by itself")
        for inner in (outer, outer.get("transcript"), *several):
            if (found := _with_sentences(inner)) is not None:
                return found
    return None


def _with_sentences(of: object) -> dict[str, object] | None:
    return of if isinstance(of, dict) and isinstance(of.get("sentences"), list) else None


def _sentences(call: Mapping[str, object]) -> Iterator[Cue]:
    for n, one in enumerate(entries(call, "sentences", "the transcript")):
        where = f"sentence {n}"
        speaker = text_at(one, "speaker_name")
        if not speaker and (number := text_at(one, "speaker_id")):
            speaker = f"Speaker {number}"
        yield cue_of(
            where,
            speaker=speaker,
            text=text_at(one, "text") or text_at(one, "raw_text"),
            times=(time_at(one, "start_time", where), time_at(one, "end_time", where)),
        )


def _exported(call: Mapping[str, object]) -> Iterator[Cue]:
    for n, one in enumerate(entries(call, "sentences", "the file")):
        where = f"sentence {n}"
        yield cue_of(
            where,
            speaker=text_at(one, "speaker_name"),
            text=text_at(one, "sentence"),
            times=(time_at(one, "startTime", where), time_at(one, "endTime", where)),
        )


def _people(call: Mapping[str, object]) -> tuple[Participant, ...]:
    host = text_at(call, "host_email") or text_at(call, "organizer_email") or ""
    home = host.rpartition("@")[2].casefold()
    users = {address.casefold() for address in strings_at(call, "fireflies_users")} | {
        host.casefold()
    }

    def internal(email: str | None) -> bool | None:
        address = (email or "").casefold()
        return True if home and address in users and address.endswith(f"@{home}") else None

    attendees = call.get("meeting_attendees")
    listed = entries(call, "meeting_attendees", "the transcript") if attendees else []
    named = [
        person(
            text_at(one, "displayName") or text_at(one, "name"),
            email := text_at(one, "email"),
            internal=internal(email),
        )
        for one in listed
    ]
    told = {one.email for one in named if one is not None}
    others = [a for a in (host, *strings_at(call, "participants")) if a and a not in told]
    return once([*named, *(person(None, a, internal=internal(a)) for a in others)])
