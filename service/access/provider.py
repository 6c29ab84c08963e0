"""A sign-in provider asked over HTTP: what it is, and its answers as JSON or as one sentence."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2
from authlib.integrations.httpx_client import OAuth2Client
from pydantic import AnyHttpUrl, BaseModel, ConfigDict, ValidationError

from ingest.errors import Unavailable
from service.access.identity import OidcOptions, ProviderFailed

log = logging.getLogger(__name__)

_TIMEOUT_S = 10.0
_ERROR_CODE = re.compile(r"[a-z_]{1,40}")


class Provider(BaseModel):
    """What a provider says of itself (OpenID Connect Discovery 1.0, 3)."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: AnyHttpUrl
    token_endpoint: AnyHttpUrl
    jwks_uri: AnyHttpUrl
    userinfo_endpoint: AnyHttpUrl | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False

    def endpoints(self) -> Iterator[AnyHttpUrl]:
        yield from (self.authorization_endpoint, self.token_endpoint, self.jwks_uri)
        if self.userinfo_endpoint is not None:
            yield self.userinfo_endpoint


def client_of(options: OidcOptions) -> OAuth2Client:
    """Asks in our name; to be closed."""
    return OAuth2Client(
        options.client_id,
        options.client_secret,
        scope="openid email profile",
        redirect_uri=options.redirect_uri,
        code_challenge_method="S256",
        timeout=_TIMEOUT_S,
    )


def discover(client: OAuth2Client, options: OidcOptions) -> Provider:
    url = options.issuer.rstrip("/") + "/.well-known/openid-configuration"
    described = ask(client, url, options)
    try:
        provider = Provider.model_validate(described)
    except ValidationError as problem:
        field = ".".join(str(part) for part in problem.errors()[0]["loc"])
        raise ProviderFailed(
            f"{options.name} does not describe itself as a sign-in provider at {url} "
            f"({field}); check FIRSTHAND_OIDC_ISSUER."
        ) from None
    if provider.issuer != options.issuer:
        # To the letter, or a provider could speak for another.
        raise ProviderFailed(
            f"The sign-in provider at {url} calls itself by another name than "
            f"FIRSTHAND_OIDC_ISSUER; set that to its issuer exactly as it is written there."
        )
    if options.issuer.startswith("https:") and any(
        endpoint.scheme != "https" for endpoint in provider.endpoints()
    ):
        raise ProviderFailed(
            f"{options.name} names an address that is not https, so it is not asked."
        )
    return provider


def ask(
    client: OAuth2Client, url: str, options: OidcOptions, *, bearer: str | None = None
) -> Mapping[str, Any]:
    """The JSON object at ``url``. Raises ``Unavailable`` and ``ProviderFailed``."""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    with answering(options):
        answer = client.request("GET", url, withhold_token=True, headers=headers)
        answer.raise_for_status()
        try:
            value = answer.json()
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, dict):
        raise ProviderFailed(f"{options.name} answered with something else at {url}.")
    return value


@contextmanager
def answering(options: OidcOptions) -> Iterator[None]:
    """A provider that is away or ill is told in one sentence."""
    try:
        yield
    except httpx2.HTTPStatusError as problem:
        status = problem.response.status_code
        said = f"{options.name} answers with status {status} at {problem.request.url.host}"
        if status >= 500 or status == 429:
            raise Unavailable(f"{said}; try again in a moment.") from None
        raise ProviderFailed(f"{said}; check FIRSTHAND_OIDC_ISSUER.") from None
    except httpx2.HTTPError as problem:
        log.warning("the sign-in provider cannot be reached: %s", type(problem).__name__)
        raise Unavailable(
            f"{options.name} cannot be reached, so nobody can be signed in there; try again in a "
            "moment."
        ) from None


def told(code: object) -> str:
    """An error's code in brackets, if it is one: the rest is whatever somebody wrote."""
    return f" ({code})" if isinstance(code, str) and _ERROR_CODE.fullmatch(code) else ""
