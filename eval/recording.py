"""A language model that answers an exchange: how a run with a real model becomes a recording.

The model gets each ``N.request.json``'s messages and schema, as any program could give it, and its
answer becomes ``N.response.json``. What it fails on is told as an error, once, and asked anew.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from pydantic import JsonValue

from eval.exchange import write
from ingest.llm import ModelOptions

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_EVERY_S = 0.02


Answering = Callable[[dict[str, JsonValue]], JsonValue]


@contextmanager
def answered_by(options: ModelOptions, folder: Path) -> Iterator[None]:
    """The model answers what is asked in ``folder`` meanwhile.

    Raises what ``open_chat`` raises for a model that cannot be asked.
    """
    from ingest.llm.client import open_chat

    chat = open_chat(options)
    with played(folder, lambda request: _ask(chat, request), options.concurrency):
        yield


@contextmanager
def played(folder: Path, answer: Answering, at_once: int = 1) -> Iterator[None]:
    """``answer`` is given each request without a response in ``folder``, and its answer written.

    What it raises is told to whoever asked.
    """
    done = threading.Event()
    thread = threading.Thread(target=_play, args=(folder, answer, at_once, done))
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _play(folder: Path, answer: Answering, at_once: int, done: threading.Event) -> None:
    taken: set[Path] = set()
    with ThreadPoolExecutor(at_once) as pool:
        while not done.wait(_EVERY_S):
            for asked in sorted(folder.glob("*.request.json")):
                reply = asked.with_name(asked.name.replace("request", "response"))
                if asked not in taken and not reply.exists():
                    pool.submit(_answer, answer, asked, reply)
                taken.add(asked)


def _answer(answer: Answering, asked: Path, reply: Path) -> None:
    try:
        told = answer(json.loads(asked.read_text("utf-8")))
    except Exception as error:  # noqa: BLE001  # told to whoever asked
        status = getattr(error, "status_code", None) or 503
        told = {"error": {"status": status, "message": f"{type(error).__name__}: {error}"[:500]}}
    write(reply, json.dumps(told, indent=1, ensure_ascii=False))


def _ask(chat: BaseChatModel, request: dict[str, JsonValue]) -> JsonValue:
    messages, schema = request["messages"], request["schema"]
    if not isinstance(schema, dict):
        return str(chat.invoke(cast(list[dict[str, str]], messages)).text)
    shaped = chat.with_structured_output({"title": "Answer", **schema})
    told = shaped.invoke(cast(list[dict[str, str]], messages))
    if not isinstance(told, dict):
        raise TypeError("The model's answer is no object.")
    return told
