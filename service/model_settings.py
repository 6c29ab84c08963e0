"""Settings of the language model."""

from __future__ import annotations

import math
import re
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode

from ingest.llm.options import CONTEXT, ModelOptions


class ModelSettings(BaseSettings):
    """Which one, where, how fast and for how much."""

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

    def model_options(self, key: str | None) -> ModelOptions | None:
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
            api_key=key,
        )
