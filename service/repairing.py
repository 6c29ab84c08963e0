"""Repair: what in a home does not fit together, found by looking, and mended where that is safe.

A check yields what it found; mending is its own affair and may be done twice. Nothing here is
needed after a crash, which leaves nothing apart that the program does not mend by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import sqlalchemy as sa

from ingest import mending
from ingest.chroma import InUse
from ingest.corrections import correct
from ingest.errors import StoreRefused, Unavailable
from ingest.library import Library
from ingest.passages import passages as cut_into
from ingest.playback import make as make_playable
from ingest.store import files, get_call, list_utterances
from ingest.tables import call_transcripts, calls, jobs, passages
from service.following import right_to_work
from service.jobs import OPEN, enqueue

_OLD_S = 3600  # what is younger may be under way


@dataclass(frozen=True, slots=True)
class Finding:
    """``what`` is wrong and, where it can be mended, what has been ``done`` after ``mend``.

    Both are whole sentences.
    """

    what: str
    done: str = ""
    mend: Callable[[], object] | None = None


def findings(library: Library) -> Iterator[Finding]:
    """All that is wrong; nothing is changed by looking."""
    for check in _CHECKS:
        yield from check(library)


def repair(library: Library) -> tuple[str, ...]:
    """Mend what can be mended; a sentence for each thing that was, or was only found.

    May be done while others work on the home.
    """
    said = []
    for found in findings(library):
        if found.mend is not None:
            found.mend()
        said.append(found.done if found.mend is not None else found.what)
    return tuple(said)


def _vectors(library: Library) -> Iterator[Finding]:
    try:
        lost = mending.lost(library)
    except InUse:
        return  # its owner looks after it
    except Unavailable as problem:
        if library.index.chroma.url is not None:
            yield Finding(str(problem))
            return
        yield Finding(
            f"The folder of vectors is broken. {problem}",
            "The folder of vectors was broken and is made anew.",
            partial(mending.rebuild, library),
        )
        return
    if lost:
        yield Finding(
            f"Chroma lost {len(lost.missing)} vectors and holds {len(lost.orphans)} of no call.",
            f"Chroma was given {len(lost.missing)} vectors that it had lost and rid of "
            f"{len(lost.orphans)} of no call.",
            partial(mending.mend, library),
        )


def _keywords(library: Library) -> Iterator[Finding]:
    with library.read() as connection:
        wrong = mending.misworded(connection)
    if wrong:
        yield Finding(
            f"The keyword index lacks {len(wrong.missing)} passages and holds "
            f"{len(wrong.orphans)} of no call.",
            f"The keyword index took in {len(wrong.missing)} passages and lost "
            f"{len(wrong.orphans)} of no call.",
            partial(_reword, library, wrong.missing | wrong.orphans),
        )


def _reword(library: Library, wrong: Collection[str]) -> None:
    with library.change() as connection:
        mending.reword(connection, wrong)


def _unsearchable(library: Library) -> Iterator[Finding]:
    """Ready calls without passages, or with vectors that are none."""
    none = ~sa.select(passages.c.call_id).where(passages.c.call_id == calls.c.call_id).exists()
    length = 4 * library.embedder.dim
    broken = sa.select(passages.c.call_id).where(sa.func.length(passages.c.vector) != length)
    ready = sa.select(calls.c.call_id).where(calls.c.state == "ready")
    with library.read() as connection:
        found = set(connection.scalars(ready.where(calls.c.call_id.in_(broken))))
        for call_id in connection.scalars(ready.where(none)).all():
            voices = get_call(connection, call_id).speakers
            if cut_into(call_id, list_utterances(connection, call_id), voices):
                found.add(call_id)
    for call_id in sorted(found):
        yield Finding(
            f"Call {call_id} cannot be searched: its passages are missing or broken.",
            f"The passages of call {call_id} are made anew.",
            # A correction of nothing computes all that follows from a call's words.
            partial(correct, library, call_id),
        )


def _files(library: Library) -> Iterator[Finding]:
    """Files that are of no call, and calls whose file is gone."""
    try:
        there, old = set(library.media.names()), set(library.media.names(_OLD_S))
    except (Unavailable, StoreRefused) as problem:
        yield Finding(str(problem))
        return
    with library.read() as connection:
        named = [
            (row.call_id, row.media)
            for table in (calls, call_transcripts)
            for row in connection.execute(sa.select(table.c.call_id, table.c.media))
        ]
        stray = old - files(connection)
    if stray:
        yield Finding(
            f"{len(stray)} recordings or transcripts are of no call.",
            f"{len(stray)} recordings or transcripts of no call were erased.",
            partial(_erase, library, stray),
        )
    for call_id, media in named:
        if media and media not in there and _is_there(library, call_id):
            yield Finding(
                f"The file of call {call_id} is missing: it cannot be played or heard anew. "
                "Add the file again."
            )


def _unplayable(library: Library) -> Iterator[Finding]:
    """Recordings that nobody made fit for playing, or whose copy for that is gone."""
    try:
        there = set(library.media.names())
    except (Unavailable, StoreRefused):
        return  # said above
    c = calls.c
    heard = sa.select(c.call_id, c.media, c.playback).where(c.is_recording, c.state == "ready")
    with library.read() as connection:
        found = connection.execute(heard.order_by(c.call_id)).all()
    for call_id, media, playback in found:
        if media in there and playback not in there:
            yield Finding(
                f"The recording of call {call_id} has no copy for playing.",
                f"The recording of call {call_id} was made fit for playing.",
                partial(make_playable, library, call_id),
            )


def _erase(library: Library, stray: Collection[str]) -> None:
    # Nobody can make a call of one meanwhile: that is a change as well. One that was added again
    # since is young again.
    with library.change() as connection:
        for name in set(library.media.names(_OLD_S)) & set(stray) - files(connection):
            library.media.erase(name)


def _is_there(library: Library, call_id: str) -> bool:
    """Whether the call has not been erased meanwhile."""
    with library.read() as connection:
        return connection.scalar(sa.select(1).where(calls.c.call_id == call_id)) is not None


def _idle_calls(library: Library) -> Iterator[Finding]:
    """Calls that wait for work which nobody will do."""
    live = sa.select(jobs.c.call_id).where(
        jobs.c.call_id == calls.c.call_id, jobs.c.state.in_(OPEN)
    )
    before = datetime.now(UTC) - timedelta(seconds=_OLD_S)
    waiting = sa.select(calls.c.call_id).where(
        calls.c.state == "working", calls.c.created_at < before, ~live.exists()
    )
    with library.read() as connection:
        found = connection.scalars(waiting).all()
    for call_id in found:
        yield Finding(
            f"Call {call_id} waits for work that nobody does.",
            f"Call {call_id} is queued again.",
            partial(_enqueue, library, call_id),
        )


def _enqueue(library: Library, call_id: str) -> None:
    with library.change() as connection:
        enqueue(connection, "ingest", call_id=call_id)


def _jobs_without_worker(library: Library) -> Iterator[Finding]:
    """Jobs that wait while nobody works on this home."""
    with right_to_work(library) as free, library.read() as connection:
        left = connection.scalar(
            sa.select(sa.func.count()).select_from(jobs).where(jobs.c.state.in_(OPEN))
        )
    if left and free:
        yield Finding(
            f"{left} {'job waits' if left == 1 else 'jobs wait'} and nobody works on this home; "
            "`firsthand serve` or `firsthand worker` does."
        )


def _audit(library: Library) -> Iterator[Finding]:
    """An audit log that somebody changed: nothing mends that."""
    wrong = library.audit.check().wrong
    if wrong is not None:
        yield Finding(f"The audit log is not as it was written. {wrong}")


_CHECKS: tuple[Callable[[Library], Iterator[Finding]], ...] = (
    _vectors,
    _keywords,
    _unsearchable,
    _files,
    _unplayable,
    _idle_calls,
    _jobs_without_worker,
    _audit,
)
