"""Google Meet's JSON: the entries of a transcript as its API gives them.

https://developers.google.com/workspace/meet/api/reference/rest/v2/conferenceRecords.transcripts.entries
``{"transcriptEntries": [{"participant", "text", "startTime", "endTime"}]}``, times as moments.
Names are known where the answer of ``conferenceRecords.participants`` stands beside it
(``participants``).
"""

from __future__ import annotations

from collections.abc import Mapping

from ingest.models import Transcript
from ingest.transcripts.said import Meeting, cue_of, moment_at, once, person, transcript
from ingest.transcripts.shape import entries, object_at, text_at

_USERS = ("signedinUser", "anonymousUser", "phoneUser")


def is_meetapi(content: object) -> bool:
    return isinstance(content, dict) and isinstance(content.get("transcriptEntries"), list)


def parse_meetapi(content: object) -> Transcript:
    record = content if isinstance(content, dict) else {}
    listed = entries(record, "transcriptEntries", "the file")
    names = _names(record)
    times = [
        tuple(moment_at(one, key, f"entry {n}") for key in ("startTime", "endTime"))
        for n, one in enumerate(listed)
    ]
    began = min((start for start, _ in times if start is not None), default=0.0)
    numbers: dict[str, int] = {}
    cues = []
    for n, (one, (start, end)) in enumerate(zip(listed, times, strict=True)):
        who = text_at(one, "participant") or ""
        speaker = names.get(who) or f"Speaker {numbers.setdefault(who, len(numbers) + 1)}"
        span = (_since(start, began), _since(end, began))
        cues.append(cue_of(f"entry {n}", speaker=speaker, text=text_at(one, "text"), times=span))
    about = Meeting(day=began or None, people=once(person(name, None) for name in names.values()))
    return transcript("google meet", cues, about)


def _names(record: Mapping[str, object]) -> dict[str, str]:
    listed = entries(record, "participants", "the file") if record.get("participants") else []
    return {
        text_at(one, "name") or "": name
        for one in listed
        for user in _USERS
        if (name := text_at(object_at(one, user), "displayName"))
    }


def _since(moment: float | None, began: float) -> float | None:
    return None if moment is None else round(max(0.0, moment - began), 3)
