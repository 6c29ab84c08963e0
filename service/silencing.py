"""Silencing stretches of a recording, in a process of its own like all that decodes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ingest.errors import Conflict, shown
from ingest.listen import NOBODY
from service.hands import Failed, HandDied, Hands, tidy
from service.handwork import Silencing
from service.looking import memory_for_a_file

_LONGEST_S = 3600.0  # for the longest of recordings, on a busy machine
_hands = Hands(1)


def silence(path: Path, out: Path, spans: Sequence[tuple[float, float]], called: str) -> None:
    """``ingest.silencing.silenced``. Raises ``BadInput``, and ``Conflict`` when it broke off."""
    tidy()
    try:
        _hands.do(Silencing(path, out, tuple(spans), memory_for_a_file()), NOBODY, _LONGEST_S)
    except (HandDied, Failed) as problem:
        raise Conflict(
            f"The recording {shown(called)} could not be written anew without this person "
            f"({problem}). Nothing in its call was changed: try again, or delete the call."
        ) from problem
