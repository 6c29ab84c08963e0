"""The answers that are kept, and kept true: a quote that no longer holds is not read back."""

from __future__ import annotations

import logging
from collections.abc import Generator
from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa

from ingest.consent import counts
from ingest.database import passing
from ingest.erasures import Erasures, erasures, require_none
from ingest.errors import NotFound
from ingest.library import Library
from ingest.tables import answers, calls
from service import ask as core
from service.answer_recheck import known, quotes_of, recheck, unsaid
from service.gone import Gone
from service.quotes import holding, with_names
from service.shapes import Answer, AnswerLine, Filters, KeptAnswer, Quote, Statement

_log = logging.getLogger(__name__)

PAGE = 50  # answers listed at once
LONGEST_PAGE = 500


def ask(library: Library, question: str, filters: Filters) -> Answer:
    """As ``service.ask.ask``; the answer is kept, and has the id to find it by."""
    since = _since(library)
    return keep(library, filters, core.ask(library, question, filters), since)


def asking(library: Library, question: str, filters: Filters) -> Generator[Statement, None, Answer]:
    """As ``service.ask.asking``; the answer is kept."""
    since = _since(library)
    whole = yield from core.asking(library, question, filters)
    return keep(library, filters, whole, since)


def keep(library: Library, asked: Filters, answer: Answer, since: Erasures) -> Answer:
    """Keep ``answer``, checked anew: a call may have been erased while it was made.

    ``since`` is from before. Raises ``Erased`` when a person was erased and a model worded it: its
    words may name them. The same answer to the same question is kept once, as of now. Without an id
    when the database takes nothing just now: an answer that was paid for is not lost for that.
    """
    try:
        with library.change() as connection:
            if answer.provenance.mode == "llm":
                require_none(connection, since)
            if erasures(connection) != since:  # nor in what was dropped
                answer = answer.model_copy(update={"provenance": unsaid(answer.provenance)})
            return _keep(connection, asked, answer)
    except sa.exc.SQLAlchemyError as error:
        if passing(error) is None:
            raise
        _log.warning("an answer was given and could not be kept", exc_info=True)
        return answer


def load(connection: sa.Connection, answer_id: str) -> KeptAnswer:
    """The answer with every quote checked anew against its call. Raises ``NotFound``."""
    row = connection.execute(sa.select(answers).where(answers.c.answer_id == answer_id)).first()
    if row is None:
        raise NotFound(f"There is no answer {answer_id!r}.")
    before = Answer.model_validate(row.body)
    now = _checked(connection, before)
    asked_at = _utc(row.asked_at)
    since = (
        sa.select(sa.func.count()).select_from(calls).where(counts(), calls.c.created_at > asked_at)
    )
    return KeptAnswer(
        id=answer_id,
        asked=Filters.model_validate(row.asked),
        asked_at=asked_at,
        answer=now.model_copy(update={"id": answer_id}),
        # Sentences of the model's that were never shown are dropped as well, and no news.
        withdrawn=now.provenance.dropped_quotes - len(now.provenance.dropped),
        calls_since=connection.scalar(since) or 0,
    )


def question_of(connection: sa.Connection, answer_id: str) -> str:
    """Raises ``NotFound``."""
    select = sa.select(answers.c.question).where(answers.c.answer_id == answer_id)
    question: str | None = connection.scalar(select)
    if question is None:
        raise NotFound(f"There is no answer {answer_id!r}.")
    return question


def list_answers(
    connection: sa.Connection, limit: int = PAGE, before: str | None = None
) -> list[AnswerLine]:
    """The answers kept, the newest first; those after ``before`` in the list when it is given.

    Raises ``NotFound`` for a ``before`` that is not there.
    """
    place = sa.tuple_(answers.c.asked_at, answers.c.answer_id)
    columns = [c for c in answers.c if c is not answers.c.body]
    query = sa.select(*columns).order_by(answers.c.asked_at.desc(), answers.c.answer_id.desc())
    if before is not None:
        at = connection.scalar(sa.select(answers.c.asked_at).where(answers.c.answer_id == before))
        if at is None:
            raise NotFound(f"There is no answer {before!r}.")
        query = query.where(
            place < sa.tuple_(sa.literal(at, answers.c.asked_at.type), sa.literal(before))
        )
    return [
        AnswerLine(
            id=row.answer_id,
            question=row.question,
            asked=Filters.model_validate(row.asked),
            asked_at=_utc(row.asked_at),
            statements_n=row.statements,
        )
        for row in connection.execute(query.limit(limit))
    ]


def remove(library: Library, answer_id: str) -> None:
    """Take an answer off the list for good; what was picked from it stays. Raises ``NotFound``."""
    with library.change() as connection:
        gone = connection.execute(answers.delete().where(answers.c.answer_id == answer_id))
        if gone.rowcount == 0:
            raise NotFound(f"There is no answer {answer_id!r}.")


def withdraw(connection: sa.Connection, gone: Gone) -> None:
    """Rewrite the answers kept so that nothing in them is of what goes, while it is there."""
    everyone = known(connection)

    def holds(quote: Quote) -> bool:
        return not gone.has(quote.call_id, quote.utterance)

    for row in connection.execute(sa.select(answers)).all():
        left = recheck(Answer.model_validate(row.body), holds, everyone)
        left = left.model_copy(update={"provenance": unsaid(left.provenance)})
        body = gone.told_without(left.model_dump(mode="json"))
        if body != row.body:
            _put(connection, row.answer_id, Answer.model_validate(body))


# --- within ---------------------------------------------------------------------------------------


def _since(library: Library) -> Erasures:
    with library.read() as connection:
        return erasures(connection)


def _keep(connection: sa.Connection, asked: Filters, answer: Answer) -> Answer:
    true = _checked(connection, answer)
    newest = connection.execute(
        sa.select(answers)
        .where(answers.c.question == true.question)
        .order_by(answers.c.asked_at.desc())
        .limit(1)
    ).first()
    now = datetime.now(UTC)
    if newest is not None and (newest.asked, newest.body) == (
        asked.model_dump(mode="json"),
        _body(true),
    ):
        answer_id = str(newest.answer_id)
        where = answers.c.answer_id == answer_id
        connection.execute(answers.update().where(where).values(asked_at=now))
    else:
        answer_id = f"answer-{uuid4().hex[:12]}"
        connection.execute(
            answers.insert().values(
                answer_id=answer_id, asked_at=now, asked=asked.model_dump(mode="json"), **_row(true)
            )
        )
    return true.model_copy(update={"id": answer_id})


def _put(connection: sa.Connection, answer_id: str, answer: Answer) -> None:
    where = answers.c.answer_id == answer_id
    connection.execute(answers.update().where(where).values(**_row(answer)))


def _row(answer: Answer) -> dict[str, object]:
    return {
        "question": answer.question,
        "statements": len(answer.statements),
        "body": _body(answer),
    }


def _body(answer: Answer) -> dict[str, object]:
    return answer.model_dump(mode="json", exclude={"id"})


def _checked(connection: sa.Connection, answer: Answer) -> Answer:
    answer = with_names(connection, answer, quotes_of(answer))
    return recheck(answer, holding(connection, quotes_of(answer)), known(connection))


def _utc(moment: datetime) -> datetime:
    # SQLite keeps no time zone; everything is written in UTC.
    return moment.replace(tzinfo=moment.tzinfo or UTC)
