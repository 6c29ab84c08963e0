"""What is new since a memo was drafted: calls, accounts heard, needs whose figures moved."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from ingest.library import Library
from ingest.stamps import STAMPED
from service import kept
from service.memo import Brief, draft
from service.remembering import remembered
from service.shapes import Changes, Memo


def since(library: Library, memo_id: str, today: date | None = None) -> Changes:
    """The memo beside what code would draft today; nothing is kept, no model asked. ``NotFound``.

    Which accounts are at risk hangs on the day as well, so that is left out where only the day
    changed.
    """
    day = today or datetime.now(UTC).date()
    with library.read() as connection:
        before = kept.load(connection, memo_id)
        return remembered(
            library,
            connection,
            ("memo news", Changes),
            STAMPED,
            lambda: _since(library, before, day),
            of=(memo_id, before.as_of, before.provenance.dropped_quotes, day),
        )


def _since(library: Library, before: Memo, day: date) -> Changes:
    start = before.as_of - timedelta(days=before.day)
    # It reads for itself: what changed meanwhile changes the stamp, and it is made again.
    found = draft(library, Brief(before.filters, day, start=start, before=before)).changes
    assert found is not None
    if not found.calls and not found.needs:
        return found.model_copy(update={"risks": (), "no_longer_at_risk": ()})
    return found
