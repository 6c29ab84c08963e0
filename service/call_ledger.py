"""The ledger of one call as people correct it: what was read in it, and what they made of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import sqlalchemy as sa
from pydantic import Field

from ingest.anchor import Place
from ingest.edits import Edit, list_edits, place_of
from ingest.errors import NotFound
from ingest.library import Library
from ingest.models import Call, Frozen, Role, Utterance
from ingest.readings import Reading, load
from ingest.store import get_call, list_utterances
from ingest.tables import evidence, evidence_edits
from service.shapes import EvidenceKind, Hand

ReadBy = Literal["rules", "model", "person"]
Status = Literal["read", "added", "changed", "rejected", "lost"]

_READ_IN = ("by", "need", "problem", "missed")


class LedgerItem(Frozen):
    """An item of a call's ledger, or one that a person took out of it.

    ``rejected`` items are in the ledger no more. Of ``lost`` ones the words are not in the call at
    present; their ``utterance`` is ``None`` and their id that of the edit.
    """

    id: str
    call_id: str
    utterance: int | None
    quote: str
    speaker: str
    role: Role
    kind: EvidenceKind
    strength: int = Field(ge=1, le=3)
    hand: Hand
    status: Status
    by: ReadBy = "rules"
    need: str = Field(default="", description="what a model read in it, where its words bear it")
    problem: str = Field(default="", description="what a model read behind it")
    missed: bool = Field(
        default=False, description="a model read the call and passed over it; it is not counted"
    )


def ledger_of(library: Library, call_id: str) -> list[LedgerItem]:
    """The items of a call in the order they were said, lost ones last. Raises ``NotFound``."""
    with library.read() as connection:
        return items_of(connection, call_id)


def item_of(connection: sa.Connection, evidence_id: str) -> LedgerItem:
    """The item with this id, be it rejected or lost. Raises ``NotFound``."""
    call_id: str | None = evidence_id.partition(":")[0]
    if ":" not in evidence_id:
        where = evidence_edits.c.edit_id == evidence_id
        call_id = connection.scalar(sa.select(evidence_edits.c.call_id).where(where))
    try:
        items = [] if call_id is None else items_of(connection, call_id)
    except NotFound:
        items = []
    for item in items:
        if item.id == evidence_id:
            return item
    raise NotFound(
        f"There is no evidence {evidence_id[:120]!r}; see `firsthand evidence CALL` for the ids."
    )


def edits_upon(connection: sa.Connection, item: LedgerItem) -> list[Edit]:
    """The edits of the item's words, the oldest first."""
    edits = list_edits(connection, item.call_id)
    if item.utterance is None:
        return [edit for edit in edits if edit.edit_id == item.id]
    said = {u.i: u for u in list_utterances(connection, item.call_id)}
    first, end = map(int, item.id.rpartition(":")[2].split("-"))
    return _upon(Place(item.utterance, first, end), edits, said)


def items_of(connection: sa.Connection, call_id: str) -> list[LedgerItem]:
    """As ``ledger_of``, on an open connection."""
    call = get_call(connection, call_id)
    said = {u.i: u for u in list_utterances(connection, call_id)}
    edits = list_edits(connection, call_id)
    reading = load(connection, call_id)
    placed: dict[Place, LedgerItem] = {}
    rows = connection.execute(sa.select(evidence).where(evidence.c.call_id == call_id))
    for row in rows:
        place = Place(row.utterance, row.first_char, row.end_char)
        status: Status = "changed" if _upon(place, edits, said) else "read"
        read = {"kind": row.kind, "strength": row.strength, "hand": row.hand, **_by(row, reading)}
        placed[place] = _item(
            call, said[place.utterance], place, read, "added" if row.by_person else status
        )
    lost = []
    for edit in edits:
        found = place_of(edit, said.get(edit.utterance))
        if found is None:
            lost.append(_lost(call, edit))
        elif edit.action == "reject" and _upon(found, edits, said)[-1] == edit:
            was = {"kind": edit.kind, "strength": edit.strength, "hand": "first"}
            placed.setdefault(found, _item(call, said[found.utterance], found, was, "rejected"))
    order = sorted(placed, key=lambda place: (place.utterance, place.first, place.end))
    return [*(placed[place] for place in order), *lost]


def _upon(place: Place, edits: Sequence[Edit], said: Mapping[int, Utterance]) -> list[Edit]:
    found = ((edit, place_of(edit, said.get(edit.utterance))) for edit in edits)
    return [edit for edit, its in found if its is not None and its.is_about(place)]


def _item(
    call: Call,
    utterance: Utterance,
    place: Place,
    fields: Mapping[str, object],
    status: Status,
) -> LedgerItem:
    speaker = next((s for s in call.speakers if s.label == utterance.speaker), None)
    return LedgerItem.model_validate(
        {
            "id": f"{call.call_id}:{place.utterance}:{place.first}-{place.end}",
            "call_id": call.call_id,
            "utterance": place.utterance,
            "quote": utterance.text[place.first : place.end],
            "speaker": speaker.name if speaker else utterance.speaker,
            "role": speaker.role if speaker else "internal",
            "kind": fields["kind"],
            "strength": fields["strength"],
            "hand": fields["hand"],
            "status": status,
            **{name: fields[name] for name in _READ_IN if name in fields},
        }
    )


def _by(row: sa.Row[tuple[object, ...]], reading: Reading | None) -> dict[str, object]:
    """Who found an item, and what a model made of it."""
    if row.by_person:
        return {"by": "person"}
    if row.matter is None or reading is None or row.matter >= len(reading.matters):
        return {"by": "rules", "missed": row.missed}
    matter = reading.matters[row.matter]
    return {"by": "model", "need": matter.need, "problem": matter.problem}


def _lost(call: Call, edit: Edit) -> LedgerItem:
    return LedgerItem(
        id=edit.edit_id,
        call_id=call.call_id,
        utterance=None,
        quote=edit.words,
        speaker="",
        role="internal",
        kind=edit.kind,
        strength=edit.strength,
        hand="first",
        status="lost",
    )
