"""Tells what kind of transcript a file is from what is in it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

from ingest.errors import BadInput
from ingest.transcripts.chat import count_messages
from ingest.transcripts.decode import decode
from ingest.transcripts.labels import labelled_lines
from ingest.transcripts.package import is_word
from ingest.transcripts.stamped import count_stamps

Kind = Literal["json", "vtt", "srt", "docx", "otter", "plain", "chat"]
EXTENSIONS = {".json", ".vtt", ".srt", ".docx", ".txt", ".md"}
_RECORDINGS = frozenset(
    f".{name}"
    for name in (
        *("3gp", "aac", "aif", "aiff", "amr", "avi", "flac", "m4a", "m4b", "m4v", "mkv", "mov"),
        *("mp3", "mp4", "mpeg", "mpg", "oga", "ogg", "opus", "wav", "webm", "wma", "wmv"),
    )
)
_SRT = re.compile(r"^\s*\d+\s*\n\s*\d+:\d\d:\d\d[,.]\d+\s*-->", re.MULTILINE)
_HEAD = 65_536


def kind_of(path: Path) -> Kind | None:
    """The kind of transcript in ``path`` by its content, ``None`` where it is none for certain.

    A file named as a recording (``.mp3``) never is one: the decoder says what is wrong with it.
    Only this test should decide about files found in a folder; :func:`is_transcript` also takes
    files that are merely named like transcripts.
    """
    if path.suffix.lower() in _RECORDINGS:
        return None
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return None
    if head.startswith(b"PK\x03\x04"):
        return "docx" if is_word(path) else None
    whole = len(head) < _HEAD
    if not whole:  # do not cut a character of several bytes
        head = head[: head.rfind(b"\n") + 1] or head[: _HEAD - 4]
    try:
        return kind_of_text(decode(head), path.suffix.lower(), certain=True)
    except BadInput:
        return None


def kind_of_text(text: str, extension: str, *, certain: bool) -> Kind | None:
    """The kind of ``text``; when not ``certain``, the extension decides what that leaves open."""
    start = text.lstrip()
    if start.startswith("WEBVTT"):
        return "vtt"
    if start.startswith(("{", "[")) and (extension == ".json" or start.startswith("{")):
        known = '"utterances"' in text or '"callTranscripts"' in text
        return "json" if known or not certain else None
    if _SRT.search(text[:4000]):
        return "srt"
    if count_messages(text):
        return "chat"
    if count_stamps(text) >= 2:
        return "otter"
    lines = [line for line in text.splitlines() if line.strip()]
    said = len(labelled_lines(lines))
    if said >= 2 and said >= 0.3 * len(lines):
        return "plain"
    if certain:
        return None
    by_extension: dict[str, Kind] = {".json": "json", ".vtt": "vtt", ".srt": "srt"}
    return by_extension.get(extension, "plain")


def load_json(text: str) -> dict[str, object]:
    """The object in ``text``, native or Gong's; BadInput when it is cut off or anything else."""
    try:
        content = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as problem:
        raise BadInput(
            f"the JSON is cut off or broken at line {problem.lineno}, column {problem.colno} "
            f"({problem.msg}); export it again"
        ) from problem
    except (RecursionError, ValueError) as problem:  # also numbers of thousands of digits
        raise BadInput("the JSON is nested too deeply, or has numbers no call has") from problem
    if not isinstance(content, dict) or not {"utterances", "callTranscripts"} & set(content):
        raise BadInput(
            "the JSON is no transcript; known are Firsthand's own (an object with 'utterances') "
            "and Gong's (an object with 'callTranscripts' and 'calls')"
        )
    return content


def _no_constant(name: str) -> object:
    raise BadInput(f"the JSON has {name} where a number belongs; give seconds or null")
