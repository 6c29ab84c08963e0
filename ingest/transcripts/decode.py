"""Turns a file's bytes into text, whatever wrote them, and refuses what is no text."""

from __future__ import annotations

import codecs
from pathlib import Path

from ingest.errors import BadInput, NotFound, TooLarge

LIMIT_BYTES = 16 * 1024 * 1024  # a day of talk is about 1 MB; read, some take thirtyfold in memory
LIMIT_LINES = 100_000  # a day of subtitles has about 90,000
_CONTROLS_AT_MOST = 0.01  # of all characters; random bytes have about 0.1
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read(path: Path) -> str:
    """The text of ``path``, its line ends made ``\\n`` and its byte order mark removed."""
    return decode(read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """All of a file of at most ``LIMIT_BYTES``; BadInput if it is empty, TooLarge if over."""
    if not path.is_file():
        raise NotFound(f"{path.name}: there is no such file; check the path")
    if path.stat().st_size > LIMIT_BYTES:
        raise TooLarge(
            f"the file has {path.stat().st_size:,} bytes and a transcript may have "
            f"{LIMIT_BYTES:,}; split it by call"
        )
    data = path.read_bytes()
    if not data:
        raise BadInput("the file is empty; export it again")
    return data


def lines_of(text: str) -> list[str]:
    """The lines of a text. Raises ``TooLarge`` for more than a call can have."""
    found = text.count("\n") + 1
    if found > LIMIT_LINES:
        raise TooLarge(
            f"the file has {found:,} lines and a transcript may have {LIMIT_LINES:,}; split it by "
            "call"
        )
    return text.split("\n")


def decode(data: bytes) -> str:
    """Text from UTF-8, UTF-16 (with or without a mark) or, failing those, Windows-1252."""
    text = _decoded(data).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise BadInput("the file has only blank space in it; export it again")
    head = text[:100_000]
    controls = sum((c < " " and c not in "\n\t\f\v") or "\x7f" <= c < "\xa0" for c in head)
    if controls > max(2, _CONTROLS_AT_MOST * len(head)):
        raise BadInput("the file is no text (it looks binary); give the transcript as text")
    return text


def _decoded(data: bytes) -> str:
    try:
        for mark, encoding in _MARKS:
            if data.startswith(mark):
                return data.decode(encoding)
        if unmarked := _utf16_without_mark(data[:1000]):
            return data.decode(unmarked)
    except UnicodeDecodeError as problem:
        raise BadInput(
            f"the text breaks off or is damaged at byte {problem.start}; export it as UTF-8"
        ) from problem
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput("the file is neither UTF-8, UTF-16 nor Windows-1252 text; save it as UTF-8")


def _utf16_without_mark(head: bytes) -> str | None:
    """Western text in UTF-16 has a zero in every other byte."""
    even, odd = head[0::2], head[1::2]
    if len(head) < 8:
        return None
    if odd.count(0) > 0.7 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.7 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    return None
