"""What a watcher tells of: one event at a time, as it happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pydantic import Field

from ingest.models import Frozen

Kind = Literal[
    "watching",
    "taken",
    "known",
    "changed",
    "ready",
    "failed",
    "skipped",
    "note",
    "waiting",
    "unchanged",
    "away",
    "back",
]


class Event(Frozen):
    """What happened to a file of a watched place, or to the place itself."""

    event: Kind
    where: str = Field(description="the folder or bucket, as it is watched")
    file: str | None = Field(default=None, description="below it; none: it is about the place")
    call_id: str | None = None
    job_id: str | None = None
    fields: tuple[str, ...] = Field(default=(), description="of the call that were changed")
    n: int | None = Field(default=None, description="how many files it is about")
    message: str | None = None


Tell = Callable[[Event], None]
