"""Single sign-on: somebody signs in at an OpenID Connect provider, and we learn who it is.

The authorization code flow with PKCE (OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9700). Nothing of
the provider's is kept between sign-ins: what it is and which keys it signs with is asked for each
time, so that a key it has changed is known at once and one it has withdrawn is trusted no longer.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from datetime import datetime

from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client

from ingest.errors import Forbidden, NotFound
from service.access.claims import identity, verify
from service.access.identity import Identity, OidcOptions, ProviderFailed
from service.access.pending import new_pending, seal, unseal
from service.access.provider import Provider, answering, ask, client_of, discover, told
from service.settings import Settings

log = logging.getLogger(__name__)


def begin(settings: Settings, next_path: str, now: datetime) -> tuple[str, str]:
    """Where the browser goes, and the cookie it takes along (http-only, SameSite=Lax, ten minutes).

    Raises ``NotFound`` where no provider is named, ``Unavailable`` and ``ProviderFailed``.
    """
    options = _options(settings)
    with client_of(options) as client:
        provider = discover(client, options)
        pending = new_pending(next_path, now)
        url, _ = client.create_authorization_url(
            str(provider.authorization_endpoint),
            state=pending.state,
            nonce=pending.nonce,
            code_verifier=pending.verifier,
        )
    return str(url), seal(pending, options.client_secret)


def finish(settings: Settings, query: Mapping[str, str], cookie: str, now: datetime) -> Identity:
    """Who came back from the provider with ``query``; ``cookie`` is what ``begin`` gave.

    Raises ``Forbidden`` for whatever is not proven, and what ``begin`` raises.
    """
    options = _options(settings)
    pending = unseal(cookie, options.client_secret, now)
    # Before anything else: an answer to another browser's sign-in is not even looked at.
    if not hmac.compare_digest(query.get("state", "").encode(), pending.state.encode()):
        raise Forbidden(
            "This answer belongs to another sign-in; open the sign-in page and begin again."
        )
    with client_of(options) as client:
        provider = discover(client, options)
        code = _code(query, provider, options)
        id_token, access_token = _redeem(
            client, provider, options, code=code, verifier=pending.verifier
        )
        claims = verify(
            id_token,
            ask(client, str(provider.jwks_uri), options),
            options,
            nonce=pending.nonce,
            access_token=access_token,
            now=now,
        )
        # Many providers put who it is at another address and not into the token.
        if "email" not in claims and provider.userinfo_endpoint is not None:
            about = ask(client, str(provider.userinfo_endpoint), options, bearer=access_token)
            if about.get("sub") != claims["sub"]:  # OpenID Connect Core 1.0, 5.3.2
                raise Forbidden(f"{options.name} spoke of somebody else; begin again.")
            claims = {**about, **claims}
    return identity(options.issuer, claims)


def destination(settings: Settings, cookie: str, now: datetime) -> str:
    """The path on this server that the sign-in was begun for. Raises ``Forbidden``."""
    return unseal(cookie, _options(settings).client_secret, now).next_path


def _options(settings: Settings) -> OidcOptions:
    options = settings.oidc()
    if options is None:
        raise NotFound("Single sign-on is not set up here (FIRSTHAND_OIDC_ISSUER is empty).")
    return options


def _code(query: Mapping[str, str], provider: Provider, options: OidcOptions) -> str:
    """The code out of the provider's answer (RFC 6749, 4.1.2; its ``iss`` is RFC 9207)."""
    if "error" in query:  # without "iss" too, as some providers send it: it leads nowhere
        if query["error"] == "access_denied":
            raise Forbidden(f"The sign-in was stopped at {options.name}.")
        raise Forbidden(f"{options.name} did not sign you in{told(query['error'])}.")
    announced = provider.authorization_response_iss_parameter_supported
    if query.get("iss", None if announced else provider.issuer) != provider.issuer:
        raise Forbidden(
            f"This answer does not come from {options.name}; open the sign-in page and begin again."
        )
    if not query.get("code"):
        raise Forbidden(f"{options.name} did not sign you in; begin again.")
    return query["code"]


def _redeem(
    client: OAuth2Client, provider: Provider, options: OidcOptions, *, code: str, verifier: str
) -> tuple[str, str]:
    """What the code is worth: an id token and an access token."""
    methods = provider.token_endpoint_auth_methods_supported
    if "client_secret_basic" not in methods and "client_secret_post" in methods:
        client.token_endpoint_auth_method = "client_secret_post"
    with answering(options):
        try:
            token = client.fetch_token(
                str(provider.token_endpoint), code=code, code_verifier=verifier
            )
        except OAuthError as problem:
            log.warning("the sign-in provider refused a code: %s", told(problem.error))
            if problem.error == "invalid_grant":  # used, too old, or not ours
                raise Forbidden(
                    f"{options.name} does not take this sign-in any more; begin again."
                ) from None
            raise ProviderFailed(
                f"{options.name} refused to say who signed in{told(problem.error)}; check the "
                "client's id, secret and redirect address there."
            ) from None
        except (
            TypeError,
            ValueError,
            RecursionError,
        ):
            raise ProviderFailed(f"{options.name} answered with something else.") from None
    id_token, access_token = token.get("id_token"), token.get("access_token")
    if not isinstance(id_token, str) or not isinstance(access_token, str):
        raise ProviderFailed(f"{options.name} did not say who signed in (there is no id_token).")
    if not (access_token.isascii() and access_token.isprintable()):  # it goes into a header
        raise ProviderFailed(f"{options.name} answered with something else.")
    return id_token, access_token
