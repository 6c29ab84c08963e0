"""A text in one line, and whether words stand in it word for word."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from ingest import gate

MOST_CHARS = 700


def plain(sentence: str) -> str:
    """The sentence in one line, without control and invisible characters."""
    same = unicodedata.normalize("NFKC", sentence[: 4 * MOST_CHARS]) if sentence else ""
    same = same + sentence[4 * MOST_CHARS :]
    visible = "".join(
        " " if c.isspace() or unicodedata.category(c) == "Cc" else c
        for c in same
        if unicodedata.category(c) not in ("Cf", "Co", "Cs")
    )
    return " ".join(visible.split())


def inside(phrase: str, said: Sequence[str]) -> bool:
    return any(gate.find_exactly(phrase, one) is not None for one in said)
