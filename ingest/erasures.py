"""How often something was erased here, so that long work on words can tell that they are old.

A model thinks for seconds to minutes. What it says of words that were erased meanwhile is not kept.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from ingest.errors import Conflict
from ingest.facts import fact, put_fact

ERASURES = "erasures"  # the fact that counts them


class Erased(Conflict):
    """Somebody was erased while this was made of their words, or with their name."""

    retry = True


@dataclass(frozen=True, slots=True)
class Erasures:
    """How many calls were erased, and how often people were from one."""

    calls: int
    people: int


def erasures(connection: sa.Connection) -> Erasures:
    """As of now."""
    found = fact(connection, ERASURES)
    calls, people = found if isinstance(found, list) else (0, 0)
    return Erasures(calls, people)


def count(connection: sa.Connection, *, calls: int = 0, people: int = 0) -> None:
    """Count what this transaction erases."""
    before = erasures(connection)
    put_fact(connection, ERASURES, [before.calls + calls, before.people + people])


def require_none(connection: sa.Connection, since: Erasures | None) -> None:
    """Raises ``Erased`` when a person was erased ``since``; ``None`` is not asked about."""
    if since is not None and erasures(connection).people != since.people:
        raise Erased("A person was erased while this was under way; begin it again.")
