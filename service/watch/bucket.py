"""A watched bucket, or what of it lies under a prefix: listed at intervals, read in pieces.

Files in it are whole as soon as they are there, and have a tag that is another once they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import InvalidPathError, PreconditionError

from ingest.errors import BadInput, NotFound, shown
from ingest.media.s3 import FETCH, named, open_store, telling
from service.watch.sources import Changed, Entry

if TYPE_CHECKING:
    from obstore import ObjectMeta

_KEY = re.compile(r'Error parsing Path "([^"\n]*)"')


class WatchedBucket:
    """See ``Source`` for what its methods promise."""

    def __init__(self, url: str, *, timeout_s: float = 60.0, patience_s: float = 45.0) -> None:
        """Raises ``BadInput`` for what is no ``s3://bucket/prefix``."""
        try:
            bucket, prefix = named(url)
        except ValueError as problem:
            raise BadInput(f"{shown(url)} cannot be watched: {problem}.") from problem
        self.where = f"s3://{bucket}/{prefix}".rstrip("/")
        self._store = open_store(bucket, prefix, timeout_s=timeout_s, patience_s=patience_s)

    def require(self) -> None:
        for _entry in self.entries(lambda _sentence: None):
            return

    def folders(self) -> frozenset[Path]:
        return frozenset()

    def entries(self, trouble: Callable[[str], None]) -> Iterator[Entry]:
        yield from self._below("", trouble)

    def _below(self, folder: str, trouble: Callable[[str], None]) -> Iterator[Entry]:
        """All below ``folder`` at once; where a key stands in the way of that, folder by folder."""
        got: set[str] = set()
        try:
            for one in self._listed(folder):
                got.add(one["path"])
                yield from _entries(one)
            return
        except InvalidPathError:
            pass
        try:
            with telling(self.where, "its files", "its name"):
                level = obstore.list_with_delimiter(self._store, folder or None)
        except InvalidPathError as problem:
            # obstore gives nothing of a list with such a key in it.
            key = _KEY.search(str(problem))
            called = f"{self.where}/{folder}" if folder else self.where
            trouble(
                f"{shown(called)} has a key with an empty part, a dot alone or what is no text"
                + (f" ({shown(key[1])})" if key else "")
                + "; nothing beside it is taken in: give it another name."
            )
            return
        for one in level["objects"]:
            if one["path"] not in got:
                yield from _entries(one)
        for inner in level["common_prefixes"]:
            yield from (e for e in self._below(inner, trouble) if e.path not in got)

    def _listed(self, folder: str) -> Iterator[ObjectMeta]:
        listed = iter(obstore.list(self._store, folder or None, chunk_size=1000))
        while True:
            with telling(self.where, "its files", "its name"):
                some = next(listed, None)
            if some is None:
                return
            yield from some

    def blocks(self, entry: Entry) -> Iterator[bytes]:
        for start in range(0, entry.size, FETCH):
            end = min(start + FETCH, entry.size)
            try:
                with telling(self.where, shown(entry.name), "its name"):
                    got = obstore.get(
                        self._store,
                        entry.path,
                        options={"range": (start, end), "if_match": entry.etag},
                    )
                    block = bytes(got.bytes())
            except (PreconditionError, NotFound) as problem:
                raise Changed(f"{shown(entry.path)} changes.") from problem
            if len(block) != end - start:
                raise Changed(f"{shown(entry.path)} changes.")
            yield block


def _entries(one: ObjectMeta) -> Iterator[Entry]:
    """The file that an object is; none for the mark of a folder, which is empty."""
    if one["size"] == 0 and "." not in one["path"].rpartition("/")[2]:
        return
    etag = one["e_tag"]
    stamp = f"{one['size']}-{etag or one['last_modified'].isoformat()}"[:200]
    yield Entry(one["path"], one["size"], stamp, settles=stamp, etag=etag)
