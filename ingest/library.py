"""The library: one home's open database, media, index and sentence model, made in one place.

Heavy parts open when first used, once, whatever the number of threads.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ingest.database import open_database, reading
from ingest.errors import BadInput, Conflict
from ingest.media import Media, open_media

if TYPE_CHECKING:
    from ingest.audit_log import AuditLog
    from ingest.embed import Embedder
    from ingest.index import Index
    from ingest.llm import Llm, ModelOptions


_LOCK_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Options:
    """What the ingest floor is told by the settings. ``openai_api_key`` never shows in a repr.

    ``workspace``: whose part of the database and of the bucket it is; ``None`` for the main one.
    """

    models: Path
    workspace: str | None = None
    transcriber: str = "auto"
    whisper_model: str | None = None
    openai_base_url: str | None = field(default=None, repr=False)  # may hold a password
    openai_model: str = "whisper-1"
    openai_api_key: str | None = field(default=None, repr=False)
    internal_domains: tuple[str, ...] = ()
    max_file_bytes: int = 4_096_000_000
    max_duration_s: float = 6 * 3600
    model: ModelOptions | None = None
    database_url: str | None = field(default=None, repr=False)  # likewise
    vectors_url: str | None = None
    media_url: str | None = None
    jobs_at_once: int | None = None
    url: str = "http://127.0.0.1:8400"  # of the page, for links in what hooks are told
    hooks_private: bool = False  # hooks may be in private networks, whoever added them


class Library:
    """An open home."""

    def __init__(self, home: Path, options: Options) -> None:
        """Raises ``BadInput`` when ``home`` cannot be a folder, ``Conflict`` when it is too new."""
        self.home = home.expanduser().absolute()
        self.options = options
        try:
            # What customers said is confidential: nobody else on the machine reads the folder.
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise BadInput(
                f"{self.home} cannot be used as the home folder ({error.strerror}); "
                "choose another with --home."
            ) from error
        self.media: Media = open_media(self.home, options.media_url, options.workspace)
        self.engine: sa.Engine = open_database(
            options.database_url or f"sqlite:///{self.home / 'firsthand.db'}", options.workspace
        )
        self._opening = Lock()
        # What was read from the whole home and holds until a call changes; see service/said.py.
        self.memory: dict[str, object] = {}
        sa.event.listen(self.engine, "engine_connect", self._remember)

    def _remember(self, connection: sa.Connection) -> None:
        """Whoever reads over a connection of this library may use its memory."""
        connection.info["memory"] = self.memory

    def read(self) -> AbstractContextManager[sa.Connection]:
        """A connection for reading, all of it from one moment."""
        return reading(self.engine)

    def change(self) -> AbstractContextManager[sa.Connection]:
        """A connection in a transaction that is committed at the end, or not at all.

        Of these is one at a time: what was read in it still holds when it writes.
        """
        return self.engine.execution_options(writes=True).begin()

    @property
    def embedder(self) -> Embedder:
        with self._opening:
            return self._embedder

    @property
    def index(self) -> Index:
        with self._opening:
            return self._index

    @property
    def llm(self) -> Llm | None:
        """The language model of the settings, or ``None`` when they name none."""
        with self._opening:
            return self._llm

    @property
    def audit(self) -> AuditLog:
        """Raises ``Unavailable`` and ``Conflict``."""
        with self._opening:
            return self._audit

    @cached_property
    def _audit(self) -> AuditLog:
        from ingest.audit_log import open_audit_log

        return open_audit_log(self.home, self.engine)

    @cached_property
    def _embedder(self) -> Embedder:
        from ingest.embed import open_embedder

        return open_embedder()

    @cached_property
    def _index(self) -> Index:
        from ingest.index import Index

        return Index(self.home / "vectors", self._embedder.name, url=self.options.vectors_url)

    @cached_property
    def _llm(self) -> Llm | None:
        from ingest.llm import open_llm

        return open_llm(self.options.model, self.engine) if self.options.model else None

    @contextmanager
    def holding(self, name: str) -> Iterator[None]:
        """Hold the lock ``name`` of this home folder. Raises ``Conflict`` when another process
        does; the system gives it back when this one ends, however it ends.
        """
        descriptor = os.open(self.home / name, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip() or "unknown"
                raise Conflict(
                    f"{self.home} is in use by another process ({holder}); "
                    "use the page it serves, or stop it first."
                ) from None
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def reading(self, cancelled: Callable[[], bool] = lambda: False) -> Iterator[bool]:
        """Hold the right to have a model read this home's calls, once no other process has it.

        Gives whether it is held: not when ``cancelled`` before that.
        """

        def wait() -> bool:
            time.sleep(_LOCK_POLL_S)
            return not cancelled()

        if self.engine.dialect.name == "postgresql":  # which processes on other machines use, too
            from ingest import postgresql

            with postgresql.reading(self.engine, wait) as held:
                yield held
            return
        descriptor = os.open(self.home / "reading.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            held = False
            while not held:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    held = True
                except BlockingIOError:
                    if not wait():
                        break
            yield held
        finally:
            os.close(descriptor)

    def let_go(self) -> None:
        """Let another process have what one at a time can have; it is taken again when needed."""
        if "_index" in self.__dict__:
            self._index.close()

    def close(self) -> None:
        self.let_go()
        if "_audit" in self.__dict__:
            self._audit.close()
        self.engine.dispose()
