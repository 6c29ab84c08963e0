"""What a passage is found by: its own words, and at less weight those around it."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.passages import Passage

NEIGHBOURS = 3  # on each side
AROUND_WEIGHT = 0.4
BEST = 2_000  # passages that an index names at most


def around(own: Sequence[Passage]) -> list[str]:
    """For each passage the text of its neighbours."""
    texts = [p.text for p in own]
    return [
        "\n".join(texts[max(0, n - NEIGHBOURS) : n] + texts[n + 1 : n + 1 + NEIGHBOURS])
        for n in range(len(texts))
    ]
