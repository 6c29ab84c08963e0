"""Plain text and Markdown, ``Name: text`` line by line, perhaps under a few lines of header.

There are no times (unless each line opens with one in brackets), so quotes cannot be played.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from ingest.errors import BadInput
from ingest.models import Participant, Transcript
from ingest.transcripts.clean import clean_text, clean_title, name_and_company
from ingest.transcripts.cues import Cue, end_by_next, number, seconds
from ingest.transcripts.dates import parse_date
from ingest.transcripts.decode import lines_of
from ingest.transcripts.labels import split_label, true_labels
from ingest.transcripts.shape import UNDERSTOOD
from ingest.transcripts.speakers import names_of, participants_of

_HEADER = re.compile(r"^(?:[-*] )?\**(?P<key>[A-Za-z ]{2,20}?)\**:\**\s*(?P<value>.*)$")
_ATTENDEES = {"attendees", "participants", "speakers", "people", "present", "invitees"}
_EMAIL = re.compile(r"[^\s<>(),;@]{1,64}@[^\s<>(),;@]{1,255}")
_ATTENDEES_LIMIT = 5000  # characters


def parse_plain(text: str) -> Transcript:
    """A transcript typed or exported as text; a line without a name goes on with the last one."""
    lines = [line for line in (clean_text(raw) for raw in lines_of(text)) if line]
    split = [split_label(line) for line in lines]
    labels = true_labels((found[0] for found in split if found is not None), len(lines))
    spoken = [found if found is not None and found[0] in labels else None for found in split]
    first = next((n for n, found in enumerate(spoken) if found is not None), None)
    if first is None:
        raise BadInput(
            "it is no transcript that is known: no line says who speaks. Understood are "
            f"{UNDERSTOOD}"
        )
    title, day, listed = _header(lines[:first])
    names = names_of(sorted(labels))
    heads: list[tuple[str, float | None]] = []
    texts: list[list[str]] = []
    for line, found in zip(lines[first:], spoken[first:], strict=True):
        if found is None:
            texts[-1].append(line)
        else:
            label, said, stamp = found
            heads.append((names[label][0], None if stamp is None else seconds(stamp)))
            texts.append([said] if said else [])
    cues = [
        Cue(name, start, None, " ".join(text))
        for (name, start), text in zip(heads, texts, strict=True)
        if text
    ]
    if any(cue.start_s is None for cue in cues):  # half a clock is none
        cues = [Cue(cue.speaker, None, None, cue.text) for cue in cues]
    said_by = dict.fromkeys(cue.speaker for cue in cues)
    return Transcript(
        source="text",
        title=title,
        date=day,
        participants=participants_of((n for n in names.values() if n[0] in said_by), listed),
        utterances=number(end_by_next(cues)),
    )


def _header(lines: Sequence[str]) -> tuple[str | None, date | None, list[Participant]]:
    title: str | None = None
    day: date | None = None
    listed: list[Participant] = []
    for line in lines:
        found = _HEADER.match(line)
        key = found["key"].strip().lower() if found else ""
        if found and key == "date":
            day = parse_date(found["value"]) if found["value"].strip("*_ ") else None
        elif found and key in _ATTENDEES:
            listed = _attendees(found["value"][:_ATTENDEES_LIMIT])
        elif found and key in {"title", "subject", "meeting"}:
            title = clean_title(found["value"])
        elif title is None and not found:
            with suppress(BadInput):
                day = parse_date(line.strip("*_ "))
                continue
            title = clean_title(line.lstrip("# ").strip("*_ "))
    return title, day, listed


def _attendees(value: str) -> list[Participant]:
    """``Randy Pruitt (Cobbleway), Juno Estevez <juno@larkspur.example>`` as participants."""
    people: dict[str, Participant] = {}
    for entry in re.split(r"[,;](?![^()]*\))", value):
        email = _EMAIL.search(entry)
        rest = _EMAIL.sub("", entry).replace("<>", "").replace("()", "")
        name, company = name_and_company(rest)
        name = name or (email[0] if email else "")
        if name and name not in people:
            people[name] = Participant(
                name=name, company=company, email=email[0] if email else None
            )
    return list(people.values())
