"""Transcripts whose utterances are headed ``Name  0:42``: Otter's text and Teams' Word files.

They give only starts, in whole seconds. An utterance ends where the next begins; see
:func:`~ingest.transcripts.cues.end_by_next` for the last one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from ingest.errors import BadInput, TooLarge
from ingest.models import Transcript
from ingest.transcripts.clean import clean_text, clean_title
from ingest.transcripts.cues import BACK_S, Cue, end_by_next, join, number, seconds
from ingest.transcripts.dates import date_in_name, parse_date
from ingest.transcripts.decode import LIMIT_LINES, lines_of, read_bytes
from ingest.transcripts.package import BROKEN, refuse_bomb
from ingest.transcripts.speakers import names_of, participants_of

_HEAD_LIMIT = 300  # characters of a line that heads an utterance
_STAMP = re.compile(
    r"^(?P<name>\S.{0,199}?)(?:[ \u00a0]{2,}|[ \u00a0]*\t\s*)(?P<at>(?:\d{1,3}:)?\d{1,3}:\d\d)\s*$"
)
_RANGE = re.compile(r"^(?P<at>\d+:\d+:\d+(?:\.\d+)?)\s*-->\s*(?P<end>\d+:\d+:\d+(?:\.\d+)?)\s*$")
_SERVICE = re.compile(
    r"^(Transcribed by https?://otter\.ai.*|.{1,200} (started|stopped) transcription)$"
)
_DURATION = re.compile(r"(?:(?P<h>\d+)h)?\s*(?:(?P<m>\d+)m)?\s*(?:(?P<s>\d+)s)?")
_MEETING = re.compile(r"[-_]\d{8}[-_]\d{6}(?:UTC)?[-_ ]*Meeting (?:Recording|Transcript)$")


def parse_otter(text: str) -> Transcript:
    """Otter's text export."""
    return _transcript(lines_of(text), "otter")


def parse_docx(path: Path) -> Transcript:
    """Teams' Word file, of the present shape and of the older one with ``-->`` lines."""
    data = read_bytes(path)
    refuse_bomb(data)
    from docx import Document  # with lxml, slow to import

    try:
        written = Document(io.BytesIO(data)).paragraphs
        if len(written) > LIMIT_LINES:
            raise TooLarge(
                f"the Word file has {len(written):,} paragraphs and a transcript may have "
                f"{LIMIT_LINES:,}; split it by call"
            )
        paragraphs = [paragraph.text for paragraph in written]
    except (*BROKEN, KeyError, AttributeError, TypeError, SyntaxError) as problem:
        raise BadInput("the Word file is damaged; export the transcript again") from problem
    return _transcript([line for text in paragraphs for line in text.split("\n")], "teams")


def count_stamps(text: str) -> int:
    """How many lines head an utterance."""
    return sum(_stamp(line) is not None for line in text.splitlines())


def _transcript(lines: Sequence[str], source: str) -> Transcript:
    lines = [line for line in lines if not _SERVICE.match(line.strip())]
    raw, head = _cues(lines)
    if not raw:
        raise BadInput("no line says who speaks and when ('Name   0:42'); export it with speakers")
    previous = 0.0
    for cue in raw:
        start = cue.start_s or 0.0
        if start < previous - BACK_S:
            raise BadInput(
                f"what {cue.speaker[:60]!r} says at {start:.0f} s comes after {previous:.0f} s; "
                "the times run backwards, so export the transcript again"
            )
        previous = max(previous, start)
    names = names_of({cue.speaker for cue in raw})
    title, day, duration_s = _header(head)
    cues = [Cue(names[c.speaker][0], c.start_s, c.end_s, c.text) for c in raw if c.text]
    cues = end_by_next(cues, duration_s)
    # Otter's blocks are paragraphs, Teams' are what was said between two breaths.
    utterances = number(cues) if source == "otter" else join(cues)
    return Transcript(
        source=source,
        title=title,
        date=day,
        participants=participants_of(sorted({names[c.speaker] for c in raw if c.text})),
        utterances=utterances,
    )


def _cues(lines: Sequence[str]) -> tuple[list[Cue], list[str]]:
    """The cues, and the lines before the first of them."""
    heads: list[tuple[str, float, float | None]] = []
    texts: list[list[str]] = []
    above: list[str] = []
    expected: tuple[float, float] | None = None  # after an older file's times comes the name
    for line in (clean_text(line) for line in lines):
        if stamp := _stamp(line):
            heads.append((stamp["name"].strip(), seconds(stamp["at"]), None))
            texts.append([])
        elif span := _RANGE.match(line):
            expected = (seconds(span["at"]), seconds(span["end"]))
            if expected[1] < expected[0]:
                raise BadInput(f"the times {line[:60]!r} end before they start; mend them")
        elif expected is not None and line:
            heads.append((line, *expected))
            texts.append([])
            expected = None
        elif line:
            (texts[-1] if texts else above).append(line)
    cues = [Cue(*head, " ".join(text)) for head, text in zip(heads, texts, strict=True)]
    return cues, above


def _stamp(line: str) -> re.Match[str] | None:
    return _STAMP.match(line) if len(line) <= _HEAD_LIMIT else None


def _header(lines: Sequence[str]) -> tuple[str | None, date | None, float | None]:
    """Title, date and duration from what stands above the first utterance."""
    title: str | None = None
    day: date | None = None
    duration_s: float | None = None
    for line in lines:
        found = _DURATION.fullmatch(line)
        if found is not None and line:
            h, m, s = (int(part or 0) for part in found.groups())
            duration_s = h * 3600.0 + m * 60 + s
            continue
        with suppress(BadInput):
            day = parse_date(line.removeprefix("Date:"))
            continue
        if title is None:
            title = clean_title(_MEETING.sub("", line))
            day = day or date_in_name(line)
    return title, day, duration_s
