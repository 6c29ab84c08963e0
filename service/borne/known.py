"""What is known in a home, against which the names in a sentence are held."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from ingest.consent import counts
from ingest.erased import ERASED
from ingest.store import list_accounts
from ingest.tables import calls, speakers, utterances

_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known in a home: ``names`` of accounts by id, ``people`` who spoke in any call, and
    the ``vocabulary``, lower-case words said by anybody.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    people: frozenset[str] = frozenset()
    vocabulary: frozenset[str] = frozenset()


def known_in(connection: sa.Connection) -> Known:
    """What a home knows, read anew: keep it for as long as its calls do not change."""
    texts = connection.scalars(
        sa.select(utterances.c.text)
        .join(calls, calls.c.call_id == utterances.c.call_id)
        .where(counts())
    )
    people = (
        sa.select(speakers.c.name)
        .join(calls, calls.c.call_id == speakers.c.call_id)
        .where(counts(), speakers.c.name != ERASED)
    )
    return Known(
        names={account.account_id: account.name for account in list_accounts(connection)},
        people=frozenset(connection.scalars(people.distinct())),
        vocabulary=frozenset(
            word for text in texts for word in _LETTERS.findall(text) if word.islower()
        ),
    )
