"""What sentences are held against besides their quotes: whose names there are, which words."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import sqlalchemy as sa

from ingest.embed import whole_words
from ingest.library import Library
from ingest.store import list_accounts
from ingest.tables import calls, speakers, utterances
from service.borne import Known, known_in

# Words made of others; names seldom are.
_MADE = re.compile(
    r".{3,}(?:ed|ing|ly|ions?|ments?|ary|ate|ive|able|ible|ness|ity|ees|ers|ors|al|ous|ful|less)"
)


def known_here(library: Library, connection: sa.Connection) -> Known:
    """Of this home; from memory while its calls and accounts are the same."""
    stamp = (
        tuple((a.account_id, a.name) for a in list_accounts(connection)),
        connection.scalar(sa.select(sa.func.count()).select_from(utterances)),
        connection.scalar(sa.select(sa.func.max(calls.c.created_at))),
        tuple(sorted(connection.scalars(sa.select(speakers.c.name).distinct()))),
    )
    kept = library.memory.get("known")
    if isinstance(kept, tuple) and kept[0] == stamp and isinstance(kept[1], Known):
        return kept[1]
    known = known_in(connection)
    known = replace(known, vocabulary=known.vocabulary | _ordinary())
    library.memory["known"] = (stamp, known)
    return known


@cache
def _ordinary() -> frozenset[str]:
    """English words that may begin a sentence although nobody said them ("Temporary workers …")."""
    return frozenset(word for word in whole_words() if _MADE.fullmatch(word))
