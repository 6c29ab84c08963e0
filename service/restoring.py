"""Restoring a backup into an empty home, in whichever stores that home has.

Every byte of the file is held against its hash before anything is put in place. Files come first,
named by their content; then all rows in one transaction, which is the moment when the home is no
longer empty. What breaks off before that leaves it empty, and can be done again.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from pydantic import Field

from ingest import copying
from ingest.database import open_database, passing
from ingest.errors import BadInput, Conflict
from ingest.library import Library
from ingest.media.port import clear, is_name, room_for
from ingest.mending import misworded
from ingest.migrations import HEAD
from ingest.models import Frozen
from ingest.postgresql import take_long
from ingest.store import files_of_calls
from ingest.tables import jobs
from service.access.audit import imported
from service.backing_up import Told
from service.backup_file import AUDIT, DATABASE, MEDIA, Manifest, opened, pieces
from service.jobs import OPEN
from service.moving import said

_SCRATCH = ".restoring-"
_LINE_MOST = 16_384  # bytes of a row of the audit log


class Restored(Frozen):
    """What came back."""

    made_at: datetime = Field(description="the moment that the backup shows")
    revision: str = Field(description="the schema that it had; it has this program's now")
    rows: dict[str, int] = Field(description="of each table")
    files: int = Field(description="recordings and transcripts")
    missing: tuple[str, ...] = Field(description="calls whose file the backup lacks")
    queued: int = Field(description="jobs that the next worker will do")
    audit_rows: int | None = Field(
        description="rows of the audit log that came back; null where this home has its own"
    )


def restore(library: Library, path: Path, told: Told) -> Restored:
    """Put everything of the backup at ``path`` into ``library``, in which nothing may be yet.

    Raises ``Conflict`` when there is something, when others use the home or a newer program made
    the backup, ``BadInput`` when it is none, ``NotFound``, ``NoRoom`` and what the stores raise.
    """
    path = path.expanduser().absolute()
    with ExitStack() as held:
        for lock in ("serve.lock", "worker.lock"):
            held.enter_context(library.holding(lock))
        archive, manifest = held.enter_context(opened(path))
        with library.read() as connection:
            _require_empty(connection)
        if other := set(library.media.names()) - set(manifest.media):
            raise Conflict(
                f"This home's store of recordings holds {len(other)} files that are not of this "
                "backup; name an empty home."
            )
        for n, (name, part) in enumerate(manifest.parts.items()):
            told("checking", n, len(manifest.parts))
            for _ in pieces(path, archive, name, part):
                pass
        scratch = held.enter_context(_scratch(library, path))
        _take_out(path, archive, manifest, DATABASE, scratch / DATABASE)
        engine = _database(path, scratch / DATABASE)
        held.callback(engine.dispose)
        with engine.connect() as here, _sound(path), said(library, "Restore again."):
            contents = _looked_at(path, here, manifest)
            with _files(library, path, archive, manifest, scratch, told):
                bring = partial(_audit, library, path, archive, manifest, scratch)
                audit_rows = _rows(library, here, contents, told, last=bring)
            waiting = sa.select(sa.func.count()).select_from(jobs).where(jobs.c.state.in_(OPEN))
            queued = here.scalar(waiting) or 0
    return Restored(
        made_at=manifest.made_at,
        revision=manifest.revision,
        rows={name: content.rows for name, content in contents.items()},
        files=len(manifest.media),
        missing=manifest.missing,
        queued=queued,
        audit_rows=audit_rows,
    )


def _require_empty(connection: sa.Connection) -> None:
    if table := copying.occupied(connection):
        raise Conflict(
            f"This home holds something already ({table}); a backup is restored into an empty one: "
            "name another with --home."
        )


def _audit(
    library: Library, path: Path, archive: zipfile.ZipFile, manifest: Manifest, scratch: Path
) -> int | None:
    """Bring its audit log, as it is: whether it is sound `audit check` tells."""
    if AUDIT not in manifest.parts:
        return 0
    _take_out(path, archive, manifest, AUDIT, scratch / AUDIT)
    with (scratch / AUDIT).open("rb") as file:
        try:
            return library.audit.bring(imported(_lines(path, file)))
        except Conflict:
            return None


def _lines(path: Path, file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(_LINE_MOST):
        if not line.endswith(b"\n"):
            raise _unsound(path)
        yield line


@contextmanager
def _scratch(library: Library, path: Path) -> Iterator[Path]:
    clear(library.home, f"{_SCRATCH}*")
    with (
        room_for(path.name, library.home),
        tempfile.TemporaryDirectory(dir=library.home, prefix=_SCRATCH) as folder,
    ):
        yield Path(folder)


def _take_out(
    path: Path, archive: zipfile.ZipFile, manifest: Manifest, name: str, place: Path
) -> None:
    with place.open("wb") as sink:
        for block in pieces(path, archive, name, manifest.parts[name]):
            sink.write(block)


def _database(path: Path, file: Path) -> sa.Engine:
    """The backup's database, with this program's schema. Raises ``Conflict`` for a newer one."""
    with _sound(path):
        # Nothing of it may be worked out while it is read: a view can be endless.
        strange = sa.text(
            "SELECT count(*) FROM sqlite_master WHERE type = 'view' OR sql LIKE 'CREATE VIRTUAL%'"
        )
        plain = sa.create_engine(f"sqlite:///{file}", hide_parameters=True)
        with plain.connect() as connection:
            found = connection.scalar(strange)
        plain.dispose()
        if found:
            raise _unsound(path)
        return open_database(f"sqlite:///{file}")


def _looked_at(path: Path, here: sa.Connection, manifest: Manifest) -> copying.Contents:
    """What its tables hold, which has to fit its manifest and its files."""
    named = files_of_calls(here)
    needed = {name for name, call_id in named if call_id not in manifest.missing}
    known = {name for name, _ in named}
    if not (all(map(is_name, known)) and needed <= set(manifest.media) <= known):
        raise _unsound(path)
    contents = copying.contents(here)
    if manifest.revision == HEAD and manifest.rows != {n: c.rows for n, c in contents.items()}:
        raise _unsound(path)
    return contents


@contextmanager
def _files(
    library: Library,
    path: Path,
    archive: zipfile.ZipFile,
    manifest: Manifest,
    scratch: Path,
    told: Told,
) -> Iterator[None]:
    """Its recordings in the store, to stay there when what is done inside succeeds."""
    new: list[str] = []
    try:
        for n, name in enumerate(manifest.media):
            told("files", n, len(manifest.media))
            _take_out(path, archive, manifest, MEDIA + name, scratch / name)
            size = (scratch / name).stat().st_size
            kept = library.media.keep(scratch / name, limit=size, given=True, sha256=name[:64])
            if kept.new:
                new.append(kept.name)
            (scratch / name).unlink()
        yield
    except BaseException:
        for name in new:
            library.media.erase(name)
        raise


def _rows(
    library: Library,
    here: sa.Connection,
    contents: copying.Contents,
    told: Told,
    *,
    last: Callable[[], int | None],
) -> int | None:
    """``last`` is done when all else has succeeded, and its outcome given."""
    with library.change() as connection:
        if connection.dialect.name == "postgresql":
            take_long(connection)
        _require_empty(connection)  # still, now that nobody else writes
        copying.copy(here, connection, told)
        told("comparing", 0, 1)
        if copying.contents(connection) != contents or misworded(connection):
            raise Conflict(
                "What arrived differs from what is in the backup; nothing was kept. Please report "
                "this."
            )
        return last()


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    """Say in a sentence that the backup's database is none of ours; nothing of it stands there."""
    try:
        yield
    except (sa.exc.SQLAlchemyError, ValueError, TypeError) as problem:
        if passing(problem) is not None:
            raise
        raise _unsound(path) from None


def _unsound(path: Path) -> BadInput:
    return BadInput(
        f"The database in {path.name} is damaged, or none that Firsthand wrote. Nothing was "
        "restored."
    )
