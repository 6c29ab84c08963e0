"""A tool: its name, what it takes, what it gives, and what one has to be to use it."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ingest.library import Library
from ingest.models import Frozen
from service.access.audit import Action
from service.access.person import Role
from service.assistants.bounds import Bounds

if TYPE_CHECKING:
    from service.api.limits import Costly

Offset = Annotated[int, Field(ge=0, lt=2**31, description="leave out so many of the first")]


class Arguments(Frozen):
    """What a tool takes. The docstring of each is what assistants read of it."""

    @abstractmethod
    def answer(self, library: Library) -> Frozen:
        """What the core says. Raises what the verb raises."""

    def bounds(self) -> Bounds:
        return Bounds()


class Paged(Arguments):
    """A list that is told a page at a time."""

    limit: int = Field(default=20, ge=1, le=100, description="at most so many")
    offset: Offset = 0

    def bounds(self) -> Bounds:
        return Bounds(limit=self.limit)


class Shortened(Arguments):
    """What has many lists and quotes in it."""

    quotes: int = Field(default=2, ge=1, le=20, description="at most so many quotes at a place")
    limit: int = Field(default=8, ge=1, le=100, description="at most so many of anything else")

    def bounds(self) -> Bounds:
        return Bounds(quotes=self.quotes, limit=self.limit)


@dataclass(frozen=True, slots=True)
class Tool:
    """``action`` is the audit log's word, ``None`` where it is not worth a line; ``kind`` is of
    what it is done to, and ``subject`` the argument that is its id. ``changes``: it is no tool that
    only reads.
    """

    name: str
    title: str
    takes: type[Arguments]
    gives: type[Frozen]
    kind: str
    action: Action | None = "see"
    subject: str = ""
    role: Role = "viewer"
    costly: Costly | None = None
    changes: bool = False
