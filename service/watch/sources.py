"""What is watched: a place with files that come and grow, be it a folder or a bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from typing import Protocol

from ingest.errors import BadInput, FirsthandError, shown

# What programs add to the name of a file that they have not finished.
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp", ".temp")
_BESIDE = ("~$", "~")  # of an office program: its lock; of editors: a copy from before


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as it is found. ``path`` is below the place, with ``/`` between its parts.

    ``stamp`` is another once the content is another; ``settles`` changes also while a file is
    written to that keeps its size and time. ``identity`` stays while only the name changes.
    """

    path: str
    size: int
    stamp: str
    settles: str
    identity: str | None = None
    etag: str | None = None

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class Source(Protocol):
    """A watched place. Nothing in it is ever changed."""

    where: str

    def require(self) -> None:
        """Raises ``BadInput`` for what is no such place, and what ``entries`` raises."""

    def entries(self, trouble: Callable[[str], None]) -> Iterator[Entry]:
        """All files there, in the order of their paths; no link is followed.

        ``trouble`` is told of what cannot be looked into. Raises ``Unavailable`` and
        ``StoreRefused`` while the place itself cannot be looked at.
        """

    def blocks(self, entry: Entry) -> Iterator[bytes]:
        """The bytes of a file. Raises ``Changed`` when it is no longer what was found, and what may
        pass (``retry``).
        """

    def folders(self) -> frozenset[Path]:
        """Folders in which something may happen, as of the last look; none of a bucket."""


class Changed(FirsthandError):
    """The file is being written to, or is gone: it is looked at again."""

    retry = True


def is_unfinished(name: str) -> bool:
    """Whether a file is hidden or called like one that somebody has not finished."""
    low = name.lower()
    return low.startswith((".", *_BESIDE)) or low.endswith((*_UNFINISHED, "~"))


def is_passed_over(path: str) -> bool:
    """Whether a file is not to be looked at, by its name or that of a folder on the way."""
    *folders, name = PurePosixPath(path).parts
    return is_unfinished(name) or any(folder.startswith(".") for folder in folders)


def open_source(place: str) -> Source:
    """The folder or bucket that ``place`` names; nothing is asked of it yet.

    Raises ``BadInput``.
    """
    if "://" not in place:
        from service.watch.folder import WatchedFolder

        return WatchedFolder(Path(place))
    from service.watch.bucket import WatchedBucket

    return WatchedBucket(place)


def open_sources(places: Iterable[str], home: Path, media_url: str | None = None) -> list[Source]:
    """Each of them once. ``home`` is that of all workspaces, ``media_url`` the store of recordings.

    Raises ``BadInput``, also where what is kept here would be watched itself.
    """
    found = {source.where: source for source in map(open_source, places)}
    own = home.expanduser().resolve()
    for where in found:
        if "://" in where:
            if media_url is not None and _meet(_in_bucket(where), _in_bucket(media_url)):
                raise BadInput(
                    f"{shown(where)} has what FIRSTHAND_MEDIA_URL keeps in it, or is in that; "
                    "watch another."
                )
        elif _meet(Path(where), own):
            raise BadInput(
                f"{shown(where)} has the home folder {own} in it, or is in that; watch another."
            )
    return list(found.values())


def _meet(place: PurePath, own: PurePath) -> bool:
    """Whether files of one would be looked at in the other; hidden folders are passed over."""
    if place.is_relative_to(own):
        return True
    return own.is_relative_to(place) and not is_passed_over(f"{own.relative_to(place)}/_")


def _in_bucket(url: str) -> PurePath:
    from ingest.media.s3 import named

    try:
        return PurePosixPath(*named(url))
    except ValueError as problem:
        raise BadInput(f"{shown(url)} is no bucket: {problem}.") from problem
