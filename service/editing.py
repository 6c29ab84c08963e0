"""People's edits of a call's evidence: add, reject, name another kind, and take any of it back.

Edits are kept beside the ledger and win over what the reader finds, also when the call is read or
heard again (``ingest.edits``). They need no index, so they work beside a process that serves.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import sqlalchemy as sa

from ingest.anchor import find
from ingest.edits import Action, list_edits
from ingest.errors import BadInput, NotFound
from ingest.library import Library
from ingest.marks import put_edits
from ingest.store import get_call, list_utterances
from ingest.tables import evidence_edits
from service.call_ledger import LedgerItem, edits_upon, item_of, items_of
from service.redaction import meant
from service.shapes import EvidenceKind

STRENGTH = 2  # of what a person adds without saying

_Change = tuple[Action, EvidenceKind, int]


def add(
    library: Library,
    call_id: str,
    utterance: int,
    kind: EvidenceKind,
    *,
    words: str | None = None,
    strength: int = STRENGTH,
) -> LedgerItem:
    """Evidence that the reader did not see: ``words`` of the utterance, all of it by default.

    They are cut to the letter from what was said; items of the same words make way. Raises
    ``NotFound`` for the call, ``BadInput`` for an utterance or words that are not there.
    """
    with library.change() as connection:
        call = get_call(connection, call_id)
        said = {u.i: u.text for u in list_utterances(connection, call_id)}
        if utterance not in said:
            raise BadInput(
                f"Call {call_id} has no utterance {utterance}; it has {call.utterances_n}, from 0."
            )
        text = said[utterance]
        if words is not None:
            words = meant(library, connection, words, [text])
        span = find(text if words is None else words, text)
        if span is None:
            raise BadInput(
                f"Utterance {utterance} of {call_id} has no such words; it says: {text[:200]!r}."
            )
        quote = text[span[0] : span[1]]
        _keep(connection, call_id, utterance, quote, ("add", kind, _strength(strength)))
        put_edits(library, connection, call_id)
        return item_of(connection, f"{call_id}:{utterance}:{span[0]}-{span[1]}")


def reject(library: Library, evidence_id: str) -> LedgerItem:
    """Take an item out of the ledger. Raises ``NotFound`` when it is not in it."""
    with library.change() as connection:
        item = item_of(connection, evidence_id)
        if item.utterance is None or item.status == "rejected":
            raise NotFound(f"{evidence_id[:120]} is not in the ledger; it was taken out before.")
        change: _Change = ("reject", item.kind, item.strength)
        _keep(connection, item.call_id, item.utterance, item.quote, change)
        put_edits(library, connection, item.call_id)
        return item_of(connection, evidence_id)


def rekind(
    library: Library, evidence_id: str, kind: EvidenceKind, strength: int | None = None
) -> LedgerItem:
    """Say what kind of evidence an item is, and how strong; it stays in the ledger from then on.

    Raises ``NotFound`` when it is not in the ledger.
    """
    with library.change() as connection:
        item = item_of(connection, evidence_id)
        if item.utterance is None or item.status == "rejected":
            raise NotFound(f"{evidence_id[:120]} is not in the ledger; restore it first.")
        change: _Change = ("kind", kind, item.strength if strength is None else _strength(strength))
        _keep(connection, item.call_id, item.utterance, item.quote, change)
        put_edits(library, connection, item.call_id)
        return item_of(connection, evidence_id)


def restore(library: Library, evidence_id: str) -> LedgerItem | None:
    """Take back the last edit upon an item: what it is now, ``None`` when it is no evidence then.

    Raises ``NotFound`` for an item nobody knows, ``BadInput`` for one that nobody edited.
    """
    with library.change() as connection:
        item = item_of(connection, evidence_id)
        upon = edits_upon(connection, item)
        if not upon:
            raise BadInput(f"{evidence_id[:120]} is as it was read; there is nothing to restore.")
        where = evidence_edits.c.edit_id == upon[-1].edit_id
        connection.execute(evidence_edits.delete().where(where))
        put_edits(library, connection, item.call_id)
        left = [line for line in items_of(connection, item.call_id) if line.id == evidence_id]
        return left[0] if left else None


def _keep(
    connection: sa.Connection,
    call_id: str,
    utterance: int,
    words: str,
    change: _Change,
) -> None:
    """Store an edit; one that says the same of the same words as the last one takes its place."""
    action, kind, strength = change
    edits = list_edits(connection, call_id)
    same = [edit for edit in edits if (edit.utterance, edit.words) == (utterance, words)]
    if same and same[-1].action == action:
        where = evidence_edits.c.edit_id == same[-1].edit_id
        connection.execute(evidence_edits.delete().where(where))
    connection.execute(
        evidence_edits.insert().values(
            edit_id=f"edit-{uuid4().hex[:12]}",
            call_id=call_id,
            utterance=utterance,
            words=words,
            action=action,
            kind=kind,
            strength=strength,
            created_at=datetime.now(UTC),
        )
    )


def _strength(strength: int) -> int:
    if not 1 <= strength <= 3:
        raise BadInput(f"The strength {strength} is not one; it can be 1, 2 or 3.")
    return strength
