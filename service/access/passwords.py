"""Passwords: which are taken, and their hashes.

A password stands in no log, no error and no repr; only its Argon2id hash is kept, made with the
parameters that argon2-cffi holds for right (RFC 9106, low memory: 64 MiB for each one at work).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore, Lock

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from ingest.errors import BadInput, Unavailable

SHORTEST, LONGEST = 12, 1024
_ENOUGH = 3  # zxcvbn: over 10^8 guesses, out of reach for whoever must ask a server
_LOOKED_AT = 72  # characters; zxcvbn takes no more, and need not
# Each hash takes 64 MiB and all of a core: few at once, and few threads that wait for their turn.
_AT_WORK = BoundedSemaphore(2)
_INSIDE = BoundedSemaphore(8)
_estimating = Lock()  # zxcvbn keeps the words it is given in a module


def check_password(password: str, name: str) -> None:
    """Raises ``BadInput`` for a password that is too short, too long or easy to guess for
    ``name``; the sentence never repeats it.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadInput(f"A password has {SHORTEST} to {LONGEST:,} characters.")
    try:
        password.encode()
    except UnicodeEncodeError:
        raise BadInput("A password is text in UTF-8.") from None
    if _guessable(password, name):
        raise BadInput(
            "This password is easy to guess; take several words that have nothing to do with each "
            "other, or have one made by a password manager."
        )


def hash_password(password: str) -> str:
    """Salted, with its parameters."""
    with _AT_WORK:
        return _hasher().hash(_typed(password))


def verify(kept: str | None, password: str) -> bool:
    """Whether ``password`` is the one that ``kept`` is the hash of.

    It takes as long without one (nobody of this name), so that the time tells nothing. Raises
    ``Unavailable`` while too many are being looked at.
    """
    with _turn():
        try:
            return _hasher().verify(kept or _nobodys(), _typed(password)) and kept is not None
        except (VerificationError, UnicodeEncodeError):
            return False


def outdated(kept: str) -> bool:
    """Whether the hash was made with other parameters than are used now."""
    return _hasher().check_needs_rehash(kept)


# --- within --------------------------------------------------------------------------------------


@contextmanager
def _turn() -> Iterator[None]:
    if not _INSIDE.acquire(blocking=False):
        raise Unavailable("Too many people are signing in just now; try again in a moment.")
    try:
        with _AT_WORK:
            yield
    finally:
        _INSIDE.release()


def _typed(password: str) -> str:
    """Keyboards write the same letter in more than one way."""
    return unicodedata.normalize("NFKC", password)


def _guessable(password: str, name: str) -> bool:
    from zxcvbn import zxcvbn

    # In parts as well: nobody is to be let in by the first half of an e-mail address.
    before_at = name.partition("@")[0]
    parts = [part for part in re.split(r"[\W_]+", name) if len(part) > 2]
    told = [name, before_at, re.sub(r"[\W_]+", "", before_at), "firsthand", *parts]
    with _estimating:
        score: int = zxcvbn(password[:_LOOKED_AT], user_inputs=told)["score"]
    return score < _ENOUGH


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys() -> str:
    """The hash of no password, made with the parameters of all others."""
    return _hasher().hash("")
