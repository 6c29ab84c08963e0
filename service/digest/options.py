"""Where the digest may be sent, as the settings name it."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

from ingest.errors import BadInput
from service.digest.slot import address

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"smtps": 465, "smtp": 587}
_SHORTEST_SECRET = 16  # bytes; the specification asks for 24 to 64


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail server that takes what we send. ``tls``: from the first byte, or after STARTTLS."""

    host: str
    port: int
    tls: Literal["at once", "starttls"]
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def local(self) -> bool:
        """Whether it is this machine's own, which needs no encryption."""
        return self.host in _LOOPBACK


@dataclass(frozen=True, slots=True)
class Hook:
    """A program that is told, and the secret that proves us to it."""

    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Server:
    """As the address of a mail server names it."""

    host: str
    port: int
    scheme: str
    user: str | None


def server(url: str) -> Server:
    """``smtps://user@host:465`` or ``smtp://user@host:587``. Raises ``BadInput``."""
    wrong = BadInput("it is smtps://user@host:465, or smtp://user@host:587 for STARTTLS")
    try:
        parts = urlsplit(url)
        port = parts.port
        (parts.hostname or "").encode("idna")  # as it is looked up
    except ValueError:
        raise wrong from None
    if parts.scheme not in _PORTS or not parts.hostname or port == 0 or parts.path.strip("/"):
        raise wrong
    if parts.query or parts.fragment or parts.password is not None:
        raise BadInput("the password belongs into FIRSTHAND_SMTP_PASSWORD")
    user = unquote(parts.username) if parts.username else None
    return Server(parts.hostname, port or _PORTS[parts.scheme], parts.scheme, user)


def mail(url: str, sender: str, password: str | None) -> Mail:
    """The mail server at ``url``. Raises ``BadInput``."""
    at = server(url)
    if (at.user is None) != (password is None):
        raise BadInput(
            "a name in FIRSTHAND_SMTP (smtps://NAME@host) and FIRSTHAND_SMTP_PASSWORD go together"
        )
    if not (at.user or "").isascii() or not (password or "").isascii():
        raise BadInput("a name and a password for mail are written in plain ASCII")
    return Mail(
        host=at.host,
        port=at.port,
        tls="at once" if at.scheme == "smtps" else "starttls",
        sender=address(sender),
        user=at.user,
        password=password,
    )


def hook(url: str, secret: str) -> Hook:
    """An ``https://`` address; ``http://`` only on this machine. Raises ``BadInput``."""
    wrong = BadInput("it is an address as in https://example.com/digest, without name or password")
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise wrong from None
    if not usable or parts.username or parts.password or parts.fragment:
        raise wrong
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise BadInput("it begins with https:// (http:// only on this machine)")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < _SHORTEST_SECRET:
        raise BadInput("the secret is whsec_ and at least 16 random bytes in base64")
    return Hook(url, secret)
