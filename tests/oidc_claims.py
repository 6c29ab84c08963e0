"""What the tests' provider says of a person; in a file of its own because the provider, started by
``tests/oidc_site.py``, imports it by name once it is configured."""

from __future__ import annotations

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator


class Claims(OAuth2Validator):  # type: ignore[misc]  # Django has no types
    """The address of everybody but ``unconfirmed`` is verified."""

    def get_additional_claims(self, request: Any) -> dict[str, object]:
        return {
            "name": request.user.get_full_name(),
            "email": request.user.email,
            "email_verified": request.user.username != "unconfirmed",
        }
