"""The ways to ask for an answer of a shape, and which of them a server takes.

Servers that speak OpenAI's protocol differ in how much of it they know. From the strictest down: a
JSON schema that the server enforces, a function whose arguments are the answer, any JSON, and plain
words that ask for it. Where a server refused one, later processes begin below it.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Literal, cast, get_args

import sqlalchemy as sa

import prompts
from ingest.facts import fact, put_fact
from ingest.llm.options import ModelOptions
from ingest.llm.schema import Schema

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel, LanguageModelInput
    from langchain_core.messages import AIMessage
    from langchain_core.runnables import Runnable

Mode = Literal["json_schema", "tools", "json_object", "plain"]

_TOOL = "answer"


def ladder(chat: BaseChatModel) -> tuple[Mode, ...]:
    """The modes to try with a chat model, strictest first.

    What other providers call a schema or JSON mode differs; binding a function is common to all.
    """
    from langchain_openai.chat_models.base import BaseChatOpenAI

    return get_args(Mode) if isinstance(chat, BaseChatOpenAI) else ("tools", "plain")


def below(ladder: tuple[Mode, ...], mode: Mode) -> Mode | None:
    """The next less strict mode, or ``None`` from the last."""
    after = ladder[ladder.index(mode) + 1 :]
    return after[0] if after else None


def bind(
    chat: BaseChatModel, mode: Mode, schema: Schema
) -> Runnable[LanguageModelInput, AIMessage]:
    """The chat model as it is asked in a mode.

    The schema is bound as it is, and not through ``with_structured_output``: given a dict, that
    repairs answers that were cut off into a part of what was said.
    """
    if mode == "json_schema":
        form = {"name": _TOOL, "schema": schema, "strict": True}
        return chat.bind(response_format={"type": "json_schema", "json_schema": form})
    if mode == "tools":
        function = {"name": _TOOL, "description": "Gives the answer.", "parameters": schema}
        return chat.bind_tools([{"type": "function", "function": function}], tool_choice=_TOOL)
    if mode == "json_object":
        return chat.bind(response_format={"type": "json_object"})
    return cast("Runnable[LanguageModelInput, AIMessage]", chat)


def system_text(prompt: str, mode: Mode, schema: Schema) -> str:
    """The system message: the prompt, and the schema where nothing else carries it."""
    text = prompts.render(prompt)
    if mode in ("json_schema", "tools"):
        return text
    return f"{text}\n\n{prompts.render('shape', schema=json.dumps(schema, ensure_ascii=False))}"


def remembered(engine: sa.Engine, options: ModelOptions, ladder: tuple[Mode, ...]) -> Mode:
    """The mode to begin with: the strictest that the server has not refused."""
    with engine.connect() as connection:
        found = fact(connection, _fact(options))
    return next((mode for mode in ladder if mode == found), ladder[0])


def remember(engine: sa.Engine, options: ModelOptions, mode: Mode) -> None:
    with engine.execution_options(writes=True).begin() as connection:
        put_fact(connection, _fact(options), mode)


def _fact(options: ModelOptions) -> str:
    whom = json.dumps([options.name, options.base_url])
    return f"model_mode_{hashlib.sha256(whom.encode()).hexdigest()[:24]}"
