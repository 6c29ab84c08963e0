"""What was picked for the memo: statements of answers, kept with their quotes, and kept true."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal
from uuid import uuid4

import sqlalchemy as sa
from pydantic import JsonValue

from ingest.errors import BadInput, NotFound
from ingest.library import Library
from ingest.tables import picks
from service.answer_history import load
from service.answer_recheck import known, recheck_one
from service.gone import Gone
from service.quotes import holding, with_names
from service.shapes import Pick, Quote, Statement

Part = Literal["statements", "counter"]


def add(
    library: Library, answer_id: str, n: int | None = None, part: Part = "statements"
) -> list[Pick]:
    """Pick statement ``n`` (from 0) of a kept answer, or all of that part.

    What is picked already stays as it is and is given again. Raises ``NotFound`` for an answer that
    is not there, ``BadInput`` for a statement that it does not have.
    """
    with library.change() as connection:
        answer = load(connection, answer_id).answer
        there: tuple[Statement, ...] = getattr(answer, part)
        if n is not None and not 0 <= n < len(there):
            raise BadInput("The answer has no such statement; see how many it has.")
        if not there:
            raise BadInput("The answer has no statement that could go into the memo.")
        wanted = there if n is None else (there[n],)
        before = {_told(pick.statement): pick for pick in listed(connection)}
        return [
            before.get(_told(said)) or _insert(connection, answer_id, answer.question, said)
            for said in wanted
        ]


def listed(connection: sa.Connection) -> list[Pick]:
    """What is picked, in the order in which it was; every quote checked anew against its call.

    What holds no longer is left out, as in a kept answer.
    """
    rows = connection.execute(sa.select(picks).order_by(picks.c.picked_at, picks.c.pick_id)).all()
    kept = {row.pick_id: Statement.model_validate(row.statement) for row in rows}
    said = {pick_id: with_names(connection, one, one.quotes) for pick_id, one in kept.items()}
    holds = holding(connection, [q for one in said.values() for q in one.quotes])
    everyone = known(connection)
    found = []
    for row in rows:
        left = recheck_one(said[row.pick_id], holds, everyone)
        if left is not None:
            found.append(_pick(dict(row._mapping), left))
    return found


def remove(library: Library, pick_id: str) -> None:
    """Raises ``NotFound``."""
    with library.change() as connection:
        gone = connection.execute(picks.delete().where(picks.c.pick_id == pick_id))
        if gone.rowcount == 0:
            raise NotFound(f"There is no pick {pick_id!r}.")


def withdraw(connection: sa.Connection, gone: Gone) -> None:
    """Take what goes out of what was picked, while it is there."""
    everyone = known(connection)

    def holds(quote: Quote) -> bool:
        return not gone.has(quote.call_id, quote.utterance)

    for row in connection.execute(sa.select(picks)).all():
        where = picks.c.pick_id == row.pick_id
        left = recheck_one(Statement.model_validate(row.statement), holds, everyone)
        if left is None:
            connection.execute(picks.delete().where(where))
            continue
        told: JsonValue = gone.told_without(left.model_dump(mode="json"))
        question = gone.without(row.question)
        if (told, question) != (row.statement, row.question):
            connection.execute(
                picks.update().where(where).values(statement=told, question=question)
            )


# --- within ---------------------------------------------------------------------------------------


def _insert(connection: sa.Connection, answer_id: str, question: str, said: Statement) -> Pick:
    row = {
        "pick_id": f"pick-{uuid4().hex[:12]}",
        "answer_id": answer_id,
        "question": question,
        "picked_at": datetime.now(UTC),
    }
    connection.execute(picks.insert().values(**row, statement=said.model_dump(mode="json")))
    return _pick(row, said)


def _pick(row: Mapping[str, object], said: Statement) -> Pick:
    at = row["picked_at"]
    assert isinstance(at, datetime)
    return Pick.model_validate(
        {
            "id": row["pick_id"],
            "question": row["question"],
            "answer_id": row["answer_id"],
            "statement": said,
            "picked_at": at.replace(tzinfo=at.tzinfo or UTC),
        }
    )


def _told(said: Statement) -> tuple[str, tuple[Quote, ...]]:
    return said.text, said.quotes
