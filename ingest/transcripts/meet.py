"""Google Meet's transcript: a document, saved as Word file or as text.

https://support.google.com/meet/answer/12849897 . Under a title (``Roof check - Transcript``) and
perhaps ``Attendees`` it has ``Name: words`` line by line and a time on a line of its own every few
minutes (``00:05:00``). Between two of those the lines are taken to be spoken at one speed: such
times find the place and no more.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from ingest.errors import BadInput
from ingest.models import Participant, Transcript
from ingest.transcripts.clean import clean_text, clean_title
from ingest.transcripts.cues import Cue, number, seconds
from ingest.transcripts.dates import parse_date
from ingest.transcripts.labels import split_label, true_labels
from ingest.transcripts.speakers import names_of, participants_of

_AT = re.compile(r"(?:#+ *)?\**(\d{1,2}:\d\d:\d\d)\**")
_END = re.compile(
    r"(?:#+ *)?\**(?:transcription|meeting) ended (?:after|at) (\d{1,2}:\d\d:\d\d)", re.IGNORECASE
)
_NOTE = re.compile(r"[*_]*this editable transcript was computer generated", re.IGNORECASE)
_TITLE = re.compile(r"(?P<title>.+?)(?: \((?P<day>\d{4}[-/]\d\d[-/]\d\d)[^)]*\))? - Transcript$")
_WORD_S = 0.4  # 150 words a minute


def is_meet(lines: Sequence[str]) -> bool:
    """Whether times stand alone on their lines, and one of the lines is Meet's own."""
    told = [line.strip() for line in lines]
    own = any(_END.match(x) or _NOTE.match(x) or _TITLE.match(x.strip("#* ")) for x in told)
    return own and any(_AT.fullmatch(line) for line in told)


def parse_meet(lines: Sequence[str]) -> Transcript:
    told = [clean_text(line).strip() for line in lines]
    told = [line for line in told if line and not _NOTE.match(line)]
    first = next((n for n, line in enumerate(told) if _AT.fullmatch(line)), len(told))
    title, day, attendees = _header(told[:first])
    end_s: float | None = None
    blocks: list[tuple[float, list[str]]] = []
    for line in told[first:]:
        if found := _AT.fullmatch(line):
            blocks.append((seconds(found[1]), []))
        elif found := _END.match(line):
            end_s = seconds(found[1])
            break
        else:
            blocks[-1][1].append(line)
    if any(b[0] < a[0] for a, b in itertools.pairwise(blocks)):
        raise BadInput("its times run backwards; export the transcript again")
    lines_said = [line for _, some in blocks for line in some]
    split = [split_label(line) for line in lines_said]
    labels = true_labels((found[0] for found in split if found is not None), len(lines_said))
    names = names_of(sorted(labels))
    cues: list[Cue] = []
    for n, (start, some) in enumerate(blocks):
        until = blocks[n + 1][0] if n + 1 < len(blocks) else end_s
        said = _said(some, labels, cues[-1].speaker if cues else None)
        named = [(names[label][0] if label in names else label, words) for label, words in said]
        cues += _spread(named, start, until)
    speaking = {cue.speaker for cue in cues}
    people = participants_of(
        sorted(n for n in names.values() if n[0] in speaking),
        [Participant(name=name) for name in attendees],
    )
    return Transcript(
        source="google meet", title=title, date=day, participants=people, utterances=number(cues)
    )


def _header(lines: Sequence[str]) -> tuple[str | None, date | None, list[str]]:
    title: str | None = None
    day: date | None = None
    attendees: list[str] = []
    listing = False
    for line in (line.strip("#* ") for line in lines):
        if found := _TITLE.match(line):
            title = clean_title(found["title"])
            day = day or (parse_date(found["day"]) if found["day"] else None)
        elif line.casefold() in {"attendees", "invited"}:
            listing = True
            continue
        elif line.casefold().endswith("transcript"):
            pass
        elif listing:
            attendees += [name.strip() for name in line.split(",") if name.strip()]
        else:
            with suppress(BadInput):
                day = parse_date(line)
        listing = False
    return title, day, list(dict.fromkeys(attendees))


def _said(
    lines: Sequence[str], labels: frozenset[str], speaker: str | None
) -> list[tuple[str, str]]:
    """Who says what; a line without a name goes on with the last one."""
    found: list[tuple[str, str]] = []
    for line in lines:
        split = split_label(line)
        if split is not None and split[0] in labels:
            found.append((split[0], split[1]))
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line}")
        elif speaker is not None:
            found.append((speaker, line))
        else:
            raise BadInput("no line says who speaks; a transcript has lines such as 'Name: text'")
    return [(label, " ".join(words.split())) for label, words in found if words.strip()]


def _spread(said: Sequence[tuple[str, str]], start: float, until: float | None) -> list[Cue]:
    lengths = [len(words.split()) for _, words in said]
    each = _WORD_S
    if until is not None and lengths:
        each = min(_WORD_S * 2, max(0.0, until - start) / sum(lengths))
    cues, at = [], start
    for (speaker, words), length in zip(said, lengths, strict=True):
        end = at + length * each
        cues.append(Cue(speaker, round(at, 1), round(end, 1), words))
        at = end
    return cues
