"""Where recordings and transcripts lie: files named by the hash of their content.

A file is copied beside its place, hashed on the way, flushed to disk and renamed, so that a name
is only ever seen with the whole content behind it.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import BadInput, NotFound, TooLarge

BLOCK = 1 << 20
_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored file: its name in the store and the SHA-256 of its bytes, in hexadecimal.

    ``new`` is false when these bytes were there already.
    """

    name: str
    sha256: str
    new: bool


class Media:
    """The media folder of a home."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, path: Path, *, limit: int) -> Kept:
        """Store a copy of the file at ``path``, read in blocks of 1 MiB.

        Raises ``TooLarge`` for one over ``limit`` bytes, before reading it, and ``BadInput`` when
        there is nothing to read.
        """
        _check(path, limit)
        self.folder.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        descriptor, temporary = tempfile.mkstemp(dir=self.folder, prefix=".incoming-")
        try:
            with os.fdopen(descriptor, "wb") as sink, path.open("rb") as source:
                while block := source.read(BLOCK):
                    digest.update(block)
                    sink.write(block)
                sink.flush()
                os.fsync(sink.fileno())
            sha256 = digest.hexdigest()
            # Only a plain ending is taken over from the file's name: names are hostile.
            ending = path.suffix.lower()
            name = sha256 + (ending if _SUFFIX.fullmatch(ending) else "")
            place = self.folder / sha256[:2] / name
            new = not place.exists()
            place.parent.mkdir(exist_ok=True)
            Path(temporary).replace(place)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return Kept(name=name, sha256=sha256, new=new)

    def path(self, name: str) -> Path:
        """Where the file of that name lies. Raises ``NotFound`` when it does not."""
        place = self.folder / name[:2] / name
        if not place.is_file():
            raise NotFound(f"The file {name} is missing from the media folder {self.folder}.")
        return place

    def erase(self, name: str) -> None:
        """Remove the file, and its folder once that is empty; both may be gone already."""
        place = self.folder / name[:2] / name
        place.unlink(missing_ok=True)
        if place.parent.is_dir() and not any(place.parent.iterdir()):
            place.parent.rmdir()


def _check(path: Path, limit: int) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror}).") from error
    if size > limit:
        raise TooLarge(
            f"{path.name} has {size / 1e6:,.0f} MB, over the limit of {limit / 1e6:,.0f} MB; "
            "raise FIRSTHAND_MAX_FILE_MB or add a smaller file."
        )
    if size == 0:
        raise BadInput(f"{path.name} is empty; nothing was added.")
