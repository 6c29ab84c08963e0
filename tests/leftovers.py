"""Looks for words in everything that a home holds: every byte of every file, every cell of every
table, and what lies packed in them.
"""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

_SQLITE = b"SQLite format 3\x00"
_GZIP = b"\x1f\x8b"


def leftovers(home: Path, words: Sequence[str]) -> list[tuple[str, str]]:
    """Where any of ``words`` still stands, in whatever case: file (or table), and the word."""
    found = set()
    for path in sorted(p for p in home.rglob("*") if not p.is_dir()):
        name = str(path.relative_to(home))
        found |= {(name, word) for word in words if word.lower() in name.lower()}
        for where, body in _bodies(name, path):
            found |= {(where, word) for word in words if _in(word, body)}
    return sorted(found)


def holding_bytes(home: Path, wanted: Sequence[bytes]) -> list[str]:
    """Files in which any of ``wanted`` stands as it is: vectors, for one."""
    files = [(p, p.read_bytes()) for p in sorted(home.rglob("*")) if p.is_file()]
    return [str(p.relative_to(home)) for p, body in files if any(w in body for w in wanted)]


def _in(word: str, body: bytes) -> bool:
    lower = word.lower()
    forms = {
        lower.encode(),
        lower.encode("utf-16-le"),
        lower.encode("utf-16-be"),
        json.dumps(lower)[1:-1].encode(),
    }
    held = body.lower()
    return any(form in held for form in forms)


def _bodies(name: str, path: Path) -> Iterator[tuple[str, bytes]]:
    """The file as it lies there, with what is packed in it, and the cells of a database."""
    if not path.is_file():
        return
    body = path.read_bytes()
    yield from _unpacked(name, body)
    if body.startswith(_SQLITE):
        with closing(sqlite3.connect(path)) as database:
            database.text_factory = bytes
            tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            for (table,) in tables.fetchall():
                told = table.decode()
                for row in database.execute(f'SELECT * FROM "{told}"'):  # noqa: S608
                    for cell in row:
                        if isinstance(cell, bytes):
                            yield from _unpacked(f"{name}: {told}", cell)


def _unpacked(where: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    yield where, body
    if body.startswith(_GZIP):
        yield f"{where} (gzip)", gzip.decompress(body)
    elif body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as held:
            for member in held.namelist():
                yield f"{where} ({member})", held.read(member)
    elif body[:1] == b"\x78":
        try:
            yield f"{where} (zlib)", zlib.decompress(body)
        except zlib.error:
            return
