"""Tells whose JSON a file is, by what is in it, and reads it."""

from __future__ import annotations

import json
from collections.abc import Callable

from ingest.errors import BadInput
from ingest.models import Transcript
from ingest.transcripts.fathom import is_fathom, parse_fathom
from ingest.transcripts.fireflies import is_fireflies, parse_fireflies
from ingest.transcripts.gong import is_gong, parse_gong
from ingest.transcripts.grain import is_grain, parse_grain
from ingest.transcripts.meetapi import is_meetapi, parse_meetapi
from ingest.transcripts.native import parse_native
from ingest.transcripts.readai import is_readai, parse_readai
from ingest.transcripts.shape import UNDERSTOOD
from ingest.transcripts.stream import is_stream, parse_stream
from ingest.transcripts.tldv import is_tldv, parse_tldv

# The first that knows the content reads it.
_READERS: tuple[tuple[Callable[[object], bool], Callable[[object], Transcript]], ...] = (
    (lambda content: isinstance(content, dict) and "utterances" in content, parse_native),
    (is_gong, parse_gong),
    (is_fireflies, parse_fireflies),
    (is_fathom, parse_fathom),
    (is_grain, parse_grain),
    (is_stream, parse_stream),
    (is_readai, parse_readai),
    (is_meetapi, parse_meetapi),
    (is_tldv, parse_tldv),
)
# Keys that stand together in the beginning of such a file.
_MARKS = (
    ('"utterances"',),
    ('"callTranscripts"',),
    ('"speakerId"', '"sentences"'),
    ('"speaker_name"', '"sentences"'),
    ('"speaker_name"', '"sentence"'),
    ('"transcript"', '"timestamp"', '"display_name"'),
    ('"participant_id"', '"speaker"', '"text"'),
    ("stream.office.com/schemas/transcript",),
    ('"speakerDisplayName"', '"entries"'),
    ('"speaker_blocks"',),
    ('"transcriptEntries"',),
    ('"data"', '"speaker"', '"startTime"'),
)


def looks_known(head: str) -> bool:
    """Whether the beginning of a JSON file has what one of those has that are read here."""
    return any(all(mark in head for mark in marks) for marks in _MARKS)


def parse_json(text: str) -> Transcript:
    """The transcript in ``text``; BadInput when it is cut off or anything else."""
    content = _load(text)
    for knows, read in _READERS:
        if knows(content):
            return read(content)
    raise BadInput(f"the JSON is no transcript that is known; known are {UNDERSTOOD}")


def _load(text: str) -> object:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as problem:
        raise BadInput(
            f"the JSON is cut off or broken at line {problem.lineno}, column {problem.colno} "
            f"({problem.msg}); export it again"
        ) from problem
    except (RecursionError, ValueError) as problem:  # also numbers of thousands of digits
        raise BadInput("the JSON is nested too deeply, or has numbers no call has") from problem


def _no_constant(name: str) -> object:
    raise BadInput(f"the JSON has {name} where a number belongs; give seconds or null")
