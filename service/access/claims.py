"""What a provider's id token says, once it is proven that the provider says it to us, now."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, InvalidClaimError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from ingest.errors import Forbidden
from service.access.identity import Identity, OidcOptions

log = logging.getLogger(__name__)

_LEEWAY_S = 60  # how far the provider's clock may be from ours
# Only what a public key can check: with HS256 whoever knows the client's secret could sign, and
# "none" is signed by nobody.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_GOOGLE = "https://accounts.google.com"


def verify(
    id_token: str,
    keys: Mapping[str, Any],
    options: OidcOptions,
    *,
    nonce: str,
    access_token: str,
    now: datetime,
) -> Mapping[str, Any]:
    """The id token's claims, after all of OpenID Connect Core 1.0, 3.1.3.7; ``keys`` is the
    provider's key set. Raises ``Forbidden``."""
    try:
        signed = jwt.decode(
            id_token,
            KeySet.import_key_set({"keys": keys["keys"]}),
            registry=JWSRegistry(algorithms=_ALGORITHMS, strict_check_header=False),
        )
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            {
                "iss": {"essential": True, "value": options.issuer},
                "aud": {"essential": True, "value": options.client_id},
                "sub": {"essential": True},
            },
            {"nonce": nonce, "client_id": options.client_id, "access_token": access_token},
        )
        claims.validate(int(now.timestamp()), _LEEWAY_S)
        _check_subject(claims["sub"])
    except (JoseError, KeyError, TypeError, ValueError) as problem:
        why = f" ({problem.claim})" if isinstance(problem, ClaimError) else ""
        log.warning("an id token was refused: %s%s", type(problem).__name__, why)
        raise Forbidden(
            f"What {options.name} says about you could not be verified{why}; begin again, and tell "
            "whoever runs this server if it stays so."
        ) from None
    return claims


def identity(issuer: str, claims: Mapping[str, Any]) -> Identity:
    """``claims`` are verified; those of the person may come from another address of the same."""
    return Identity(issuer, claims["sub"], _email(issuer, claims), _name(claims))


def _check_subject(subject: str) -> None:
    if not (subject.isascii() and subject.isprintable() and len(subject) <= 255):
        raise InvalidClaimError("sub")


def _email(issuer: str, claims: Mapping[str, Any]) -> str | None:
    """The address, if the provider vouches for it."""
    email = claims.get("email")
    # Only ASCII: other alphabets have letters that fold to those of somebody else's address.
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        return None
    if not (email.isascii() and email.isprintable() and len(email) <= 254):
        return None
    name, _, domain = email.lower().rpartition("@")
    if not name or not domain:
        return None
    # Anybody may make an account at Google with an address of a company's; it vouches only for
    # Gmail and for those whom the company's own administrators let in.
    if issuer == _GOOGLE and domain != "gmail.com" and not claims.get("hd"):
        return None
    return f"{name}@{domain}"


def _name(claims: Mapping[str, Any]) -> str | None:
    name = claims.get("name")
    if not isinstance(name, str):
        return None
    shown = "".join(c for c in name if c.isprintable()).strip()
    return shown[:120] or None
