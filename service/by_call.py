"""What is read call by call and kept in memory: after a change only the calls it touched are read.

A home of ten thousand calls is read once, and then a call at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar, cast

import sqlalchemy as sa

from ingest.stamps import of_calls, stamp

T = TypeVar("T")

AT_ONCE = 500  # calls named in a statement
_RESTS_ON = ("calls", "evidence", "passages", "speakers", "utterances")


@dataclass(frozen=True, slots=True)
class _Kept:
    """``stamps`` are those of all calls when they were looked at, ``found`` what was read."""

    at: object
    of: object
    stamps: Mapping[str, int]
    found: Mapping[str, object]


def by_call(
    connection: sa.Connection,
    name: str,
    read: Callable[[Sequence[str]], Mapping[str, T]],
    *,
    of: object = None,
    forget: Callable[[T], None] | None = None,
) -> Mapping[str, T]:
    """What ``read`` gives for each call, read anew for those that have changed since.

    ``of`` is what else it hangs on: with another all is read anew. ``forget`` is told what is held
    no longer. ``read`` gets at most ``AT_ONCE`` ids and may leave some out. While nothing has
    changed the same mapping is returned, not only an equal one. Without a library's memory behind
    the connection all is read.
    """
    memory: dict[str, object] = connection.info.get("memory", {})
    lock = memory.setdefault(f"lock: {name}", Lock())
    with cast(AbstractContextManager[bool], lock):  # who comes while it is read waits for it
        return _looked_up(connection, memory, (name, of), read, forget)


def _looked_up(
    connection: sa.Connection,
    memory: dict[str, object],
    what: tuple[str, object],
    read: Callable[[Sequence[str]], Mapping[str, T]],
    forget: Callable[[T], None] | None,
) -> Mapping[str, T]:
    name, of = what
    now = stamp(connection, _RESTS_ON)
    kept = memory.get(f"by call: {name}")
    if not isinstance(kept, _Kept) or kept.of != of:
        kept = _Kept(None, of, {}, {})
    # Only this function writes under the name.
    before = cast(Mapping[str, T], kept.found)
    if kept.at == now:
        return before
    stamps = of_calls(connection)
    changed = {c for c, value in stamps.items() if kept.stamps.get(c) != value}
    found = {c: v for c, v in before.items() if c in stamps and c not in changed}
    if forget is not None:
        for call_id in before.keys() - found.keys():
            forget(before[call_id])
    for ids in batches(changed):
        found.update(read(ids))
    memory[f"by call: {name}"] = _Kept(now, of, stamps, found)
    return found


def batches(call_ids: Collection[str]) -> Iterator[Sequence[str]]:
    """In the order of the ids, so many as are named in one statement."""
    listed = sorted(call_ids)
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]
