"""Uploads on their way: files that arrive in pieces, over any number of connections.

Each is a folder of its own under ``uploads`` in the home::

    about.json     what was said of the file; written once, before anything arrives
    in/NAME        the bytes so far. Its length is the offset: nothing else says how far it is
    outcome.json   what became of it; written once, and then the bytes go

So a process may die at any instant: what lies in the file has arrived, and what is whole and has
no outcome yet is taken in by whoever asks next. One process at a time writes to an upload, held by
a lock on ``about.json``.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import Field

from ingest.errors import BadInput, Conflict, FirsthandError, NoRoom, NotFound
from ingest.library import Library
from ingest.media.port import clear, too_large
from ingest.models import Frozen
from ingest.pipeline import About
from ingest.store import require_account
from service.arriving import Arriving, Sink, space_left
from service.settings import Settings
from service.taking_in import TakenIn, take_in

log = logging.getLogger(__name__)

LASTS = timedelta(days=1)  # after its last byte, and after its outcome
_ID = re.compile(r"[0-9a-f]{32}")
_LOCK_POLL_S = 0.05


class Announced(Frozen):
    """What is said of a file before it comes. ``filename`` is one that it can have here."""

    filename: str
    length: int = Field(description="in bytes")
    account_id: str | None = None
    date: dt.date | None = None
    title: str | None = None
    sha256: str | None = Field(default=None, description="what its bytes must hash to")
    metadata: str = Field(default="", description="all of this as it was sent, to be told again")


class Upload(Frozen):
    """An upload as it stands. ``call_id`` and ``job_id`` are there once it was taken in."""

    upload_id: str
    filename: str
    length: int
    offset: int
    expires_at: datetime
    metadata: str
    call_id: str | None = None
    job_id: str | None = None


class Locked(FirsthandError):
    """Another request writes to the upload."""

    status = 423
    retry = True


class Failed(FirsthandError):
    """The upload came to nothing; ``status`` is that of the error it failed with."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class Uploads:
    """The uploads of a home."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self._library = library
        self._settings = settings
        self.folder = library.home / "uploads"

    def create(self, announced: Announced) -> Upload:
        """Make room for a file that is to come.

        Raises ``BadInput``, ``TooLarge``, ``NotFound`` (account) and ``NoRoom``.
        """
        limit = self._library.options.max_file_bytes
        if announced.length > limit:
            raise too_large(announced.filename, announced.length, limit)
        if announced.length <= 0:
            raise BadInput(f"{announced.filename} is empty; nothing was added.")
        if announced.account_id is not None:
            with self._library.read() as connection:
                require_account(connection, announced.account_id)
        upload_id = secrets.token_hex(16)
        with self._alone():
            self._require_room(announced.length)
            self._make(upload_id, announced)
        return self.get(upload_id)

    def get(self, upload_id: str) -> Upload:
        """The upload as it stands; what is whole is taken in first.

        Raises ``NotFound``, ``Failed`` with what was wrong with the file, or what may pass.
        """
        folder = self._folder(upload_id)
        found = _look(folder)
        if found.call_id is None and found.offset == found.length:
            with _locked(folder, wait_s=600.0):
                self._settle(folder)
            found = _look(folder)
        return found

    def arriving(
        self, upload_id: str, offset: int, *, checksum: tuple[str, bytes] | None = None
    ) -> Arriving:
        """Bytes of the upload from ``offset`` on; close what is returned.

        Raises ``NotFound``, ``Locked``, ``Conflict`` (another offset) and ``Failed``.
        """
        folder = self._folder(upload_id)
        lock = _lock(folder, wait_s=0.0)
        try:
            found = _look(folder)
            if offset != found.offset:
                raise Conflict(
                    f"{found.filename} has {found.offset} bytes so far, so they cannot go on "
                    f"from {offset}; ask for the offset and go on from there."
                )
            path = folder / "in" / found.filename
            sink = None if found.call_id else self._sink(path, found.length, found.length)
            return Arriving(sink, path, lock, checksum)
        except BaseException:
            os.close(lock)
            raise

    @contextmanager
    def passing(self, most: int) -> Iterator[Path]:
        """A folder for one file of up to ``most`` bytes that comes at once; removed afterwards."""
        with self._alone():
            self._require_room(most)
            name = f".passing-{secrets.token_hex(8)}"
            folder = self._make(name, Announced(filename="", length=most))
            lock = _lock(folder, wait_s=0.0)
        try:
            yield folder / "in"
        finally:
            shutil.rmtree(folder)
            os.close(lock)

    def sink(self, path: Path) -> Sink:
        """A new file that what is sent goes into, block by block."""
        path.touch(mode=0o600, exist_ok=False)
        limit = self._library.options.max_file_bytes
        return self._sink(path, limit, None)

    def terminate(self, upload_id: str) -> None:
        """Forget the upload. Raises ``NotFound``, or ``Locked`` while bytes arrive."""
        folder = self._folder(upload_id)
        with _locked(folder, wait_s=2.0):
            self._forget(folder)

    def sweep(self) -> None:
        """Forget what has expired, and take in what is whole."""
        clear(self.folder, ".*")
        for about in self.folder.glob("*/about.json"):
            folder = about.parent
            try:
                with _locked(folder, wait_s=0.0):
                    if _expired(folder):
                        self._forget(folder)
                    elif not folder.name.startswith("."):
                        self._settle(folder)
            except FirsthandError as problem:
                # In use, gone in between, or it cannot be taken in just now.
                log.info("upload %s is left for later: %s", folder.name, problem)

    def _make(self, name: str, announced: Announced) -> Path:
        """The folder appears with everything in it, or not at all."""
        new = self.folder / f".new-{name}"
        (new / "in").mkdir(parents=True, mode=0o700)
        _write(new / "about.json", announced.model_dump_json())
        if announced.filename:
            (new / "in" / announced.filename).touch(mode=0o600)
        return new.rename(self.folder / name)

    def _folder(self, upload_id: str) -> Path:
        folder = self.folder / upload_id
        # Looked at before it is used: what is no id leads to no path.
        if not _ID.fullmatch(upload_id) or not folder.is_dir() or _expired(folder):
            raise NotFound("There is no such upload; it was ended, or is over a day old.")
        return folder

    def _sink(self, path: Path, most: int, length: int | None) -> Sink:
        least = self._settings.min_free_mb * 1_000_000
        return Sink(path, most=most, length=length, least_free=least)

    def _settle(self, folder: Path) -> None:
        """Take in what is whole, once. Hold the lock."""
        announced = _announced(folder)
        path = folder / "in" / announced.filename
        if _outcome(folder) is None:
            if path.stat().st_size != announced.length:
                return
            said = About(announced.account_id, announced.date, announced.title)
            outcome: dict[str, object]
            try:
                taken = take_in(self._library, path, said, sha256=announced.sha256)
            except FirsthandError as problem:
                if problem.retry:
                    raise
                outcome = {"status": problem.status, "detail": str(problem)}
            else:
                outcome = taken.model_dump()
            beside = folder / "outcome.new"
            _write(beside, json.dumps(outcome))
            beside.rename(folder / "outcome.json")
        path.unlink(missing_ok=True)

    def _forget(self, folder: Path) -> None:
        shutil.rmtree(folder.rename(self.folder / f".gone-{secrets.token_hex(8)}"))

    def _require_room(self, length: int) -> None:
        """Raises ``NoRoom`` when ``length`` more bytes would not fit. Hold ``_alone``."""
        together = to_come = 0
        for folder, announced in self._unfinished():
            together += announced.length
            to_come += announced.length - _arrived(folder)
        limit = self._settings.max_uploads_mb * 1_000_000
        if together + length > limit:
            raise NoRoom(
                f"Uploads under way hold {together / 1e6:,.0f} MB of the {limit / 1e6:,.0f} MB "
                "that they may; wait for one to end, stop one, or raise FIRSTHAND_MAX_UPLOADS_MB."
            )
        least = self._settings.min_free_mb * 1_000_000
        if (left := space_left(self.folder) - to_come - length) < least:
            raise NoRoom(
                f"The disk of {self.folder} is too full for this file: {max(left, 0) / 1e6:,.0f} "
                f"MB would be left, and FIRSTHAND_MIN_FREE_MB keeps {least / 1e6:,.0f} MB free; "
                "free some space."
            )

    def _unfinished(self) -> Iterator[tuple[Path, Announced]]:
        for about in self.folder.glob("*/about.json"):
            folder = about.parent
            with suppress(NotFound):  # it was ended in between
                if self._counts(folder):
                    yield folder, _announced(folder)

    def _counts(self, folder: Path) -> bool:
        if folder.name.startswith(".passing-"):
            try:
                with _locked(folder, wait_s=0.0):
                    self._forget(folder)  # its process died
            except Locked:
                return True
            return False
        ours = _ID.fullmatch(folder.name) is not None
        return ours and _outcome(folder) is None and not _expired(folder)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else makes room meanwhile."""
        self.folder.mkdir(exist_ok=True, mode=0o700)
        descriptor = os.open(self._library.home / "uploads.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _announced(folder: Path) -> Announced:
    try:
        return Announced.model_validate_json((folder / "about.json").read_bytes())
    except (FileNotFoundError, ValueError):  # or what a loss of power left of it
        raise NotFound("The upload was ended.") from None


def _arrived(folder: Path) -> int:
    for path in folder.glob("in/*"):
        with suppress(FileNotFoundError):
            return path.stat().st_size
    return 0


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _outcome(folder: Path) -> dict[str, object] | None:
    try:
        found: dict[str, object] = json.loads((folder / "outcome.json").read_bytes())
    except FileNotFoundError:
        return None
    return found


def _touched(folder: Path) -> float:
    """When something last came of the upload, in seconds since 1970. Raises ``NotFound``."""
    for path in (*folder.glob("in/*"), folder):
        with suppress(FileNotFoundError):
            return path.stat().st_mtime
    raise NotFound("The upload was ended.")


def _expired(folder: Path) -> bool:
    return time.time() - _touched(folder) > LASTS.total_seconds()


def _look(folder: Path) -> Upload:
    announced = _announced(folder)
    try:
        offset = (folder / "in" / announced.filename).stat().st_size
    except FileNotFoundError:
        offset = announced.length  # it was whole, and has an outcome
    outcome = _outcome(folder)
    if outcome is not None and "detail" in outcome:
        raise Failed(int(str(outcome["status"])), str(outcome["detail"]))
    taken = TakenIn.model_validate(outcome) if outcome is not None else None
    return Upload(
        upload_id=folder.name,
        filename=announced.filename,
        length=announced.length,
        offset=announced.length if taken else offset,
        expires_at=datetime.fromtimestamp(_touched(folder), UTC) + LASTS,
        metadata=announced.metadata,
        call_id=taken.call_id if taken else None,
        job_id=taken.job_id if taken else None,
    )


def _lock(folder: Path, *, wait_s: float) -> int:
    """The descriptor that holds the upload. Raises ``Locked`` and ``NotFound``."""
    try:
        descriptor = os.open(folder / "about.json", os.O_RDONLY)
    except FileNotFoundError:
        raise NotFound("The upload was ended.") from None
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                os.close(descriptor)
                raise Locked("The upload is being written to; try again in a moment.") from None
            time.sleep(_LOCK_POLL_S)
        else:
            return descriptor


@contextmanager
def _locked(folder: Path, *, wait_s: float) -> Iterator[None]:
    descriptor = _lock(folder, wait_s=wait_s)
    try:
        yield
    finally:
        os.close(descriptor)
