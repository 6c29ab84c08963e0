"""Competitors named in one call and mentioned in others.

Where somebody says only “Acme. Twelve seats.”, the call tells nothing by itself; that Acme is a
competitor was said in another call. Names are learnt from the calls whose customers weigh another
product, then looked for in what all customers said, also as a recogniser splits them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from ingest import cues
from ingest.signs import WORD, rivals_in
from ingest.store import get_call, list_utterances, spoken
from ingest.tables import speakers, utterances
from service.ledger import Evidence
from service.pointed import noticed
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
    for _, words in sorted(found.items()):
        if not said.search(words.text) or cues.ELSEWHERE.search(words.text):
            continue
        yield noticed(
            words,
            said,
            mark="mention",
            kind="competitor",
            strength=1,
            day=dates[words.call_id],
        )


def real(connection: sa.Connection, competing: Sequence[Evidence]) -> list[Evidence]:
    """``competing`` without what took a plain word for a name ("Medicines. They were late.").

    A name is written with a capital always; what the same calls also write small is a word.
    """
    weighed = _weighed(connection, {e.spoken.call_id for e in competing})
    kept = []
    for item in competing:
        text, names = item.quote().text, weighed[item.spoken.call_id]
        named = any(re.search(rf"\b{re.escape(n)}\b", text) for n in names.real)
        mistaken = any(re.search(rf"\b{re.escape(n)}\b", text, re.IGNORECASE) for n in names.words)
        # What goes on from a mistaken name is as mistaken.
        goes_on = bool(names.words) and not names.real
        if named or cues.LEAVING.search(text) or not (mistaken or goes_on):
            kept.append(item)
    return kept


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What a call seems to weigh against the product: names, and mere words."""

    real: frozenset[str]
    words: frozenset[str]


def _weighed(connection: sa.Connection, call_ids: Collection[str]) -> dict[str, _Weighed]:
    found: dict[str, frozenset[str]] = {}
    small: set[str] = set()
    for call_id in call_ids:
        people = get_call(connection, call_id).speakers
        roles = {s.label: s.role for s in people}
        told = list_utterances(connection, call_id)
        found[call_id] = rivals_in(told, people, roles)
        small.update(word for u in told for word in WORD.findall(u.text) if word.islower())
    return {
        call_id: _Weighed(
            frozenset(n for n in names if n.lower() not in small),
            frozenset(n for n in names if n.lower() in small),
        )
        for call_id, names in found.items()
    }


def _names(connection: sa.Connection, competing: Sequence[Evidence]) -> set[str]:
    """Names that the calls of ``competing`` weigh against the product, where an item has them."""
    names: set[str] = set()
    for call_id, weighed in _weighed(connection, {e.spoken.call_id for e in competing}).items():
        mine = " ".join(e.quote().text for e in competing if e.spoken.call_id == call_id)
        long = (n for n in weighed.real if len(n) >= _SHORTEST)
        names |= {n for n in long if re.search(rf"\b{re.escape(n)}\b", mine)}
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
