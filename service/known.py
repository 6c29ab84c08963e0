"""What sentences are held against besides their quotes: whose names there are, which words."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import sqlalchemy as sa

from ingest.embed import whole_words
from ingest.library import Library
from service.borne import Known, known_in
from service.remembering import remembered

RESTS_ON = ("accounts", "calls", "speakers", "utterances")

# Words made of others; names seldom are.
_MADE = re.compile(
    r".{3,}(?:ed|ing|ly|ions?|ments?|ary|ate|ive|able|ible|ness|ity|ees|ers|ors|al|ous|ful|less)"
)


def known_here(library: Library, connection: sa.Connection) -> Known:
    """Of this home; from memory while its calls and accounts are the same."""

    def read() -> Known:
        known = known_in(connection)
        return replace(known, vocabulary=known.vocabulary | _ordinary())

    return remembered(library, connection, ("known", Known), RESTS_ON, read)


@cache
def _ordinary() -> frozenset[str]:
    """English words that may begin a sentence although nobody said them ("Temporary workers …")."""
    return frozenset(word for word in whole_words() if _MADE.fullmatch(word))
