"""Changes of the codebook as a list that can be taken back, the newest first.

A change is kept as what it found: the rows of the codes it touched and their judgements. Taking it
back puts exactly those rows in place, so any number of changes followed by as many undos gives the
first state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypedDict

import sqlalchemy as sa

from ingest.errors import BadInput
from ingest.facts import fact, put_fact
from ingest.library import Library
from ingest.marks import Now
from ingest.models import Frozen
from ingest.store import get_call, list_utterances
from ingest.tables import calls, codebook_history, codes, judgements

KEPT = 200  # changes; older ones are forgotten
_MERGED = "merged_codes"  # the fact that says which code went into which

Row = dict[str, object]


class Change(Frozen):
    """An entry of the history."""

    seq: int
    what: str
    at: datetime


class Before(TypedDict):
    """What a change found. A code that was not there yet is ``None``."""

    codes: dict[str, Row | None]
    judgements: list[Row]
    merged: list[str]  # codes that the change merged away


def record(
    connection: sa.Connection, what: str, code_ids: Iterable[str], *, merged: Sequence[str] = ()
) -> None:
    """Keep how the codes ``code_ids`` are, right before they are changed."""
    ids = list(dict.fromkeys(code_ids))
    found = connection.execute(sa.select(codes).where(codes.c.code_id.in_(ids))).mappings()
    rows = {str(row["code_id"]): _to_json(row) for row in found}
    judged = connection.execute(
        sa.select(judgements)
        .where(judgements.c.code_id.in_(ids))
        .order_by(judgements.c.judgement_id)
    ).mappings()
    before = Before(
        codes={code_id: rows.get(code_id) for code_id in ids},
        judgements=[_to_json(row) for row in judged],
        merged=list(merged),
    )
    connection.execute(
        codebook_history.insert().values(what=what, before=before, created_at=datetime.now(UTC))
    )
    newest = sa.select(codebook_history.c.seq).order_by(codebook_history.c.seq.desc())
    last = connection.scalar(newest.offset(KEPT).limit(1))
    if last is not None:
        connection.execute(codebook_history.delete().where(codebook_history.c.seq <= last))


def undo(library: Library) -> str:
    """Take back the newest change; what it was. Raises ``BadInput`` when there is none.

    Judgements about calls that are gone by now do not come back.
    """
    with library.change() as connection:
        entry = connection.execute(
            sa.select(codebook_history).order_by(codebook_history.c.seq.desc()).limit(1)
        ).one_or_none()
        if entry is None:
            raise BadInput("There is nothing to undo: the codebook has no changes left to go back.")
        _put_back(connection, entry.before)
        connection.execute(codebook_history.delete().where(codebook_history.c.seq == entry.seq))
        return str(entry.what)


def history(connection: sa.Connection) -> list[Change]:
    """The changes that can be undone, the newest first."""
    rows = connection.execute(
        sa.select(codebook_history).order_by(codebook_history.c.seq.desc())
    ).all()
    return [Change(seq=r.seq, what=r.what, at=r.created_at.replace(tzinfo=UTC)) for r in rows]


def merged(connection: sa.Connection) -> dict[str, str]:
    """Codes that went into others, by id."""
    found = fact(connection, _MERGED)
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def put_merged(connection: sa.Connection, into: Mapping[str, str]) -> None:
    put_fact(connection, _MERGED, dict(into))


def _put_back(connection: sa.Connection, before: Before) -> None:
    ids = list(before["codes"])
    connection.execute(judgements.delete().where(judgements.c.code_id.in_(ids)))
    connection.execute(codes.delete().where(codes.c.code_id.in_(ids)))
    rows = [_code(row) for row in before["codes"].values() if row is not None]
    if rows:
        connection.execute(codes.insert(), rows)
    judged = [_from_json(row) for row in _still_there(connection, before["judgements"])]
    if judged:
        connection.execute(judgements.insert(), judged)
    if before["merged"]:
        left = {k: v for k, v in merged(connection).items() if k not in before["merged"]}
        put_merged(connection, left)


def _still_there(connection: sa.Connection, rows: Sequence[Row]) -> Iterator[Row]:
    """The judgements but those of calls that are gone, at the place where their words are now."""
    there = set(connection.scalars(sa.select(calls.c.call_id)))
    known: dict[str, Now] = {}
    for row in rows:
        call_id = row["call_id"]
        if call_id is None:
            yield row
        elif call_id in there:
            call_id = str(call_id)
            if call_id not in known:
                said = list_utterances(connection, call_id)
                known[call_id] = Now(get_call(connection, call_id), said)
            near = row["utterance"]
            number, words = known[call_id].settle(
                str(row["words"]), near if isinstance(near, int) else None
            )
            yield {**row, "utterance": number, "words": words}


def _to_json(row: sa.RowMapping) -> Row:
    return {
        name: value.replace(tzinfo=UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def _code(row: Row) -> Row:
    """One that was kept before codes had a status had none."""
    return {"status": "open", "status_at": None, **_from_json(row)}


def _from_json(row: Row) -> Row:
    moments = {
        name: datetime.fromisoformat(str(row[name]))
        for name in ("created_at", "status_at")
        if row.get(name) is not None
    }
    return {**row, **moments}
