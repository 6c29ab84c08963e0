"""Settings: the only reader of the environment, read once where the program starts.

Every field is ``FIRSTHAND_<NAME>`` in the environment; the README lists them and
``tests/service/test_settings.py`` proves that it does.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_cache_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from ingest.errors import BadInput, shown
from ingest.library import Options
from service.digest_settings import DigestSettings
from service.door_settings import LOOPBACK, ByComma, DoorSettings
from service.model_settings import ModelSettings

__all__ = ["LOOPBACK", "MAIN", "Settings"]

MAIN = "main"  # the workspace that every home has, and whose folder is the home itself
_WORKSPACE = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")
_NAMED_SO = "a workspace's name has up to 31 of a–z, 0–9 and -, the first of them no -"


class Settings(ModelSettings, DoorSettings, DigestSettings):
    """All of them."""

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
    internal_domains: ByComma = Field(
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
    hooks_private: bool = Field(
        default=False,
        description="Whether hooks that are added on the page or through the API may be on this "
        "machine or in a private network.",
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

    @field_validator("watch", mode="before")
    @classmethod
    def _split_paths(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

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
            openai_api_key=self._key(),
            internal_domains=self.internal_domains,
            max_file_bytes=self.max_file_mb * 1_000_000,
            max_duration_s=self.max_hours * 3600,
            model=self.model_options(self._key()),
            database_url=self.database_url.get_secret_value() if self.database_url else None,
            vectors_url=self.vectors_url or None,
            media_url=self.media_url or None,
            jobs_at_once=self.jobs_at_once,
            url=self.page,
            hooks_private=self.hooks_private,
        )

    def _key(self) -> str | None:
        return self.openai_api_key.get_secret_value() if self.openai_api_key else None
