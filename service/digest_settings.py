"""Settings of where the weekly digest goes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from ingest.errors import BadInput
from service.digest.options import Hook, Mail, hook, mail, server


class DigestSettings(BaseSettings):
    """A mail server, and a program that is told."""

    smtp: str | None = Field(
        default=None,
        repr=False,
        description="Mail server for the digest, as smtps://user@host:465, or smtp://user@host:587 "
        "for STARTTLS; without encryption only on this machine.",
    )
    smtp_password: SecretStr | None = Field(default=None, description="The password there.")
    mail_from: str | None = Field(
        default=None, validate_default=True, description="Address that mail comes from."
    )
    digest_webhook: str | None = Field(
        default=None,
        repr=False,
        description="https:// address of a program that `serve` tells the digest, signed as "
        "Standard Webhooks says.",
    )
    digest_secret: SecretStr | None = Field(
        default=None,
        validate_default=True,
        description="What it is signed with: whsec_ and random bytes in base64.",
    )

    @field_validator("smtp")
    @classmethod
    def _is_a_mail_server(cls, value: str | None) -> str | None:
        if value:
            _usable(partial(server, value))
        return value or None

    @field_validator("mail_from")
    @classmethod
    def _mail_can_be_sent(cls, value: str | None, info: ValidationInfo) -> str | None:
        if url := info.data.get("smtp"):
            password = info.data.get("smtp_password")
            told = password.get_secret_value() if password else None
            _usable(partial(mail, url, value or "", told or None))
        return value or None

    @field_validator("digest_secret")
    @classmethod
    def _webhook_can_be_signed(
        cls, value: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        if url := info.data.get("digest_webhook"):
            _usable(partial(hook, url, value.get_secret_value() if value else ""))
        return value

    def mail(self) -> Mail | None:
        """The mail server; ``None`` where none is named. Raises ``BadInput``."""
        if not self.smtp:
            return None
        password = self.smtp_password.get_secret_value() if self.smtp_password else None
        return mail(self.smtp, self.mail_from or "", password or None)

    def hook(self, url: str | None = None) -> Hook | None:
        """The program that is told the digest, else the one at ``url``. Raises ``BadInput``."""
        where = url or self.digest_webhook
        if not where:
            return None
        if not self.digest_secret:
            raise BadInput("a webhook needs FIRSTHAND_DIGEST_SECRET=whsec_…, which signs it")
        return hook(where, self.digest_secret.get_secret_value())


def _usable(read: Callable[[], object]) -> None:
    """Raises ``ValueError`` where it is not."""
    try:
        read()
    except BadInput as problem:
        raise ValueError(str(problem)) from problem
