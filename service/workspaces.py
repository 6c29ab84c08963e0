"""Workspaces: homes beside one another that know nothing of each other, served by one server.

Each has its own folder, database (or schema of one), vectors, files and worker, so that what is of
one is out of reach from another whatever is asked of it. Which there are is told by the main one,
the home that the settings name.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from pydantic import Field

from ingest import copying, postgresql
from ingest.errors import BadInput, Conflict, NotFound, shown
from ingest.feeding import collections
from ingest.library import Library
from ingest.media import Folder
from ingest.models import Frozen
from ingest.tables import accounts, calls, workspaces
from service.access.users import forget_workspace
from service.settings import MAIN, Settings

_TITLE_MOST = 200


class Workspace(Frozen):
    """One of a home's workspaces."""

    name: str
    title: str
    created_at: datetime | None = Field(description="null: with the home itself")


class Removed(Frozen):
    """A workspace that is gone, and what it held."""

    name: str
    calls: int
    accounts: int


@contextmanager
def main_of(settings: Settings) -> Iterator[Library]:
    """The library of the main workspace, closed afterwards."""
    main = settings.of(MAIN)
    with closing(Library(main.folder, main.options())) as library:
        yield library


def open_library(settings: Settings) -> Library:
    """The library of the settings' workspace. Raises ``NotFound`` when there is no such one.

    What was lost of its place, or is on another machine's disk, is made anew and empty.
    """
    if settings.workspace != MAIN:
        with main_of(settings) as main:
            get(main, settings.workspace)
            _make_place(main, settings.workspace)
    return Library(settings.folder, settings.options())


def list_workspaces(main: Library) -> list[Workspace]:
    """All of them, the main one first, then by name."""
    with main.read() as connection:
        rows = connection.execute(sa.select(workspaces).order_by(workspaces.c.name)).mappings()
        found = {row["name"]: Workspace.model_validate(dict(row)) for row in rows}
    first = found.pop(MAIN, Workspace(name=MAIN, title=MAIN, created_at=None))
    return [first, *found.values()]


def others(settings: Settings) -> list[str]:
    """The names of those that what is done to the main workspace leaves out; of others, none."""
    if settings.workspace != MAIN:
        return []
    with main_of(settings) as main:
        return [one.name for one in list_workspaces(main) if one.name != MAIN]


def get(main: Library, name: str) -> Workspace:
    """Raises ``NotFound``."""
    for one in list_workspaces(main):
        if one.name == name:
            return one
    raise NotFound(
        f"There is no workspace {shown(name)!r}; `firsthand workspaces` lists those there are."
    )


def add(settings: Settings, name: str, title: str | None = None) -> Workspace:
    """Make an empty workspace.

    Raises ``BadInput`` for a name that is none, ``Conflict`` when there is one, or anything where
    it would be.
    """
    its = settings.of(name)
    called = _titled(title or name)
    with main_of(settings) as main:
        with main.change() as connection:
            if name == MAIN or _row(connection, name) is not None:
                raise Conflict(f"There is a workspace {name} already.")
            _require_nothing(connection, its)
            connection.execute(
                workspaces.insert().values(name=name, title=called, created_at=datetime.now(UTC))
            )
            if connection.dialect.name == "postgresql":
                postgresql.make_place(connection, name)
        made = get(main, name)
    Library(its.folder, its.options()).close()  # now, and not when the first one waits for it
    return made


def rename(settings: Settings, name: str, title: str) -> Workspace:
    """Give a workspace another title; its name stays. Raises ``NotFound`` and ``BadInput``."""
    called = _titled(title)
    with main_of(settings) as main:
        get(main, name)
        with main.change() as connection:
            changed = connection.execute(
                workspaces.update().where(workspaces.c.name == name).values(title=called)
            ).rowcount
            if not changed and name == MAIN:
                connection.execute(workspaces.insert().values(name=MAIN, title=called))
        return get(main, name)


def remove(settings: Settings, name: str, *, filled: bool = False) -> Removed:
    """Remove a workspace and erase all that is in it; with anything in it only when ``filled``.

    Nobody may serve it or work on it meanwhile. What breaks off leaves it listed, and is gone on
    with when asked again. Raises ``NotFound``, ``BadInput``, ``Conflict`` and what stores raise.
    """
    if name == MAIN:
        raise BadInput("The main workspace is the home itself; delete its folder instead.")
    its = settings.of(name)
    with ExitStack() as held:
        library = held.enter_context(closing(open_library(its)))
        for lock in ("serve.lock", "worker.lock"):
            held.enter_context(library.holding(lock))
        _require_no_worker(library)
        with library.read() as connection:
            holds = copying.occupied(connection)
            removed = Removed(
                name=name, calls=_count(connection, calls), accounts=_count(connection, accounts)
            )
            vectors = collections(connection)
        if holds and not filled:
            raise BadInput(
                f"The workspace {name} holds something ({removed.calls:,} calls, "
                f"{removed.accounts:,} accounts): give --yes to erase all of it."
            )
        if library.index.chroma.url is not None:
            library.index.chroma.drop(vectors.values())
        if not isinstance(library.media, Folder):
            for file in list(library.media.names()):
                library.media.erase(file)
        library.close()
        _erase_folder(library.home)  # the locks are held still: they are of files, not of names
        with main_of(settings) as main, main.change() as connection:
            if connection.dialect.name == "postgresql":
                postgresql.drop_place(connection, name)
            forget_workspace(connection, name)
            connection.execute(workspaces.delete().where(workspaces.c.name == name))
    return removed


# --- within --------------------------------------------------------------------------------------


def _row(connection: sa.Connection, name: str) -> str | None:
    return connection.scalar(sa.select(workspaces.c.name).where(workspaces.c.name == name))


def _titled(title: str) -> str:
    """A title as it is kept. Raises ``BadInput``."""
    called = " ".join(title.split())
    if not called or len(called) > _TITLE_MOST or not called.isprintable():
        raise BadInput(
            f"A workspace's title is a line of up to {_TITLE_MOST} characters that can be seen."
        )
    return called


def _require_nothing(connection: sa.Connection, its: Settings) -> None:
    """Raises ``Conflict`` where another's data would become this workspace's."""
    folder: Path = its.folder.expanduser()
    if folder.exists() and any(folder.iterdir()):
        raise Conflict(f"There is something in {folder} already; move it away, or name another.")
    on_postgresql = connection.dialect.name == "postgresql"
    if on_postgresql and (there := postgresql.places_of(connection, its.workspace)):
        raise Conflict(
            f"The database has a schema {min(there)} already; drop it, or name another workspace."
        )


def _require_no_worker(library: Library) -> None:
    """Raises ``Conflict`` when one is at work, on whichever machine."""
    from service.workers import workers_living

    if library.engine.dialect.name == "postgresql" and workers_living(library):
        raise Conflict(
            "A worker is at work in this workspace; stop it and its server first, and ask again "
            "after a quarter of a minute."
        )


def _erase_folder(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except OSError as problem:
        raise BadInput(
            f"Not all of {folder} could be erased ({problem.strerror}); see to that and remove the "
            "workspace again."
        ) from problem


def _make_place(main: Library, name: str) -> None:
    if main.engine.dialect.name != "postgresql":
        return
    with main.read() as connection:
        there = postgresql.places_of(connection, name)
    if postgresql.tables_of(name) not in there:
        with main.change() as connection:
            postgresql.make_place(connection, name)


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
