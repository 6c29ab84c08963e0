"""The corrections of a call as a list that can be taken back, the newest first.

A correction is kept as what it found: the call's speakers, and the utterances that it changed.
A hearing of the call makes other utterances, so what was corrected before it stays in the list and
is taken back no more; what of it no longer fitted is listed as lost, with its words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from ingest.errors import BadInput, Conflict
from ingest.models import Frozen, Speaker, Utterance
from ingest.tables import call_corrections as table

KEPT = 500  # corrections of one call; older ones are forgotten
_WHAT = 300  # characters


class Lost(Frozen):
    """A correction that did not fit what was heard anew: ``text`` is what a person had put.

    ``utterance``, ``start_s`` and ``speaker`` (a name) say where it stood.
    """

    what: str
    utterance: int | None = None
    start_s: float | None = None
    speaker: str | None = None
    text: str | None = None


class Correction(Frozen):
    """An entry of the list."""

    id: int
    what: str
    at: dt.datetime
    undoable: bool
    lost: tuple[Lost, ...] = ()


class LastCorrection(Frozen):
    """The correction that would be taken back next."""

    id: int
    what: str


@dataclass(frozen=True, slots=True)
class Before:
    """What a correction found: all speakers, and the utterances that it changed."""

    speakers: tuple[Speaker, ...]
    utterances: tuple[Utterance, ...]


def record(connection: sa.Connection, call_id: str, what: str, before: Before) -> None:
    """Keep what a correction found."""
    _insert(
        connection,
        call_id,
        what,
        {
            "speakers": [s.model_dump(mode="json") for s in before.speakers],
            "utterances": [u.model_dump(mode="json") for u in before.utterances],
        },
        (),
    )


def heard_anew(connection: sa.Connection, call_id: str, lost: Sequence[Lost]) -> None:
    """Say that the call was heard anew, where there is anything to say of its corrections."""
    mine = table.c.call_id == call_id
    if not lost and connection.scalar(sa.select(table.c.seq).where(mine).limit(1)) is None:
        return
    connection.execute(table.update().where(mine).values(before={}))
    n = len(lost)
    told = f"; {n} correction{'s' * (n != 1)} no longer fitted" if n else "; all corrections fitted"
    _insert(connection, call_id, f"Heard anew{told}", {}, lost)


def newest(connection: sa.Connection, call_id: str) -> LastCorrection | None:
    """The correction that can be taken back."""
    row = _newest(connection, call_id)
    return None if row is None else LastCorrection(id=row.seq, what=row.what)


def found_by(
    connection: sa.Connection, call_id: str, correction_id: int | None = None
) -> tuple[LastCorrection, Before]:
    """The newest correction, and what it found.

    Raises ``BadInput`` when there is none, ``Conflict`` when it is not ``correction_id``.
    """
    row = _newest(connection, call_id)
    if row is None:
        raise BadInput(f"There is no correction of call {call_id} that could be taken back.")
    if correction_id is not None and correction_id != row.seq:
        raise Conflict(
            f"Another correction of call {call_id} was made since ({row.what}); look at it first."
        )
    return LastCorrection(id=row.seq, what=row.what), Before(
        tuple(Speaker.model_validate(s) for s in row.before["speakers"]),
        tuple(Utterance.model_validate(u) for u in row.before["utterances"]),
    )


def strike(connection: sa.Connection, correction_id: int) -> None:
    """Take a correction off the list."""
    connection.execute(table.delete().where(table.c.seq == correction_id))


def corrections(connection: sa.Connection, call_id: str) -> list[Correction]:
    """The list of a call, the newest first."""
    rows = connection.execute(
        sa.select(table).where(table.c.call_id == call_id).order_by(table.c.seq.desc())
    )
    return [
        Correction(
            id=row.seq,
            what=row.what,
            at=row.created_at.replace(tzinfo=row.created_at.tzinfo or UTC),
            undoable=bool(row.before),
            lost=tuple(Lost.model_validate(one) for one in row.lost),
        )
        for row in rows
    ]


def texts(
    connection: sa.Connection,
    call_id: str,
    utterances: Collection[int] | None = None,
    names: Iterable[str] = (),
) -> list[str]:
    """All words of the call that the list still holds.

    With ``utterances`` only theirs, and of what a hearing lost what the people ``names`` had said.
    """
    whose = set(names)
    found: list[str] = []
    for row in connection.execute(sa.select(table).where(table.c.call_id == call_id)):
        held = [
            *(u for u in row.before.get("utterances", ()) if _of(u["i"], utterances)),
            *(one for one in row.lost if utterances is None or one["speaker"] in whose),
        ]
        for one in held:
            found += [one[key] for key in ("text", "original") if one.get(key)]
    return found


def _of(number: int, utterances: Collection[int] | None) -> bool:
    return utterances is None or number in utterances


def _insert(
    connection: sa.Connection,
    call_id: str,
    what: str,
    before: dict[str, object],
    lost: Sequence[Lost],
) -> None:
    connection.execute(
        table.insert().values(
            call_id=call_id,
            what=what if len(what) <= _WHAT else what[: _WHAT - 1] + "…",
            before=before,
            lost=[one.model_dump(mode="json") for one in lost],
            created_at=datetime.now(UTC),
        )
    )
    numbers = sa.select(table.c.seq).where(table.c.call_id == call_id)
    last = connection.scalar(numbers.order_by(table.c.seq.desc()).offset(KEPT).limit(1))
    if last is not None:
        old = (table.c.call_id == call_id) & (table.c.seq <= last)
        connection.execute(table.delete().where(old))


def _newest(connection: sa.Connection, call_id: str) -> sa.Row[tuple[object, ...]] | None:
    row = connection.execute(
        sa.select(table).where(table.c.call_id == call_id).order_by(table.c.seq.desc()).limit(1)
    ).one_or_none()
    return row if row is not None and row.before else None
