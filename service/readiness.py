"""Whether this server can work: each part it needs is really used, in bounded time.

It can without a worker (what is uploaded waits) and without Chroma (vectors are then read from the
database); both are told. Anybody may ask, so a part that fails is only named; why is in the log.
However often it is asked, it looks once in a while.
"""

from __future__ import annotations

import logging
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Literal

import sqlalchemy as sa

from ingest.errors import FirsthandError, NotFound, Unavailable
from ingest.library import Library
from ingest.media import Folder
from ingest.migrations import HEAD, revision
from ingest.models import Frozen
from ingest.tables import workers
from service.workers import living

log = logging.getLogger(__name__)

WAIT_S = 4.0  # for all checks together
HOLDS_S = 2.0  # what was found is told again so long
_NOWHERE = "0" * 64  # a name in the media store that nothing has


class Ready(Frozen):
    """``workers``: how many live; with none, what is uploaded waits. ``vectors`` are looked for in
    Chroma, or by reading those of the database while it is away.
    """

    status: Literal["ready"] = "ready"
    workers: int
    vectors: Literal["chroma", "database"]


class NotReady(Unavailable):
    """Some part does not work; the message names each."""


class Readiness:
    """The checks of one server; safe to share between threads."""

    def __init__(self, library: Library, wait_s: float = WAIT_S, holds_s: float = HOLDS_S) -> None:
        self._library, self._wait_s, self._holds_s = library, wait_s, holds_s
        self._found: tuple[float, Ready | str] | None = None
        self._looking = Lock()
        self._needed = {
            name: _Check(name, look)
            for name, look in {
                "the database": self._database,
                "the media store": self._media,
                "the sentence model": self._model,
            }.items()
        }
        self._chroma = _Check("Chroma", self._vectors)

    def ask(self) -> Ready:
        """Raises ``NotReady``."""
        # Who asks while another looks waits only where nothing was found before.
        if self._looking.acquire(blocking=self._found is None):
            try:
                if self._found is None or time.monotonic() >= self._found[0] + self._holds_s:
                    found = self._look()
                    self._found = time.monotonic(), found
            finally:
                self._looking.release()
        assert self._found is not None
        if isinstance(self._found[1], str):
            raise NotReady(self._found[1])
        return self._found[1]

    def _look(self) -> Ready | str:
        """What is wrong is a sentence."""
        until = time.monotonic() + self._wait_s
        begun = [(name, check.begin()) for name, check in self._needed.items()]
        chroma = self._chroma.begin()
        found = [(name, run.told(until, self._wait_s)) for name, run in begun]
        troubles = [f"{name} {trouble}" for name, trouble in found if trouble]
        if troubles:
            return f"Not ready: {'; '.join(troubles)}. The server's log says more."
        away = chroma.told(until, self._wait_s)
        with self._library.read() as connection:
            return Ready(workers=living(connection), vectors="database" if away else "chroma")

    # --- what is looked at -----------------------------------------------------------------------

    def _database(self) -> None:
        """It takes a change: a file may be readable still when its disk is full."""
        with self._library.read() as connection:
            schema = revision(connection)
            if schema != HEAD:
                raise NotReady(f"has schema {schema} and this program {HEAD}; start the newer one")
            self._library.index.accept(connection, self._library.embedder.name)
        name = f"ready-{uuid.uuid4().hex}"
        with self._library.change() as connection:  # nobody sees the row: both or none
            connection.execute(
                workers.insert().values(executor_id=name, host="", pid=0, version="", beat=0.0)
            )
            connection.execute(workers.delete().where(workers.c.executor_id == name))

    def _media(self) -> None:
        media = self._library.media
        if isinstance(media, Folder):
            media.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=media.folder) as file:
                file.write(b"ready")
            return
        try:
            media.size(_NOWHERE)
        except NotFound:
            return  # that is an answer

    def _model(self) -> None:
        self._library.embedder.embed(["ready"])

    def _vectors(self) -> None:
        chroma = self._library.index.chroma
        if not chroma.is_open:
            raise Unavailable("is not open here")
        chroma.names()


@dataclass(slots=True)
class _Run:
    """One look at one part, in a thread of its own."""

    thread: Thread | None = None
    trouble: str | None = None

    def told(self, until: float, wait_s: float) -> str | None:
        """What is wrong, if anything is."""
        assert self.thread is not None
        self.thread.join(max(0.0, until - time.monotonic()))
        return f"did not answer within {wait_s:g} s" if self.thread.is_alive() else self.trouble


@dataclass(slots=True)
class _Check:
    """One look at a time: a part that hangs holds one thread, however often it is asked for."""

    name: str
    look: Callable[[], None]
    _told: str = ""  # to the log
    _lock: Lock = field(default_factory=Lock)
    _run: _Run = field(default_factory=_Run)

    def begin(self) -> _Run:
        with self._lock:
            if self._run.thread is None or not self._run.thread.is_alive():
                run = self._run = _Run()
                run.thread = Thread(target=self._do, args=(run,), name="ready", daemon=True)
                run.thread.start()
            return self._run

    def _do(self, run: _Run) -> None:
        try:
            self.look()
        except NotReady as problem:
            run.trouble = str(problem)
        except (FirsthandError, sa.exc.DBAPIError, OSError) as problem:
            self._tell(problem)
            run.trouble = "fails"
        except Exception:  # the thread's edge: whatever it was, it is not ready
            log.exception("%s is not ready", self.name)
            run.trouble = "fails"
        else:
            self._told = ""

    def _tell(self, problem: Exception) -> None:
        """Say in the log what is wrong, once for as long as it stays so."""
        why = str(getattr(problem, "orig", None) or problem).strip().partition("\n")[0][:200]
        if why != self._told:
            log.warning("%s is not ready: %s", self.name, why or type(problem).__name__)
        self._told = why
