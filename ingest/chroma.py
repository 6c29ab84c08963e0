"""Chroma: embedded in a folder that one process owns, or a server that everybody may ask.

Embedded Chroma answers a second process silently with old results, and simultaneous first opens
crash; so the folder is opened only under a lock, held until ``close``. A server is asked with
bounded patience. Whatever goes wrong is ``Unavailable``: nothing rests on Chroma alone.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np

from ingest.blank_memory import blank_memory
from ingest.errors import BadInput, Unavailable

if TYPE_CHECKING:
    import httpx
    from chromadb.api import ServerAPI
    from chromadb.api.models.Collection import Collection as Store
    from chromadb.config import System

    from ingest.embed import Vectors

log = logging.getLogger(__name__)

_BATCH = 500  # vectors of a request
_PAGE = 20_000  # ids of a request
_CONNECT_S = 2.0
_QUERY_S = 2.0  # somebody waits, and there is another way
_WRITE_S = 30.0
_REST_S = 30.0  # before one that failed is asked again


class InUse(Unavailable):
    """Another process owns the folder."""


class Broken(Unavailable):
    """The embedded folder is there but of no use any more: what died last left it half-written."""


class Chroma:
    """Collections of vectors by name, each with an identity that no other ever had.

    Safe to share between threads. Every method raises ``Unavailable``.
    """

    def __init__(self, folder: Path, url: str | None = None) -> None:
        """Embedded in ``folder`` unless there is a ``url`` of a server. Opens nothing yet.

        Raises ``BadInput`` for an address that is none.
        """
        self.folder = folder
        self.url = _checked(url) if url else None
        self._systems: dict[bool, System] = {}  # by whether it is patient
        self._sessions: list[httpx.Client] = []
        self._stores: dict[tuple[str, bool], Store] = {}
        self._held: int | None = None
        self._lock = RLock()
        self._rests_until = 0.0  # by the monotonic clock; 0: it works, as far as is known

    @property
    def is_open(self) -> bool:
        """Whether this process may use Chroma without opening it first."""
        return bool(self._systems)

    def open(self) -> None:
        """Become the owner of the folder; of a server, nothing is asked yet."""
        with self._lock:
            if self.url is None and self._held is None:
                self._held = self._take()
            if not self._systems:
                with _ours(), self._clean():
                    self._start()

    def close(self) -> None:
        """Let another process have it."""
        with self._lock:
            self._stop()
            if self._held is not None:
                os.close(self._held)
                self._held = None

    @property
    def resting(self) -> bool:
        """Whether it failed so lately that asking it would only cost time."""
        return time.monotonic() < self._rests_until

    def rest(self, problem: Unavailable) -> None:
        """Leave it alone for a while."""
        if self._rests_until == 0.0:  # once, not at every search
            log.warning("Vectors are read from the database instead: %s", problem)
        self._rests_until = time.monotonic() + _REST_S

    def works(self) -> None:
        """It answered."""
        self._rests_until = 0.0

    def refresh(self) -> None:
        """Look collections up again when next asked for: a server may have lost its folder."""
        with self._lock:
            self._stores.clear()

    def names(self) -> set[str]:
        """The collections that are there."""
        with self._asking():
            return {c.name for c in self._system(patient=True).list_collections()}

    def identity(self, name: str) -> str:
        """What tells this collection from any other of its name; it is made when missing."""
        return str(self._store(name, patient=False).id)

    def query(self, name: str, identity: str, vector: Vectors, count: int) -> dict[str, float]:
        """Cosine of about the ``count`` nearest to a unit vector, by id.

        Raises ``Unavailable`` also when the collection is not the one of that identity.
        """
        store = self._store(name, patient=False)
        if str(store.id) != identity:
            raise Unavailable("The vector store is another one than was filled.")
        with self._asking():
            answer = store.query(
                query_embeddings=vector[np.newaxis], n_results=max(1, count), include=["distances"]
            )
        distances = answer["distances"] or [[]]
        return {i: 1.0 - float(d) for i, d in zip(answer["ids"][0], distances[0], strict=True)}

    def count(self, name: str) -> int:
        """How many it holds."""
        store = self._store(name, patient=True)
        with self._asking():
            return store.count()

    def ids(self, name: str) -> set[str]:
        """All that it holds; nothing when there is no such collection, which is not made."""
        found: set[str] = set()
        if name not in self.names():
            return found
        store = self._store(name, patient=True)
        with self._asking():
            while page := store.get(include=[], limit=_PAGE, offset=len(found))["ids"]:
                found.update(page)
        return found

    def add(self, name: str, ids: Sequence[str], vectors: Vectors) -> None:
        """Take these in; ids that are there already stay as they are."""
        store = self._store(name, patient=True)
        for start in range(0, len(ids), _BATCH):
            end = start + _BATCH
            # Not upsert: giving a vector anew costs fifty times as much as passing it over.
            with self._asking():
                store.add(ids=list(ids[start:end]), embeddings=vectors[start:end])

    def remove(self, name: str, ids: Iterable[str]) -> None:
        """Forget these; unknown ones are passed over."""
        store = self._store(name, patient=True)
        listed = list(ids)
        for start in range(0, len(listed), _BATCH):
            with self._asking():
                store.delete(ids=listed[start : start + _BATCH])

    def drop(self, names: Collection[str]) -> None:
        """Forget whole collections, whether they are there or not."""
        for name in set(names) & self.names():
            with self._asking():
                self._system(patient=True).delete_collection(name)

    def forget_old(self, names: Collection[str]) -> None:
        """Forget what earlier settings or programs left in the home: it may hold erased calls.

        That is any other collection in the folder; with a server, the folder.
        """
        if self.url is None:
            self.drop(self.names() - set(names))
        elif self.folder.exists():
            lock = self._take()
            try:
                shutil.rmtree(self.folder, ignore_errors=True)
            finally:
                os.close(lock)

    def wipe(self, names: Collection[str]) -> None:
        """Forget everything: these collections of a server, the embedded folder as a whole."""
        if self.url is not None:
            self.drop(names)
            return
        with self._lock:
            if self._held is None:
                self._held = self._take()
            self._stop()
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- within --------------------------------------------------------------------------------

    def _take(self) -> int:
        path = self.folder.with_suffix(".lock")
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise InUse(f"{self.folder} is used by another process.") from None
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _stop(self) -> None:
        self._stores.clear()
        for system in set(self._systems.values()):
            system.stop()
        self._systems.clear()
        for session in self._sessions:  # Chroma leaves them open
            session.close()
        self._sessions.clear()

    def _start(self) -> None:
        from chromadb.config import Settings, System

        if self.url is None:
            system = System(
                Settings(
                    is_persistent=True,
                    persist_directory=str(self.folder),
                    anonymized_telemetry=False,
                )
            )
            system.instance(_api())
            system.start()
            self._systems = dict.fromkeys((True, False), system)
            return
        for patient in (True, False):
            self._systems[patient] = self._remote(self.url, _WRITE_S if patient else _QUERY_S)

    def _remote(self, url: str, patience_s: float) -> System:
        """``chromadb.HttpClient`` without its constructor, which asks and waits for ever."""
        import httpx
        from chromadb.api.fastapi import FastAPI
        from chromadb.config import Settings, System

        parts = urlsplit(url)
        system = System(
            Settings(
                chroma_api_impl="chromadb.api.fastapi.FastAPI",
                chroma_server_host=parts.hostname,
                chroma_server_http_port=parts.port or (443 if parts.scheme == "https" else 80),
                chroma_server_ssl_enabled=parts.scheme == "https",
                anonymized_telemetry=False,
            )
        )
        session = system.instance(FastAPI)._session
        session.timeout = httpx.Timeout(patience_s, connect=min(_CONNECT_S, patience_s))
        self._sessions.append(session)
        system.start()
        return system

    def _system(self, *, patient: bool) -> ServerAPI:
        self.open()
        return self._systems[patient].instance(_api())

    def _store(self, name: str, *, patient: bool) -> Store:
        from chromadb.api.models.Collection import Collection as Store

        found = self._stores.get((name, patient))
        if found is None:
            # Not under the lock: who waits for a slow server must not hold up the others.
            api = self._system(patient=patient)
            with _ours(), self._clean():
                model = api.get_or_create_collection(name, configuration={"hnsw": {"space": "ip"}})
            found = Store(api, model, embedding_function=None)
            self._stores[name, patient] = found
        return found

    def _clean(self) -> AbstractContextManager[None]:
        """What this process had in memory does not get into the folder."""
        return blank_memory() if self.url is None else nullcontext()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            with _ours(), self._clean():
                yield
        except Unavailable as problem:
            self.refresh()
            if self.url is None and _is_inside(problem.__cause__):
                raise Broken(str(problem)) from problem
            raise


def _is_inside(problem: BaseException | None) -> bool:
    """Whether it is Chroma's own log or segments that it stumbles over, and not what it was asked.

    Its errors have no finer kinds than this.
    """
    from chromadb.errors import InternalError

    return isinstance(problem, InternalError)


def _api() -> type[ServerAPI]:
    from chromadb.api import ServerAPI

    return ServerAPI


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        named = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # the port is no number
        named = False
    if not named:
        raise BadInput("FIRSTHAND_VECTORS_URL is no address; it looks like http://host:8000.")
    if "@" in parts.netloc or parts.query or parts.fragment or parts.path.strip("/"):
        raise BadInput(
            "FIRSTHAND_VECTORS_URL is only a scheme, a host and a port: Chroma has no passwords."
        )
    return url


@contextmanager
def _ours() -> Iterator[None]:
    """Chroma's errors, and those of the way to it, as ours."""
    import httpx
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as problem:
        raise Unavailable(
            f"The vector store cannot be used now ({type(problem).__name__}: {problem})."
        ) from problem
    except AttributeError as problem:
        if problem.name != "bindings":
            raise
        raise Unavailable("The vector store was closed meanwhile.") from problem
