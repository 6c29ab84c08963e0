"""What was worked out from the whole home, kept in memory until a table it rests on changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import TypeVar

import sqlalchemy as sa

from ingest.library import Library
from ingest.stamps import stamp

T = TypeVar("T")


def remembered(
    library: Library,
    connection: sa.Connection,
    what: tuple[str, type[T]],
    rests_on: Collection[str],
    make: Callable[[], T],
    *,
    of: Hashable = None,
    most: int = 1,
) -> T:
    """``make()``, or what it gave before while no row of the tables ``rests_on`` has changed.

    ``what`` is its name in the memory and its type. ``of`` is what else it hangs on; the last
    ``most`` of these are kept. ``make`` has to read over the same ``connection``, so that value and
    stamp are of one moment.
    """
    name, kind = what
    now = stamp(connection, rests_on)
    held = library.memory.get(name)
    kept: dict[Hashable, object] = {}
    # With a change all of it goes: what was erased must not stay in memory.
    if isinstance(held, tuple) and held[0] == now:
        kept = held[1]
    found = kept.get(of)
    if isinstance(found, kind):
        return found
    made = make()
    # Never changed in place: another thread may be reading it.
    last = [(k, v) for k, v in kept.items() if k != of][-(most - 1) :] if most > 1 else []
    library.memory[name] = (now, dict([*last, (of, made)]))
    return made
