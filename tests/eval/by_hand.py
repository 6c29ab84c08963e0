"""Playing the model for an exchange, and asking it, with OpenAI's own client."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import openai
from openai.types.chat import ChatCompletionMessageParam
from pydantic import JsonValue

from eval.recording import Answering, played


def by_data(request: dict[str, JsonValue]) -> JsonValue:
    return {"name": str(request["data"]), "light": True}


@contextmanager
def answering(folder: Path, answer: Answering) -> Iterator[list[dict[str, JsonValue]]]:
    """Plays the model in a thread; the requests seen, in order."""
    seen: list[dict[str, JsonValue]] = []

    def told(request: dict[str, JsonValue]) -> JsonValue:
        seen.append(request)
        return answer(request)

    with played(folder, told):
        yield seen


@contextmanager
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=url, api_key="any", max_retries=0, timeout=120) as opened:
        yield opened


def user(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


def ask(url: str, text: str = "sky") -> str:
    with client(url) as opened:
        told = opened.chat.completions.create(model="exchange", messages=user(text))
        return str(told.choices[0].message.content)


def streamed(url: str, text: str) -> str:
    with client(url) as opened:
        pieces = list(
            opened.chat.completions.create(
                model="exchange",
                messages=user(text),
                stream=True,
                stream_options={"include_usage": True},
            )
        )
    assert pieces[-1].usage is not None
    assert pieces[-1].usage.completion_tokens > 0
    assert pieces[-2].choices[0].finish_reason == "stop"
    return "".join(p.choices[0].delta.content or "" for p in pieces if p.choices)


def until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + 120  # a loaded machine is slow
    while not true():
        assert time.monotonic() < ends, "waited for too long"
        time.sleep(0.01)
