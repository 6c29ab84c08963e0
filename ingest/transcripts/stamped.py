"""Transcripts whose utterances are headed by who speaks and when, on a line of its own.

``Name  0:42`` in Otter's text and Teams' Word files, ``0:42 - Name (Company)`` in what Fathom
copies (https://help.fathom.video), ``0:42 | Name`` in Gong's text. They give only starts, in whole
seconds. An utterance ends where the next begins; see
:func:`~ingest.transcripts.cues.end_by_next` for the last one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from ingest.errors import BadInput
from ingest.models import Transcript
from ingest.transcripts.clean import clean_text, clean_title
from ingest.transcripts.cues import BACK_S, Cue, end_by_next, join, number, seconds
from ingest.transcripts.dates import date_in_name, parse_date
from ingest.transcripts.decode import lines_of
from ingest.transcripts.speakers import names_of, participants_of

_HEAD_LIMIT = 300  # characters of a line that heads an utterance
_STAMP = re.compile(
    r"^(?P<name>\S.{0,199}?)(?:[ \u00a0]{2,}|[ \u00a0]*\t\s*)(?P<at>(?:\d{1,3}:)?\d{1,3}:\d\d)\s*$"
)
_AHEAD = re.compile(
    r"^[@\[*]*(?P<at>(?:\d{1,3}:)?\d{1,3}:\d\d)\**(?:\]\([^)\s]{0,500}\))?\s+(?P<sign>[-–—|])\s+"
    r"\**(?P<name>[^\W_][^?!;:]{0,150}?)\**$"
)
_NAME_WORDS = 8  # with the company; more are a sentence
_RANGE = re.compile(r"^(?P<at>\d+:\d+:\d+(?:\.\d+)?)\s*-->\s*(?P<end>\d+:\d+:\d+(?:\.\d+)?)\s*$")
_SERVICE = re.compile(
    r"^(Transcribed by https?://otter\.ai.*|.{1,200} (started|stopped) transcription|-{3,}|"
    r"[\[*]*VIEW RECORDING - .*|.{1,500} - WATCH: https?://\S+)$"
)
_MONTHS_DAY = re.compile(r" - [A-Z][a-z]{2,8} \d{1,2}$")  # Fathom's day, without a year
_DURATION = re.compile(r"(?:(?P<h>\d+)h)?\s*(?:(?P<m>\d+)m)?\s*(?:(?P<s>\d+)s)?")
_MEETING = re.compile(r"[-_]\d{8}[-_]\d{6}(?:UTC)?[-_ ]*Meeting (?:Recording|Transcript)$")


def parse_stamped(text: str) -> Transcript:
    """The text of Otter, Fathom and Gong."""
    signs = {found["sign"] for line in text.splitlines() if (found := _ahead(line)) is not None}
    source = "otter" if not signs else "gong" if signs == {"|"} else "fathom"
    return parse_lines(lines_of(text), source)


def count_stamps(text: str) -> int:
    """How many lines head an utterance."""
    return sum(_stamp(line) is not None for line in text.splitlines())


def has_ranges(lines: Sequence[str]) -> bool:
    """Whether times stand as in Teams' older Word files."""
    return any(_RANGE.match(line.strip()) for line in lines)


def parse_lines(lines: Sequence[str], source: str) -> Transcript:
    """Such a transcript from its lines, also with the older ``-->`` lines of Teams' Word files."""
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
    # Teams' blocks are what was said between two breaths, those of others are paragraphs.
    utterances = join(cues) if source == "teams" else number(cues)
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
    return (_STAMP.match(line) or _ahead(line)) if len(line) <= _HEAD_LIMIT else None


def _ahead(line: str) -> re.Match[str] | None:
    found = _AHEAD.match(line.strip()) if len(line) <= 2 * _HEAD_LIMIT else None
    short = found is not None and len(found["name"].split()) <= _NAME_WORDS
    return found if short and not line.rstrip("* ").endswith((".", ",")) else None


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
            title = clean_title(_MONTHS_DAY.sub("", _MEETING.sub("", line.lstrip("# "))))
            day = day or date_in_name(line)
    return title, day, duration_s
