"""Hearing at once that something happens in a folder, where the system tells of it.

It does not for the shares of other machines, nor once there are more folders than it watches;
looking at intervals finds what this misses.
"""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Event, Thread

from watchfiles import watch

log = logging.getLogger(__name__)


class Alarm:
    """``rung`` is set whenever something happens in one of the folders, and cleared by whoever
    heard it.
    """

    def __init__(self) -> None:
        self.rung = Event()
        self._folders: frozenset[Path] = frozenset()
        self._stop = Event()
        self._thread: Thread | None = None

    def over(self, folders: frozenset[Path]) -> None:
        """From now on these folders, each without those in it: links lead anywhere."""
        if folders == self._folders and self._thread is not None and self._thread.is_alive():
            return
        self.close()
        if not folders:
            return
        self._folders, self._stop = folders, Event()
        self._thread = Thread(
            target=self._listen, args=(folders, self._stop), name="alarm", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _listen(self, folders: frozenset[Path], stop: Event) -> None:
        try:
            told = watch(
                *folders,
                watch_filter=None,
                recursive=False,
                debounce=500,
                step=50,
                rust_timeout=5_000,
                stop_event=stop,
                raise_interrupt=False,
                ignore_permission_denied=True,
            )
            for _changes in told:
                self.rung.set()
        except (
            OSError,
            RuntimeError,
        ) as problem:  # a folder is gone, or there are too many of them
            log.info("changes in folders are not told of (%s)", type(problem).__name__)
