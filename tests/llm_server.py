"""A model server on loopback that says what a Python function says, in OpenAI's protocol.

The real clients talk to it over HTTP; it keeps everything that it was asked. A model is a function
of the prompt's name and of the data that the user message holds::

    def test_something(llm_server: LlmServer) -> None:
        llm_server.model = lambda prompt, data: {"word": data["word"]}
        llm = open_llm(llm_server.options(), library.engine, sleep=llm_server.sleep)
        assert llm.ask(request).word == "yes"
        assert llm_server.history[0].prompt == "probe"

What it gives back may be the answer as JSON, a text as it is, or a ``Reply``: ``failing``,
``dropped``, ``refused``, ``truncated``, ``slowly``. ``llm_server.queue`` goes before the model.
"""

from __future__ import annotations

import http.server
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pytest

import prompts
from ingest.llm import ModelOptions

Mode = Literal["json_schema", "tools", "json_object", "plain"]
# What is sent is what the test says it is; data is indexed freely, as a model reads it.
Data: TypeAlias = Any

_KEY = "sk-secret-0123456789"
_PIECE = 7  # characters of a streamed chunk: cuts through names, escapes and numbers
_GATE_S = 60.0


@dataclass(frozen=True, slots=True)
class Reply:
    """``chunks``: the text as it is streamed, each after a delay or once an event is set."""

    text: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    error: dict[str, str] | None = None
    refusal: str | None = None
    finish: str = "stop"
    chunks: tuple[tuple[float | threading.Event, str], ...] | None = None
    drop_after: int | None = None  # characters of the text; 0 is before anything is sent
    usage: tuple[int, int] | None = (100, 20)
    body: bytes | None = None  # sent as it is, instead of a completion


Said: TypeAlias = "Reply | str | dict[str, Any] | list[Any]"
Model: TypeAlias = Callable[[str, Data], Said]


def failing(status: int, message: str = "no such luck", *, code: str = "", **headers: str) -> Reply:
    """An error; ``retry_after="3"`` is the header ``Retry-After``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, error={"message": message, "code": code}, headers=named)


def dropped(text: str = "", after: int = 0) -> Reply:
    """The connection breaks after so many characters."""
    return Reply(text, drop_after=after)


def refused(why: str = "I cannot help with that.") -> Reply:
    return Reply(refusal=why)


def truncated(text: str = '{"word": "y') -> Reply:
    return Reply(text, finish="length")


def slowly(*chunks: tuple[float | threading.Event, str]) -> Reply:
    """Streams the chunks, each after so many seconds or once its event is set."""
    return Reply("".join(text for _, text in chunks), chunks=chunks)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    body: dict[str, Any]
    headers: dict[str, str]
    at: float  # by the monotonic clock

    @property
    def messages(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.body["messages"]
        return found

    @property
    def system(self) -> str:
        return self.messages[0]["content"]

    @property
    def document(self) -> str:
        """The user message: one JSON document."""
        return self.messages[1]["content"]

    @property
    def data(self) -> Data:
        return json.loads(self.document)

    @property
    def prompt(self) -> str:
        """The name of the prompt that the system message begins with, or else that message."""
        folder = Path(prompts.__file__).parent
        for path in sorted(folder.glob("*.md")):
            text = path.read_text("utf-8").strip()
            if "$" not in text and self.system.startswith(text):
                return path.stem
        return self.system

    @property
    def mode(self) -> Mode:
        if "tools" in self.body:
            return "tools"
        kind = self.body.get("response_format", {}).get("type", "plain")
        assert kind in ("json_schema", "json_object", "plain")
        found: Mode = kind
        return found

    @property
    def streams(self) -> bool:
        return bool(self.body.get("stream"))


class LlmServer:
    """Set ``model``, or put replies into ``queue``; look at ``history`` afterwards.

    ``refuses`` are the modes that it answers with a 400. ``slept`` are the waits that were asked
    of ``sleep``, which takes none of them. ``late`` is whether a chunk's event was never set.
    """

    def __init__(self) -> None:
        self.base_url = ""
        self.model: Model = _no_model
        self.queue: deque[Said] = deque()
        self.refuses: frozenset[Mode] = frozenset()
        self.history: list[Asked] = []
        self.strays: list[str] = []  # paths that no model is at
        self.slept: list[float] = []
        self.late = False
        self.at_once = 0  # requests that are being answered now
        self.most_at_once = 0
        self._lock = threading.Lock()

    def options(self, **changed: Any) -> ModelOptions:  # as dataclasses.replace takes them
        """Options that lead here, with a key and prices."""
        known = ModelOptions(
            "openai:test-model", self.base_url, timeout_s=60.0, prices=(1.0, 10.0), api_key=_KEY
        )
        return replace(known, **changed)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    @property
    def modes(self) -> list[Mode]:
        return [asked.mode for asked in self.history]

    def answer(self, asked: Asked) -> Reply:
        with self._lock:
            self.history.append(asked)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            queued = self.queue.popleft() if self.queue and not self._refused(asked) else None
        try:
            if self._refused(asked):
                what = "tools" if asked.mode == "tools" else f"response_format {asked.mode}"
                return failing(400, f"{what} is not supported")
            said = queued if queued is not None else self.model(asked.prompt, asked.data)
        finally:
            with self._lock:
                self.at_once -= 1
        if isinstance(said, Reply):
            return said
        return Reply(said if isinstance(said, str) else json.dumps(said, ensure_ascii=False))

    def _refused(self, asked: Asked) -> bool:
        return asked.mode in self.refuses


def _no_model(prompt: str, _data: Data) -> Said:
    return failing(400, f"the test gave no model to answer {prompt!r}")


@contextmanager
def serving_llm() -> Iterator[LlmServer]:
    served = LlmServer()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # so that a body that breaks off is known to be one

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            if self.path.strip("/").replace("//", "/") != "v1/chat/completions":
                served.strays.append(self.path)
                self.send_error(404)
                return
            asked = Asked(json.loads(body), headers, time.monotonic())
            reply = served.answer(asked)
            self.close_connection = True
            if reply.drop_after == 0:
                self.connection.shutdown(socket.SHUT_RDWR)
            elif reply.error is not None:
                self._send(json.dumps({"error": reply.error}).encode(), reply)
            elif reply.body is not None:
                self._send(reply.body, reply)
            elif asked.streams:
                self._stream(asked, reply)
            else:
                self._send(json.dumps(_completion(asked, reply)).encode(), reply)

        def _send(self, body: bytes, reply: Reply) -> None:
            self._head(reply, "application/json", {"Content-Length": str(len(body))})
            self.wfile.write(body if reply.drop_after is None else body[: len(body) // 2])

        def _head(self, reply: Reply, kind: str, more: dict[str, str]) -> None:
            self.send_response(reply.status)
            every = {"Content-Type": kind, "Connection": "close", **more, **reply.headers}
            for name, value in every.items():
                self.send_header(name, value)
            self.end_headers()

        def _stream(self, asked: Asked, reply: Reply) -> None:
            self._head(reply, "text/event-stream", {"Transfer-Encoding": "chunked"})
            self._event(_chunk(asked, {"role": "assistant", "content": ""}))
            for wait, text in reply.chunks or _pieces(reply):
                if isinstance(wait, threading.Event):
                    served.late |= not wait.wait(_GATE_S)
                else:
                    time.sleep(wait)
                self._event(_chunk(asked, _said(asked, text)))
            if reply.drop_after is not None:
                return
            if reply.refusal is not None:
                self._event(_chunk(asked, {"refusal": reply.refusal}))
            self._event(_chunk(asked, {}, finish=reply.finish))
            if reply.usage and asked.body.get("stream_options", {}).get("include_usage"):
                self._event({**_chunk(asked, {}), "choices": [], "usage": _usage(reply.usage)})
            self._write(b"data: [DONE]\n\n")
            self.wfile.write(b"0\r\n\r\n")

        def _event(self, data: dict[str, Any]) -> None:
            self._write(b"data: " + json.dumps(data).encode() + b"\n\n")

        def _write(self, data: bytes) -> None:
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
            self.wfile.flush()

        def handle(self) -> None:
            with suppress(ConnectionError):  # the client has gone: a test closed its stream
                super().handle()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        served.base_url = f"http://127.0.0.1:{running.server_address[1]}/v1"
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield served
        finally:
            running.shutdown()
            thread.join()


@pytest.fixture
def llm_server() -> Iterator[LlmServer]:
    """A scripted model server; see the top of ``tests/llm_server.py``."""
    with serving_llm() as server:
        yield server


def _pieces(reply: Reply) -> Sequence[tuple[float, str]]:
    text = reply.text[: reply.drop_after]
    return [(0.0, text[at : at + _PIECE]) for at in range(0, len(text), _PIECE)]


def _called(text: str, **more: Any) -> list[dict[str, Any]]:
    return [{"type": "function", "function": {"name": "answer", "arguments": text}, **more}]


def _said(asked: Asked, text: str) -> dict[str, Any]:
    if asked.mode == "tools":
        return {"tool_calls": _called(text, index=0, id="call_1")}
    return {"content": text}


def _chunk(asked: Asked, delta: dict[str, Any], *, finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {**_frame(asked, "chat.completion.chunk"), "choices": [choice]}


def _completion(asked: Asked, reply: Reply) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text}
    if reply.refusal is not None:
        message = {"role": "assistant", "content": None, "refusal": reply.refusal}
    elif asked.mode == "tools" and reply.text.lstrip().startswith("{"):
        message = {"role": "assistant", "content": None}
        message["tool_calls"] = _called(reply.text, id="call_1")
    choice = {"index": 0, "message": message, "finish_reason": reply.finish}
    usage = _usage(reply.usage) if reply.usage else None
    return {**_frame(asked, "chat.completion"), "choices": [choice], "usage": usage}


def _frame(asked: Asked, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 0, "model": asked.body["model"]}


def _usage(tokens: tuple[int, int]) -> dict[str, int]:
    keys = ("prompt_tokens", "completion_tokens", "total_tokens")
    return dict(zip(keys, (*tokens, sum(tokens)), strict=True))
