"""A request made ready: masked, as one JSON document, with its schema and how long it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, JsonValue

import prompts
from ingest.llm import cache
from ingest.llm.errors import TooLong
from ingest.llm.modes import system_text
from ingest.llm.options import ModelOptions
from ingest.llm.request import Request
from ingest.llm.schema import Schema, strict
from ingest.llm.tokens import estimate

A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Question(Generic[A]):
    """``tokens``: an estimate of all that is sent. ``restore`` takes masks out of a reply."""

    request: Request[A]
    key: str
    schema: Schema
    document: str
    tokens: int
    restore: Callable[[JsonValue], JsonValue]


def key_of(request: Request[A], options: ModelOptions) -> str:
    """What a reply is kept under: all that it depends on, before anything is masked."""
    return cache.key(
        options.name,
        options.base_url,
        prompts.digest(request.prompt),
        json.dumps(strict(request.answer)),
        json.dumps(request.data),
    )


def prepare(request: Request[A], options: ModelOptions) -> Question[A]:
    """Raises ``TooLong`` when it is more than the settings let into one request."""
    data, restore = request.data, _as_it_is
    if options.mask:
        from ingest.masking import Masks

        masks = Masks()
        data, restore = masks.mask_json(data), masks.restore_json
    schema, text = strict(request.answer), document(data)
    # The longest form of the system message has the schema in it, and elsewhere it counts as well.
    tokens = estimate(system_text(request.prompt, "plain", schema)) + estimate(text)
    if tokens > options.context_tokens:
        raise TooLong(
            f"The request has about {tokens:,} tokens, and FIRSTHAND_MODEL_CONTEXT lets"
            f" {options.context_tokens:,} into one: ask about less at a time."
        )
    return Question(request, key_of(request, options), schema, text, tokens, restore)


def document(data: JsonValue) -> str:
    """One line of JSON in which no tag stands, whatever anybody said: ``<`` is escaped."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace(">", "\\u003e")
    return text.encode("utf-8", "replace").decode("utf-8")


def _as_it_is(value: JsonValue) -> JsonValue:
    return value
