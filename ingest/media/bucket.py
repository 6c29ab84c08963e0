"""Media in an S3-compatible bucket, through obstore.

Credentials, region and endpoint come from the usual ``AWS_*`` variables, read by obstore itself.
A big file goes up in parts and is there only when the store has joined them all; it is read back
in pieces, each a request of its own that is tried again by itself.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import S3Store

from ingest.errors import FirsthandError, NotFound, StoreRefused, Unavailable
from ingest.media.port import (
    BLOCK,
    Kept,
    check_hash,
    check_size,
    clear,
    is_name,
    name_for,
    room_for,
)

PART = 8 << 20  # bytes of a part on its way up; S3 takes 10,000 of them, so 80 GB
FETCH = 8 << 20  # bytes asked for at once when a whole file is fetched
AT_ONCE = 2  # parts on their way at once: with these the memory is bounded
_REFUSED = re.compile(r"status code: (?:3|4(?!08|29))\d\d")


def named(url: str) -> tuple[str, str]:
    """Bucket and prefix that ``url`` names. ``ValueError`` says why it names none."""
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("it is s3://bucket/prefix")
    if "@" in parts.netloc:
        raise ValueError("keys do not belong in it; set AWS_ACCESS_KEY_ID and its secret")
    return parts.netloc, unquote(parts.path).strip("/")


def host() -> str:
    """The address of the store, for people."""
    for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"):
        if os.environ.get(name):
            return os.environ[name]
    return "https://s3.amazonaws.com"


class Bucket:
    """A bucket, or what of it lies under ``prefix``. See ``Media`` for what its methods promise.

    A request may last ``timeout_s``, and is tried again for ``patience_s`` before the store counts
    as unreachable. ``scratch`` is the folder where whole files lie while they are read.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str,
        *,
        scratch: Path,
        timeout_s: float = 60.0,  # a request carries a part at most: 8 MiB in it are 1.1 Mbit/s
        patience_s: float = 45.0,
    ) -> None:
        self._called = f"s3://{bucket}/{prefix}".rstrip("/")
        self._scratch = scratch
        timeout = timedelta(seconds=timeout_s)
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            client_options={
                "allow_http": True,  # an endpoint may be http://; without one it is https
                "connect_timeout": min(timeout, timedelta(seconds=5)),
                "timeout": timeout,
            },
            retry_config={
                "max_retries": 8,
                "retry_timeout": timedelta(seconds=patience_s),
                "backoff": {
                    "init_backoff": timedelta(milliseconds=200),
                    "max_backoff": timedelta(seconds=8),
                    "base": 2,
                },
            },
        )

    def keep(
        self,
        path: Path,
        *,
        limit: int,
        given: bool = False,  # noqa: ARG002
        sha256: str | None = None,
    ) -> Kept:
        """``given`` changes nothing: the bytes have to travel in any case."""
        size = check_size(path, limit)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        check_hash(path, digest, sha256)
        name = name_for(digest, path)
        there = self._size(name)
        if there == size:
            return Kept(name=name, sha256=digest, new=False)
        try:
            with self._told(name):
                self._send(name, path, digest, over=there is not None)
        except AlreadyExistsError:
            pass  # another process was faster with the same bytes
        if self._size(name) != size:
            raise Unavailable(
                f"{self._called} did not keep {path.name} whole; try again in a while."
            )
        return Kept(name=name, sha256=digest, new=True)

    def _send(self, name: str, path: Path, digest: str, *, over: bool) -> None:
        """``over``: what is there now are not those bytes."""
        parts = _parts(path, digest)
        if path.stat().st_size <= PART:
            whole = b"".join(parts)
            obstore.put(self._store, _key(name), whole, mode="overwrite" if over else "create")
        else:
            obstore.put(self._store, _key(name), parts, chunk_size=PART, max_concurrency=AT_ONCE)

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """Fetched under its own name, its hash checked, and removed afterwards."""
        size = self.size(name)
        self._scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        clear(self._scratch, "*")
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            path = Path(folder) / name
            digest = hashlib.sha256()
            with room_for(name, self._scratch), path.open("wb") as sink:
                for block in self._pieces(name, 0, size, FETCH):
                    digest.update(block)
                    sink.write(block)
            if digest.hexdigest() != name[:64]:
                raise Unavailable(
                    f"What {self._called} gives for {name} are not the bytes that were stored; "
                    "look at the bucket, or add the file again."
                )
            yield path

    def here(self, name: str) -> Path | None:  # noqa: ARG002 - nothing of it is on this machine
        return None

    def size(self, name: str) -> int:
        found = self._size(name)
        if found is None:
            self._require_bucket()
            raise NotFound(f"The file {name} is missing from {self._called}.")
        return found

    def read(self, name: str, start: int, stop: int) -> Iterator[bytes]:
        return self._pieces(name, start, stop, BLOCK)

    def erase(self, name: str) -> None:
        try:
            with self._told(name):
                obstore.delete(self._store, _key(name))
        except NotFound:
            pass  # it is gone already

    def names(self, older_s: float = 0.0) -> Iterator[str]:
        before = datetime.now(UTC) - timedelta(seconds=older_s)
        listed = iter(obstore.list(self._store, chunk_size=1000))
        while True:
            with self._told("its files"):
                some = next(listed, None)
            if some is None:
                return
            for one in some:
                name = one["path"].rpartition("/")[2]
                old = not older_s or one["last_modified"] <= before
                if old and is_name(name) and one["path"] == _key(name):
                    yield name

    def _pieces(self, name: str, start: int, stop: int, most: int) -> Iterator[bytes]:
        while start < stop:
            end = min(start + most, stop)
            with self._told(name):
                block = bytes(obstore.get_range(self._store, _key(name), start=start, end=end))
            if len(block) != end - start:
                raise Unavailable(f"{self._called} gave a part of {name} only; try again.")
            start = end
            yield block

    def _size(self, name: str) -> int | None:
        """How long the object is; ``None`` when there is no such object, or no such bucket."""
        try:
            with self._told(name):
                return obstore.head(self._store, _key(name))["size"]
        except NotFound:
            return None

    def _require_bucket(self) -> None:
        """A missing object and a missing bucket answer a HEAD alike; a list tells them apart."""
        for _name in self.names():
            return

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        """Say in our own words what the store or the way to it did wrong."""
        try:
            yield
        except AlreadyExistsError:
            raise
        except (BaseError, FileNotFoundError) as error:
            raise self._sentence(name, error) from error

    def _sentence(self, name: str, error: Exception) -> FirsthandError:
        told = str(error)
        where = f"{self._called} at {host()}"
        if "NoSuchBucket" in told:
            return StoreRefused(
                f"There is no bucket {where}; make it, or correct FIRSTHAND_MEDIA_URL."
            )
        if isinstance(error, FileNotFoundError):
            return NotFound(f"The file {name} is missing from {self._called}.")
        if "/latest/api/token" in told or "/security-credentials" in told:
            # Without a key obstore looks for one of the machine's, as EC2 gives them out.
            return StoreRefused(
                f"There is no key for {where}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            )
        denied = isinstance(error, PermissionDeniedError | UnauthenticatedError)
        if denied or _REFUSED.search(told):
            code = re.search(r"<Code>(\w+)</Code>", told)
            why = f" ({code[1]})" if code else ""
            return StoreRefused(
                f"{where} refuses us{why}; check AWS_ACCESS_KEY_ID, its secret, AWS_REGION and "
                "what the key may do."
            )
        return Unavailable(f"{where} does not answer now; try again in a while.")


def _key(name: str) -> str:
    return f"{name[:2]}/{name}"


def _parts(path: Path, digest: str) -> Iterator[bytes]:
    """The file's blocks. Raises when it is no longer what it was, so that nothing is stored."""
    again = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(PART):
            again.update(block)
            yield block
    check_hash(path, again.hexdigest(), digest)
