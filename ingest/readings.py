"""What a language model read in a call, as it is kept: checked matters, and what was dropped.

A matter is one thing that somebody on the customer's side brought up, with the exact words that
tell of it. Readings are kept beside the ledger and laid over what the rules find whenever the
ledger of a call is made: the words decide where they stand, so nothing is asked again when a
speaker is renamed or a word corrected.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

import sqlalchemy as sa
from pydantic import Field

from ingest.anchor import Place, find
from ingest.consent import counts
from ingest.erased import spoken_still
from ingest.evidence import EvidenceItem, Hand, Kind
from ingest.models import Frozen, Role, Speaker, Utterance
from ingest.tables import calls, placements, readings


class Words(Frozen):
    """Exact words of an utterance, as code cut them."""

    utterance: int
    words: str


class Matter(Frozen):
    """Something that mattered to a customer: what they need, and what is behind it.

    ``need`` and ``problem`` are the model's words, empty where the quotes did not bear them.
    ``content`` says that the speaker finds no trouble there. ``intensity`` is 1 to 3.
    """

    kind: Kind
    content: bool
    need: str
    problem: str
    intensity: int = Field(ge=1, le=3)
    hand: Hand
    said: tuple[Words, ...] = Field(min_length=1)


class Dropped(Frozen):
    """What a model gave that did not check out, and why."""

    what: Literal["quote", "need", "problem", "name", "matter"]
    text: str
    why: str


class NamedSpeaker(Frozen):
    """Who a speaker may be, and the words that say so: a suggestion, never put in place by code."""

    label: str
    name: str
    utterance: int
    words: str


class Reading(Frozen):
    """One call as a model read it. ``prompt`` and ``said`` are digests (see ``digest``).

    ``said`` is empty once the call has changed since.
    """

    model: str
    prompt: str
    said: str
    matters: tuple[Matter, ...]
    dropped: tuple[Dropped, ...] = ()
    names: tuple[NamedSpeaker, ...] = ()


def digest(words: Sequence[Utterance], voices: Sequence[Speaker]) -> str:
    """Changes when what a model would read of the call changes: words, numbers, sides."""
    roles = {s.label: s.role for s in voices}
    told = [[u.i, roles.get(u.speaker, "internal"), u.speaker, u.text] for u in words]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def go_stale(
    connection: sa.Connection, call_id: str, words: Sequence[Utterance], voices: Sequence[Speaker]
) -> None:
    """Mark the call's reading as one of another call when what was read is not what is there."""
    where = sa.and_(readings.c.call_id == call_id, readings.c.said != digest(words, voices))
    connection.execute(readings.update().where(where).values(said=""))


def load(connection: sa.Connection, call_id: str) -> Reading | None:
    row = connection.execute(sa.select(readings).where(readings.c.call_id == call_id)).one_or_none()
    return None if row is None else _reading(row)


def save(connection: sa.Connection, call_id: str, reading: Reading) -> None:
    """Put ``reading`` in place of the call's; where its matters belonged is forgotten."""
    connection.execute(readings.delete().where(readings.c.call_id == call_id))
    connection.execute(placements.delete().where(placements.c.call_id == call_id))
    values = reading.model_dump(mode="json")
    connection.execute(
        readings.insert().values(call_id=call_id, created_at=datetime.now(UTC), **values)
    )


def all_readings(connection: sa.Connection) -> dict[str, Reading]:
    """The reading of every call that counts, by call id, in the order of the ids."""
    rows = connection.execute(
        sa.select(readings)
        .join(calls, calls.c.call_id == readings.c.call_id)
        .where(counts())
        .order_by(readings.c.call_id)
    )
    return {row.call_id: _reading(row) for row in rows}


def laid_over(
    items: Sequence[EvidenceItem],
    reading: Reading | None,
    words: Sequence[Utterance],
    voices: Sequence[Speaker],
) -> list[EvidenceItem]:
    """What the rules found, under what the model read; in the order things were said.

    Where both have the same words, the model's item stands. What the model missed of customers'
    words stays in the ledger, marked ``missed``. What no longer stands in the call, or is by now
    said by the vendor's own, is left out. Without a reading ``items`` stay as they are.
    """
    if reading is None:
        return list(items)
    texts = {u.i: u.text for u in spoken_still(words)}
    roles: dict[str, Role] = {s.label: s.role for s in voices}
    side = {u.i: roles.get(u.speaker, "internal") for u in words}
    found: dict[Place, EvidenceItem] = {}
    for number, matter in enumerate(reading.matters):
        for said in matter.said:
            span = find(said.words, texts.get(said.utterance, ""))
            if span is None or side.get(said.utterance) != "customer":
                continue
            place = Place(said.utterance, *span)
            # The first matter that claims words has them: each quote is counted once.
            if not any(place.is_about(other) for other in found):
                found[place] = EvidenceItem(
                    place.utterance,
                    place.first,
                    place.end,
                    kind=matter.kind,
                    strength=matter.intensity,
                    hand=matter.hand,
                    role="customer",
                    content=matter.content,
                    matter=number,
                )
    taken = {place.utterance for place in found}
    kept = [item for item in items if item.role == "internal" or item.utterance not in taken]
    missed = [replace(item, missed=True) if item.role == "customer" else item for item in kept]
    return sorted([*missed, *found.values()], key=lambda item: (item.utterance, item.first_char))


def _reading(row: sa.Row[tuple[object, ...]]) -> Reading:
    fields = {name: getattr(row, name) for name in Reading.model_fields}
    return Reading.model_validate(fields)
