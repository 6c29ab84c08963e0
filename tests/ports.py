"""Ports for servers that are told theirs, and keep it when they are started again; their start."""

from __future__ import annotations

import random
import socket
import subprocess
import time

import httpx2

# Below those that systems give to whoever connects or asks for any (Linux from 32768, others from
# 49152): one of those may go to a neighbour between here and the server's start.
_RANGE = range(10_000, 32_000)
_TRIES = 100
_START_S = 120.0  # a loaded machine is slow


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    for port in random.SystemRandom().sample(_RANGE, _TRIES):
        with socket.socket() as probe:
            # As servers do: a port that was just let go is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError(f"none of {_TRIES} ports is free")


def comes_to_answer(url: str, process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> bool:
    """Waits until the started process answers; false where it ended before or takes minutes."""
    end = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < end:
        try:
            httpx2.get(url, timeout=5).raise_for_status()
        except httpx2.HTTPError:
            time.sleep(0.05)
        else:
            return True
    return False
