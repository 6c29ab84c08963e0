"""Serving: one process that holds the home, answers HTTP and works on what is uploaded."""

from __future__ import annotations

import sys
from threading import Thread

from ingest.errors import BadInput, FirsthandError
from ingest.feeding import feeding
from ingest.library import Library
from service.settings import Settings


def serve(settings: Settings) -> None:
    """Serve until interrupted. Raises ``Conflict`` when the home is held by another process.

    There are no passwords yet, so only loopback addresses are served.
    """
    import uvicorn

    from service.api import create_app
    from service.api.guard import LOOPBACK
    from service.worker import recover

    if settings.host not in LOOPBACK:
        raise BadInput(
            f"Refusing to serve on {settings.host}: without accounts everybody who reaches that "
            "address could read your customers' calls. Use 127.0.0.1, or a tunnel to it."
        )
    library = Library(settings.home, settings.options())
    with library.writing(), feeding(library):
        recover(library)
        where = f"[{settings.host}]" if ":" in settings.host else settings.host
        print(f"Firsthand is at http://{where}:{settings.port}/ (Ctrl-C ends)", file=sys.stderr)
        Thread(target=_warm, args=(library,), name="warm", daemon=True).start()
        app = create_app(library, settings)
        uvicorn.run(
            app,
            host=settings.host,
            port=settings.port,
            log_level="warning",
            # An open page follows jobs over a stream that would otherwise hold the server up.
            timeout_graceful_shutdown=2,
        )
    library.close()


def _warm(library: Library) -> None:
    """Do what the first question to a language model would wait for; nothing is sent."""
    try:
        if library.llm is not None:
            library.llm.warm()
    except FirsthandError:
        pass  # whoever asks is told, in the answer
