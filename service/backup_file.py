"""The file of a backup: a zip of the database, the audit log, the recordings and a manifest of all.

Its parts are stored, not packed: sound packs badly, and what unpacks to more than its own size is
then no backup. Whoever opens one trusts nothing in it but what was looked at here.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pydantic import Field, ValidationError

from ingest.errors import BadInput, Conflict, NotFound
from ingest.media.port import BLOCK, is_name
from ingest.models import Frozen

DATABASE = "firsthand.db"
AUDIT = "audit.jsonl"  # a row of the audit log on each line; not in a backup of format 1
MEDIA = "media/"
MANIFEST = "manifest.json"
FORMAT = 2
_MANIFEST_MOST = 256 << 20  # bytes; a call takes about 200 of them
_BROKEN = (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError)


class Part(Frozen):
    """One file in a backup."""

    size: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Manifest(Frozen):
    """What a backup holds."""

    format: int = Field(description="how the file is laid out")
    program: str = Field(description="the version of Firsthand that wrote it")
    revision: str = Field(description="the schema of its database")
    made_at: datetime
    rows: dict[str, int] = Field(description="of each table")
    missing: tuple[str, ...] = Field(description="calls whose file was missing or damaged already")
    parts: dict[str, Part]

    @property
    def media(self) -> tuple[str, ...]:
        """The names of its recordings and transcripts in a media store."""
        return tuple(
            name.removeprefix(MEDIA) for name in self.parts if name not in (DATABASE, AUDIT)
        )


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    """A backup whose parts are those that its manifest names, each no larger than it is.

    Raises ``NotFound``, ``BadInput`` for a file that is no backup, ``Conflict`` for one that a
    newer program made.
    """
    if not path.is_file():
        raise NotFound(f"There is no file {path}.")
    try:
        archive = zipfile.ZipFile(path)
    except OSError as problem:
        raise BadInput(f"{path} cannot be read ({problem.strerror}).") from problem
    except _BROKEN as problem:
        raise _no_backup(path, "it is cut off or something else") from problem
    with archive:
        yield archive, _manifest(path, archive)


def pieces(path: Path, archive: zipfile.ZipFile, name: str, part: Part) -> Iterator[bytes]:
    """The bytes of a part, block by block. Raises ``BadInput`` when they are not those of its hash;
    not before all of them were given.
    """
    digest = hashlib.sha256()
    try:
        with archive.open(name) as file:
            while block := file.read(BLOCK):
                digest.update(block)
                yield block
    except _BROKEN as problem:
        raise _no_backup(path, f"{name} cannot be read") from problem
    if digest.hexdigest() != part.sha256:
        raise _no_backup(path, f"{name} holds other bytes than were put in")


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    listed = archive.infolist()
    names = [info.filename for info in listed]
    if len(set(names)) != len(names):
        raise _no_backup(path, "a part is in it twice")
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > _MANIFEST_MOST:
        raise _no_backup(path, "it has no manifest")
    for info in listed:
        packed = info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size
        if packed or info.flag_bits & 1:
            raise _no_backup(path, "a part of it is packed or encrypted")
    if sum(info.file_size for info in listed) > path.stat().st_size:
        raise _no_backup(path, "its parts are said to be larger than the whole")
    try:
        manifest = Manifest.model_validate_json(archive.read(MANIFEST))
    except (*_BROKEN, ValidationError) as problem:
        raise _no_backup(path, "its manifest cannot be read") from problem
    if manifest.format > FORMAT:
        raise Conflict(
            f"{path.name} was made by a newer Firsthand ({manifest.program!r}); update this one."
        )
    if set(names) != {MANIFEST, *manifest.parts} or DATABASE not in manifest.parts:
        raise _no_backup(path, "its parts are not those of its manifest")
    for name, part in manifest.parts.items():
        if archive.getinfo(name).file_size != part.size:
            raise _no_backup(path, "its parts are not those of its manifest")
        if name not in (DATABASE, AUDIT) and not _is_media(name, part):
            raise _no_backup(path, "a part of it is named otherwise than any that we write")
    return manifest


def _is_media(name: str, part: Part) -> bool:
    """Whether a media store could have the part under this name, which is no path to elsewhere."""
    stored = name.removeprefix(MEDIA)
    return name.startswith(MEDIA) and is_name(stored) and stored[:64] == part.sha256


def _no_backup(path: Path, why: str) -> BadInput:
    return BadInput(
        f"{path.name} is no backup of Firsthand, or a damaged one: {why}. Nothing was restored."
    )
