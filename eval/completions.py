"""OpenAI's chat completions as values: what a request asks for, and replies made of an answer.

One example: a request with ``response_format`` of type ``json_schema`` is answered by the schema's
object as the message's content; one with ``tools`` by the same object as a tool's arguments. Shapes
are those of https://platform.openai.com/docs/api-reference/chat.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import JsonValue

import prompts
from ingest.llm.tokens import estimate

_PIECE = 40  # characters of a streamed chunk
_ASKS = ("model", "messages", "response_format", "tools", "tool_choice")  # what an answer hangs on

Json = dict[str, JsonValue]


@dataclass(frozen=True)
class Asked:
    """A request. ``read`` makes one, and raises ``ValueError`` when the body is none."""

    body: Mapping[str, JsonValue]

    @property
    def digest(self) -> str:
        """SHA-256 of what is asked; the same for streamed or not."""
        return hashlib.sha256(self._canonical).hexdigest()

    @property
    def model(self) -> str:
        return str(self.body["model"])

    @property
    def messages(self) -> Sequence[Json]:
        return _objects(self.body["messages"])

    @property
    def stream(self) -> bool:
        return bool(self.body.get("stream"))

    @property
    def counts_in_stream(self) -> bool:
        return bool(_object(self.body.get("stream_options")).get("include_usage"))

    @property
    def tool(self) -> Json | None:
        """The function whose arguments are the answer: the chosen one, or the first."""
        functions = [_object(tool.get("function")) for tool in _objects(self.body.get("tools"))]
        chosen = _object(_object(self.body.get("tool_choice")).get("function")).get("name")
        named = [function for function in functions if function.get("name") == chosen]
        return next(iter(named or functions), None)

    @property
    def schema(self) -> JsonValue:
        """The JSON schema that the answer has to follow, if there is one."""
        if self.tool is not None:
            return self.tool.get("parameters")
        return _object(_object(self.body.get("response_format")).get("json_schema")).get("schema")

    @property
    def system(self) -> str:
        return "\n\n".join(self._texts("system", "developer"))

    @property
    def data(self) -> JsonValue:
        """The JSON document that the first user message is, else its text."""
        text = next(iter(self._texts("user")), "")
        try:
            told: JsonValue = json.loads(text)
        except ValueError:
            return text
        return told

    @property
    def again(self) -> str | None:
        """What is said after an answer that was no good."""
        return next(iter(self._texts("user")[:0:-1]), None)

    @property
    def tokens(self) -> int:
        """Of the messages and the schema, about."""
        shape = json.dumps(self.schema, ensure_ascii=False) if self.schema is not None else ""
        return estimate("".join([_text(m.get("content")) for m in self.messages] + [shape]))

    @cached_property
    def _canonical(self) -> bytes:
        asks = {name: self.body[name] for name in _ASKS if self.body.get(name) is not None}
        return json.dumps(asks, sort_keys=True, ensure_ascii=False).encode()

    def _texts(self, *roles: str) -> list[str]:
        return [_text(m.get("content")) for m in self.messages if m.get("role") in roles]


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer that is an error of the server's."""

    status: int
    message: str

    @property
    def body(self) -> Json:
        return {"error": {"message": self.message, "type": "exchange", "code": None, "param": None}}


def read(body: bytes) -> Asked:
    """Raises ``ValueError`` saying what is missing."""
    told = json.loads(body)
    model = told.get("model") if isinstance(told, dict) else None
    if not model:
        raise ValueError("The body has to be a JSON object with a model.")
    if not _objects(told.get("messages")):
        raise ValueError("messages has to be a list of at least one message.")
    return Asked(told)


def failure(answer: JsonValue) -> Failure | None:
    """The error that ``{"error": {"status": 429, "message": …}}`` stands for."""
    if not isinstance(answer, dict) or list(answer) != ["error"]:
        return None
    told = _object(answer["error"])
    status = told.get("status")
    known = isinstance(status, int) and 400 <= status <= 599
    return Failure(status if known and isinstance(status, int) else 500, str(told.get("message")))


def completion(asked: Asked, number: int, answer: JsonValue) -> Json:
    """The whole reply."""
    text, refused = _said(answer)
    message: Json = {"role": "assistant", "content": None, "refusal": None}
    reason = "stop"
    if refused:
        message["refusal"] = text
    elif asked.tool is not None:
        message["tool_calls"] = [_tool_call(asked.tool, number, text)]
        reason = "tool_calls"
    else:
        message["content"] = text
    choice: Json = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
    head = _head(asked, number, "chat.completion")
    return {**head, "choices": [choice], "usage": _usage(asked, text)}


def chunks(asked: Asked, number: int, answer: JsonValue) -> Iterator[Json]:
    """The reply in pieces, as it is streamed."""
    text, refused = _said(answer)
    pieces = (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))
    return in_pieces(asked, number, pieces, refused=refused)


def in_pieces(
    asked: Asked, number: int, pieces: Iterable[str], *, refused: bool = False
) -> Iterator[Json]:
    """The reply whose text comes in these pieces, each taken when the one before was sent."""
    head = _head(asked, number, "chat.completion.chunk")
    text = ""
    as_tool = asked.tool is not None and not refused

    def chunk(delta: Json, reason: str | None = None) -> Json:
        choice: Json = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return {**head, "choices": [choice]}

    first: Json = {"role": "assistant"}
    if as_tool and asked.tool is not None:
        first["tool_calls"] = [{"index": 0, **_tool_call(asked.tool, number, "")}]
    yield chunk(first)
    for piece in pieces:
        text += piece
        if as_tool:
            yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
        else:
            yield chunk({"refusal" if refused else "content": piece})
    yield chunk({}, "tool_calls" if as_tool else "stop")
    if asked.counts_in_stream:
        yield {**head, "choices": [], "usage": _usage(asked, text)}


def prompt_of(system: str) -> str | None:
    """The prompt whose text, with anything for its variables, is in ``system``: the longest."""
    there = re.sub(r"\s+", " ", system)
    folder = Path(prompts.__path__[0])
    texts = {path.stem: " ".join(path.read_text("utf-8").split()) for path in folder.glob("*.md")}
    found = [name for name, text in texts.items() if text and _pattern(text).search(there)]
    return max(found, key=lambda name: len(texts[name]), default=None)


def _pattern(template: str) -> re.Pattern[str]:
    fixed = re.split(r"\$(?:[A-Za-z_]\w*|\{\w+\})", template)
    return re.compile(".*?".join(re.escape(part.replace("$$", "$")) for part in fixed))


def _said(answer: JsonValue) -> tuple[str, bool]:
    """The reply's text, and whether it is a refusal."""
    if isinstance(answer, dict) and list(answer) == ["refusal"]:
        return str(answer["refusal"]), True
    return (answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)), False


def _tool_call(tool: Json, number: int, arguments: str) -> Json:
    called: Json = {"name": tool["name"], "arguments": arguments}
    return {"id": f"call-{number}", "type": "function", "function": called}


def _head(asked: Asked, number: int, kind: str) -> Json:
    return {"id": f"exchange-{number}", "object": kind, "created": 0, "model": asked.model}


def _usage(asked: Asked, text: str) -> Json:
    told = estimate(text)
    return {
        "prompt_tokens": asked.tokens,
        "completion_tokens": told,
        "total_tokens": asked.tokens + told,
    }


def _text(content: JsonValue) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in _objects(content))
    return "" if content is None else str(content)


def _object(value: JsonValue) -> Json:
    return value if isinstance(value, dict) else {}


def _objects(value: JsonValue) -> list[Json]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
