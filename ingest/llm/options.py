"""What the settings say about the language model."""

from __future__ import annotations

from dataclasses import dataclass, field

# What a request holds at most, in tokens; about half of what today's smallest hosted models take.
CONTEXT = 60_000


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """``name`` is ``provider:model`` as ``langchain.chat_models.init_chat_model`` takes it.

    ``prices`` are US dollars for a million tokens in and a million out. Limits that are ``None``
    are not there. ``context_tokens`` is how much one request may hold. ``api_key`` is for OpenAI's
    protocol only and shows in no repr; other providers' packages read their own variables.
    """

    name: str
    base_url: str | None = field(default=None, repr=False)  # may hold a password
    concurrency: int = 4
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    timeout_s: float = 120.0
    budget_usd: float | None = None
    prices: tuple[float, float] | None = None
    context_tokens: int = CONTEXT
    mask: bool = True
    api_key: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        # Without prices nothing would be known to be spent, and the limit would never be reached.
        if self.budget_usd is not None and self.prices is None:
            raise ValueError("A budget needs prices.")
