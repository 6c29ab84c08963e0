"""How a memo writes numbers, dates and other people's words."""

from __future__ import annotations

import unicodedata
from datetime import date

# Control, format (bidirectional overrides among them), surrogates, unassigned (so noncharacters).
_LEFT_OUT = frozenset({"Cc", "Cf", "Cs", "Cn"})


def clean(text: str) -> str:
    """``text`` on one line without control, format and surrogate characters.

    Joiners stay: emoji and several scripts need them.
    """
    kept = (
        " " if c.isspace() else c
        for c in text
        if c.isspace() or c in "\u200c\u200d" or unicodedata.category(c) not in _LEFT_OUT
    )
    return " ".join("".join(kept).split())


def clock(seconds: float) -> str:
    """``03:07`` or ``1:02:03``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def money(usd: float | None) -> str:
    return "–" if usd is None else f"${usd:,.0f}"


def long_date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def short_date(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def listed(names: list[str]) -> str:
    """``A``, ``A and B``, ``A, B and C``."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
