"""What this home masks where text is shown or exported (``ingest.redaction``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from ingest.library import Library
from ingest.private import private_details
from ingest.redaction import NOTHING, Redaction
from ingest.tables import accounts, calls, utterances
from service.by_call import by_call
from service.home_settings import masked_names, masks
from service.remembering import remembered

_RESTS_ON = ("accounts", "calls", "evidence", "facts", "passages", "speakers", "utterances")


def shown(library: Library, connection: sa.Connection) -> Redaction:
    """What masks text for people: nothing where the home shows everything as it is."""
    return redaction(library, connection) if masks(connection) else NOTHING


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
