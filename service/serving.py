"""Serving: one process that answers HTTP, and its children that work on what is uploaded.

The process that answers does no heavy work. Each workspace has a worker, from when it is first
asked for: a process of its own, started again when it dies; what it was at goes on from its last
checkpoint. Together they have as many hands at work as one of them would have alone.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from socket import socket
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from ingest.errors import BadInput, FirsthandError
from ingest.feeding import feeding
from ingest.library import Library
from service import logs, tracing
from service.access.users import has_admin
from service.redaction import redaction
from service.settings import LOOPBACK, MAIN, Settings
from service.spaces import Space, Spaces
from service.watch.served import watching
from service.workspaces import main_of

log = logging.getLogger(__name__)

_AGAIN_S = (0.5, 15.0)  # before a worker that died is started again: at first, at most
_LIVED_S = 5.0  # a worker that lived so long has not just failed to start


def serve(settings: Settings, *, work: bool = True) -> None:
    """Serve until interrupted; with ``work`` a child process does the jobs.

    Raises ``Conflict`` when another process serves this home, ``BadInput`` for an address that
    others reach while anybody there could come in.
    """
    import uvicorn

    from service.api import create_app

    if settings.public:
        _require_doors(settings)
    with ExitStack() as held:
        spaces = held.enter_context(Spaces(settings, partial(keeping, work=work)))
        library = spaces.get(MAIN).library
        logs.say(f"Firsthand is at {settings.bound}/ (Ctrl-C ends)")
        tracing.start(settings.otel_endpoint)
        Thread(target=_warm, args=(library,), name="warm", daemon=True).start()
        if work:
            Thread(target=spaces.wake, name="wake", daemon=True).start()
        app = create_app(library, settings, spaces)

        class Server(uvicorn.Server):
            async def shutdown(self, sockets: list[socket] | None = None) -> None:
                for one in app.state.apps():
                    one.state.feed.close()  # else pages that follow jobs hold the server up
                await super().shutdown(sockets)
                # Here, since the signal that ended it ends the process right after this.
                await asyncio.to_thread(tracing.end)

        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            forwarded_allow_ips=list(settings.proxies),
            # Longer than proxies keep theirs, else they send into one that is being closed.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
        )
        server = Server(config)
        with suppress(KeyboardInterrupt):
            server.run()
        if not server.started:
            sys.exit(1)  # why, it has said


@contextmanager
def keeping(space: Space, *, work: bool) -> Iterator[None]:
    """What a served workspace needs. Raises ``Conflict`` when another process serves it."""
    with ExitStack() as held:
        held.enter_context(space.library.holding("serve.lock"))
        held.enter_context(feeding(space.library))
        if space.name == MAIN:
            held.enter_context(watching(space.library, space.settings))
        if work:
            held.enter_context(WorkerChild(space.settings))
        yield


def _require_doors(settings: Settings) -> None:
    """Raises ``BadInput`` where whoever reaches the address could come in or listen in."""
    with main_of(settings) as main, main.read() as connection:
        locked = has_admin(connection)
    where = settings.host if settings.host not in LOOPBACK else settings.url
    if not locked:
        raise BadInput(
            f"Refusing to serve on {where}: without users everybody who reaches that address "
            "could read your customers' calls. Add yourself with `firsthand users add "
            "NAME --role admin`, or use 127.0.0.1."
        )
    if not settings.secure:
        raise BadInput(
            f"Refusing to serve on {where}: passwords and calls would travel in the clear. "
            "Put a proxy that speaks https in front, and say its address in "
            "FIRSTHAND_URL=https://…, or use 127.0.0.1."
        )


class WorkerChild:
    """A worker as a child process, started again whenever it ends, until this is left."""

    def __init__(self, settings: Settings) -> None:
        self._command = [sys.executable, "-m", "service.cli", "worker"]
        self._command += ["--child-of", str(os.getpid())]
        self._command += ["--home", str(settings.home), "--workspace", settings.workspace]
        self._stop = Event()
        self._thread = Thread(target=self._keep, name="worker child", daemon=True)
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> WorkerChild:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _keep(self) -> None:
        pause_s = _AGAIN_S[0]
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                # Its own group: Ctrl-C is for us, and we tell it.
                self.process = subprocess.Popen(self._command, start_new_session=True)
            except OSError as problem:  # no memory, too many processes
                log.warning("the worker cannot be started (%s); trying again", problem)
                self._stop.wait(_AGAIN_S[1])
                continue
            while self.process.poll() is None and not self._stop.wait(0.1):
                pass
            if self._stop.is_set():
                break
            log.warning("the worker ended (status %s); starting it again", self.process.returncode)
            pause_s = _AGAIN_S[0] if time.monotonic() - began > _LIVED_S else pause_s
            self._stop.wait(pause_s)
            pause_s = min(2 * pause_s, _AGAIN_S[1])
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _warm(library: Library) -> None:
    """Do what the first who asks would wait for; nothing is sent anywhere."""
    try:
        with library.read() as connection:
            redaction(library, connection)
        if library.llm is not None:
            library.llm.warm()
    except (FirsthandError, SQLAlchemyError):
        pass  # whoever asks is told, in the answer
