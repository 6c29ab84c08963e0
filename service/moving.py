"""Moving a home into the stores of a fleet: PostgreSQL, a bucket, a Chroma server.

Recordings go first, file by file, each read back and held against its hash, which is its name; a
move that broke off finds them there. Then all rows go in one transaction that ends only when both
databases hold the same. So whoever looks at the target sees an empty home or the whole one. The
source stays as it is, and nobody can change it meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import psycopg
import sqlalchemy as sa
from pydantic import Field

from ingest import copying
from ingest.database import schema_of
from ingest.errors import BadInput, Conflict, NotFound, Unavailable
from ingest.facts import fact, put_fact
from ingest.feeding import feed
from ingest.library import Library
from ingest.migrations import HEAD
from ingest.models import Frozen
from ingest.postgresql import take_long
from ingest.tables import call_transcripts, calls, jobs
from service.jobs import OPEN
from service.person_begun import require_nobody_going

Told = Callable[[str, int, int], None]


class Moved(Frozen):
    """What went where. No password stands in it."""

    already: bool = Field(description="an earlier move had put everything there")
    rows: dict[str, int] = Field(description="of each table, the same on both sides")
    files: int = Field(
        description="recordings and transcripts that this run held against their hash"
    )
    missing: tuple[str, ...] = Field(description="calls whose file was missing here before")
    queued: int = Field(description="jobs that the workers there will do")
    vectors: int | None = Field(description="given to the Chroma server; null: by whoever serves")
    variables: dict[str, str] = Field(description="what to set to use it, passwords left out")


def move(
    source: Library,
    database_url: str,
    told: Told,
    *,
    media_url: str | None = None,
    vectors_url: str | None = None,
) -> Moved:
    """Put everything of ``source`` into the named stores; those not named stay what they are.

    ``told`` hears the step, how much of it is done and of how much. Asked again after it broke off
    it goes on; after it ended it finds that. Raises ``BadInput`` for an address that is none or a
    file with wrong bytes, ``Conflict`` when the source is at work or the target holds anything
    else, ``Unavailable`` and ``StoreRefused`` when a store does not answer or refuses.
    """
    if source.engine.dialect.name != "sqlite":
        raise BadInput(
            "Everything is in a PostgreSQL already (FIRSTHAND_DATABASE_URL); its own pg_dump moves "
            "it to another."
        )
    schema = schema_of(database_url, source.options.workspace)
    if schema not in (None, HEAD):
        raise Conflict(
            f"The database there has the schema {schema} of another version (here it is {HEAD}); "
            "name an empty one."
        )
    options = replace(
        source.options,
        database_url=database_url,
        media_url=media_url or source.options.media_url,
        vectors_url=vectors_url or source.options.vectors_url,
    )
    with ExitStack() as held:
        here = held.enter_context(_held(source))
        target = Library(source.home, options)
        held.callback(target.close)
        if vectors_url:
            target.index.chroma.open()
            target.index.chroma.names()  # asks it something before anything is moved
        with said(target, "Move again."):
            return _move(source, here, target, told, fill_vectors=vectors_url is not None)


def _move(
    source: Library, here: sa.Connection, target: Library, told: Told, *, fill_vectors: bool
) -> Moved:
    told("reading", 0, 1)
    require_nobody_going(here, "move")
    held = copying.contents(here)
    digest = copying.digest_of(held)
    with target.read() as connection:
        already = fact(connection, copying.MOVED) == digest
        if not already:
            _require_empty(connection)
    files = 0
    missing: tuple[str, ...] = ()
    if not already:
        files, missing = _files(source, here, target, told)
        target.audit.bring(source.audit.rows())
        _rows(here, target, held, digest, told)
    vectors = None
    if fill_vectors:
        told("vectors", 0, 1)
        vectors = feed(target).added
    waiting = sa.select(sa.func.count()).select_from(jobs).where(jobs.c.state.in_(OPEN))
    return Moved(
        already=already,
        rows={name: content.rows for name, content in held.items()},
        files=files,
        missing=missing,
        queued=here.scalar(waiting) or 0,
        vectors=vectors,
        variables=_variables(target),
    )


@contextmanager
def _held(source: Library) -> Iterator[sa.Connection]:
    """The source as it is at one moment, while nobody serves it, works on it or writes to it."""
    with ExitStack() as locks:
        for lock in ("serve.lock", "worker.lock"):
            locks.enter_context(source.holding(lock))
        yield locks.enter_context(source.change())


def _require_empty(connection: sa.Connection) -> None:
    where = connection.engine.url
    if fact(connection, copying.MOVED) is not None:
        raise Conflict(
            f"The database {where.database} was moved into already, from another home or from "
            "this one as it was then; name an empty one."
        )
    if table := copying.occupied(connection):
        raise Conflict(
            f"The database {where.database} holds something already ({table}); name an empty one."
        )


def _rows(
    here: sa.Connection, target: Library, held: copying.Contents, digest: str, told: Told
) -> None:
    with target.change() as connection:
        take_long(connection)
        _require_empty(connection)  # still, now that nobody else writes
        copying.copy(here, connection, told)
        told("comparing", 0, 1)
        there = copying.contents(connection)
        if wrong := [name for name in held if there[name] != held[name]]:
            raise Conflict(
                f"What arrived in the database differs from what is here ({', '.join(wrong)}); "
                "nothing was kept there. Please report this."
            )
        if copying.unindexed(connection):
            raise Conflict("The keyword index there lacks passages; nothing was kept there.")
        put_fact(connection, copying.MOVED, digest)


def _files(
    source: Library, here: sa.Connection, target: Library, told: Told
) -> tuple[int, tuple[str, ...]]:
    """How many files are there now, and the calls whose file was missing here."""
    stays = target.options.media_url == source.options.media_url
    c = calls.c
    came = here.execute(sa.select(c.media, c.call_id).where(c.media != "").order_by(c.media)).all()
    copied = sa.select(c.playback, c.call_id).where(c.playback != c.media).order_by(c.playback)
    copies = here.execute(copied).all()
    t = call_transcripts.c
    named = [*came, *here.execute(sa.select(t.media, t.call_id).order_by(t.media)), *copies]
    if not stays and (other := set(target.media.names()) - {name for name, _ in named}):
        raise Conflict(
            f"{target.options.media_url} holds {len(other)} files of no call here; name a prefix "
            "of this home's own."
        )
    missing = []
    there = 0
    for n, (name, call_id) in enumerate(named):
        told("files", n, len(named))
        try:
            _file(source, target, name, call_id, stays=stays)
            there += 1
        except NotFound:
            if (name, call_id) not in copies:  # a copy for playing is made anew there by the doctor
                missing.append(call_id)
    return there, tuple(missing)


def _file(source: Library, target: Library, name: str, call_id: str, *, stays: bool) -> None:
    with source.media.local(name) as path:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != name[:64]:
            raise BadInput(
                f"The file {name} of call {call_id} is damaged: its bytes are not those that were "
                "added. Put it back from a backup or delete the call, and move again."
            )
        if not stays:
            target.media.keep(path, limit=path.stat().st_size, sha256=name[:64])
    if not stays:
        with target.media.local(name):
            pass  # fetching it back compares its hash


def _variables(target: Library) -> dict[str, str]:
    given = sa.make_url(target.options.database_url or "").difference_update_query(["password"])
    found = {"FIRSTHAND_DATABASE_URL": given.render_as_string(hide_password=True)}
    if target.options.media_url:
        found["FIRSTHAND_MEDIA_URL"] = target.options.media_url
    if target.options.vectors_url:
        found["FIRSTHAND_VECTORS_URL"] = target.options.vectors_url
    return found


@contextmanager
def said(target: Library, then: str) -> Iterator[None]:
    """Say in a sentence what the target's PostgreSQL did wrong, and what to do ``then``; no row
    stands in it.
    """
    try:
        yield
    except (psycopg.Error, sa.exc.DBAPIError) as problem:
        cause = problem.orig if isinstance(problem, sa.exc.DBAPIError) else problem
        if not isinstance(cause, psycopg.Error):
            raise
        why = cause.diag.message_primary or "the connection was lost"
        raise Unavailable(
            f"The database {target.engine.url.database} broke off ({why}); nothing was kept there. "
            f"{then}"
        ) from None
