"""A watched folder. It may be a share of another machine, which comes and goes, has a clock of its
own, and in which anybody may have put anything.

Everything is opened from the folder downward, part by part and never through a link, so that
nothing outside of it is read, also when somebody puts a link in place of a folder meanwhile.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import BadInput, FirsthandError, Unavailable, shown
from ingest.media.port import BLOCK
from service.watch.sources import Changed, Entry

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK opening a pipe would wait for whoever writes to it.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_DEEPEST = 64  # folders in one another


class Unreadable(FirsthandError):
    """We may not read the file now."""

    status = 422
    retry = True


class WatchedFolder:
    """A folder and all below it. See ``Source`` for what its methods promise."""

    def __init__(self, path: Path) -> None:
        self._path = path.expanduser().resolve()
        self.where = str(self._path)
        self._folders: frozenset[Path] = frozenset()

    def require(self) -> None:
        if not self._path.is_dir():
            what = "is a file: add it with `firsthand add`" if self._path.is_file() else "is not"
            raise BadInput(f"There is no folder {shown(self.where)} (it {what}); name a folder.")
        with self._root():
            pass

    def folders(self) -> frozenset[Path]:
        return self._folders

    def entries(self, trouble: Callable[[str], None]) -> Iterator[Entry]:
        seen: set[Path] = set()
        with self._root() as root:
            yield from self._below(root, (), trouble, seen)
        self._folders = frozenset(seen)

    def _below(
        self, folder: int, at: tuple[str, ...], trouble: Callable[[str], None], seen: set[Path]
    ) -> Iterator[Entry]:
        seen.add(self._path.joinpath(*at))
        try:
            with os.scandir(folder) as found:
                inside = sorted(found, key=lambda one: one.name)
        except OSError as problem:
            if not at:
                raise self._away(problem) from problem
            trouble(_unread(at, problem))
            return
        for one in inside:
            here = (*at, one.name)
            try:
                is_folder = one.is_dir(follow_symlinks=False)
                status = None if is_folder else one.stat(follow_symlinks=False)
            except OSError:
                continue  # it is gone
            if status is not None and stat.S_ISREG(status.st_mode):
                yield _entry("/".join(here), status)
            elif is_folder and not one.name.startswith("."):
                if len(here) > _DEEPEST:
                    trouble(f"{shown('/'.join(here))} lies too deep; nothing in it is taken in.")
                    continue
                yield from self._inside(folder, here, trouble, seen)

    def _inside(
        self, parent: int, at: tuple[str, ...], trouble: Callable[[str], None], seen: set[Path]
    ) -> Iterator[Entry]:
        try:
            folder = os.open(at[-1], _FOLDER, dir_fd=parent)
        except FileNotFoundError:
            return
        except OSError as problem:
            trouble(_unread(at, problem))
            return
        try:
            yield from self._below(folder, at, trouble, seen)
        finally:
            os.close(folder)

    def blocks(self, entry: Entry) -> Iterator[bytes]:
        try:
            with self._opened(entry.path) as file:
                if _settles(os.fstat(file)) != entry.settles:
                    raise Changed(f"{shown(entry.path)} changes.")
                while block := os.read(file, BLOCK):
                    yield block
                if _settles(os.fstat(file)) != entry.settles:
                    raise Changed(f"{shown(entry.path)} changes.")
        except FileNotFoundError as problem:
            raise Changed(f"{shown(entry.path)} is gone.") from problem
        except OSError as problem:
            raise Unreadable(
                f"{shown(entry.name)} cannot be read ({problem.strerror}); it is tried again."
            ) from problem

    @contextmanager
    def _root(self) -> Iterator[int]:
        try:
            root = os.open(self._path, _FOLDER)
        except OSError as problem:
            raise self._away(problem) from problem
        try:
            yield root
        finally:
            os.close(root)

    def _away(self, problem: OSError) -> Unavailable:
        return Unavailable(
            f"{shown(self.where)} cannot be read ({problem.strerror}); it is looked at again, "
            "until it is back."
        )

    @contextmanager
    def _opened(self, path: str) -> Iterator[int]:
        *folders, name = path.split("/")
        with self._root() as root:
            at = root
            try:
                for folder in folders:
                    inner = os.open(folder, _FOLDER, dir_fd=at)
                    if at != root:
                        os.close(at)
                    at = inner
                file = os.open(name, _FILE, dir_fd=at)
            finally:
                if at != root:
                    os.close(at)
            try:
                yield file
            finally:
                os.close(file)


def _entry(path: str, status: os.stat_result) -> Entry:
    return Entry(
        path=path,
        size=status.st_size,
        stamp=f"{status.st_size}-{status.st_mtime_ns}",
        settles=_settles(status),
        identity=f"{status.st_dev}-{status.st_ino}",
    )


def _settles(status: os.stat_result) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"


def _unread(at: tuple[str, ...], problem: OSError) -> str:
    return f"The folder {shown('/'.join(at))} cannot be read ({problem.strerror})."
