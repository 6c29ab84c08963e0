"""A stand-in for a transcriber: a hosted one on loopback that takes its time and says the same."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.ingest.transcribe.servers import Asked, Reply, Served, serving

SAID = "The alarm rings every night and we cannot tell which freezer it is."


@dataclass(slots=True)
class Busy:
    """How many requests a stand-in has, and the most that it ever had at once."""

    now: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def change(self, by: int) -> None:
        with self.lock:
            self.now += by
            self.most = max(self.most, self.now)


@contextmanager
def standin(seconds: float, busy: Busy | None = None) -> Iterator[Served]:
    """A server that answers after so many ``seconds``; ``Served.asked`` is what it was asked."""
    counted = busy or Busy()

    def answer(_asked: Asked) -> Reply:
        counted.change(1)
        time.sleep(seconds)
        counted.change(-1)
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
