"""A watched bucket, or what of it lies under a prefix: listed at intervals, read in pieces.

Files in it are whole as soon as they are there, and have a tag that is another once they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import obstore
from obstore.exceptions import PreconditionError

from ingest.errors import BadInput, NotFound, shown
from ingest.media.s3 import FETCH, named, open_store, telling
from service.watch.sources import Changed, Entry


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

    def entries(self, trouble: Callable[[str], None]) -> Iterator[Entry]:  # noqa: ARG002 - none
        listed = iter(obstore.list(self._store, chunk_size=1000))
        while True:
            with telling(self.where, "its files", "its name"):
                some = next(listed, None)
            if some is None:
                return
            for one in some:
                etag = one["e_tag"]
                stamp = f"{one['size']}-{etag or one['last_modified'].isoformat()}"[:200]
                yield Entry(one["path"], one["size"], stamp, settles=stamp, etag=etag)

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
