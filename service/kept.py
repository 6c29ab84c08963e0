"""The memos that are kept, and kept true: a quote that no longer holds is not read back."""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa
from pydantic import Field

from ingest import outbox
from ingest.errors import NotFound
from ingest.models import Frozen
from ingest.store import list_accounts
from ingest.tables import memo_versions, memos
from service.edited.withdrawing import withdraw_from_versions
from service.gone import Gone
from service.quotes import holding, with_names
from service.recheck import Verdict, forget, quotes_of, recheck
from service.shapes import Filters, Memo


class MemoLine(Frozen):
    """A memo as listed."""

    id: str
    title: str
    as_of: date
    created_at: datetime
    versions: int = Field(default=0, description="how often a person saved it")
    edited_at: datetime | None = None


def save(connection: sa.Connection, memo: Memo) -> None:
    """Keep ``memo`` under its id, in place of what was there. What people made of it stays."""
    values = {"created_at": datetime.now(UTC), "body": memo.model_dump(mode="json")}
    where = memos.c.memo_id == memo.id
    if connection.execute(memos.update().where(where).values(values)).rowcount == 0:
        connection.execute(memos.insert().values(memo_id=memo.id, **values))
        outbox.note(connection, "memo.drafted", {"memo_id": memo.id})


def load(connection: sa.Connection, memo_id: str) -> Memo:
    """The memo with every quote checked anew against its call. Raises ``NotFound``.

    A quote whose utterance, speaker's role or account is no longer so is dropped and counted in
    ``provenance.dropped_quotes``, and whatever was written from it goes too.
    """
    return _checked(connection, stored(connection, memo_id))


def stored(connection: sa.Connection, memo_id: str) -> Memo:
    """The memo as it was drafted, nothing of it checked. Raises ``NotFound``."""
    body = connection.scalar(sa.select(memos.c.body).where(memos.c.memo_id == memo_id))
    if body is None:
        raise NotFound(f"There is no memo {memo_id!r}.")
    return Memo.model_validate(body)


def last(connection: sa.Connection, filters: Filters, but: str | None = None) -> Memo | None:
    """The newest memo kept with these filters, other than ``but``; checked as by ``load``."""
    wanted = filters.model_dump(mode="json")
    query = sa.select(memos.c.body).order_by(memos.c.created_at.desc())
    if but is not None:
        query = query.where(memos.c.memo_id != but)  # a draft that is made again
    for body in connection.scalars(query):
        if body["filters"] == wanted:
            return _checked(connection, Memo.model_validate(body))
    return None


def list_memos(connection: sa.Connection) -> list[MemoLine]:
    """The memos kept, the newest first."""
    v = memo_versions.c
    saved = (
        sa.select(
            v.memo_id, sa.func.max(v.n).label("n"), sa.func.max(v.created_at).label("edited_at")
        )
        .group_by(v.memo_id)
        .subquery()
    )
    body = memos.c.body
    query = (
        sa.select(
            memos.c.memo_id,
            memos.c.created_at,
            body["title"].as_string().label("title"),
            body["as_of"].as_string().label("as_of"),
            saved.c.n,
            saved.c.edited_at,
        )
        .join(saved, saved.c.memo_id == memos.c.memo_id, isouter=True)
        .order_by(memos.c.created_at.desc())
    )
    return [
        MemoLine(
            id=row.memo_id,
            title=row.title,
            as_of=row.as_of,
            created_at=_aware(row.created_at),
            versions=row.n or 0,
            edited_at=_aware(row.edited_at) if row.edited_at else None,
        )
        for row in connection.execute(query)
    ]


def _aware(moment: datetime) -> datetime:
    # SQLite keeps no time zone; everything is written in UTC.
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def memo_title(connection: sa.Connection, memo_id: str) -> str:
    """Raises ``NotFound``."""
    title: str | None = connection.scalar(
        sa.select(memos.c.body["title"].as_string()).where(memos.c.memo_id == memo_id)
    )
    if title is None:
        raise NotFound(f"There is no memo {memo_id!r}.")
    return title


def withdraw(connection: sa.Connection, gone: Gone) -> None:
    """Rewrite the memos kept so that nothing in them comes from what goes.

    Also what people wrote with its words, as the name of a theme or in the vision.
    """
    withdraw_from_versions(connection, gone)
    verdict = Verdict(lambda quote: not gone.has(quote.call_id, quote.utterance), _arr(connection))
    for row in connection.execute(sa.select(memos)).all():
        before = Memo.model_validate(row.body)
        kept = forget(recheck(before, verdict), gone.call_id if gone.whole else None)
        body = gone.told_without(kept.model_dump(mode="json"))
        if body != row.body:
            connection.execute(
                memos.update().where(memos.c.memo_id == row.memo_id).values(body=body)
            )


def _checked(connection: sa.Connection, memo: Memo) -> Memo:
    memo = with_names(connection, memo, [*quotes_of(memo)])
    holds = holding(connection, [*quotes_of(memo)])
    return recheck(memo, Verdict(holds, _arr(connection)))


def _arr(connection: sa.Connection) -> dict[str, float | None]:
    return {a.account_id: a.arr_usd for a in list_accounts(connection)}
