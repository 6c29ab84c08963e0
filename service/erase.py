"""Erasing a call: its sound, words, vectors, evidence, jobs, and its quotes wherever they stand."""

from __future__ import annotations

from ingest import playback
from ingest.database import settle_log
from ingest.errors import NotFound
from ingest.feeding import sweep
from ingest.library import Library
from ingest.llm.cache import forget as forget_replies
from ingest.store import delete_call, get_call
from ingest.tables import jobs
from service import placed
from service.codebook_erasing import forget, gaps


def erase(library: Library, call_id: str) -> None:
    """Remove everything that came from the call. Raises ``NotFound``."""
    from service import answer_history, picks
    from service.memo import withdraw

    with library.change() as connection:
        library.index.drop(connection, call_id)
        withdraw(connection, call_id)
        answer_history.withdraw(connection, call_id)
        picks.withdraw(connection, call_id)
        gone = placed.forget(connection, call_id, gaps(connection, call_id))
        forget(connection, call_id, themes=gone)
        forget_replies(connection, call_id)
        names = delete_call(connection, call_id)
        # The row of the job stays, for its reason; what it was asked to do goes.
        connection.execute(jobs.update().where(jobs.c.call_id == call_id).values(request={}))
    sweep(library)
    for name in names:
        library.media.erase(name)
        playback.forget(library, name)
    settle_log(library.engine)


def erase_unfinished(library: Library, call_id: str) -> None:
    """Remove a call that never became ready; one that was ready before stays as it was."""
    with library.read() as connection:
        try:
            unfinished = get_call(connection, call_id).state != "ready"
        except NotFound:
            return
    if unfinished:
        erase(library, call_id)
