"""Drafting a memo and keeping it: the one verb under the command, the job and the page."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa

from ingest.erasures import Erasures, erasures, require_none
from ingest.errors import BadInput
from ingest.facts import put_start_date, start_date
from ingest.library import Library
from ingest.tables import calls
from service import jobs, memo
from service.coverage import widest
from service.edited.carrying import carry
from service.gone import Gone
from service.recheck import quotes_of
from service.scope import resolve
from service.shapes import Filters, Job, Memo

LONGEST_VISION = 100_000  # characters


def draft_and_save(
    library: Library,
    *,
    filters: Filters,
    start: date | None = None,
    vision: str | None = None,
    memo_id: str | None = None,
    today: date | None = None,
    progress: Callable[[str, float], None] = lambda _stage, _fraction: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Memo:
    """Draft from what is in the library now, and keep it under a new id (or ``memo_id``).

    A start date, once given, is remembered for the home. ``today`` is the clock's, unless given.
    With a language model, it first reads what no model has read, and words the memo. Raises what
    its port raises, and ``Cancelled``; what it did until then is kept, and drafting again goes on
    from there.
    """
    if library.llm is not None:
        from service.model_reading import see_to  # only with a model: it brings much along

        see_to(library, progress, cancelled)
    with library.change() as connection:
        if start is not None:
            put_start_date(connection, start)
        else:
            start = start_date(connection)
    with library.read() as connection:
        since = erasures(connection)
        wanted = widest(connection, resolve(connection, filters))
        before = memo.last(connection, wanted, but=memo_id)
    brief = memo.Brief(
        filters=filters,
        start=start,
        vision=vision,
        as_of=today or datetime.now(UTC).date(),
        before=before,
    )
    progress("drafting", 0.0)
    drafted = memo.draft(library, brief)
    drafted = drafted.model_copy(update={"id": memo_id or f"memo-{uuid.uuid4().hex[:12]}"})
    progress("drafting", 1.0)
    if library.llm is not None:
        from service.model_memo import written

        drafted = written(library, library.llm.as_of(since), drafted, progress)
    return _kept(library, drafted, since)


def queue_draft(connection: sa.Connection, request: dict[str, object]) -> Job:
    """Have it drafted by a worker; ``request`` is as ``draft_as_asked`` has it."""
    memo_id = f"memo-{uuid.uuid4().hex[:12]}"
    job_id = jobs.enqueue(connection, "memo", memo_id=memo_id, request=request)
    return jobs.get_job(connection, job_id)


def draft_as_asked(
    library: Library,
    request: Mapping[str, object],
    memo_id: str | None,
    progress: Callable[[str, float], None],
) -> Memo:
    """Draft what a job's request asks for: ``filters``, ``start``, ``vision``, ``carry``."""
    start, vision = request.get("start"), request.get("vision")
    drafted = draft_and_save(
        library,
        filters=Filters.model_validate(request.get("filters") or {}),
        start=date.fromisoformat(start) if isinstance(start, str) else None,
        vision=vision if isinstance(vision, str) else None,
        memo_id=memo_id,
        progress=progress,
    )
    carried = request.get("carry")
    if isinstance(carried, str):
        carry(library, carried, drafted.id)
    return drafted


def _kept(library: Library, drafted: Memo, since: Erasures) -> Memo:
    """The memo as it is kept: without what was erased while it was being written."""
    with library.change() as connection:
        require_none(connection, since)
        memo.save(connection, drafted)
        there = set(connection.scalars(sa.select(calls.c.call_id)))
        used = {*(drafted.read or ()), *(quote.call_id for quote in quotes_of(drafted))}
        for call_id in sorted(used - there):
            memo.withdraw(connection, Gone(call_id))
        left = memo.load(connection, drafted.id)
        if used <= there and left != drafted:  # what one person said was erased, or corrected
            memo.save(connection, left)
        return left


def read_vision(path: Path) -> str:
    """The vision text in a file. Raises ``BadInput`` when it is empty, endless or not text."""
    try:
        text = path.read_text("utf-8-sig").strip()
    except OSError as error:
        raise BadInput(f"The vision {path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise BadInput(
            f"The vision {path.name} is not UTF-8 text; save it as plain text."
        ) from error
    if not text:
        raise BadInput(f"The vision {path.name} is empty; write a few sentences or leave it out.")
    if len(text) > LONGEST_VISION:
        raise BadInput(
            f"The vision {path.name} has over {LONGEST_VISION:,} characters; shorten it."
        )
    return text
