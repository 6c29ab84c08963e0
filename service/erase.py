"""Erasing a call: its sound, words, vectors, evidence, jobs, and its quotes wherever they stand."""

from __future__ import annotations

import sqlalchemy as sa

from ingest import erased_files, erasures, joined, keywords
from ingest.database import settle_log
from ingest.errors import NotFound
from ingest.facts import fact, put_fact
from ingest.feeding import note_erased, sweep
from ingest.library import Library
from ingest.llm.cache import forget as forget_replies
from ingest.store import delete_call, files, get_call
from ingest.tables import facts, jobs
from service import placed
from service.access.audit import Entry, write, write_failed
from service.access.person import Person
from service.codebook_erasing import forget
from service.gone import GAP, Gone, gone

WORDS_OF_ERASED = "words_of_erased"  # the fact that the keyword index may hold some


def erase(library: Library, call_id: str, *, settles: bool = True) -> None:
    """Remove everything that came from the call. Raises ``NotFound``.

    Without ``settles`` the caller does that after the last of many calls.
    """
    from service.upload_folder import forget_uploads

    with library.change() as connection:
        get_call(connection, call_id)
        going = gone(connection, call_id)
        withdraw(connection, going)
        library.index.drop(connection, call_id)
        erased_files.note(connection, delete_call(connection, call_id))
        _forget_jobs(connection, going)
        note_words(connection)
        erasures.count(connection, calls=1)
        note_erased(library, connection)
    forget_uploads(library.home / "uploads", call_id)
    if settles:
        settle(library)


def erase_noted(library: Library, call_id: str, by: Person) -> bool:
    """``erase`` as one of many, with a line of its own in the audit log; ``False`` when somebody
    was quicker.
    """
    allowed = write(library, Entry(by, "delete", "call", call_id, "allowed"))
    try:
        erase(library, call_id, settles=False)
    except NotFound:
        write_failed(library, allowed)
        return False
    except BaseException:
        write_failed(library, allowed)
        raise
    return True


def withdraw(connection: sa.Connection, going: Gone) -> None:
    """Take what goes out of all that was made of it, while it is still there."""
    from service import answer_history, kept, picks

    kept.withdraw(connection, going)
    answer_history.withdraw(connection, going)
    picks.withdraw(connection, going)
    themes = placed.forget(connection, going)
    forget(connection, going, themes=themes)
    forget_replies(connection, going.call_id)


def note_words(connection: sa.Connection) -> None:
    """Say that words were dropped from the keyword index, which lets go of them later."""
    put_fact(connection, WORDS_OF_ERASED, True)


def unsettled(connection: sa.Connection) -> bool:
    """Whether ``settle`` has anything to do, after a process that died before it."""
    return bool(erased_files.noted(connection)) or fact(connection, WORDS_OF_ERASED) is not None


def settle(library: Library) -> None:
    """Once that is committed: no vector, word, file or old page of it stays. It takes as long as
    the home is large, however little was erased.
    """
    erased_files.remove(library)
    with library.change() as connection:
        if fact(connection, WORDS_OF_ERASED) is not None:
            keywords.settle(connection)
            connection.execute(facts.delete().where(facts.c.name == WORDS_OF_ERASED))
    sweep(library)
    settle_log(library.engine)


def _forget_jobs(connection: sa.Connection, going: Gone) -> None:
    """The row of a job stays, for its reason; what it was asked to do goes."""
    where = jobs.c.call_id == going.call_id
    for row in connection.execute(sa.select(jobs).where(where)).all():
        called = str(row.request.get("called", ""))
        error = row.error and going.without(row.error.replace(called, GAP) if called else row.error)
        one = jobs.c.job_id == row.job_id
        connection.execute(jobs.update().where(one).values(request={}, error=error))


def erase_unfinished(library: Library, call_id: str, why: str = "It was stopped.") -> None:
    """Remove a call that never became ready; one that was ready before stays as it was, without
    a second file that was to be joined. Nor does the one file go because the other is of no use,
    which ``why`` tells: the transcript of a recording becomes a call by itself.
    """
    with library.change() as connection:
        try:
            unfinished = get_call(connection, call_id).state != "ready"
        except NotFound:
            return
        other = joined.joined(connection, call_id)
        taken: set[str] = set()
        if other is not None and unfinished and other.came_last == "transcript":
            joined.part(connection, other, f"The recording that came with it was left out. {why}")
        elif other is not None:
            unfinished = False
            taken = joined.undo(connection, call_id)
        erased_files.note(connection, taken - files(connection))
    if taken:
        erased_files.remove(library)
    if unfinished:
        erase(library, call_id)
