"""Text for a terminal: hostile words made harmless, private details masked, times and money as
people read them.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.redaction import Redaction

# What masks what this command prints; ``None`` until it has opened a home, and for originals.
redaction: ContextVar[Redaction | None] = ContextVar("redaction", default=None)


def masked(text: str) -> str:
    """The text as people may see it."""
    masks = redaction.get()
    return text if masks is None else masks.text(text)


def plain(text: str) -> str:
    """The text, masked and harmless."""
    return harmless(masked(text))


def harmless(text: str) -> str:
    """The text without control characters: an escape sequence in a title must not be obeyed."""
    return "".join(c if c.isprintable() else " " for c in text)


def clock(seconds: float | None) -> str:
    """``3:07`` or ``1:02:03``; nothing where there is no time."""
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def money(usd: float | None) -> str:
    """``$2,042,700``; a dash where it is not known."""
    return "–" if usd is None else f"${usd:,.0f}"
