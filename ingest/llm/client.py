"""The one place where LangChain's chat models are made, and where they are called."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ingest.errors import BadInput, MissingPart

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from ingest.llm.options import ModelOptions

_OPENAI = "https://api.openai.com/v1"
# Where a provider's key is not called after it.
_KEYS = {
    "azure_openai": "AZURE_OPENAI_API_KEY",
    "google_genai": "GOOGLE_API_KEY",
    "mistralai": "MISTRAL_API_KEY",
}


def open_chat(options: ModelOptions) -> BaseChatModel:
    """The chat model of the settings; nothing is sent yet.

    Raises ``MissingPart`` when the provider's package is not installed and ``BadInput`` when the
    settings name no model that could be asked.
    """
    from langchain.chat_models import init_chat_model
    from langchain_core.exceptions import LangChainException

    # LangChain warns where we fall back by ourselves. Not with ``catch_warnings``: it is not safe
    # in threads.
    warnings.filterwarnings(
        "ignore", message=r"(This model does not|Invalid schema for).* OpenAI's"
    )
    provider = provider_of(options)
    # Left to the client are only: no second cache, no second set of retries. No temperature:
    # models that reason refuse it.
    # Each provider's class has parameters of its own, hence Any.
    given: dict[str, Any] = {"max_retries": 0, "timeout": options.timeout_s, "cache": False}
    if provider == "openai":
        # Said outright, because the client would else take the address from other variables, and
        # what was said would go where nobody set that it should.
        given["base_url"] = options.base_url or _OPENAI
        given["stream_usage"] = True
        key = options.api_key or ("none" if options.base_url else None)
        if key is None:
            raise BadInput(
                f"The model {options.name} needs a key: set OPENAI_API_KEY, or"
                " FIRSTHAND_MODEL_BASE_URL to a server that asks for none."
            )
        given["api_key"] = key
    elif options.base_url is not None:
        given["base_url"] = options.base_url
    try:
        chat: BaseChatModel = init_chat_model(options.name, **given)
    except ImportError as error:
        package = (error.__cause__ and getattr(error.__cause__, "name", None)) or provider
        raise MissingPart(
            f"The model {options.name} needs the package"
            f" {str(package).split('.')[0].replace('_', '-')}: install it with pip, or choose"
            " another FIRSTHAND_MODEL."
        ) from None
    except (ValueError, LangChainException) as error:
        raise BadInput(
            f"The model {options.name} cannot be used ({type(error).__name__}): check"
            f" FIRSTHAND_MODEL (provider:model) and {key_variable(options)}."
        ) from None
    return chat


@contextmanager
def untraced() -> Iterator[None]:
    """LangChain sends nothing to LangSmith in here, whatever the environment says.

    For single calls only, never around a ``yield``: what it sets belongs to the thread.
    """
    from langsmith import tracing_context

    with tracing_context(enabled=False):
        yield


def provider_of(options: ModelOptions) -> str:
    return options.name.split(":", 1)[0]


def key_variable(options: ModelOptions) -> str:
    """The environment variable that the provider's key is usually in."""
    provider = provider_of(options)
    return _KEYS.get(provider, f"{provider.upper()}_API_KEY")


def server_of(options: ModelOptions) -> str:
    """Whom a request goes to, as it is told to people: no path, no password."""
    if options.base_url is None:
        return provider_of(options)
    parts = urlsplit(options.base_url)
    return f"{parts.hostname or options.base_url}{f':{parts.port}' if parts.port else ''}"
