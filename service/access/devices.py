"""Device cookies: a browser shows that somebody has signed in with a name there before.

They let nobody in; they only keep what strangers do from counting against the browser (see
``lockout``). A cookie is a random id, signed together with the name by a key of this home.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

import sqlalchemy as sa

from ingest.copying import DEVICE_KEY
from ingest.facts import fact, put_fact


def signing_key(connection: sa.Connection) -> bytes | None:
    """The home's key, ``None`` before anybody has signed in."""
    found = fact(connection, DEVICE_KEY)
    return bytes.fromhex(found) if isinstance(found, str) else None


def make_key(connection: sa.Connection) -> bytes:
    """The home's key, made if there is none. It is not copied to other homes or backups."""
    key = signing_key(connection)
    if key is None:
        key = secrets.token_bytes(32)
        put_fact(connection, DEVICE_KEY, key.hex())
    return key


def issue(key: bytes, name: str) -> str:
    """A cookie for a browser in which ``name``, folded, has just signed in."""
    device = secrets.token_urlsafe(16)
    return f"{device}.{_signature(key, name, device)}"


def known(key: bytes | None, cookie: str | None, name: str) -> str | None:
    """The id in the cookie, if it was issued here for ``name``."""
    if key is None or cookie is None:
        return None
    device, _, signature = cookie.partition(".")
    right = _signature(key, name, device).encode()
    return device if hmac.compare_digest(signature.encode("utf-8", "replace"), right) else None


def _signature(key: bytes, name: str, device: str) -> str:
    told = f"{name}\0{device}".encode("utf-8", "replace")
    return hmac.new(key, told, hashlib.sha256).hexdigest()
