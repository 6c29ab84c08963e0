"""Looking at a recording before it is taken in, in a process of its own.

Decoders are what hostile files aim at: one that crashes, hangs or eats memory costs its file and
not the server that it was sent to.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from ingest.errors import BadInput, shown
from ingest.listen import NOBODY
from service.hands import Failed, HandDied, Hands, tidy
from service.handwork import Looking

_GB = 1 << 30
_LOOK_S = 120.0  # the head of a file and a minute of it, on a busy machine
_LOOK_MEMORY = _GB
_LEAST, _MOST = 2 * _GB, 8 * _GB
_hands = Hands(2)


def look(path: Path, limit_s: float, *, within: Path | None = None) -> float | None:
    """``ingest.pipeline.Look`` that no file breaks. Raises ``BadInput`` and ``TooLarge``.

    Nothing but the folder ``within`` can be read meanwhile, by default the file's own.
    """
    tidy()
    task = Looking(path.absolute(), limit_s, _LOOK_MEMORY, within or path.resolve().parent)
    try:
        found = json.loads(_hands.do(task, NOBODY, _LOOK_S))
    except (HandDied, Failed) as problem:
        raise BadInput(
            f"{shown(path.name)} cannot be read as a recording: the decoder broke off over it. "
            "Export it again, as wav or mp3."
        ) from problem
    return found if isinstance(found, float) else None


def memory_for_a_file() -> int:
    """Bytes that a hand may take for one file: half of what this machine has, within limits.

    Sound is never held whole: an hour of it takes 0.9 GB, nearly all of that models. Whisper's
    largest takes 4.
    """
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    group = Path("/sys/fs/cgroup/memory.max")  # of a container
    if group.is_file() and (most := group.read_text().strip()).isdecimal():
        there = min(there, int(most))
    return max(_LEAST, min(_MOST, there // 2))
