"""What was dropped of a model's sentences, as it is shown to people."""

from __future__ import annotations

from ingest.addressed import addressed
from ingest.private import is_private
from service.shapes import DroppedSentence

_LONGEST = 300  # characters


def shown_as_dropped(text: str, why: str) -> DroppedSentence:
    """The sentence and why it was dropped.

    What was dictated to a machine and what has private details is not repeated.
    """
    told = "" if addressed(text) or is_private(text) else " ".join(text.split())[:_LONGEST]
    return DroppedSentence(text=told, why=why)
