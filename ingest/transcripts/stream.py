"""Microsoft's JSON of a Teams meeting, as Stream keeps it beside the recording.

``{"$schema": "http://stream.office.com/schemas/transcript.json", "entries": [{"text",
"speakerDisplayName", "startOffset": "00:00:06.3720481", "endOffset"}]}``. What the Graph API gives
(``callTranscript``: content and metadataContent) is WebVTT and read by ``timed``:
https://learn.microsoft.com/graph/api/calltranscript-get
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingest.models import Transcript
from ingest.transcripts.cues import Cue
from ingest.transcripts.said import Meeting, cue_of, time_at, transcript
from ingest.transcripts.shape import entries, text_at


def is_stream(content: object) -> bool:
    if not isinstance(content, dict) or not isinstance(content.get("entries"), list):
        return False
    first = next(iter(content["entries"]), None)
    return "stream.office.com" in str(content.get("$schema", "")) or (
        isinstance(first, dict) and "speakerDisplayName" in first
    )


def parse_stream(content: object) -> Transcript:
    return transcript("teams", _cues(content if isinstance(content, dict) else {}), Meeting())


def _cues(content: Mapping[str, object]) -> Iterator[Cue]:
    for n, one in enumerate(entries(content, "entries", "the file")):
        where = f"entry {n}"
        yield cue_of(
            where,
            speaker=text_at(one, "speakerDisplayName"),
            text=text_at(one, "text"),
            times=(time_at(one, "startOffset", where), time_at(one, "endOffset", where)),
        )
