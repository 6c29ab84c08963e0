"""Bodies that are too long to hold: taken block by block, whatever becomes of the connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

BLOCK = 1 << 20
IDLE_S = 30.0  # without a byte for so long, the other end is taken to be gone
DRAIN = 32 << 20  # bytes of a refused body that are let pass, so that the refusal is read
DRAIN_S = 10.0


async def blocks(request: Request) -> AsyncGenerator[bytes, None]:
    """The body in blocks of about 1 MiB.

    Also of a body that breaks off all that came is given; then ``ClientDisconnect`` or
    ``TimeoutError`` is raised.
    """
    gathered = bytearray()
    parts = request.stream()
    broken: Exception | None = None
    while True:
        try:
            async with asyncio.timeout(IDLE_S):
                part = await anext(parts, None)
        except (ClientDisconnect, TimeoutError) as error:
            broken, part = error, None
        if part is not None:
            gathered += part
        if gathered and (part is None or len(gathered) >= BLOCK):
            yield bytes(gathered)
            gathered.clear()
        if part is None:
            break
    if broken is not None:
        raise broken


async def drain(request: Request) -> None:
    """Let what is left of the body pass. A client that is still sending would else see the line
    close and not the answer.
    """
    left = DRAIN
    try:
        async with asyncio.timeout(DRAIN_S):
            async for part in request.stream():
                left -= len(part)
                if left < 0:
                    return
    except (ClientDisconnect, TimeoutError, RuntimeError):
        return  # gone, too slow, or the body was taken already


async def put_into(request: Request, write: Callable[[bytes], object]) -> bool:
    """Hand the body to ``write``, in threads; whether it came whole."""
    try:
        async for block in blocks(request):
            await run_in_threadpool(write, block)
    except (ClientDisconnect, TimeoutError):
        return False
    return True
