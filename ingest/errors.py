"""What can go wrong on the ingest floor, each with what the reader should do next.

A message is one sentence that says what failed, on which thing, and what to do. ``status`` is the
HTTP status an outlet answers with; ``retry`` says whether the same call may succeed later.
"""

from __future__ import annotations

from math import ceil
from urllib.parse import urlsplit

_TOKEN = 12  # characters of a part of a path that may be a key; "v1" and "openai" are shorter


class FirsthandError(Exception):
    """Root of every error that is told to a person rather than traced."""

    status: int = 400
    retry: bool = False


class BadInput(FirsthandError):
    """The file or value given cannot be used as it is."""

    status = 422


class Unusable(BadInput):
    """A recording that can be read and holds nothing that could be used."""


class TooLarge(BadInput):
    """The file is over the limit that the settings allow."""

    status = 413


class NotFound(FirsthandError):
    """The call, account, job or memo named does not exist."""

    status = 404


class NotSignedIn(FirsthandError):
    """Nobody is told before they say who they are."""

    status = 401


class Forbidden(FirsthandError):
    """The person is known, and may not do that."""

    status = 403


class TooOften(FirsthandError):
    """Asked too often; ``retry_after_s`` is when it may be tried again, in whole seconds."""

    status = 429
    retry = True

    def __init__(self, sentence: str, wait_s: float) -> None:
        super().__init__(sentence)
        self.retry_after_s = max(1, ceil(wait_s))


class Conflict(FirsthandError):
    """What was asked would overwrite something else that is already here."""

    status = 409


class Busy(Conflict):
    """What is to be changed is being worked on; once that is done the same call may succeed."""

    retry = True


class MissingPart(FirsthandError):
    """An optional package or a model is not on this machine."""

    status = 501


class EngineFailed(FirsthandError):
    """A transcription engine, ours or hosted, did not answer properly."""

    status = 502
    retry = True


class Unavailable(FirsthandError):
    """A store that we depend on cannot be reached now; the same call may succeed later."""

    status = 503
    retry = True


class StoreRefused(FirsthandError):
    """A store answers and does not let us in: its name, a key or a right is wrong."""

    status = 502


class NoRoom(FirsthandError):
    """There is no space for the bytes now."""

    status = 507
    retry = True


class Cancelled(FirsthandError):
    """The person who started the work stopped it."""

    status = 409


def shown(name: str) -> str:
    """A file's name as it may be printed: it is chosen by whoever sent the file."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)[:120]


def withheld(said: str, key: str | None, address: str | None) -> str:
    """What a server said, in one line, without the key and the address that it was asked with:
    some repeat them, and some are told by the path who asks.
    """
    line = " ".join(said.split())
    parts = urlsplit(address or "").path.split("/")
    for secret in (key, *(part for part in parts if len(part) >= _TOKEN)):
        line = line.replace(secret, "…") if secret else line
    return line
