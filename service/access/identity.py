"""What single sign-on is told, and what it tells: options in, an identity out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ingest.errors import FirsthandError

# Where the provider sends the browser back to; it is registered there, so it never changes.
CALLBACK_PATH = "/sso/callback"


@dataclass(frozen=True, slots=True)
class OidcOptions:
    """``name`` is what people call the provider. ``role`` and ``domains`` say who may come without
    having been added; ``*`` in ``domains`` is everybody whom the provider knows."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    name: str
    role: Literal["viewer", "editor"] | None
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in: ``issuer`` and ``subject`` together never change and are never given to
    anybody else. ``email`` is there only if the provider vouches for it, in lower case."""

    issuer: str
    subject: str
    email: str | None
    name: str | None


class ProviderFailed(FirsthandError):
    """The sign-in provider answers, and what it says cannot be used: a setting here or there."""

    status = 502
