"""Settings: the only reader of the environment, read once where the program starts.

Every field is ``FIRSTHAND_<NAME>`` in the environment; the README lists them and
``tests/service/test_settings.py`` proves that it does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_cache_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ingest.library import Options


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="FIRSTHAND_", extra="ignore", frozen=True)

    home: Path = Field(
        default=Path("~/.firsthand"), description="Folder that holds everything Firsthand keeps."
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
        default=None, description="OpenAI-compatible server for hosted transcription."
    )
    openai_model: str = Field(
        default="whisper-1", description="Model name for hosted transcription."
    )
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="OPENAI_API_KEY",
        description="Key for hosted transcription, read from OPENAI_API_KEY.",
    )
    internal_domains: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="The vendor's own e-mail domains, separated by commas."
    )
    max_file_mb: int = Field(
        default=4096, ge=1, description="Largest file taken in, in millions of bytes."
    )
    max_hours: float = Field(default=6.0, gt=0, description="Longest recording taken in, in hours.")
    host: str = Field(default="127.0.0.1", description="Address that `firsthand serve` binds to.")
    port: int = Field(default=8400, ge=0, le=65535, description="Port of `firsthand serve`.")

    @field_validator("internal_domains", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().lower() for part in value.split(",") if part.strip())
        return value

    def options(self) -> Options:
        """What the ingest floor needs to know."""
        return Options(
            transcriber=self.transcriber,
            whisper_model=self.whisper_model,
            models=self.models.expanduser(),
            openai_base_url=self.openai_base_url,
            openai_model=self.openai_model,
            openai_api_key=self.openai_api_key.get_secret_value() if self.openai_api_key else None,
            internal_domains=self.internal_domains,
            max_file_bytes=self.max_file_mb * 1_000_000,
            max_duration_s=self.max_hours * 3600,
        )
