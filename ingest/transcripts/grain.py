"""Grain's JSON: a list of sections, or a recording with the list in it.

https://developers.grain.com/#get-recording-transcript-json . Times are milliseconds; participants
have a scope: internal, external or unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingest.models import Participant, Transcript
from ingest.transcripts.cues import Cue
from ingest.transcripts.said import Meeting, cue_of, once, person, time_at, transcript
from ingest.transcripts.shape import entries, text_at

_KEYS = ("transcript", "transcript_json")
_INTERNAL = {"internal": True, "external": False}


def is_grain(content: object) -> bool:
    return _sections(content) is not None


def parse_grain(content: object) -> Transcript:
    sections = _sections(content) or []
    recording = content if isinstance(content, dict) else {}
    about = Meeting(
        text_at(recording, "title"), text_at(recording, "start_datetime"), _people(recording)
    )
    return transcript("grain", _cues({"transcript": sections}), about)


def _sections(content: object) -> list[object] | None:
    lists = [content] if isinstance(content, list) else []
    if isinstance(content, dict):
        lists = [content[key] for key in _KEYS if isinstance(content.get(key), list)]
    for found in lists:
        first = next(iter(found), None)
        if isinstance(first, dict) and {"participant_id", "speaker", "text"} <= set(first):
            return found
    return None


def _cues(of: Mapping[str, object]) -> Iterator[Cue]:
    for n, one in enumerate(entries(of, "transcript", "the recording")):
        where = f"section {n}"
        start, end = (time_at(one, key, where, per_second=1000.0) for key in ("start", "end"))
        yield cue_of(
            where,
            speaker=text_at(one, "speaker"),
            text=text_at(one, "text"),
            times=(start, end),
        )


def _people(recording: Mapping[str, object]) -> tuple[Participant, ...]:
    if not recording.get("participants"):
        return ()
    return once(
        person(
            text_at(one, "name"),
            text_at(one, "email"),
            internal=_INTERNAL.get((text_at(one, "scope") or "").casefold()),
        )
        for one in entries(recording, "participants", "the recording")
    )
