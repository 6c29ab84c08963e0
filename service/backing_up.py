"""A backup: everything that a home holds, in one file, while others serve it and work on it.

All rows come from one moment, copied into a database file of our own schema wherever they lie, so
that a backup of PostgreSQL and a bucket is the same as one of a folder. Files never change once a
call names them, so they may be read afterwards. The home's own settings are in it, its users, and
hashes of their passwords and tokens; no password itself, no key, nothing that the environment or a
settings file sets, no session, no upload under way, nothing of the engine under the jobs (who waits
is queued anew) and no index.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa
from pydantic import Field

from ingest import copying
from ingest.erasures import Erasures, erasures, require_none
from ingest.errors import BadInput, Conflict, NotFound
from ingest.library import Library, Options
from ingest.media.port import BLOCK, clear, room_for
from ingest.migrations import HEAD
from ingest.models import Frozen
from ingest.postgresql import take_long
from ingest.store import files_of_calls
from ingest.tables import calls
from service.access.audit import exported
from service.backup_file import AUDIT, DATABASE, FORMAT, MANIFEST, MEDIA, Manifest, Part
from service.erase import erase
from service.person_begun import require_nobody_going

Told = Callable[[str, int, int], None]
_SCRATCH = ".firsthand-backup-"


class BackedUp(Frozen):
    """What a backup holds, and where it is."""

    file: str
    size: int = Field(description="bytes")
    made_at: datetime = Field(description="the moment that it shows")
    rows: dict[str, int] = Field(description="of each table")
    files: int = Field(description="recordings and transcripts")
    missing: tuple[str, ...] = Field(description="calls whose file was missing or damaged already")


def back_up(library: Library, path: Path, told: Told) -> BackedUp:
    """Write everything that ``library`` holds into a new file at ``path``.

    It is there whole or not at all, for its owner's eyes only. Raises ``Conflict`` when there is
    one and when a person is being erased, ``BadInput`` when it cannot be written, ``NoRoom``, and
    what the stores raise.
    """
    path = path.expanduser().absolute()
    _require_none(path)
    with _beside(path) as scratch:
        made_at = datetime.now(UTC)
        rows, since = _rows(library, scratch, told)
        with room_for(path.name, path.parent):
            manifest = _written(library, scratch, rows, made_at, told)
            with library.read() as connection:
                require_nobody_going(connection, "back up")
                require_none(connection, since)
            _require_none(path)
            (scratch / "backup.zip").replace(path)
    return BackedUp(
        file=str(path),
        size=path.stat().st_size,
        made_at=manifest.made_at,
        rows=manifest.rows,
        files=len(manifest.media),
        missing=manifest.missing,
    )


def _require_none(path: Path) -> None:
    if path.exists():
        raise Conflict(f"There is a file {path} already; give the backup another name.")


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A folder of our own on the disk where the backup will be."""
    try:
        clear(path.parent, f"{_SCRATCH}*")
        folder = tempfile.TemporaryDirectory(dir=path.parent, prefix=_SCRATCH)
    except OSError as problem:
        raise BadInput(f"{path} cannot be written ({problem.strerror}).") from problem
    with folder as scratch:
        yield Path(scratch)


def _copy(scratch: Path) -> Library:
    return Library(scratch / "home", Options(models=scratch))


def _rows(library: Library, scratch: Path, told: Told) -> tuple[dict[str, int], Erasures]:
    """All rows, as they are at one moment, in a database of their own; how many of each table, and
    what was erased until then.
    """
    copy = _copy(scratch)
    try:
        with library.read() as here, copy.change() as there:
            if here.dialect.name == "postgresql":
                take_long(here)
            require_nobody_going(here, "back up")
            since = erasures(here)
            copying.copy_rows(here, there, told)
            told("comparing", 0, 1)
            held = copying.contents(there)
            if held != copying.contents(here):
                raise Conflict("The copy differs from what is here; please report this.")
    finally:
        copy.close()
    return {name: content.rows for name, content in held.items()}, since


class _HeldAlready(Exception):
    """What is written so far holds a file of a call that was erased meanwhile."""

    def __init__(self, rows: dict[str, int]) -> None:
        self.rows = rows  # that are left


def _written(
    library: Library, scratch: Path, rows: dict[str, int], made_at: datetime, told: Told
) -> Manifest:
    """As ``_write``, begun anew whenever it holds what is erased: a zip gives nothing back."""
    while True:
        try:
            return _write(library, scratch, rows, made_at, told)
        except _HeldAlready as held:
            rows = held.rows
            (scratch / "backup.zip").unlink()


def _write(
    library: Library, scratch: Path, rows: dict[str, int], made_at: datetime, told: Told
) -> Manifest:
    parts: dict[str, Part] = {}
    missing: list[str] = []
    descriptor = os.open(scratch / "backup.zip", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w+b") as file:
        with zipfile.ZipFile(file, "w") as archive:
            named = _named(scratch)
            for n, (name, call_id) in enumerate(named):
                told("files", n, len(named))
                if MEDIA + name in parts:  # two recordings of the same sound share their copy
                    continue
                try:
                    with library.media.local(name) as place:
                        if _sha256(place) != name[:64]:
                            missing.append(call_id)
                            continue
                        parts[MEDIA + name] = _put(archive, MEDIA + name, place)
                except NotFound:
                    if _erased(library, call_id):
                        rows = _without(scratch, call_id)
                        still = {MEDIA + one for one, _ in _named(scratch)}
                        if parts.keys() - still:
                            raise _HeldAlready(rows) from None
                    else:
                        missing.append(call_id)
            told("database", 0, 1)
            parts[DATABASE] = _put(archive, DATABASE, scratch / "home" / DATABASE)
            with (scratch / AUDIT).open("wb") as log:
                log.writelines(exported(library, "jsonl"))
            parts[AUDIT] = _put(archive, AUDIT, scratch / AUDIT)
            manifest = Manifest(
                format=FORMAT,
                program=version("firsthand"),
                revision=HEAD,
                made_at=made_at,
                rows=rows,
                missing=tuple(dict.fromkeys(missing)),
                parts=parts,
            )
            if erased := [call_id for _, call_id in _named(scratch) if _erased(library, call_id)]:
                for call_id in dict.fromkeys(erased):
                    rows = _without(scratch, call_id)
                raise _HeldAlready(rows)
            archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
        file.flush()
        os.fsync(file.fileno())
    return manifest


def _named(scratch: Path) -> list[tuple[str, str]]:
    """Files that the rows name, each with its call."""
    copy = _copy(scratch)
    try:
        with copy.read() as connection:
            return files_of_calls(connection)
    finally:
        copy.close()


def _erased(library: Library, call_id: str) -> bool:
    with library.read() as connection:
        return connection.scalar(sa.select(1).where(calls.c.call_id == call_id)) is None


def _without(scratch: Path, call_id: str) -> dict[str, int]:
    """Erase from the copy a call that somebody erased after its moment; the rows that are left."""
    copy = _copy(scratch)
    try:
        erase(copy, call_id)
        with copy.read() as connection:
            return {name: held.rows for name, held in copying.contents(connection).items()}
    finally:
        copy.close()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _put(archive: zipfile.ZipFile, name: str, path: Path) -> Part:
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as sink:
        while block := source.read(BLOCK):
            digest.update(block)
            size += len(block)
            sink.write(block)
    return Part(size=size, sha256=digest.hexdigest())
