"""A stand-in for a transcriber: a hosted one on loopback that takes its time and says the same."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.ingest.transcribe.servers import Asked, Reply, Served, serving

SAID = "The alarm rings every night and we cannot tell which freezer it is."


@contextmanager
def standin(seconds: float) -> Iterator[Served]:
    """A server that answers after so many ``seconds``; ``Served.asked`` is what it was asked."""

    def answer(_asked: Asked) -> Reply:
        time.sleep(seconds)
        words = [
            {"word": word, "start": 0.3 + 0.2 * n, "end": 0.45 + 0.2 * n}
            for n, word in enumerate(SAID.split())
        ]
        told = {"text": SAID, "words": words, "segments": [], "duration": 4.0}
        return Reply(json.dumps(told).encode(), headers={"Content-Type": "application/json"})

    with serving(answer) as served:
        yield served


def environment(served: Served) -> dict[str, str]:
    """What makes it the transcriber of a process."""
    return {
        "FIRSTHAND_TRANSCRIBER": "openai",
        "FIRSTHAND_OPENAI_BASE_URL": f"{served.address}/v1",
        "FIRSTHAND_OPENAI_MODEL": "whisper-1",
    }
