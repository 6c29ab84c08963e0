"""Assistants that are connected with the SDK's own client, and a server that really runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import anyio
import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from tests.conftest import ROOT
from tests.ports import comes_to_answer, free_port
from tests.service.api.doors import bearer

T = TypeVar("T")


@contextmanager
def served(home: Path, *, database: bool = True) -> Iterator[str]:
    """The address of a server over the home, without a worker; unless ``database`` in its folder,
    whatever the tests' homes are on.
    """
    port = free_port()
    command = [sys.executable, "-m", "tests.serve_alone", str(home), str(port)]
    env = {k: v for k, v in os.environ.items() if database or not k.startswith("FIRSTHAND_")}
    process = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        assert comes_to_answer(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@asynccontextmanager
async def over_http(
    address: str, token: str | None = None, mode: str = "auto", query: str = ""
) -> AsyncIterator[Client]:
    headers = bearer(token) if token else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=60) as http,
        Client(
            streamable_http_client(f"{address}/mcp{query}", http_client=http), mode=mode
        ) as client,
    ):
        yield client


@asynccontextmanager
async def over_stdio(home: Path, *options: str) -> AsyncIterator[Client]:
    command = ["-m", "service.cli", "--home", str(home), "mcp", *options]
    here = StdioServerParameters(
        command=sys.executable, args=command, cwd=ROOT, env=dict(os.environ)
    )
    async with Client(stdio_client(here)) as client:
        yield client


def talk(over: Callable[[], Any], say: Callable[[Client], Awaitable[T]]) -> T:
    """What comes of ``say`` to an assistant's client that ``over`` connects."""

    async def main() -> T:
        async with over() as client:
            return await say(client)

    return anyio.run(main)


def text_of(told: CallToolResult) -> str:
    [content] = told.content
    assert isinstance(content, TextContent)
    return content.text


def error_of(told: CallToolResult) -> str:
    """The one sentence that says what is wrong."""
    assert told.is_error, told
    assert told.structured_content is None
    sentence = text_of(told)
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    return sentence
