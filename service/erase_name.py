"""A person's name in what people and models wrote beside the calls; and in what jobs were asked."""

from __future__ import annotations

import json

import sqlalchemy as sa

from ingest.facts import put_fact
from ingest.library import Library
from ingest.tables import (
    answers,
    codebook_history,
    codes,
    found_themes,
    jobs,
    memo_versions,
    memos,
    model_replies,
    picks,
)
from service.erase import withdraw
from service.goals.erasing import forget_person, is_named
from service.gone import Gone, Mask
from service.home_settings import MASK_NAMES, masked_names
from service.person_found import Masks


def erase_name(library: Library, masks: Masks) -> None:
    """Their name in what people and models wrote of other calls, or of none."""
    anywhere = Gone(
        "",
        utterances=frozenset(),
        named=masks.full,
        quoted=lambda call_id, text: masks.of(call_id)(text),
    )
    with library.change() as connection:
        withdraw(connection, anywhere)
        for row in connection.execute(sa.select(model_replies.c.key, model_replies.c.reply)).all():
            if masks.full(row.reply) != row.reply:
                where = model_replies.c.key == row.key
                connection.execute(model_replies.delete().where(where))
        mask_jobs(connection, masks.full, sa.true())
        names = masked_names(connection)
        kept = [name for name in names if masks.full(name) == name]
        if len(kept) < len(names):
            put_fact(connection, MASK_NAMES, kept)
        forget_person(connection, masks.full)


def mask_jobs(connection: sa.Connection, mask: Mask, which: sa.ColumnElement[bool]) -> None:
    for row in connection.execute(sa.select(jobs).where(which)).all():
        request = json.loads(mask(json.dumps(row.request, ensure_ascii=False)))
        error = row.error and mask(row.error)
        if (request, error) != (row.request, row.error):
            where = jobs.c.job_id == row.job_id
            connection.execute(jobs.update().where(where).values(request=request, error=error))


def is_anywhere(connection: sa.Connection, mask: Mask) -> bool:
    """Whether the name stands in what is kept beside the calls."""
    if any(mask(name) != name for name in masked_names(connection)) or is_named(connection, mask):
        return True
    for table in (answers, memos, memo_versions, picks, codes, codebook_history, found_themes):
        for row in connection.execute(sa.select(table)):
            told = json.dumps([*row], default=str, ensure_ascii=False)
            if mask(told) != told:
                return True
    return False
