"""Settings: the only reader of the environment, read once where the program starts.

Every field is ``FIRSTHAND_<NAME>`` in the environment; the README lists them and
``tests/service/test_settings.py`` proves that it does.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from platformdirs import user_cache_path
from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ingest.errors import BadInput, shown
from ingest.library import Options
from ingest.llm.options import CONTEXT, ModelOptions
from service.access.identity import CALLBACK_PATH, OidcOptions
from service.digest.options import Hook, Mail, hook, mail, server

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
MAIN = "main"  # the workspace that every home has, and whose folder is the home itself
_WORKSPACE = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
_NAMED_SO = "a workspace's name has up to 31 of a–z, 0–9 and -, the first of them no -"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="FIRSTHAND_",
        extra="ignore",
        frozen=True,
        protected_namespaces=(),
        hide_input_in_errors=True,
    )

    home: Path = Field(
        default=Path("~/.firsthand"), description="Folder that holds everything Firsthand keeps."
    )
    workspace: str = Field(
        default=MAIN, description="Workspace that commands are about; `serve` serves them all."
    )
    transcriber: Literal["auto", "moonshine", "whisper", "openai"] = Field(
        default="auto",
        description="Engine that hears recordings; auto is Whisper when its extra is installed and "
        "a model is on disk, else moonshine.",
    )
    whisper_model: str | None = Field(
        default=None,
        description="Whisper size (tiny … large-v3) or folder; default the largest there.",
    )
    models: Path = Field(
        default_factory=lambda: user_cache_path("firsthand") / "models",
        description="Folder where fetched models lie, shared by all homes.",
    )
    openai_base_url: str | None = Field(
        default=None,
        repr=False,  # may hold a password, as may the two below
        description="OpenAI-compatible server for hosted transcription.",
    )
    openai_model: str = Field(
        default="whisper-1", description="Model name for hosted transcription."
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="OPENAI_API_KEY",
        description="Key for hosted transcription and openai: models, read from OPENAI_API_KEY.",
    )
    model: str | None = Field(
        default=None,
        description="Language model as provider:model, e.g. openai:gpt-5-mini; without one, rules "
        "read the calls and nothing leaves the machine.",
    )
    model_base_url: str | None = Field(
        default=None,
        repr=False,
        description="Server of the language model, if not the provider's own.",
    )
    model_concurrency: int = Field(
        default=4, ge=1, le=64, description="Most requests to the language model at once."
    )
    model_rpm: int | None = Field(
        default=None, ge=1, description="Most requests to the language model in a minute."
    )
    model_tpm: int | None = Field(
        default=None, ge=1, description="Most tokens to and from the language model in a minute."
    )
    model_timeout_s: float = Field(
        default=120.0, gt=0, description="Seconds to wait for the language model to say something."
    )
    model_budget_usd: float | None = Field(
        default=None,
        ge=0,
        description="Most that this home's requests may cost in all, in US dollars.",
    )
    model_prices: Annotated[tuple[float, float] | None, NoDecode] = Field(
        default=None,
        validate_default=True,  # so that it is missed where the budget needs it
        description="US dollars for a million tokens in and out, e.g. 0.25/2.00.",
    )
    model_context: int = Field(
        default=CONTEXT, ge=1000, description="Most tokens in one request to the language model."
    )
    model_mask: bool = Field(
        default=True,
        description="Whether private details are masked in what the language model is sent.",
    )
    internal_domains: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="The vendor's own e-mail domains, separated by commas."
    )
    max_file_mb: int = Field(
        default=4096, ge=1, description="Largest file taken in, in millions of bytes."
    )
    max_uploads_mb: int = Field(
        default=20_480,
        ge=1,
        description="Most that uploads under way may hold together, in millions of bytes.",
    )
    max_uploads: int = Field(
        default=100, ge=1, description="Most uploads that one person may have under way."
    )
    max_upload_mb_per_day: int | None = Field(
        default=None,
        ge=1,
        description="Most that one person may upload on a day (UTC), in millions of bytes.",
    )
    min_free_mb: int = Field(
        default=1024, ge=0, description="Free disk that uploads leave, in millions of bytes."
    )
    max_hours: float = Field(default=6.0, gt=0, description="Longest recording taken in, in hours.")
    database_url: SecretStr | None = Field(
        default=None, description="PostgreSQL to keep everything in, instead of the home folder."
    )
    vectors_url: str | None = Field(
        default=None, description="Chroma server to keep vectors in, instead of the home folder."
    )
    media_url: str | None = Field(
        default=None,
        description="S3-compatible store for recordings (s3://bucket/prefix), instead of the home "
        "folder.",
    )
    watch: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Folders and buckets (s3://bucket/prefix) that `serve` watches for calls of "
        "the main workspace, separated by commas.",
    )
    jobs_at_once: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="Short recordings, and long ones, that a worker hears at once; default half "
        "the cores of each.",
    )
    log: Literal["text", "json"] = Field(
        default="text", description="How lines of the log look on stderr: for people or programs."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="WARNING", description="From which level on lines are logged."
    )
    otel_endpoint: str | None = Field(
        default=None,
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        repr=False,
        description="OpenTelemetry collector that `serve` and `worker` send traces to, by gRPC, "
        "e.g. http://127.0.0.1:4317; without one nothing is sent.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="Address that `firsthand serve` binds to; other than this machine's own it "
        "needs users and FIRSTHAND_URL.",
    )
    port: int = Field(default=8400, ge=0, le=65535, description="Port of `firsthand serve`.")

    proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("127.0.0.1",),
        description="Addresses of proxies whose word is taken for where a request comes from, "
        "separated by commas.",
    )
    url: str | None = Field(
        default=None, description="Address that people use, e.g. https://firsthand.example.com."
    )
    hooks_private: bool = Field(
        default=False,
        description="Whether hooks that are added on the page or through the API may be on this "
        "machine or in a private network.",
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
    oidc_domains: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="E-mail domains whose people may come without being added first, separated by "
        "commas; * is everybody whom the provider knows.",
    )
    oidc_role: Literal["viewer", "editor"] | None = Field(
        default=None,
        description="Role of somebody who comes without being added first; default none may.",
    )

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

    @field_validator("workspace")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        if not _WORKSPACE.fullmatch(value):
            raise ValueError(_NAMED_SO)
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_capitals(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("url", "oidc_issuer")
    @classmethod
    def _is_an_address(cls, value: str | None, info: ValidationInfo) -> str | None:
        if not value:
            return None
        parts = urlsplit(value)
        local = parts.hostname in ("127.0.0.1", "::1", "localhost")
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

    @field_validator("oidc_role")
    @classmethod
    def _role_has_domains(cls, value: object, info: ValidationInfo) -> object:
        # Without them a provider such as Google would let in everybody there is.
        if value is not None and not info.data.get("oidc_domains"):
            raise ValueError("it needs FIRSTHAND_OIDC_DOMAINS: whose people may come (* is all)")
        return value

    @field_validator("internal_domains", "oidc_domains", "proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().lower() for part in value.split(",") if part.strip())
        return value

    @field_validator("watch", mode="before")
    @classmethod
    def _split_paths(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("model")
    @classmethod
    def _names_a_provider(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"[a-z][a-z0-9_]*:\S+", value):
            raise ValueError("it is provider:model, as in openai:gpt-5-mini")
        return value or None

    @field_validator("model_prices", mode="before")
    @classmethod
    def _two_prices(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            per_input, per_output = (float(part) for part in value.split("/"))
        except ValueError:
            per_input = per_output = math.nan
        if not (0 <= per_input < math.inf and 0 <= per_output < math.inf):
            raise ValueError("it is US dollars for a million tokens in and out, as in 0.25/2.00")
        return per_input, per_output

    @field_validator("model_budget_usd")
    @classmethod
    def _is_money(cls, value: float | None) -> float | None:
        if value is not None and not math.isfinite(value):
            raise ValueError("it is a number of US dollars")
        return value

    @field_validator("model_prices")
    @classmethod
    def _budget_has_prices(cls, value: object, info: ValidationInfo) -> object:
        # Without prices nothing would be known to be spent, and the limit would never be reached.
        if value is None and info.data.get("model_budget_usd") is not None:
            raise ValueError("FIRSTHAND_MODEL_BUDGET_USD needs them, as in 0.25/2.00")
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

    def of(self, workspace: str) -> Settings:
        """The same for another workspace. Raises ``BadInput`` for what can be no name of one."""
        if not _WORKSPACE.fullmatch(workspace):
            raise BadInput(f"{shown(workspace)} names no workspace: {_NAMED_SO}.")
        return self.model_copy(update={"workspace": workspace})

    @property
    def folder(self) -> Path:
        """The home folder of the workspace; the main one's is ``home`` itself."""
        if self.workspace == MAIN:
            return self.home
        return self.home / "workspaces" / self.workspace

    def options(self) -> Options:
        """What the ingest floor needs to know."""
        return Options(
            workspace=None if self.workspace == MAIN else self.workspace,
            transcriber=self.transcriber,
            whisper_model=self.whisper_model,
            models=self.models.expanduser(),
            openai_base_url=self.openai_base_url,
            openai_model=self.openai_model,
            openai_api_key=self.openai_api_key.get_secret_value() if self.openai_api_key else None,
            internal_domains=self.internal_domains,
            max_file_bytes=self.max_file_mb * 1_000_000,
            max_duration_s=self.max_hours * 3600,
            model=self._model_options(),
            database_url=self.database_url.get_secret_value() if self.database_url else None,
            vectors_url=self.vectors_url or None,
            media_url=self.media_url or None,
            jobs_at_once=self.jobs_at_once,
            url=self.url or f"http://127.0.0.1:{self.port}",
            hooks_private=self.hooks_private,
        )

    @property
    def secure(self) -> bool:
        """Whether people come by https, so that cookies never travel otherwise."""
        return self.url is not None and self.url.startswith("https:")

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

    def _model_options(self) -> ModelOptions | None:
        if self.model is None:
            return None
        return ModelOptions(
            name=self.model,
            base_url=self.model_base_url or None,
            concurrency=self.model_concurrency,
            requests_per_minute=self.model_rpm,
            tokens_per_minute=self.model_tpm,
            timeout_s=self.model_timeout_s,
            budget_usd=self.model_budget_usd,
            prices=self.model_prices,
            context_tokens=self.model_context,
            mask=self.model_mask,
            api_key=self.openai_api_key.get_secret_value() if self.openai_api_key else None,
        )


def _usable(read: Callable[[], object]) -> None:
    """Raises ``ValueError`` where it is not."""
    try:
        read()
    except BadInput as problem:
        raise ValueError(str(problem)) from problem
