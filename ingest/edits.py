"""People's edits of the ledger: evidence they added, rejected or named another kind.

An edit is kept by the words it is about, so that it holds however often the call is read again,
and it wins over what the reader finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

import sqlalchemy as sa

from ingest.anchor import Place, find
from ingest.evidence import EvidenceItem, Kind
from ingest.models import Role, Speaker, Utterance
from ingest.tables import evidence_edits

Action = Literal["add", "reject", "kind"]

LOST = -1  # the utterance of an edit whose words are not in the call at present


@dataclass(frozen=True, slots=True)
class Edit:
    """``kind`` and ``strength`` are what the words are to be; of a rejected item, what it was."""

    edit_id: str
    utterance: int
    words: str
    action: Action
    kind: Kind
    strength: int


def list_edits(connection: sa.Connection, call_id: str) -> list[Edit]:
    """The edits of a call's evidence in the order they were made."""
    rows = connection.execute(
        sa.select(evidence_edits)
        .where(evidence_edits.c.call_id == call_id)
        .order_by(evidence_edits.c.created_at, evidence_edits.c.edit_id)
    )
    return [
        Edit(
            r.edit_id,
            r.utterance,
            r.words,
            cast(Action, r.action),
            cast(Kind, r.kind or "pain"),
            r.strength or 1,
        )
        for r in rows
    ]


def apply(
    items: Sequence[EvidenceItem],
    edits: Sequence[Edit],
    words: Sequence[Utterance],
    voices: Sequence[Speaker],
) -> list[EvidenceItem]:
    """``items`` after ``edits``, the later over the earlier, in the order things were said.

    What a person added or named another kind is there also when the reader did not find it; it has
    the role of its speaker, so the vendor's own words stay uncounted whoever marks them.
    """
    said = {u.i: u for u in words}
    roles: dict[str, Role] = {s.label: s.role for s in voices}
    left = list(items)
    for edit in edits:
        place = place_of(edit, said.get(edit.utterance))
        if place is None:
            continue
        same = [
            item
            for item in left
            if place.is_about(Place(item.utterance, item.first_char, item.end_char))
        ]
        if edit.action == "kind" and same:
            left = [
                replace(item, kind=edit.kind, strength=edit.strength, content=False)
                if item in same
                else item
                for item in left
            ]
            continue
        left = [item for item in left if item not in same]
        if edit.action != "reject":
            left.append(
                EvidenceItem(
                    place.utterance,
                    place.first,
                    place.end,
                    kind=edit.kind,
                    strength=edit.strength,
                    hand="first",
                    role=roles.get(said[place.utterance].speaker, "internal"),
                    by_person=True,
                )
            )
    return sorted(left, key=lambda item: (item.utterance, item.first_char))


def place_of(edit: Edit, utterance: Utterance | None) -> Place | None:
    """Where the words of an edit stand in their utterance, ``None`` when they do not."""
    span = None if utterance is None else find(edit.words, utterance.text)
    return None if span is None else Place(edit.utterance, *span)
