"""A sign-in that has begun, kept in the browser that began it until the provider sends it back.

It is a cookie that only we can read or make (JWE, AES-256-GCM). Its key is derived from the
client's secret, so every process of a server knows it and nothing is kept.
"""

from __future__ import annotations

import hmac
import json
from datetime import datetime, timedelta

from authlib.common.security import generate_token
from joserfc.errors import JoseError
from joserfc.jwe import decrypt_compact, encrypt_compact
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.errors import Forbidden

# How long somebody may take at the provider: a password, a second factor, a new password.
LASTS = timedelta(minutes=10)
_KIND = {"alg": "dir", "enc": "A256GCM"}
# With this much, the cookie stays well below the 4096 bytes that browsers keep.
_LONGEST_PATH = 1000


class Pending(BaseModel):
    """``state`` ties the provider's answer to this browser, ``nonce`` its token to this sign-in,
    ``verifier`` (PKCE) its code to us. ``expires_at`` in seconds since 1970."""

    model_config = ConfigDict(frozen=True)

    state: str
    nonce: str
    verifier: str
    next_path: str
    expires_at: float


def new_pending(next_path: str, now: datetime) -> Pending:
    """Made of fresh randomness: 256 bits each, and the verifier 64 characters (RFC 7636, 4.1)."""
    return Pending(
        state=generate_token(43),
        nonce=generate_token(43),
        verifier=generate_token(64),
        next_path=local_path(next_path),
        expires_at=(now + LASTS).timestamp(),
    )


def seal(pending: Pending, secret: str) -> str:
    return encrypt_compact(_KIND, pending.model_dump_json(), _key(secret), list(_KIND.values()))


def unseal(cookie: str, secret: str, now: datetime) -> Pending:
    """Raises ``Forbidden`` for what is not ours, was changed or is too old."""
    try:
        opened = decrypt_compact(cookie, _key(secret), list(_KIND.values()))
        pending = Pending.model_validate(json.loads(opened.plaintext or b""))
    except (JoseError, ValueError, TypeError, ValidationError):
        raise Forbidden(
            "This sign-in was not begun in this browser; open the sign-in page and begin again."
        ) from None
    if now.timestamp() >= pending.expires_at:
        raise Forbidden("This sign-in took too long; open the sign-in page and begin again.")
    return pending


def local_path(path: str) -> str:
    """``path`` if it stays on this server in every browser, else the front page.

    Browsers read a backslash as a slash, drop tabs and line breaks, and take ``//`` for a host.
    """
    local = (
        path.startswith("/")
        and not path.startswith("//")
        and "\\" not in path
        and path.isascii()
        and path.isprintable()
        and len(path) <= _LONGEST_PATH
    )
    return path if local else "/"


def _key(secret: str) -> OctKey:
    return OctKey.import_key(hmac.digest(secret.encode(), b"firsthand pending sign-in", "sha256"))
