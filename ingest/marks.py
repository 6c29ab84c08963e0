"""What people marked in a call follows its words: edits of the ledger and judgements of codes.

Called whenever a call was read, heard anew or corrected, in the transaction that stored it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from ingest import evidence as ledger
from ingest.anchor import carried, find, locate
from ingest.edits import LOST, apply, list_edits
from ingest.evidence import EvidenceItem
from ingest.library import Library
from ingest.models import Call, Role, Utterance
from ingest.readings import go_stale, laid_over, load
from ingest.store import get_call, list_utterances, update_call
from ingest.tables import evidence, evidence_edits, judgements

_WARNING = "Not found again: "


@dataclass(frozen=True, slots=True)
class Now:
    """A call as it is, and of how it was what helps to find words again (see ``follow``)."""

    call: Call
    said: Sequence[Utterance]
    roles: Mapping[int, Role] = field(default_factory=dict)
    texts: Mapping[int, str] = field(default_factory=dict)

    def settle(self, words: str, near: int | None) -> tuple[int | None, str]:
        """The number of the utterance with ``words``, once ``near``, and them as they stand there.

        ``(None, words)`` when they are nowhere.
        """
        text = {u.i: u.text for u in self.said}
        if near is not None and near in self.texts and near in text:
            was = find(words, self.texts[near])
            span = was and carried(was, self.texts[near], text[near])
            if span:
                return near, text[near][span[0] : span[1]]
        side = None if near is None else self.roles.get(near)
        labels = None if side is None else {s.label for s in self.call.speakers if s.role == side}
        place = locate(words, self.said, near, labels)
        if place is None:
            return None, words
        return place.utterance, text[place.utterance][place.first : place.end]


def follow(
    library: Library,
    connection: sa.Connection,
    call_id: str,
    *,
    roles: Mapping[int, Role] | None = None,
    texts: Mapping[int, str] | None = None,
) -> None:
    """Find the marked words in what the call says now, and put people's edits over its evidence.

    To be called once the call's words, warnings and evidence are stored. Marks whose words are not
    found stay stored, without a place, and the call's warnings say how many there are.

    ``roles`` by utterance number are those of the hearing that was replaced: marked words are
    looked for among the same side's. ``texts`` by number are those that a person corrected, as
    they were: marks upon them go with the correction.
    """
    call = get_call(connection, call_id)
    now = Now(call, list_utterances(connection, call_id), roles or {}, texts or {})
    lost_edits = _follow_edits(connection, now)
    lost_judgements = _follow_judgements(connection, now)
    go_stale(connection, call_id, now.said, call.speakers)
    if list_edits(connection, call_id):
        put_edits(library, connection, call_id)
    warnings = [w for w in call.warnings if not w.startswith(_WARNING)]
    told = [
        f"{n} {what}{'s' * (n != 1)}"
        for n, what in ((lost_edits, "edit of the evidence"), (lost_judgements, "judgement"))
        if n
    ]
    if told:
        warnings.append(f"{_WARNING}the words of {' and '.join(told)} that people made here.")
    if tuple(warnings) != call.warnings:
        update_call(connection, call_id, warnings=warnings)


def put_edits(library: Library, connection: sa.Connection, call_id: str) -> None:
    """Put what was read in the call, under people's edits, in place of its evidence."""
    edits = list_edits(connection, call_id)
    said = list_utterances(connection, call_id)
    voices = get_call(connection, call_id).speakers
    read = laid_over(ledger.read(said, voices), load(connection, call_id), said, voices)
    items = apply(read, edits, said, voices)
    ledger.write(connection, call_id, items, _vectors(library, connection, call_id, items, said))


def roles_of(call: Call, said: Sequence[Utterance]) -> dict[int, Role]:
    """Who said each utterance, by its number."""
    roles: dict[str, Role] = {s.label: s.role for s in call.speakers}
    return {u.i: roles.get(u.speaker, "internal") for u in said}


def _follow_edits(connection: sa.Connection, now: Now) -> int:
    lost = 0
    for edit in list_edits(connection, now.call.call_id):
        near = None if edit.utterance == LOST else edit.utterance
        number, words = now.settle(edit.words, near)
        lost += number is None
        connection.execute(
            evidence_edits.update()
            .where(evidence_edits.c.edit_id == edit.edit_id)
            .values(utterance=LOST if number is None else number, words=words)
        )
    return lost


def _follow_judgements(connection: sa.Connection, now: Now) -> int:
    lost = 0
    rows = connection.execute(
        sa.select(judgements).where(judgements.c.call_id == now.call.call_id)
    ).all()
    for row in rows:
        number, words = now.settle(row.words, row.utterance)
        lost += number is None
        connection.execute(
            judgements.update()
            .where(judgements.c.judgement_id == row.judgement_id)
            .values(utterance=number, words=words)
        )
    return lost


def _vectors(
    library: Library,
    connection: sa.Connection,
    call_id: str,
    items: Sequence[EvidenceItem],
    said: Sequence[Utterance],
) -> NDArray[np.float32]:
    """A unit row for each item: that of the evidence that is there, made anew for the others."""
    rows = connection.execute(sa.select(evidence).where(evidence.c.call_id == call_id))
    there = {
        (r.utterance, r.first_char, r.end_char): np.frombuffer(r.vector, dtype="<f4") for r in rows
    }
    text = {u.i: u.text for u in said}
    places = [(item.utterance, item.first_char, item.end_char) for item in items]
    new = [place for place in places if place not in there]
    if new:
        made = library.embedder.embed([text[i][a:b] for i, a, b in new])
        there.update(zip(new, made, strict=True))
    return np.array([there[place] for place in places], np.float32)
