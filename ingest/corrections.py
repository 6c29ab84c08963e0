"""People's corrections of a call: who is who, who said it, what was really said; and undoing them.

What follows from a correction is computed anew and stored with it in one transaction. Every
correction is kept as what it found (``ingest.correction_log``), so that it can be taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from ingest import correction_log as log
from ingest.correction_log import Before, LastCorrection
from ingest.derive import derive, vectors_of
from ingest.embed import Spread
from ingest.fixes import Fixed, NewSpeaker, SpeakerFix, UtteranceFix, fixed
from ingest.library import Library
from ingest.marks import follow
from ingest.models import Call, Utterance
from ingest.readings import load
from ingest.store import get_call, list_utterances, replace_words

__all__ = ("NewSpeaker", "SpeakerFix", "UtteranceFix", "correct", "undo")


@dataclass(frozen=True, slots=True)
class _Found:
    """A call as it is while a correction is worked out."""

    call: Call
    words: Sequence[Utterance]
    newest: LastCorrection | None


def correct(
    library: Library,
    call_id: str,
    *,
    speakers: Mapping[str, SpeakerFix] | None = None,
    merge: Mapping[str, str] | None = None,
    utterances: Mapping[int, UtteranceFix] | None = None,
) -> Call:
    """Apply a person's corrections, all or none, and compute anew what follows from them.

    ``speakers`` by label; ``merge`` says which label goes into which other; ``utterances`` by
    number. Raises ``NotFound`` for the call and ``BadInput`` for a label or an utterance that it
    lacks.
    """

    def plan(_connection: sa.Connection, found: _Found) -> Fixed:
        return fixed(found.call, found.words, speakers or {}, merge or {}, utterances or {})

    def record(connection: sa.Connection, found: _Found, after: Fixed) -> None:
        if after.what:
            changed = _changed(found.words, after.words)
            log.record(connection, call_id, after.what, Before(found.call.speakers, changed))

    return _put(library, call_id, plan, record)


def undo(library: Library, call_id: str, correction_id: int | None = None) -> str:
    """Take back the newest correction; what it was.

    Raises ``NotFound`` for the call, ``BadInput`` when there is none, and ``Conflict`` when the
    newest is not ``correction_id``.
    """
    undone: list[str] = []

    def plan(connection: sa.Connection, found: _Found) -> Fixed:
        newest, before = log.found_by(connection, call_id, correction_id)
        old = {u.i: u for u in before.utterances}
        words = tuple(old.get(u.i, u) for u in found.words)
        return Fixed(before.speakers, words, newest.what)

    def record(connection: sa.Connection, found: _Found, after: Fixed) -> None:
        if found.newest is not None:
            log.strike(connection, found.newest.id)
        undone.append(after.what)

    _put(library, call_id, plan, record)
    return undone[-1]


def _put(
    library: Library,
    call_id: str,
    plan: Callable[[sa.Connection, _Found], Fixed],
    record: Callable[[sa.Connection, _Found, Fixed], None],
) -> Call:
    """Put what ``plan`` makes of the call in its place, with all that follows from it.

    The slow part, reading and embedding, is done while others may write; when one of them changed
    the call meanwhile, it is done again over that.
    """
    while True:
        with library.read() as connection:
            found = _find(connection, call_id)
            after = plan(connection, found)
            reading = load(connection, call_id)
            known = vectors_of(connection, call_id, found.words, library.embedder.dim)
        embedder = Spread(library.embedder)
        derived = derive(
            embedder, call_id, after.words, after.speakers, reading=reading, known=known
        )
        texts = {u.i: u.text for u in _changed(found.words, after.words)}
        with library.change() as connection:
            if _find(connection, call_id) != found:
                continue
            replace_words(connection, call_id, after.speakers, after.words)
            derived.write(connection, library.index)
            follow(library, connection, call_id, texts=texts)
            record(connection, found, after)
            return get_call(connection, call_id)


def _find(connection: sa.Connection, call_id: str) -> _Found:
    return _Found(
        get_call(connection, call_id),
        list_utterances(connection, call_id),
        log.newest(connection, call_id),
    )


def _changed(before: Sequence[Utterance], after: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """Those of ``before`` that are no longer so."""
    return tuple(old for old, new in zip(before, after, strict=True) if old != new)
