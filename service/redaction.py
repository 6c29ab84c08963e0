"""What this home masks where text is shown or exported (``ingest.redaction``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from ingest.errors import BadInput
from ingest.library import Library
from ingest.private import private_details
from ingest.redaction import MARK, NOTHING, Redaction, restored
from ingest.tables import accounts, calls, utterances
from service.by_call import by_call
from service.home_settings import masked_names, masks
from service.remembering import remembered

_RESTS_ON = ("accounts", "calls", "evidence", "facts", "passages", "speakers", "utterances")


def shown(library: Library, connection: sa.Connection) -> Redaction:
    """What masks text for people: nothing where the home shows everything as it is."""
    return redaction(library, connection) if masks(connection) else NOTHING


def by_itself(connection: sa.Connection) -> Redaction:
    """As ``shown``, but only what a text itself tells to be private: nothing is read for it."""
    if not masks(connection):
        return NOTHING
    return Redaction(masked_names(connection), ids=_ids(connection))


def redaction(library: Library, connection: sa.Connection) -> Redaction:
    """The home's names and details, whether it masks or not; from memory while it is the same."""

    def make() -> Redaction:
        found = by_call(connection, "private details", lambda ids: _said(connection, ids))
        known = frozenset(one for details in found.values() for one in details)
        return Redaction(masked_names(connection), known, _ids(connection))

    return remembered(library, connection, ("redaction", Redaction), _RESTS_ON, make)


def _said(connection: sa.Connection, ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    u = utterances.c
    found: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(sa.select(u.call_id, u.text).where(u.call_id.in_(ids))):
        details = tuple(row.text[one.first : one.end] for one in private_details(row.text))
        if details:
            found[row.call_id] = (*found.get(row.call_id, ()), *details)
    return found


def _ids(connection: sa.Connection) -> set[str]:
    """Those of accounts and calls: a CRM's may look like telephone numbers."""
    every = sa.select(accounts.c.account_id).union(sa.select(calls.c.call_id))
    return {one for one in connection.scalars(every) if private_details(one)}


def meant(
    library: Library,
    connection: sa.Connection,
    written: str,
    originals: Sequence[str],
    *,
    alone: bool = False,
) -> str:
    """What somebody who saw ``originals`` masked wrote, with what was masked in place of "•".

    ``alone``: it is going to replace the original, so nothing but itself will tell that the detail
    is private. Raises ``BadInput`` where it cannot be told which detail is meant, or where the text
    around it was changed so that it would not be masked any more.
    """
    if MARK not in written:
        return written
    text = restored(written, originals, redaction(library, connection))
    judge = Redaction(masked_names(connection)) if alone else redaction(library, connection)
    if any(a == MARK != b for a, b in zip(written, judge.text(text), strict=True)):
        raise BadInput(
            "A private detail is masked here, and with these words around it everybody would see "
            "it: leave the words beside it as they are, or let an admin change them."
        )
    return text
