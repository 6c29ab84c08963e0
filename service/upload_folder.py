"""An upload on its way, as it lies on the disk: a folder of its own under ``uploads`` in the home.

::

    about.json     what was said of the file; written once, before anything arrives
    in/NAME        the bytes so far. Its length is the offset: nothing else says how far it is
    outcome.json   what became of it; written once, and then the bytes go

One request at a time writes to it, held by a lock on ``about.json``.
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

from ingest.consent import Consent
from ingest.errors import FirsthandError, NotFound
from ingest.models import Frozen
from service.taking_in import TakenIn

log = logging.getLogger(__name__)

LASTS = timedelta(days=1)  # after its last byte, and after its outcome
ID = re.compile(r"[0-9a-f]{32}")
_LOCK_POLL_S = 0.05


class Announced(Frozen):
    """What is said of a file before it comes. ``filename`` is one that it can have here."""

    filename: str
    length: int = Field(description="in bytes")
    account_id: str | None = None
    date: dt.date | None = None
    title: str | None = None
    consent: Consent | None = None
    call_id: str | None = Field(default=None, description="the call whose second file it is")
    sha256: str | None = Field(default=None, description="what its bytes must hash to")
    metadata: str = Field(default="", description="all of this as it was sent, to be told again")
    owner: str | None = Field(default=None, description="who sends it; none at the machine itself")


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


def announced_in(folder: Path) -> Announced:
    try:
        return Announced.model_validate_json((folder / "about.json").read_bytes())
    except (FileNotFoundError, ValueError):  # or what a loss of power left of it
        raise NotFound("The upload was ended.") from None


def arrived_in(folder: Path) -> int:
    for path in folder.glob("in/*"):
        with suppress(FileNotFoundError):
            return path.stat().st_size
    return 0


def write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def outcome_of(folder: Path) -> dict[str, object] | None:
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


def expired(folder: Path) -> bool:
    return time.time() - _touched(folder) > LASTS.total_seconds()


def look(folder: Path) -> Upload:
    announced = announced_in(folder)
    try:
        offset = (folder / "in" / announced.filename).stat().st_size
    except FileNotFoundError:
        offset = announced.length  # it was whole, and has an outcome
    outcome = outcome_of(folder)
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


def lock(folder: Path, *, wait_s: float) -> int:
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
def locked(folder: Path, *, wait_s: float) -> Iterator[None]:
    descriptor = lock(folder, wait_s=wait_s)
    try:
        yield
    finally:
        os.close(descriptor)


def forget(folder: Path) -> None:
    """Remove the upload. Hold its lock."""
    shutil.rmtree(folder.rename(folder.parent / f".gone-{secrets.token_hex(8)}"))


def forget_uploads(uploads: Path, call_id: str) -> None:
    """Forget those under ``uploads`` that the call came by: what was said of its file lies there.

    One that is being asked about just now is left; it is forgotten within a day.
    """
    for outcome in uploads.glob("*/outcome.json"):
        folder = outcome.parent
        if (outcome_of(folder) or {}).get("call_id") == call_id:
            try:
                with locked(folder, wait_s=2.0):
                    forget(folder)
            except NotFound:
                continue
            except Locked:
                log.warning("An upload of an erased call is in use, and is forgotten later.")
