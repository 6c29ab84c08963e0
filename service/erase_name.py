"""A person in what others wrote: on their calls, beside all calls, and in what jobs were asked."""

from __future__ import annotations

import json
from collections.abc import Collection

import sqlalchemy as sa

from ingest import erasures
from ingest.facts import put_fact
from ingest.library import Library
from ingest.tables import (
    answers,
    call_corrections,
    codebook_history,
    codes,
    evidence_edits,
    found_themes,
    jobs,
    loop_states,
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
        erasures.count(connection, people=1)
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
        for by in connection.scalars(sa.select(loop_states.c.by).distinct()).all():
            if masks.full(by) != by:
                where = loop_states.c.by == by
                connection.execute(loop_states.update().where(where).values(by=masks.full(by)))


def mask_jobs(connection: sa.Connection, mask: Mask, which: sa.ColumnElement[bool]) -> None:
    for row in connection.execute(sa.select(jobs).where(which)).all():
        request = json.loads(mask(json.dumps(row.request, ensure_ascii=False)))
        error = row.error and mask(row.error)
        if (request, error) != (row.request, row.error):
            where = jobs.c.job_id == row.job_id
            connection.execute(jobs.update().where(where).values(request=request, error=error))


def forget_marks(connection: sa.Connection, gone: Gone) -> None:
    """People's edits of the ledger: those upon what goes, and the name in the others."""
    c = evidence_edits.c
    for row in connection.execute(sa.select(evidence_edits).where(c.call_id == gone.call_id)).all():
        where = c.edit_id == row.edit_id
        if gone.has(row.call_id, row.utterance) or gone.gaps(row.words) != row.words:
            connection.execute(evidence_edits.delete().where(where))
        else:
            words = gone.quoted(row.call_id, row.words)
            connection.execute(evidence_edits.update().where(where).values(words=words))


def forget_corrections(
    connection: sa.Connection, call_id: str, names: Collection[str], gone: Gone
) -> None:
    """None of them can be taken back any more: they hold what was said before."""
    c = call_corrections.c
    for row in connection.execute(sa.select(call_corrections).where(c.call_id == call_id)).all():
        lost = [gone.told_without(one) for one in row.lost if one["speaker"] not in names]
        what = gone.quoted(call_id, row.what)
        told = {"what": what, "before": {}, "lost": lost}
        connection.execute(call_corrections.update().where(c.seq == row.seq).values(told))


def is_anywhere(connection: sa.Connection, mask: Mask) -> bool:
    """Whether the name stands in what is kept beside the calls."""
    names = [*masked_names(connection), *connection.scalars(sa.select(loop_states.c.by).distinct())]
    if any(mask(name) != name for name in names) or is_named(connection, mask):
        return True
    for table in (answers, memos, memo_versions, picks, codes, codebook_history, found_themes):
        for row in connection.execute(sa.select(table)):
            told = json.dumps([*row], default=str, ensure_ascii=False)
            if mask(told) != told:
                return True
    return False
