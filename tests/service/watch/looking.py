"""Looking at a folder again and again by a clock that the test sets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest.library import Library
from ingest.models import Account, Call
from ingest.store import list_calls, put_accounts
from service.watch.events import Event
from service.watch.folder import WatchedFolder
from service.watch.sources import Entry, Source
from service.watch.watcher import Options, Watcher

SETTLE_S = 10.0


class CountedFolder(WatchedFolder):
    """A folder that notes which of its files are read."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.read: list[str] = []

    def blocks(self, entry: Entry) -> Iterator[bytes]:
        self.read.append(entry.path)
        return super().blocks(entry)


class Looking:
    """A watcher that was just started, and all that it told since it was last asked."""

    def __init__(
        self, library: Library, sources: Sequence[Source], options: Options | None = None
    ) -> None:
        self.now = 1000.0
        self._told: list[Event] = []
        self.watcher = Watcher(library, sources, options or Options(), self._told.append)

    def look(self, after_s: float = 0.0) -> list[Event]:
        """What is told of a look so many seconds later."""
        self.now += after_s
        for _ in self.watcher.look(self.now):
            pass
        told = self._told[:]
        self._told.clear()
        return told

    def settle(self) -> list[Event]:
        """Of a look now and one when everything has come to rest."""
        return [*self.look(), *self.look(SETTLE_S)]


def kinds(told: Sequence[Event]) -> list[tuple[str, str | None]]:
    return [(event.event, event.file) for event in told]


def transcript(path: Path, words: str = "We chip ice out of the freezer by hand.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"Ida Kern: What is hard?\n\nLin Mori: {words}\n", "utf-8")
    return path


def started(library: Library, root: Path, options: Options | None = None) -> Looking:
    return Looking(library, [CountedFolder(root)], options)


def read_by(looking: Looking) -> list[str]:
    [source] = looking.watcher.sources
    assert isinstance(source, CountedFolder)
    return source.read


def calls(library: Library) -> list[Call]:
    with library.read() as connection:
        return list_calls(connection)


def accounts(library: Library, **names: str) -> None:
    with library.change() as connection:
        rows = [Account(account_id=i.replace("_", "-"), name=n) for i, n in names.items()]
        put_accounts(connection, rows)
