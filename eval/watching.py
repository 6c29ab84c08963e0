"""Says on stderr how far a language model has come: a run may take it hours."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from ingest.library import Library
from ingest.tables import model_usage

_EVERY_S = 10.0


@contextmanager
def watched(library: Library) -> Iterator[None]:
    """Tells on stderr from time to time how many requests there were; nothing without a model."""
    done = threading.Event()
    thread = threading.Thread(target=_tell, args=(library, done))
    if library.options.model is not None:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if thread.ident is not None:
            thread.join()


def _tell(library: Library, done: threading.Event) -> None:
    before = 0
    while not done.wait(_EVERY_S):
        with library.read() as connection:
            now = connection.scalar(sa.select(sa.func.count()).select_from(model_usage)) or 0
        if now != before:
            print(f"… {now} requests answered by the model", file=sys.stderr)
            before = now
