"""Looks at the zip package of a Word file before anything opens it."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

from ingest.errors import BadInput
from ingest.transcripts.decode import LIMIT_BYTES

_UNPACKED_LIMIT = 32 * 1024 * 1024  # as XML it takes twentyfold in memory
_PARTS_LIMIT = 2000
# What zipfile raises on damaged, encrypted or exotic archives.
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)
_RATIO_LIMIT = 200  # XML packs 10 to 30 fold, a bomb a thousand


def is_word(path: Path) -> bool:
    """Whether ``path`` is a zip package with a Word document in it."""
    try:
        if path.stat().st_size > LIMIT_BYTES:
            return False
        with zipfile.ZipFile(path) as archive:
            return "word/document.xml" in archive.namelist()
    except BROKEN:
        return False


def refuse_bomb(data: bytes) -> None:
    """Looks at the package before it is opened: sizes, and entities that XML could expand."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            packed = max(1, sum(part.compress_size for part in parts))
            if len(parts) > _PARTS_LIMIT:
                raise BadInput(
                    f"the Word file has {len(parts):,} parts, more than a transcript has; it was "
                    "not opened"
                )
            too_much = unpacked > _UNPACKED_LIMIT
            if too_much or (unpacked > 1 << 20 and unpacked / packed > _RATIO_LIMIT):
                raise BadInput(
                    f"the Word file unpacks to {unpacked:,} bytes, more than a transcript has; "
                    "it was not opened"
                )
            for part in parts:
                if not part.filename.endswith((".xml", ".rels")):
                    continue
                content = archive.read(part)  # never gives more than file_size
                if b"<!DOCTYPE" in content.replace(b"\0", b""):
                    raise BadInput("the Word file defines XML entities; it was not opened")
    except BROKEN as problem:
        raise BadInput("it is no Word file, or a damaged one; export it again") from problem
