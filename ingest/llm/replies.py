"""What a model's message says: its text, how it ended, what it took; and the answer in the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import from_json, to_json

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, AIMessageChunk

A = TypeVar("A", bound=BaseModel)

Ending = Literal["whole", "cut", "refused"]

# ``finish_reason`` (OpenAI and most), ``stop_reason`` (Anthropic) and what stands in Responses'
# ``incomplete_details``, in lower case.
_CUT = ("length", "max_tokens", "max_output_tokens", "model_context_window_exceeded")
_REFUSED = ("content_filter", "refusal", "safety", "prohibited_content", "blocklist")

_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_FENCED = re.compile(r"```[a-z]*\s*\n(.*?)\n?\s*```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reply:
    """``tokens``: in and out as the server counts them, ``None`` when it does not say."""

    text: str
    ending: Ending = "whole"
    tokens: tuple[int, int] | None = None


class Unusable(Exception):
    """The reply holds no answer of the shape asked for; says why, and quotes nothing."""


def read(message: AIMessage) -> Reply:
    """The reply in a whole message, whichever way it was asked for."""
    return Reply(_arguments(message) or message.text, ending(message), tokens(message))


def ending(message: AIMessage) -> Ending:
    """How a message ended; of a part of one, whether it says that it ended badly."""
    told = message.response_metadata
    incomplete = told.get("incomplete_details")
    if isinstance(incomplete, Mapping):
        told = {**told, "finish_reason": incomplete.get("reason")}
    reasons = {str(told.get(name)).lower() for name in ("finish_reason", "stop_reason")}
    if message.additional_kwargs.get("refusal") or not reasons.isdisjoint(_REFUSED):
        return "refused"
    if isinstance(message.content, list) and any(
        isinstance(block, dict) and block.get("type") == "refusal" for block in message.content
    ):
        return "refused"
    return "whole" if reasons.isdisjoint(_CUT) else "cut"


def tokens(message: AIMessage) -> tuple[int, int] | None:
    used = message.usage_metadata
    return (used["input_tokens"], used["output_tokens"]) if used else None


def argument_piece(chunk: AIMessageChunk) -> str:
    """The part of the called function's arguments that a streamed chunk brings."""
    return "".join(call["args"] or "" for call in chunk.tool_call_chunks)


def unwrapped(text: str) -> str:
    """The text without the thoughts and fences that models put around JSON."""
    text = _THOUGHT.sub("", text).strip()
    fenced = None if text.startswith("{") else _FENCED.search(text)
    return fenced.group(1) if fenced else text


def parse(text: str, answer: type[A], restore: Callable[[JsonValue], JsonValue]) -> A:
    """The answer in a reply's text, ``restore`` having gone over it. Raises ``Unusable``."""
    try:
        value: JsonValue = from_json(unwrapped(text), allow_inf_nan=False)
    except ValueError:
        raise Unusable("it is not JSON") from None
    try:
        return answer.model_validate_json(to_json(restore(value)))
    except ValidationError as error:
        raise Unusable(_why(error)) from None


def _why(error: ValidationError) -> str:
    """Where the answer is of another shape and in which way; not what it says there."""
    wrong = []
    for found in error.errors(include_url=False, include_context=False, include_input=False)[:5]:
        # The last place of something superfluous is a name that the model made up.
        where = found["loc"][:-1] if found["type"] == "extra_forbidden" else found["loc"]
        wrong.append(f"{'.'.join(map(str, where)) or 'the answer'}: {found['type']}")
    return "; ".join(wrong)


def _arguments(message: AIMessage) -> str | None:
    """The arguments of the function that was called, as JSON."""
    for call in message.tool_calls:
        return to_json(call["args"]).decode()
    for broken in message.invalid_tool_calls:
        return broken["args"]
    return None
