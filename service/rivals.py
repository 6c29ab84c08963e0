"""Competitors named in one call and mentioned in others.

Where somebody says only “Acme. Twelve seats.”, the call tells nothing by itself; that Acme is a
competitor was said in another call. Names are learnt from the calls whose customers weigh another
product, then looked for in what all customers said, also as a recogniser splits them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from ingest import cues
from ingest.models import Speaker, Utterance
from ingest.signs import WORD, rivals_in
from ingest.store import spoken
from ingest.tables import calls, speakers, utterances
from service.by_call import by_call
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
    every = by_call(
        connection,
        "rivals mentioned",
        lambda ids: _mentioned(connection, ids, names, said),
        of=frozenset(names),
    )
    for call_id in sorted(everyone.call_ids):
        mine = every.get(call_id, ())
        yield from (e for e in mine if (e.spoken.call_id, e.spoken.i) not in known)


def real(connection: sa.Connection, competing: Sequence[Evidence]) -> list[Evidence]:
    """``competing`` without what took a plain word for a name ("Medicines. They were late.").

    A name is written with a capital always; what the same calls also write small is a word.
    """
    weighed = _weighed(connection, {e.spoken.call_id for e in competing})
    kept = []
    for item in competing:
        text, names = item.quote().text, weighed[item.spoken.call_id]
        named = any(_stands_in(n, text) for n in names.real)
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
    every = by_call(connection, "rivals", lambda ids: _told(connection, ids))
    told = {call_id: every[call_id] for call_id in call_ids}
    names = sorted({name for one in told.values() for name in one.rivals})
    written = np.concatenate([_NO_WORDS, *(one.small for one in told.values())])
    also_small = np.isin(_hashed(name.lower() for name in names), written)
    small = frozenset(name for name, there in zip(names, also_small, strict=True) if there)
    return {
        call_id: _Weighed(one.rivals - small, one.rivals & small) for call_id, one in told.items()
    }


@dataclass(frozen=True, slots=True)
class _Told:
    """Names that seem weighed against the product in a call, and its words that are written small,
    each as its hash: of ten thousand calls the words themselves take too much memory.
    """

    rivals: frozenset[str]
    small: NDArray[np.int64]


_NO_WORDS = np.zeros(0, np.int64)


def _told(connection: sa.Connection, call_ids: Sequence[str]) -> dict[str, _Told]:
    people: dict[str, list[Speaker]] = {}
    s, u = speakers.c, utterances.c
    for row in connection.execute(sa.select(speakers).where(s.call_id.in_(call_ids))):
        # Not checked once more: of ten thousand calls that takes a minute.
        voice = Speaker.model_construct(None, **row._mapping)
        people.setdefault(row.call_id, []).append(voice)
    said: dict[str, list[Utterance]] = {}
    for row in connection.execute(sa.select(utterances).where(u.call_id.in_(call_ids))):
        words = Utterance.model_construct(None, **row._mapping)
        said.setdefault(row.call_id, []).append(words)
    found = {}
    for call_id in call_ids:
        voices, told = people.get(call_id, []), said.get(call_id, [])
        small = {word for one in told for word in WORD.findall(one.text) if word.islower()}
        names = rivals_in(told, voices, {v.label: v.role for v in voices})
        found[call_id] = _Told(names, _hashed(small))
    return found


def _hashed(words: Iterable[str]) -> NDArray[np.int64]:
    return np.fromiter(map(hash, words), np.int64)


def _names(connection: sa.Connection, competing: Sequence[Evidence]) -> set[str]:
    """Names that the calls of ``competing`` weigh against the product, where an item has them."""
    names: set[str] = set()
    of_call: dict[str, list[str]] = {}
    for item in competing:
        of_call.setdefault(item.spoken.call_id, []).append(item.quote().text)
    for call_id, weighed in _weighed(connection, of_call.keys()).items():
        mine = " ".join(of_call[call_id])
        long = (n for n in weighed.real if len(n) >= _SHORTEST)
        names |= {n for n in long if _stands_in(n, mine)}
    return names


def _stands_in(name: str, text: str) -> bool:
    # Most names are in no text at all, which is told faster without a pattern.
    return name in text and re.search(rf"\b{re.escape(name)}\b", text) is not None


def _spelt(name: str) -> str:
    """The name with room between its letters: ``Fieldmoss`` is also heard “field moss”."""
    return r"\b" + r"\s?".join(map(re.escape, name)) + r"\b"


def _mentioned(
    connection: sa.Connection,
    call_ids: Sequence[str],
    names: Collection[str],
    said: re.Pattern[str],
) -> dict[str, list[Evidence]]:
    """Customers' words that ``said`` is found in, by call; it looks for ``names``."""
    # A first look in the database: all that have a name's first letters.
    begun = sa.or_(*(utterances.c.text.icontains(name[:4], autoescape=True) for name in names))
    of_speaker = sa.and_(
        speakers.c.call_id == utterances.c.call_id, speakers.c.label == utterances.c.speaker
    )
    query = (
        sa.select(utterances.c.call_id, utterances.c.i, utterances.c.text, calls.c.date)
        .join(speakers, of_speaker)
        .join(calls, calls.c.call_id == utterances.c.call_id)
        .where(speakers.c.role == "customer", utterances.c.call_id.in_(call_ids), begun)
    )
    days = {
        (row.call_id, row.i): row.date
        for row in connection.execute(query)
        if said.search(row.text) and not cues.ELSEWHERE.search(row.text)
    }
    found: dict[str, list[Evidence]] = {}
    for place, words in sorted(spoken(connection, days).items()):
        item = noticed(words, said, mark="mention", kind="competitor", strength=1, day=days[place])
        found.setdefault(words.call_id, []).append(item)
    return found
