"""Settings of where the server is, and of who comes in by single sign-on."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode

from service.access.identity import CALLBACK_PATH, OidcOptions

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip().lower() for part in value.split(",") if part.strip())
    return value


ByComma = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class DoorSettings(BaseSettings):
    """Addresses, the proxies before them, and the provider that people sign in at."""

    host: str = Field(
        default="127.0.0.1",
        description="Address that `firsthand serve` binds to; other than this machine's own it "
        "needs users and FIRSTHAND_URL.",
    )
    port: int = Field(default=8400, ge=0, le=65535, description="Port of `firsthand serve`.")

    proxies: ByComma = Field(
        default=("127.0.0.1",),
        description="Addresses of proxies whose word is taken for where a request comes from, "
        "separated by commas.",
    )
    url: str | None = Field(
        default=None, description="Address that people use, e.g. https://firsthand.example.com."
    )
    oidc_issuer: str | None = Field(
        default=None,
        description="OpenID Connect provider that people sign in at, e.g. "
        "https://accounts.google.com; FIRSTHAND_URL/sso/callback is the redirect address there.",
    )
    oidc_client_id: str | None = Field(
        default=None, validate_default=True, description="What the provider calls this server."
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None, validate_default=True, description="Its secret there."
    )
    oidc_name: str | None = Field(
        default=None, description="What people call the provider; default its host."
    )
    oidc_domains: ByComma = Field(
        default=(),
        description="E-mail domains whose people may come without being added first, separated by "
        "commas; * is everybody whom the provider knows.",
    )
    oidc_role: Literal["viewer", "editor"] | None = Field(
        default=None,
        description="Role of somebody who comes without being added first; default none may.",
    )

    @field_validator("url", "oidc_issuer")
    @classmethod
    def _is_an_address(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value:
            return None
        parts = urlsplit(value)
        local = parts.hostname in LOOPBACK
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise ValueError("it begins with https:// (http:// only on this machine)")
        plain = re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", parts.netloc) and parts.port != 0
        path = parts.path.strip("/") if info.field_name == "url" else ""
        if not plain or parts.query or parts.fragment or path:
            raise ValueError("it is an address as in https://firsthand.example.com, without more")
        if info.field_name == "url":  # as browsers write it in the Origin header
            standard = ":443" if parts.scheme == "https" else ":80"
            return f"{parts.scheme}://{parts.netloc.lower().removesuffix(standard)}"
        if info.data.get("url") is None:
            raise ValueError("it needs FIRSTHAND_URL, the address that people use")
        return value

    @field_validator("oidc_client_id", "oidc_client_secret")
    @classmethod
    def _provider_has(cls, value: object, info: ValidationInfo) -> object:
        if not value and info.data.get("oidc_issuer") is not None:
            raise ValueError("FIRSTHAND_OIDC_ISSUER needs it")
        return value or None

    @field_validator("oidc_role")
    @classmethod
    def _role_has_domains(cls, value: object, info: ValidationInfo) -> object:
        # Without them a provider such as Google would let in everybody there is.
        if value is not None and not info.data.get("oidc_domains"):
            raise ValueError("it needs FIRSTHAND_OIDC_DOMAINS: whose people may come (* is all)")
        return value

    @property
    def secure(self) -> bool:
        """Whether people come by https, so that cookies never travel otherwise."""
        return self.url is not None and self.url.startswith("https:")

    @property
    def bound(self) -> str:
        """Where the server listens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def page(self) -> str:
        """Where people reach the page, as far as it is told; without a slash at its end."""
        return self.url or self.bound

    @property
    def public(self) -> bool:
        """Whether others than whoever sits at this machine can reach the server."""
        hosts = (self.host, urlsplit(self.url).hostname if self.url else None)
        return any(host is not None and host not in LOOPBACK for host in hosts)

    def oidc(self) -> OidcOptions | None:
        """Single sign-on; ``None`` where no provider is named."""
        if not (self.url and self.oidc_issuer and self.oidc_client_id and self.oidc_client_secret):
            return None
        return OidcOptions(
            issuer=self.oidc_issuer,
            client_id=self.oidc_client_id,
            client_secret=self.oidc_client_secret.get_secret_value(),
            redirect_uri=self.url + CALLBACK_PATH,
            name=self.oidc_name or urlsplit(self.oidc_issuer).netloc,
            role=self.oidc_role,
            domains=self.oidc_domains,
        )
