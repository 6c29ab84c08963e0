"""The codebook as it is stored: codes and judgements in and out of the database.

Every function takes an open connection and leaves the transaction, and the history, to the verbs
of ``service.codebook``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import uuid4

import sqlalchemy as sa

from ingest.consent import counts
from ingest.errors import BadInput, Conflict, NotFound
from ingest.tables import calls, codes, judgements
from service.codebook_entry import NewCode, folded
from service.codebook_undo import merged
from service.shapes import Code

CODES_LIMIT = 2000  # a codebook is read by people; more is a mistake

Verdict = Literal["confirmed", "rejected"]
State = Literal["active", "dismissed"]

_FIELDS = ("label", "definition", "include", "exclude", "kind", "state", "pinned", "status")


@dataclass(frozen=True, slots=True)
class Judgement:
    """Words that belong to a code, or do not.

    With ``call_id`` they were said in that call: in ``utterance``, or, when that is ``None``,
    somewhere that could not be found again after the call was heard anew. Without, they are an
    example from elsewhere.
    """

    code_id: str
    call_id: str | None
    utterance: int | None
    words: str
    verdict: Verdict


def list_codes(connection: sa.Connection, *, dismissed: bool = False) -> list[Code]:
    """The active codes, pinned first, then by label; with ``dismissed`` those as well."""
    return codes_where(connection, sa.true() if dismissed else codes.c.state == "active")


def judgements_of(connection: sa.Connection) -> list[Judgement]:
    """All judgements about all codes, also of dismissed ones, in the order they were made."""
    rows = connection.execute(
        sa.select(judgements).order_by(judgements.c.created_at, judgements.c.judgement_id)
    )
    return [Judgement(r.code_id, r.call_id, r.utterance, r.words, r.verdict) for r in rows]


def get_code(connection: sa.Connection, code_id: str) -> Code:
    """A code by its id, or by that of one that went into it. Raises ``NotFound``."""
    into = merged(connection)
    wanted = code_id
    for _ in range(len(into)):
        wanted = into.get(wanted, wanted)
    found = codes_where(connection, codes.c.code_id == wanted)
    if not found:
        raise NotFound(f"There is no code {code_id[:80]!r}; see `firsthand codebook`.")
    return found[0]


def codes_where(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[Code]:
    """The codes of which ``where`` holds, pinned first, then by label."""
    rows = list(connection.execute(sa.select(codes).where(where)).mappings())
    said: dict[tuple[str, str], dict[str, None]] = {}
    judged = connection.execute(
        sa.select(judgements)
        .join(codes, codes.c.code_id == judgements.c.code_id)
        .join(calls, calls.c.call_id == judgements.c.call_id, isouter=True)
        .where(where, sa.or_(judgements.c.call_id.is_(None), counts(), calls.c.state != "ready"))
        .order_by(judgements.c.created_at, judgements.c.judgement_id)
    )
    for row in judged:
        said.setdefault((row.code_id, row.verdict), {})[row.words] = None
    found = [
        Code(
            id=row["code_id"],
            examples=tuple(said.get((row["code_id"], "confirmed"), ())),
            counterexamples=tuple(said.get((row["code_id"], "rejected"), ())),
            status_at=row["status_at"] and row["status_at"].replace(tzinfo=UTC),
            **{name: row[name] for name in _FIELDS},
        )
        for row in rows
    ]
    return sorted(found, key=lambda c: (not c.pinned, folded(c.label), c.id))


# --- writing -----------------------------------------------------------------------------------


def new_id() -> str:
    return f"code-{uuid4().hex[:12]}"


def insert_code(
    connection: sa.Connection, code_id: str, code: NewCode, state: State = "active"
) -> None:
    """A row for a checked code, without its examples."""
    values = code.model_dump(exclude={"examples", "counterexamples"})
    connection.execute(
        codes.insert().values(
            code_id=code_id, state=state, pinned=False, created_at=datetime.now(UTC), **values
        )
    )


def insert_judgements(connection: sa.Connection, new: Sequence[Judgement]) -> None:
    """Rows for judgements, in this order: their ids are random, their moments grow."""
    now = datetime.now(UTC)
    rows = [
        {
            "judgement_id": f"judgement-{uuid4().hex[:16]}",
            "code_id": judged.code_id,
            "call_id": judged.call_id,
            "utterance": judged.utterance,
            "words": judged.words,
            "verdict": judged.verdict,
            "created_at": now + timedelta(microseconds=n),
        }
        for n, judged in enumerate(new)
    ]
    if rows:
        connection.execute(judgements.insert(), rows)


def called(label: str) -> str:
    """A label inside a sentence of the history, which may have 300 characters."""
    return f"“{label if len(label) <= 80 else label[:79] + '…'}”"


def refuse_taken(connection: sa.Connection, label: str, *, but: str | None = None) -> None:
    """Raises ``Conflict`` when another code has this label."""
    for code in list_codes(connection, dismissed=True):
        if code.id != but and folded(code.label) == folded(label):
            aside = " (dismissed)" if code.state == "dismissed" else ""
            raise Conflict(
                f"There is a code {called(code.label)} already{aside}, {code.id}; "
                "choose another label, or merge the two afterwards."
            )


def refuse_crowd(connection: sa.Connection) -> None:
    active = connection.scalar(
        sa.select(sa.func.count()).select_from(codes).where(codes.c.state == "active")
    )
    if (active or 0) > CODES_LIMIT:
        raise BadInput(
            f"The codebook would have {active:,} codes and may have {CODES_LIMIT:,}; "
            "leave some out."
        )
