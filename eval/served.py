"""A server that was just started: waiting until it answers."""

from __future__ import annotations

import time
from urllib.request import urlopen

_START_S = 120.0


def wait_for(address: str) -> None:
    """Returns once ``address`` answers. Raises ``OSError`` when it does not come to that."""
    end = time.monotonic() + _START_S
    while True:
        try:
            urlopen(f"{address}/healthz", timeout=5).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            return
