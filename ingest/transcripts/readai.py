"""What Read sends when a meeting ends (its webhook): blocks of one speaker each.

https://support.read.ai/hc/en-us/articles/16352415827219-Getting-Started-with-Webhooks . Times are
moments, in seconds or milliseconds since 1970; a call's begin with the first of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingest.models import Participant, Transcript
from ingest.transcripts.said import Meeting, cue_of, moment_at, once, person, transcript
from ingest.transcripts.shape import entries, object_at, text_at

_NOBODY = {"", "none"}  # as it writes an address that it does not know


def is_readai(content: object) -> bool:
    return isinstance(content, dict) and isinstance(
        object_at(content, "transcript").get("speaker_blocks"), list
    )


def parse_readai(content: object) -> Transcript:
    meeting = content if isinstance(content, dict) else {}
    blocks = entries(object_at(meeting, "transcript"), "speaker_blocks", "the transcript")
    times = [
        tuple(moment_at(one, key, f"block {n}") for key in ("start_time", "end_time"))
        for n, one in enumerate(blocks)
    ]
    began = min((start for start, _ in times if start is not None), default=0.0)
    cues = [
        cue_of(
            f"block {n}",
            speaker=text_at(object_at(one, "speaker"), "name"),
            text=text_at(one, "words"),
            times=(_since(start, began), _since(end, began)),
        )
        for n, (one, (start, end)) in enumerate(zip(blocks, times, strict=True))
    ]
    day = text_at(meeting, "start_time") or (began or None)
    about = Meeting(text_at(meeting, "title"), day, _people(meeting))
    return transcript("read.ai", cues, about)


def _since(moment: float | None, began: float) -> float | None:
    return None if moment is None else round(max(0.0, moment - began), 3)


def _people(meeting: Mapping[str, object]) -> tuple[Participant, ...]:
    listed = entries(meeting, "participants", "the file") if meeting.get("participants") else []
    return once(
        person(text_at(one, "name"), None if email.casefold() in _NOBODY else email)
        for one in (*listed, object_at(meeting, "owner"))
        if (email := text_at(one, "email") or "") or one
    )
