"""Drafting a memo and keeping it: the one verb under the command, the job and the page."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from pathlib import Path

from ingest.errors import BadInput
from ingest.facts import put_start_date, start_date
from ingest.library import Library
from service import memo
from service.coverage import widest
from service.scope import resolve
from service.shapes import Filters, Memo

LONGEST_VISION = 100_000  # characters


def draft_and_save(
    library: Library,
    *,
    filters: Filters,
    start: date | None = None,
    vision: str | None = None,
    memo_id: str | None = None,
    today: date | None = None,
) -> Memo:
    """Draft from what is in the library now, and keep it under a new id (or ``memo_id``).

    A start date, once given, is remembered for the home. ``today`` is the clock's, unless given.
    """
    with library.change() as connection:
        if start is not None:
            put_start_date(connection, start)
        else:
            start = start_date(connection)
    with library.read() as connection:
        wanted = widest(resolve(connection, filters))
        before = memo.last(connection, wanted, but=memo_id)
    brief = memo.Brief(
        filters=filters,
        start=start,
        vision=vision,
        as_of=today or datetime.now(UTC).date(),
        before=before,
    )
    drafted = memo.draft(library, brief)
    drafted = drafted.model_copy(update={"id": memo_id or f"memo-{uuid.uuid4().hex[:12]}"})
    with library.change() as connection:
        memo.save(connection, drafted)
    return drafted


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
