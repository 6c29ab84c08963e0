"""WebVTT (Zoom, Teams and others) and SubRip subtitles.

https://www.w3.org/TR/webvtt1/ . Zoom writes ``Name: text`` into the cue, Teams
``<v Name>text</v>``, SubRip files have ``Name: text``, often only where the speaker changes. The
metadata that Microsoft's Graph API gives of a transcript has JSON in its cues:
https://learn.microsoft.com/graph/api/calltranscript-get
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from ingest.errors import BadInput, TooLarge
from ingest.models import Transcript
from ingest.transcripts.clean import clean_text, clean_title
from ingest.transcripts.cues import BACK_S, Cue, join
from ingest.transcripts.decode import LIMIT_LINES, lines_of
from ingest.transcripts.labels import split_label, true_labels
from ingest.transcripts.speakers import NOBODY, names_of, participants_of

_TIME = re.compile(r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)[.,](\d{1,3})")
_VOICE = re.compile(r"<v(?:\.[^\s>]{0,99})?\s+([^<>]{0,300})>")
_TAG = re.compile(
    r"</?(?:v|c|i|b|u|ruby|rt|lang|font)(?:[.\s][^<>]{0,300})?>|<(?:\d+:)?\d+:\d+\.\d+>",
    re.IGNORECASE,
)
_SPAN = re.compile(r"^(\d{1,2}:\d\d:\d\d\.\d{3}),(\d{1,2}:\d\d:\d\d\.\d{3})[ \t]*$", re.MULTILINE)
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&nbsp;": " ", "&lrm;": "", "&rlm;": "", "&amp;": "&"}


@dataclass(frozen=True, slots=True)
class _Block:
    """A cue as written: ``line`` is the number of the line with the times, from 1."""

    line: int
    start_s: float
    end_s: float
    payload: str


# Who is said to speak (if anybody), what, and the cue it stands in.
_Piece = tuple[str | None, str, _Block]


def parse_vtt(text: str) -> Transcript:
    """A WebVTT file. BadInput names the line of a broken time."""
    blocks = list(_blocks(text))
    voiced = any(_VOICE.search(b.payload) or _metadata(b.payload) for b in blocks)
    source: Literal["teams", "zoom"] = "teams" if voiced else "zoom"
    head = text.lstrip().split("\n", 1)[0].removeprefix("WEBVTT").strip(" -\t")
    return _transcript(blocks, source, clean_title(head) if head else None)


def parse_srt(text: str) -> Transcript:
    """A SubRip file; a cue without a name goes on with the last speaker."""
    return _transcript(list(_blocks(text)), "srt", None)


def parse_sbv(text: str) -> Transcript:
    """SubViewer captions. Google Meet keeps a meeting's chat in the same form, every message as
    long as the next; nobody spoke those.
    """
    blocks = list(_blocks(_SPAN.sub(r"\1 --> \2", text)))
    lengths = {round(block.end_s - block.start_s, 2) for block in blocks}
    if len(blocks) > 1 and len(lengths) == 1:
        raise BadInput(
            f"it is the chat of a meeting ({len(blocks):,} messages), which nobody spoke; give the "
            "recording or the transcript"
        )
    return _transcript(blocks, "sbv", None)


def _transcript(blocks: list[_Block], source: str, title: str | None) -> Transcript:
    if not blocks:
        raise BadInput("there is no cue with times in it; export the transcript again")
    found = list(islice((piece for block in blocks for piece in _voices(block)), LIMIT_LINES + 1))
    if len(found) > LIMIT_LINES:
        raise TooLarge(
            f"more than {LIMIT_LINES:,} times somebody speaks in it, which is no call; split it"
        )
    pieces = _named(found)
    if not any(label for label, _, _ in pieces):
        raise BadInput(
            "no cue says who speaks; export it with speaker names ('Name: text' or <v Name>)"
        )
    names = names_of({label for label, _, _ in pieces if label})
    cues, speaker = [], NOBODY
    for label, said, block in pieces:
        speaker = names[label][0] if label else speaker
        cues.append(Cue(speaker, block.start_s, block.end_s, said))
    utterances = join(cues)
    spoken = {u.speaker for u in utterances}
    return Transcript(
        source=source,
        title=title,
        utterances=utterances,
        participants=participants_of(sorted(n for n in names.values() if n[0] in spoken)),
    )


def _named(pieces: list[_Piece]) -> list[_Piece]:
    """Takes ``Name: text`` apart, unless the file has voice tags."""
    if any(label for label, _, _ in pieces):
        return pieces
    split = [split_label(said) for _, said, _ in pieces]
    labels = true_labels((found[0] for found in split if found is not None), len(pieces))
    return [
        (found[0], found[1], block)
        if found is not None and found[0] in labels
        else (None, said, block)
        for (_, said, block), found in zip(pieces, split, strict=True)
    ]


def _voices(block: _Block) -> Iterator[_Piece]:
    """``(label or None, text, cue)`` for every voice in a cue; plain cues have one."""
    if (told := _metadata(block.payload)) is not None:
        yield clean_text(told[0]) or None, clean_text(told[1]), block
        return
    parts = _VOICE.split(block.payload)
    if len(parts) > 1:
        if before := _plain(parts[0]):
            yield None, before, block
        for label, said in zip(parts[1::2], parts[2::2], strict=True):
            yield _plain(label) or None, _plain(said), block
        return
    yield None, _plain(block.payload), block


def _metadata(payload: str) -> tuple[str, str] | None:
    """Who speaks and what, where the cue is the Graph API's JSON."""
    if not payload.startswith("{") or '"spokenText"' not in payload:
        return None
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    said, who = told.get("spokenText"), told.get("speakerName")
    if not isinstance(said, str) or not isinstance(who, str | None):
        return None
    return who or "", said


def _blocks(text: str) -> Iterator[_Block]:
    lines = lines_of(text)
    latest, count, at = 0.0, 0, 0
    while at < len(lines):
        if lines[at].startswith(("NOTE", "STYLE", "REGION")) and "-->" not in lines[at]:
            at = _after_block(lines, at)
            continue
        if "-->" not in lines[at]:
            at += 1
            continue
        count += 1
        start, end = _times(lines[at], at + 1)
        if end < start:
            raise BadInput(f"cue {count} (line {at + 1}) ends before it starts; mend its times")
        if start < latest - BACK_S:
            raise BadInput(
                f"cue {count} (line {at + 1}) starts {latest - start:.0f} s before the one above "
                "it; the times run backwards, so export the transcript again"
            )
        latest = max(latest, start)
        after = _after_block(lines, at)
        yield _Block(at + 1, start, end, " ".join(s.strip() for s in lines[at + 1 : after]))
        at = after


def _after_block(lines: list[str], at: int) -> int:
    """The line after the block of ``at``: blank, or the next cue's where the blank is missing."""
    for after in range(at + 1, len(lines)):
        if not lines[after].strip():
            return after
        if "-->" in lines[after]:
            return after - 1 if lines[after - 1].strip().isdigit() else after
    return len(lines)


def _times(line: str, number: int) -> tuple[float, float]:
    left, _, right = line.partition("-->")
    found = [_TIME.fullmatch(part.strip()) for part in (left, right.strip().split(" ")[0])]
    if found[0] is None or found[1] is None:
        raise BadInput(
            f"line {number} has times that cannot be read ({clean_text(line)[:50]!r}); they are "
            "written 00:01:02.345 --> 00:01:04.000"
        )
    start, end = (
        int(m[1] or 0) * 3600 + int(m[2]) * 60 + int(m[3]) + int(m[4].ljust(3, "0")) / 1000
        for m in (found[0], found[1])
    )
    return start, end


def _plain(payload: str) -> str:
    payload = _TAG.sub("", payload)
    for entity, character in _ENTITIES.items():
        payload = payload.replace(entity, character)
    return clean_text(payload)
