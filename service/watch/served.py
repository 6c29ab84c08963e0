"""The places that the server itself watches: those that ``FIRSTHAND_WATCH`` names.

It tells of them in the log, where no file is named; `firsthand watch --once` names them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event as Flag
from threading import Thread

from ingest.library import Library
from service.settings import Settings
from service.watch.events import Event
from service.watch.running import Pace, run
from service.watch.sources import Source, open_sources
from service.watch.watcher import Options, Watcher

log = logging.getLogger(__name__)

_AGAIN_S = 30.0  # after an error that nobody foresaw


@contextmanager
def watching(library: Library, settings: Settings) -> Iterator[None]:
    """Watch meanwhile; the work is left to the workers. Raises ``BadInput`` for what can never be
    watched; a place that is away may come.
    """
    sources = open_sources(settings.watch, settings.home, settings.media_url)
    if not sources:
        yield
        return
    stopped = Flag()
    options = Options(least_free=settings.min_free_mb * 1_000_000)
    args = (library, sources, options, stopped)
    thread = Thread(target=_watch, args=args, name="watching", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _watch(library: Library, sources: Sequence[Source], options: Options, stopped: Flag) -> None:
    places = {source.where: n for n, source in enumerate(sources, start=1)}

    def tell(event: Event) -> None:
        n = places.get(event.where, 0)
        about = {"call_id": event.call_id, "job_id": event.job_id}
        if event.event == "away":
            log.warning("place %d of FIRSTHAND_WATCH cannot be looked at for now", n)
        elif event.event == "failed":
            log.warning(
                "a file in place %d of FIRSTHAND_WATCH could not be taken in; `firsthand watch "
                "--once --again` says which, and why",
                n,
                extra=about,
            )
        else:
            log.info("place %d of FIRSTHAND_WATCH: %s", n, event.event, extra=about)

    while not stopped.is_set():
        watcher = Watcher(library, sources, options, tell, ends=stopped.is_set)
        try:
            run(library, watcher, Pace(works=False), stopped)
        except Exception:  # the thread's edge
            log.exception("watching broke off; it begins again")
            stopped.wait(_AGAIN_S)
