"""Competitors named in one call and mentioned in others.

Where somebody says only “Acme. Twelve seats.”, the call tells nothing by itself; that Acme is a
competitor was said in another call. Names are learnt from the calls whose customers weigh another
product, then looked for in what all customers said, also as a recogniser splits them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import sqlalchemy as sa

from ingest import cues
from ingest.embed import DIM
from ingest.signs import rivals_in
from ingest.store import get_call, list_utterances, spoken
from ingest.tables import speakers, utterances
from service.ledger import Evidence
from service.pointed import sharpest
from service.scope import Scope

_SHORTEST = 5  # letters; a shorter name is too often a word


def mentions(
    connection: sa.Connection, everyone: Scope, competing: Sequence[Evidence]
) -> Iterator[Evidence]:
    """Customers' words on a competitor that ``competing`` names and that the ledger passed over.

    They weigh least of all evidence and are compared with none (their vector is zero).
    """
    names = _names(connection, competing)
    if not names:
        return
    said = re.compile("|".join(_spelt(name) for name in sorted(names)), re.IGNORECASE)
    known = {(e.spoken.call_id, e.spoken.i) for e in competing}
    dates = {call.call_id: call.date for call in everyone.calls}
    places = _places(connection, names)
    found = spoken(connection, {at for at in places if at[0] in dates and at not in known})
    for (call_id, i), words in sorted(found.items()):
        if not said.search(words.text) or cues.ELSEWHERE.search(words.text):
            continue
        told = sharpest(words, 0, len(words.text), sign=said).text
        first = words.text.index(told)
        yield Evidence(
            evidence_id=f"mention {call_id} {i}",
            kind="competitor",
            strength=1,
            hand="first",
            first_char=first,
            end_char=first + len(told),
            spoken=words,
            date=dates[call_id],
            vector=np.zeros(DIM, np.float32),
        )


def _names(connection: sa.Connection, competing: Sequence[Evidence]) -> set[str]:
    """Names that the calls of ``competing`` weigh against the product, where an item has them."""
    names: set[str] = set()
    for call_id in {e.spoken.call_id for e in competing}:
        people = get_call(connection, call_id).speakers
        roles = {s.label: s.role for s in people}
        weighed = rivals_in(list_utterances(connection, call_id), people, roles)
        mine = " ".join(e.quote().text for e in competing if e.spoken.call_id == call_id)
        names |= {n for n in weighed if len(n) >= _SHORTEST and re.search(rf"\b{n}\b", mine)}
    return names


def _spelt(name: str) -> str:
    """The name with room between its letters: ``Fieldmoss`` is also heard “field moss”."""
    return r"\b" + r"\s?".join(map(re.escape, name)) + r"\b"


def _places(connection: sa.Connection, names: Collection[str]) -> set[tuple[str, int]]:
    """Customers' utterances that may hold one of the names: all that have its first letters."""
    begun = sa.or_(*(utterances.c.text.icontains(name[:4], autoescape=True) for name in names))
    of_speaker = sa.and_(
        speakers.c.call_id == utterances.c.call_id, speakers.c.label == utterances.c.speaker
    )
    query = (
        sa.select(utterances.c.call_id, utterances.c.i)
        .join(speakers, of_speaker)
        .where(speakers.c.role == "customer", begun)
    )
    return {(row.call_id, row.i) for row in connection.execute(query)}
