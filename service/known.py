"""What sentences are held against besides their quotes: whose names there are, which words."""

from __future__ import annotations

import re

import sqlalchemy as sa

from ingest.library import Library
from ingest.store import list_accounts
from ingest.tables import calls, speakers, utterances
from service.borne import Known

_WORD = re.compile(r"[^\W\d_]+")


def known_here(library: Library, connection: sa.Connection) -> Known:
    """Of this home; from memory while its calls and accounts are the same."""
    names = {a.account_id: a.name for a in list_accounts(connection)}
    stamp = (
        tuple(names.items()),
        connection.scalar(sa.select(sa.func.count()).select_from(utterances)),
        connection.scalar(sa.select(sa.func.max(calls.c.created_at))),
        tuple(sorted(connection.scalars(sa.select(speakers.c.name).distinct()))),
    )
    kept = library.memory.get("known")
    if isinstance(kept, tuple) and kept[0] == stamp and isinstance(kept[1], Known):
        return kept[1]
    said: set[str] = set()
    for text in connection.scalars(sa.select(utterances.c.text)):
        # As they stand: a word that is only ever written with a capital is a name.
        said |= {word for word in _WORD.findall(text) if word.islower()}
    known = Known(names=names, people=frozenset(stamp[3]), vocabulary=frozenset(said))
    library.memory["known"] = (stamp, known)
    return known
