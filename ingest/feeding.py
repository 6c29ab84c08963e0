"""Feeding: brings Chroma in line with the database, a batch at a time, from whatever state.

The table ``fed`` names everything that may lie in Chroma: a row is written before vectors are given
and goes after they were removed. So a process may die anywhere between, and several may feed a
server at once; who comes next goes on. A collection has an identity: one that is new, because the
address changed or a folder was lost, was fed nothing.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ingest.chroma import Broken
from ingest.errors import FirsthandError, Unavailable
from ingest.facts import fact, put_fact
from ingest.index import ROLES, vectors_of
from ingest.models import Role
from ingest.passages import ids_from
from ingest.stamps import Stamp, stamp
from ingest.tables import facts, fed, passages

if TYPE_CHECKING:
    from ingest.library import Library

log = logging.getLogger(__name__)

POLL_S = 2.0
_MOST_WAIT_S = 60.0  # between two tries while there are errors
_CHECK_S = 600.0  # between two counts of what Chroma holds
_STOP_S = 5.0  # a batch under way takes less, or is left to itself
_BATCH = 1_000  # passages given between two looks at ``stop``
_NAME = "vectors"  # the fact that tells this database's collections from another's
ERASED = "vectors_of_erased"  # the fact that Chroma's folder may hold vectors of what was erased


@dataclass(frozen=True, slots=True)
class Fed:
    """How many passages Chroma was given and how many it was made to forget."""

    added: int
    removed: int


def collections(connection: sa.Connection) -> dict[Role, str]:
    """What this home's collections are called in Chroma; empty before it was ever fed."""
    name = fact(connection, _NAME)
    return {role: f"firsthand-{name}-{role}" for role in ROLES} if isinstance(name, str) else {}


def holds(connection: sa.Connection, identity: str) -> dict[str, int]:
    """What the collection of this identity was given in full: first passage, how many."""
    rows = sa.select(fed.c.stamp, fed.c.passages).where(fed.c.collection == identity, fed.c.done)
    return dict(connection.execute(rows).all())


def wanted_of(connection: sa.Connection, role: Role) -> dict[str, int]:
    """Every call's passages of the role: the first one's id, how many."""
    rows = (
        sa.select(sa.func.min(passages.c.passage_id), sa.func.count())
        .where(passages.c.role == role)
        .group_by(passages.c.call_id)
    )
    return dict(connection.execute(rows).all())


def feed(library: Library, stop: Callable[[], bool] = lambda: False) -> Fed:
    """Give Chroma what it lacks and remove what is gone, until ``stop``. Raises ``Unavailable``.

    An embedded folder that a dying process left broken is thrown away and filled anew: nothing in
    it is anywhere but in the database.
    """
    _make_anew(library)
    try:
        return _feed(library, stop)
    except Broken as problem:
        _throw_away(library, problem)
        return _feed(library, stop)


def _throw_away(library: Library, problem: Broken) -> None:
    log.warning("Chroma's folder is broken and is made anew: %s", problem)
    library.index.chroma.wipe(())


def _feed(library: Library, stop: Callable[[], bool]) -> Fed:
    chroma = library.index.chroma
    chroma.open()
    chroma.refresh()
    added = removed = 0
    for role, name in _named(library).items():
        identity = chroma.identity(name)
        removed += _remove_gone(library, name, identity, stop)
        added += _add_new(library, role, name, identity, stop)
    return Fed(added, removed)


def note_erased(library: Library, connection: sa.Connection) -> None:
    """Say that something is being erased: Chroma's own folder is to be made anew.

    Chroma only marks vectors as removed; they stay in its files, and sentences can be guessed from
    them. What a server keeps is beyond us: there they are removed as it does that.
    """
    fed_any = connection.scalar(sa.select(fed.c.stamp).limit(1)) is not None
    if library.index.chroma.url is None and fed_any:
        put_fact(connection, ERASED, True)


def sweep(library: Library) -> None:
    """Remove from Chroma at once what is gone, if this process may; else the feeder will."""
    chroma = library.index.chroma
    try:
        if chroma.url is None:
            _make_anew(library)
            if not chroma.is_open:
                return
        with library.read() as connection:
            named = collections(connection)
        for name in named.values():
            _remove_gone(library, name, chroma.identity(name), lambda: False)
    except Unavailable as problem:
        log.warning("Vectors of what was erased are removed later: %s", problem)


def _make_anew(library: Library) -> None:
    """Throw an embedded folder away that holds vectors of what was erased; feeding fills it anew.

    Raises ``InUse`` while another process has it.
    """
    with library.read() as connection:
        if fact(connection, ERASED) is None:
            return
    chroma = library.index.chroma
    if chroma.url is not None:  # since then it was moved to a server
        with library.change() as connection:
            connection.execute(facts.delete().where(facts.c.name == ERASED))
        return
    with library.index.feeding:
        was_open = chroma.is_open
        chroma.wipe(())
        if not was_open:
            chroma.close()
        with library.change() as connection:
            connection.execute(fed.delete())
            connection.execute(facts.delete().where(facts.c.name == ERASED))


def check(library: Library) -> None:
    """See by its count whether Chroma has what it was given; where not, look at every id.

    Raises ``Unavailable``.
    """
    chroma = library.index.chroma
    chroma.open()
    chroma.refresh()
    named = _named(library)
    chroma.forget_old(named.values())
    identities = {role: chroma.identity(name) for role, name in named.items()}
    with library.change() as connection:
        others = fed.c.collection.not_in(sorted(identities.values()))
        connection.execute(fed.delete().where(others))
    for role, identity in identities.items():
        with library.read() as connection:
            told = sum(holds(connection, identity).values())
            between = connection.scalar(
                sa.select(sa.func.count()).where(fed.c.collection == identity, ~fed.c.done)
            )
        if not between and chroma.count(named[role]) != told:
            realign(library, role)


def realign(library: Library, role: Role) -> None:
    """Make ``fed`` true of Chroma by looking at every id there, and remove those of no call.

    Raises ``Unavailable``.
    """
    chroma = library.index.chroma
    name = _named(library)[role]
    identity = chroma.identity(name)
    held = chroma.ids(name)
    with library.read() as connection:
        wanted = wanted_of(connection, role)
    whole = {first: n for first, n in wanted.items() if held.issuperset(ids_from(first, n))}
    known = {i for first, n in wanted.items() for i in ids_from(first, n)}
    log.warning(
        "Chroma held %d vectors of %d, and %d of no call.",
        len(held & known),
        len(known),
        len(held - known),
    )
    chroma.remove(name, held - known)
    with library.change() as connection:
        connection.execute(fed.delete().where(fed.c.collection == identity))
        _tell(connection, identity, whole, done=True)


# --- within --------------------------------------------------------------------------------------


def _named(library: Library) -> Mapping[Role, str]:
    with library.read() as connection:
        named = collections(connection)
    if not named:
        with library.change() as connection:
            if not collections(connection):
                put_fact(connection, _NAME, uuid.uuid4().hex)
            named = collections(connection)
    return named


def _add_new(
    library: Library, role: Role, name: str, identity: str, stop: Callable[[], bool]
) -> int:
    with library.read() as connection:
        wanted = wanted_of(connection, role)
        there = holds(connection, identity)
    added = 0
    for batch in _batches({first: n for first, n in wanted.items() if first not in there}):
        if stop():
            break
        with library.index.feeding:
            added += _give(library, name, identity, batch)
    return added


def _give(library: Library, name: str, identity: str, batch: Mapping[str, int]) -> int:
    ids = [i for first, n in batch.items() for i in ids_from(first, n)]
    with library.change() as connection:
        select = sa.select(passages.c.passage_id, passages.c.vector)
        rows = connection.execute(select.where(passages.c.passage_id.in_(ids))).all()
        there = {row.passage_id for row in rows}
        # What was changed since it was looked up comes with the next round.
        still = {first: n for first, n in batch.items() if there.issuperset(ids_from(first, n))}
        _tell(connection, identity, still, done=False)
    if rows:
        library.index.chroma.add(
            name, [row.passage_id for row in rows], vectors_of([row.vector for row in rows])
        )
    with library.change() as connection:
        _tell(connection, identity, still, done=True)
    return len(rows)


def _remove_gone(library: Library, name: str, identity: str, stop: Callable[[], bool]) -> int:
    there = sa.select(passages.c.passage_id).where(passages.c.passage_id == fed.c.stamp)
    rows = sa.select(fed.c.stamp, fed.c.passages).where(
        fed.c.collection == identity, ~there.exists()
    )
    with library.read() as connection:
        gone = dict(connection.execute(rows).all())
    removed = 0
    for batch in _batches(gone):
        if stop():
            break
        with library.index.feeding:
            ids = [i for first, n in batch.items() for i in ids_from(first, n)]
            library.index.chroma.remove(name, ids)
            with library.change() as connection:
                _untell(connection, identity, batch)
        removed += len(ids)
    return removed


def _tell(
    connection: sa.Connection, identity: str, blocks: Mapping[str, int], *, done: bool
) -> None:
    _untell(connection, identity, blocks)
    rows = [
        {"collection": identity, "stamp": first, "passages": n, "done": done}
        for first, n in blocks.items()
    ]
    if rows:
        connection.execute(fed.insert(), rows)


def _untell(connection: sa.Connection, identity: str, blocks: Mapping[str, int]) -> None:
    for some in _batches(dict.fromkeys(blocks, 1)):
        named = fed.c.stamp.in_(sorted(some))
        connection.execute(fed.delete().where(fed.c.collection == identity, named))


def _batches(blocks: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Blocks of passages together until they are ``_BATCH``."""
    batch: dict[str, int] = {}
    for first, n in blocks.items():
        batch[first] = n
        if sum(batch.values()) >= _BATCH:
            yield batch
            batch = {}
    if batch:
        yield batch


# --- in the background ---------------------------------------------------------------------------


@contextmanager
def feeding(library: Library, poll_s: float = POLL_S) -> Iterator[None]:
    """While inside, a thread keeps Chroma in line; of an embedded one it makes us the owner."""
    ended = Event()
    thread = Thread(target=_keep, args=(library, ended, poll_s), name="feeding", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(_STOP_S)


def _keep(library: Library, ended: Event, poll_s: float) -> None:
    seen: Stamp | None = None
    checked = float("-inf")
    wait = 0.0
    while not ended.wait(wait):
        try:
            with library.read() as connection:
                now = stamp(connection, ("passages",))
            if time.monotonic() - checked > _CHECK_S:
                try:
                    check(library)
                except Broken as problem:
                    _throw_away(library, problem)  # and feeding fills it anew
                checked, seen = time.monotonic(), None
            if now != seen:
                feed(library, ended.is_set)
                seen = now
            wait = poll_s
        except (FirsthandError, sa.exc.SQLAlchemyError) as problem:
            if wait <= poll_s:  # the first of a row
                told = problem if isinstance(problem, Unavailable) else type(problem).__name__
                log.warning("Chroma is not fed for now: %s", told)
            checked = float("-inf")  # whatever comes back may have lost something
            wait = min(_MOST_WAIT_S, max(poll_s, 2 * wait))
        except Exception:  # the thread's edge: it has to go on
            if not ended.is_set():  # else Chroma was closed under it
                log.exception("Chroma is not fed for now")
            wait = _MOST_WAIT_S
