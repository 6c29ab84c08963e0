"""What deleting a call would take, counted before anybody is asked whether they are sure."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from ingest.consent import counts
from ingest.errors import NotFound
from ingest.library import Library
from ingest.models import Call, Frozen
from ingest.readings import load
from ingest.store import get_account, get_call, media_name, playback_name
from ingest.tables import (
    answers,
    call_corrections,
    calls,
    evidence,
    evidence_edits,
    judgements,
    memos,
    picks,
)
from service.answer_recheck import quotes_of as in_answer
from service.coding import code_ledger
from service.ledger import shortened
from service.recheck import quotes_of
from service.shapes import Answer, Memo, Statement


class Quoted(Frozen):
    """A theme or a memo, and how many quotes of the call stand in it."""

    id: str
    title: str
    quotes: int


class QuotedTheme(Frozen):
    id: str
    label: str
    quotes: int


class Erasure(Frozen):
    """What goes with a call. ``sentences`` say all of it to people.

    ``recording_bytes`` and ``minutes`` are null for a transcript, ``playback_bytes`` where the
    recording itself is played. ``marks`` are what people added, rejected, renamed or judged.
    ``answers`` and ``picks`` are the kept answers and the picks for the memo that quote it.
    """

    call_id: str
    title: str
    recording_bytes: int | None
    playback_bytes: int | None
    minutes: float | None
    utterances: int
    evidence: int
    marks: int
    corrections: int
    read_by: str | None
    themes: tuple[QuotedTheme, ...]
    memos: tuple[Quoted, ...]
    answers: int = 0
    picks: int = 0
    sentences: tuple[str, ...]


def erasure(library: Library, call_id: str) -> Erasure:
    """Everything that ``service.erase`` would remove. Raises ``NotFound``, and what the store does.

    A file that is missing has no bytes.
    """
    with library.read() as connection:
        call = get_call(connection, call_id)
        media, played = media_name(connection, call_id), playback_name(connection, call_id)
        reading = load(connection, call_id)
        found = Erasure(
            call_id=call_id,
            title=call.title,
            recording_bytes=None,
            playback_bytes=None,
            minutes=round(call.duration_s / 60, 1) if call.has_audio and call.duration_s else None,
            utterances=call.utterances_n,
            evidence=_count(connection, evidence, call_id),
            marks=_count(connection, evidence_edits, call_id)
            + _count(connection, judgements, call_id),
            corrections=_count(connection, call_corrections, call_id),
            read_by=None if reading is None else reading.model,
            themes=tuple(_themes(library, connection, call_id)),
            memos=tuple(_memos(connection, call_id)),
            answers=sum(_quotes_of_answers(connection, call_id)),
            picks=sum(_quotes_of_picks(connection, call_id)),
            sentences=(),
        )
        alone = _only_of_account(connection, call)
    if call.has_audio:
        copy = _bytes(library, played) if played not in (None, media) else None
        sizes = {"recording_bytes": _bytes(library, media), "playback_bytes": copy}
        found = found.model_copy(update=sizes)
    return found.model_copy(
        update={"sentences": tuple(_sentences(found, alone, call.transcript_file))}
    )


def _count(connection: sa.Connection, table: sa.Table, call_id: str) -> int:
    count = sa.select(sa.func.count()).select_from(table).where(table.c.call_id == call_id)
    return connection.scalar(count) or 0


def _bytes(library: Library, name: str | None) -> int:
    try:
        return library.media.size(name) if name else 0
    except NotFound:
        return 0


def _themes(library: Library, connection: sa.Connection, call_id: str) -> Iterator[QuotedTheme]:
    """Those with a name; groups by likeness are made anew in any case."""
    for one in code_ledger(library, connection).named:
        n = sum(e.spoken.call_id == call_id for e in (*one.members, *one.counter))
        if n:
            yield QuotedTheme(id=one.code.id, label=one.code.label, quotes=n)


def _memos(connection: sa.Connection, call_id: str) -> Iterator[Quoted]:
    rows = connection.execute(sa.select(memos).order_by(memos.c.created_at.desc()))
    for row in rows:
        memo = Memo.model_validate(row.body)
        quotes = {(q.utterance, q.text) for q in quotes_of(memo) if q.call_id == call_id}
        if quotes:
            yield Quoted(id=memo.id, title=memo.title, quotes=len(quotes))


def _quotes_of_answers(connection: sa.Connection, call_id: str) -> Iterator[bool]:
    for body in connection.scalars(sa.select(answers.c.body)):
        yield any(q.call_id == call_id for q in in_answer(Answer.model_validate(body)))


def _quotes_of_picks(connection: sa.Connection, call_id: str) -> Iterator[bool]:
    for said in connection.scalars(sa.select(picks.c.statement)):
        yield any(q.call_id == call_id for q in Statement.model_validate(said).quotes)


def _only_of_account(connection: sa.Connection, call: Call) -> str | None:
    """The name of the account that nobody would have been heard of without the call."""
    if call.account_id is None or call.state != "ready":
        return None
    others = sa.select(calls.c.call_id).where(
        calls.c.account_id == call.account_id,
        calls.c.call_id != call.call_id,
        counts(),
    )
    if connection.scalar(others.limit(1)) is not None:
        return None
    return get_account(connection, call.account_id).name


def _sentences(found: Erasure, alone: str | None, with_it: str | None) -> Iterator[str]:
    if found.recording_bytes is not None:
        size = _mb(found.recording_bytes)
        long = f", {found.minutes:,.0f} minutes" if found.minutes else ""
        copy = f" and the copy for playing ({_mb(found.playback_bytes)})"
        yield f"The recording ({size}{long}){copy if found.playback_bytes else ''}."
        if with_it is not None:
            yield f"The transcript that came with it ({shortened(with_it, 60)})."
    else:
        yield "The transcript as it came."
    corrected = f", with {_several(found.corrections, 'correction')}" if found.corrections else ""
    yield f"{_several(found.utterances, 'utterance')}{corrected}, and all that makes them findable."
    marks = f", with {_several(found.marks, 'mark')} that people made" if found.marks else ""
    yield f"{_several(found.evidence, 'piece')} of evidence{marks}."
    if found.read_by:
        yield f"What {found.read_by} read in it."
    if found.themes:
        yield f"Its quotes in {_several(len(found.themes), 'theme')}: {_named(found.themes)}."
    if found.memos:
        one = len(found.memos) == 1
        which = f"“{shortened(found.memos[0].title, 60)}”" if one else "with all written from them"
        yield f"Its quotes in {_several(len(found.memos), 'memo')}, {which}."
    if found.answers or found.picks:
        picked = f" and {_several(found.picks, 'pick')} for the memo" if found.picks else ""
        yield f"Its quotes in {_several(found.answers, 'answer')}{picked}."
    if alone:
        yield f"It is the only call with {alone}: the account will count as not heard."


def _named(themes: tuple[QuotedTheme, ...], most: int = 3) -> str:
    named = [f"“{shortened(t.label, 60)}” ({t.quotes})" for t in themes[:most]]
    more = [f"{len(themes) - most} more"] if len(themes) > most else []
    return ", ".join([*named, *more])


def _mb(size: int | None) -> str:
    return f"{(size or 0) / 1e6:,.1f} MB"


def _several(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
