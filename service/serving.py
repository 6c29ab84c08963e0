"""Serving: one process that answers HTTP, and its child that works on what is uploaded.

The process that answers does no heavy work. Its worker is a process of its own, started again
when it dies; what it was at goes on from its last checkpoint.
"""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from socket import socket
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from ingest.errors import BadInput, FirsthandError
from ingest.feeding import feeding
from ingest.library import Library
from service import logs, tracing
from service.redaction import redaction
from service.settings import Settings

log = logging.getLogger(__name__)

_AGAIN_S = (0.5, 15.0)  # before a worker that died is started again: at first, at most
_LIVED_S = 5.0  # a worker that lived so long has not just failed to start


def serve(settings: Settings, *, work: bool = True) -> None:
    """Serve until interrupted; with ``work`` a child process does the jobs.

    Raises ``Conflict`` when another process serves this home. There are no passwords yet, so only
    loopback addresses are served.
    """
    import uvicorn

    from service.api import create_app
    from service.api.guard import LOOPBACK

    if settings.host not in LOOPBACK:
        raise BadInput(
            f"Refusing to serve on {settings.host}: without accounts everybody who reaches that "
            "address could read your customers' calls. Use 127.0.0.1, or a tunnel to it."
        )
    library = Library(settings.home, settings.options())
    with ExitStack() as held:
        held.callback(library.close)
        held.enter_context(library.holding("serve.lock"))
        held.enter_context(feeding(library))
        if work:
            held.enter_context(WorkerChild(settings))
        where = f"[{settings.host}]" if ":" in settings.host else settings.host
        logs.say(f"Firsthand is at http://{where}:{settings.port}/ (Ctrl-C ends)")
        tracing.start(settings.otel_endpoint)
        Thread(target=_warm, args=(library,), name="warm", daemon=True).start()
        app = create_app(library, settings)

        class Server(uvicorn.Server):
            async def shutdown(self, sockets: list[socket] | None = None) -> None:
                app.state.feed.close()  # else pages that follow jobs hold the server up
                await super().shutdown(sockets)
                # Here, since the signal that ended it ends the process right after this.
                await asyncio.to_thread(tracing.end)

        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
        )
        server = Server(config)
        with suppress(KeyboardInterrupt):
            server.run()
        if not server.started:
            sys.exit(1)  # why, it has said


class WorkerChild:
    """A worker as a child process, started again whenever it ends, until this is left."""

    def __init__(self, settings: Settings) -> None:
        self._command = [sys.executable, "-m", "service.cli", "worker"]
        self._command += ["--child-of", str(os.getpid())]
        self._command += ["--home", str(settings.home)]
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
