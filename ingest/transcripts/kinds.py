"""Tells what kind of transcript a file is from what is in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from ingest.errors import BadInput
from ingest.transcripts.chat import count_messages
from ingest.transcripts.decode import decode
from ingest.transcripts.jsons import looks_known
from ingest.transcripts.labels import labelled_lines
from ingest.transcripts.meet import is_meet
from ingest.transcripts.package import is_word
from ingest.transcripts.stamped import count_stamps
from ingest.transcripts.table import is_table

Kind = Literal["json", "vtt", "srt", "docx", "stamped", "meet", "csv", "sbv", "plain", "chat"]
EXTENSIONS = {".json", ".vtt", ".srt", ".sbv", ".docx", ".txt", ".md"}
_RECORDINGS = frozenset(
    f".{name}"
    for name in (
        *("3gp", "aac", "aif", "aiff", "amr", "avi", "flac", "m4a", "m4b", "m4v", "mkv", "mov"),
        *("mp3", "mp4", "mpeg", "mpg", "oga", "ogg", "opus", "wav", "webm", "wma", "wmv"),
    )
)
_SRT = re.compile(r"^\s*\d+\s*\n\s*\d+:\d\d:\d\d[,.]\d+\s*-->", re.MULTILINE)
_SBV = re.compile(r"^\d{1,2}:\d\d:\d\d\.\d{3},\d{1,2}:\d\d:\d\d\.\d{3}\s*$", re.MULTILINE)
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
        return "json" if looks_known(text) or not certain else None
    if _SRT.search(text[:4000]):
        return "srt"
    if _SBV.search(text[:4000]):
        return "sbv"
    if is_table(text):
        return "csv"
    if is_meet(text.split("\n")):
        return "meet"
    if count_messages(text):
        return "chat"
    if count_stamps(text) >= 2:
        return "stamped"
    lines = [line for line in text.splitlines() if line.strip()]
    said = len(labelled_lines(lines))
    if said >= 2 and said >= 0.3 * len(lines):
        return "plain"
    if certain:
        return None
    by_extension: dict[str, Kind] = {
        ".json": "json",
        ".vtt": "vtt",
        ".srt": "srt",
        ".sbv": "sbv",
        ".csv": "csv",
    }
    return by_extension.get(extension, "plain")
