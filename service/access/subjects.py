"""What may stand in the audit log as the id of something: what is here, and what only we make.

Anything can stand in an address. A name that somebody typed in place of an id is no id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import sqlalchemy as sa

from ingest.library import Library
from ingest.tables import accounts, calls
from service.access.tokens import TOKEN_ID

UNKNOWN = "unknown"
_MADE = re.compile(
    r"(?:answer|call|code|edit|entry|hook|judgement|memo|pick|theme|user)-[0-9a-f]{12,16}"
    r"|(?:msg_)?[0-9a-f]{32}"
)
_EVIDENCE = re.compile(r"(.+):\d+:\d+-\d+")
_FORMS: Mapping[str, re.Pattern[str]] = {
    "mapping": re.compile(r"[0-9a-f]{12}|[0-9a-f]{64}"),
    "token": TOKEN_ID,
    "workspace": re.compile(r"[a-z0-9][a-z0-9-]{0,30}"),  # an admin's words, like a role
}
# Files choose the ids of these: written down is one that is here.
_CALLS = ("call", "evidence", "speakers")
_ACCOUNTS = ("account", "booking")


def subject_of(library: Library, kind: str, subject: str) -> str:
    """``subject`` if it is an id, else ``UNKNOWN``; of nothing nothing."""
    form = _FORMS.get(kind, _MADE)
    if not subject or _MADE.fullmatch(subject) or form.fullmatch(subject):
        return subject
    if kind in _CALLS:
        whole = _EVIDENCE.fullmatch(subject) if kind == "evidence" else None
        column, wanted = calls.c.call_id, whole[1] if whole else subject
    elif kind in _ACCOUNTS:
        column, wanted = accounts.c.account_id, subject
    else:
        return UNKNOWN
    with library.read() as connection:
        found = connection.scalar(sa.select(column).where(column == wanted))
    return UNKNOWN if found is None else subject
