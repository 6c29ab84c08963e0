"""Files of what was erased: noted with it in one transaction, removed from the media store after.

So none stays for ever where a process died in between, or the store could not be reached.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import suppress

import sqlalchemy as sa

from ingest import playback
from ingest.errors import FirsthandError
from ingest.facts import fact, put_fact
from ingest.library import Library
from ingest.media import Kept
from ingest.store import files
from ingest.tables import facts

FILES_OF_ERASED = "files_of_erased"  # the fact that names them

log = logging.getLogger(__name__)


def noted(connection: sa.Connection) -> list[str]:
    """The names of the files that are still to be removed."""
    found = fact(connection, FILES_OF_ERASED)
    return [str(name) for name in found] if isinstance(found, list) else []


def note(connection: sa.Connection, names: Collection[str]) -> None:
    """Say that these are to be removed once this transaction is committed."""
    if names:
        put_fact(connection, FILES_OF_ERASED, sorted({*noted(connection), *names}))


def remove(library: Library) -> None:
    """Remove those that are noted. One that cannot be removed does not keep the others; it is
    tried again the next time.
    """
    with library.read() as connection:
        names = noted(connection)
        used = files(connection)  # a call may have come in with the same bytes
    if not names:
        return
    gone = {name for name in names if name in used or _is_removed(library, name)}
    with library.change() as connection:
        left = [name for name in noted(connection) if name not in gone]
        if left:
            put_fact(connection, FILES_OF_ERASED, left)
        else:
            connection.execute(facts.delete().where(facts.c.name == FILES_OF_ERASED))


def discard(library: Library, kept: Kept | None) -> None:
    """Remove a file that was made for nothing. Where the database cannot say so, it stays."""
    if kept is None or not kept.new:
        return
    with suppress(sa.exc.SQLAlchemyError), library.read() as connection:
        if kept.name not in files(connection):
            library.media.erase(kept.name)


def _is_removed(library: Library, name: str) -> bool:
    playback.forget(library, name)
    try:
        library.media.erase(name)
    except (OSError, FirsthandError) as problem:
        log.warning("The file %s of an erased call is removed later: %s", name, problem)
        return False
    return True
