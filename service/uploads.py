"""Uploads on their way: files that arrive in pieces, over any number of connections.

A process may die at any instant: what lies in an upload's file has arrived, and what is whole and
has no outcome yet is taken in by whoever asks next.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ingest.errors import BadInput, Conflict, FirsthandError, NoRoom, NotFound, TooOften
from ingest.library import Library
from ingest.media.port import clear, too_large
from ingest.pipeline import About
from ingest.store import get_call, require_account
from service.access.person import Person, at_the_machine
from service.arriving import Arriving, Sink, space_left
from service.settings import Settings
from service.taking_in import take_in
from service.upload_allowance import Allowance
from service.upload_folder import (
    ID,
    Announced,
    Locked,
    Upload,
    announced_in,
    arrived_in,
    expired,
    forget,
    lock,
    locked,
    look,
    outcome_of,
    write,
)

_ANOTHER_TRY_S = 30.0  # until one of the uploads under way may have ended

log = logging.getLogger(__name__)


class Uploads:
    """The uploads of a home, as ``person`` has to do with them: with their own, and no others."""

    def __init__(self, library: Library, settings: Settings, person: Person | None = None) -> None:
        self._library = library
        self._settings = settings
        self._person = person or at_the_machine()
        self.folder = library.home / "uploads"
        per_day = settings.max_upload_mb_per_day
        self._allowance = Allowance(library.home, per_day * 1_000_000 if per_day else None)

    def create(self, announced: Announced) -> Upload:
        """Make room for a file that is to come.

        Raises ``BadInput``, ``TooLarge``, ``NotFound`` (account, call), ``NoRoom``, ``TooOften``.
        """
        limit = self._library.options.max_file_bytes
        if announced.length > limit:
            raise too_large(announced.filename, announced.length, limit)
        if announced.length <= 0:
            raise BadInput(f"{announced.filename} is empty; nothing was added.")
        with self._library.read() as connection:
            if announced.account_id is not None:
                require_account(connection, announced.account_id)
            if announced.call_id is not None:
                get_call(connection, announced.call_id)
        upload_id = secrets.token_hex(16)
        with self._alone():
            self._require_room(announced.length)
            self._allowance.take(self._person.user_id, announced.length)
            self._make(upload_id, announced)
        return self.get(upload_id)

    def get(self, upload_id: str) -> Upload:
        """The upload as it stands; what is whole is taken in first.

        Raises ``NotFound``, ``Failed`` with what was wrong with the file, or what may pass.
        """
        folder = self._folder(upload_id)
        found = look(folder)
        if found.call_id is None and found.offset == found.length:
            with locked(folder, wait_s=600.0):
                self._settle(folder)
            found = look(folder)
        return found

    def arriving(
        self, upload_id: str, offset: int, *, checksum: tuple[str, bytes] | None = None
    ) -> Arriving:
        """Bytes of the upload from ``offset`` on; close what is returned.

        Raises ``NotFound``, ``Locked``, ``Conflict`` (another offset) and ``Failed``.
        """
        folder = self._folder(upload_id)
        held = lock(folder, wait_s=0.0)
        try:
            found = look(folder)
            if offset != found.offset:
                raise Conflict(
                    f"{found.filename} has {found.offset} bytes so far, so they cannot go on "
                    f"from {offset}; ask for the offset and go on from there."
                )
            path = folder / "in" / found.filename
            sink = None if found.call_id else self._sink(path, found.length, found.length)
            return Arriving(sink, path, held, checksum)
        except BaseException:
            os.close(held)
            raise

    @contextmanager
    def passing(self, most: int) -> Iterator[Path]:
        """A folder for one file of up to ``most`` bytes that comes at once; removed afterwards."""
        with self._alone():
            self._require_room(most)
            self._allowance.take(self._person.user_id, most)
            name = f".passing-{secrets.token_hex(8)}"
            folder = self._make(name, Announced(filename="", length=most))
            held = lock(folder, wait_s=0.0)
        try:
            yield folder / "in"
        finally:
            missing = most - arrived_in(folder)
            shutil.rmtree(folder)
            os.close(held)
            with self._alone():
                self._allowance.give_back(self._person.user_id, missing)

    def sink(self, path: Path) -> Sink:
        """A new file that what is sent goes into, block by block."""
        path.touch(mode=0o600, exist_ok=False)
        limit = self._library.options.max_file_bytes
        return self._sink(path, limit, None)

    def terminate(self, upload_id: str) -> None:
        """Forget the upload, which an admin may with everybody's.

        Raises ``NotFound``, or ``Locked`` while bytes arrive.
        """
        folder = self._folder(upload_id, anybodys=self._person.may("admin"))
        with locked(folder, wait_s=2.0):
            announced = announced_in(folder)
            missing = 0 if outcome_of(folder) else announced.length - arrived_in(folder)
            forget(folder)
        with self._alone():
            self._allowance.give_back(announced.owner, missing)

    def sweep(self) -> None:
        """Forget what has expired, and take in what is whole."""
        clear(self.folder, ".*")
        for about in self.folder.glob("*/about.json"):
            folder = about.parent
            try:
                with locked(folder, wait_s=0.0):
                    if expired(folder):
                        forget(folder)
                    elif not folder.name.startswith("."):
                        self._settle(folder)
            except FirsthandError as problem:
                # In use, gone in between, or it cannot be taken in just now.
                told = type(problem).__name__
                log.info("upload %s is left for later: %s", folder.name, told)

    def _make(self, name: str, announced: Announced) -> Path:
        """The folder appears with everything in it, or not at all."""
        new = self.folder / f".new-{name}"
        announced = announced.model_copy(update={"owner": self._person.user_id})
        (new / "in").mkdir(parents=True, mode=0o700)
        write(new / "about.json", announced.model_dump_json())
        if announced.filename:
            (new / "in" / announced.filename).touch(mode=0o600)
        return new.rename(self.folder / name)

    def _folder(self, upload_id: str, *, anybodys: bool = False) -> Path:
        folder = self.folder / upload_id
        # Looked at before it is used: what is no id leads to no path. Another person's upload is
        # told of no otherwise than one that never was.
        there = ID.fullmatch(upload_id) and folder.is_dir() and not expired(folder)
        if not there or not (anybodys or announced_in(folder).owner == self._person.user_id):
            raise NotFound("There is no such upload; it was ended, or is over a day old.")
        return folder

    def _sink(self, path: Path, most: int, length: int | None) -> Sink:
        least = self._settings.min_free_mb * 1_000_000
        return Sink(path, most=most, length=length, least_free=least)

    def _settle(self, folder: Path) -> None:
        """Take in what is whole, once. Hold the lock."""
        announced = announced_in(folder)
        path = folder / "in" / announced.filename
        if outcome_of(folder) is None:
            if path.stat().st_size != announced.length:
                return
            said = About(announced.account_id, announced.date, announced.title, announced.consent)
            outcome: dict[str, object]
            try:
                taken = take_in(
                    self._library, path, said, sha256=announced.sha256, call_id=announced.call_id
                )
            except FirsthandError as problem:
                if problem.retry:
                    raise
                outcome = {"status": problem.status, "detail": str(problem)}
            else:
                outcome = taken.model_dump()
            beside = folder / "outcome.new"
            write(beside, json.dumps(outcome))
            beside.rename(folder / "outcome.json")
        path.unlink(missing_ok=True)

    def _require_room(self, length: int) -> None:
        """Raises ``NoRoom`` when ``length`` more bytes would not fit, ``TooOften`` when the person
        has too much under way. Hold ``_alone``.
        """
        together = to_come = mine = 0
        for folder, announced in self._unfinished():
            together += announced.length
            to_come += announced.length - arrived_in(folder)
            mine += announced.owner == self._person.user_id
        if mine >= self._settings.max_uploads:
            raise TooOften(
                f"You have {mine} uploads under way, which is the most that FIRSTHAND_MAX_UPLOADS "
                "allows; wait for one to end, or stop one.",
                _ANOTHER_TRY_S,
            )
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
                    yield folder, announced_in(folder)

    def _counts(self, folder: Path) -> bool:
        if folder.name.startswith(".passing-"):
            try:
                with locked(folder, wait_s=0.0):
                    forget(folder)  # its process died
            except Locked:
                return True
            return False
        ours = ID.fullmatch(folder.name) is not None
        return ours and outcome_of(folder) is None and not expired(folder)

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
