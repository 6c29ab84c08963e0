"""CSV with a line for each thing said, as Fireflies and others export it.

Known by the names of its columns: one with the speaker, one with the words, perhaps one with the
start and one with the end (``0:42``, ``00:00:42.5`` or seconds), in whatever order.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping

from ingest.errors import BadInput
from ingest.models import Transcript
from ingest.transcripts.cues import Cue
from ingest.transcripts.decode import lines_of
from ingest.transcripts.said import Meeting, cue_of, time_at, transcript

_COLUMNS = {
    "speaker": {"speaker", "speaker name", "speakername", "name"},
    "text": {"sentence", "sentences", "text", "transcript", "transcription", "words", "content"},
    "start": {"start", "start time", "starttime", "timestamp", "time", "from"},
    "end": {"end", "end time", "endtime", "to"},
}


def is_table(text: str) -> bool:
    """Whether the first line names a column for the speaker and one for the words."""
    return {"speaker", "text"} <= set(_columns(text.lstrip("\ufeff").split("\n", 1)[0]))


def parse_table(text: str) -> Transcript:
    lines_of(text)
    return transcript("csv", _cues(text), Meeting())


def _cues(text: str) -> Iterator[Cue]:
    columns = _columns(text.split("\n", 1)[0])
    if not {"speaker", "text"} <= set(columns):
        raise BadInput("its first row names no column for the speaker and one for the words")
    rows = csv.reader(io.StringIO(text), dialect=_dialect(text))
    try:
        next(rows)
        for n, row in enumerate(rows, start=2):
            if not any(cell.strip() for cell in row):
                continue
            if len(row) <= max(columns.values()):
                raise BadInput(f"row {n} has {len(row)} columns and the first row has more")
            cells: Mapping[str, object] = {name: row[at] for name, at in columns.items()}
            where = f"row {n}"
            yield cue_of(
                where,
                speaker=str(cells["speaker"]),
                text=str(cells["text"]),
                times=(time_at(cells, "start", where), time_at(cells, "end", where)),
            )
    except csv.Error as problem:
        raise BadInput(f"the CSV is broken ({problem}); export it again") from problem


def _columns(head: str) -> dict[str, int]:
    """What the columns are; the first that fits a meaning has it. None of what is no row of CSV."""
    found: dict[str, int] = {}
    try:
        [names] = csv.reader([head], dialect=_dialect(head)) if head.strip() else [[]]
    except csv.Error:  # of a long text in one line, say
        return {}
    for at, name in enumerate(names):
        called = " ".join(re.sub(r"[^a-z]+", " ", name.casefold()).split())
        for meaning, known in _COLUMNS.items():
            if called in known:
                found.setdefault(meaning, at)
    return found


def _dialect(text: str) -> type[csv.Dialect]:
    head = text.split("\n", 1)[0]

    class Found(csv.excel):
        delimiter = max(",;\t", key=head.count)

    return Found
