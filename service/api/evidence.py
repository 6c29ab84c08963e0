"""The evidence of a call: what was read in it, and people's edits of that."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import Field

from ingest.models import Frozen
from service import editing
from service.api.deps import LibraryDep
from service.api.needs import GuardedRoute, needs
from service.call_ledger import LedgerItem, ledger_of
from service.shapes import EvidenceKind

router = APIRouter(prefix="/api", tags=["evidence"], route_class=GuardedRoute)


class NewEvidence(Frozen):
    utterance: int
    kind: EvidenceKind
    words: str | None = Field(
        default=None, max_length=20_000, description="of the utterance; all of it by default"
    )
    strength: int = Field(default=editing.STRENGTH, ge=1, le=3)


class Rekinding(Frozen):
    kind: EvidenceKind
    strength: int | None = Field(default=None, ge=1, le=3)


@router.get("/calls/{call_id}/evidence")
@needs("viewer", "see")
def every(library: LibraryDep, call_id: str) -> list[LedgerItem]:
    """What counts in the call, and what was rejected or lost its words."""
    return ledger_of(library, call_id)


@router.post("/calls/{call_id}/evidence", status_code=201)
@needs("editor", "change")
def add(library: LibraryDep, call_id: str, new: NewEvidence) -> LedgerItem:
    """Add words of an utterance, cut to the letter."""
    return editing.add(
        library, call_id, new.utterance, new.kind, words=new.words, strength=new.strength
    )


@router.patch("/evidence/{evidence_id}")
@needs("editor", "change")
def rekind(library: LibraryDep, evidence_id: str, what: Rekinding) -> LedgerItem:
    """Say what kind of evidence an item is."""
    return editing.rekind(library, evidence_id, what.kind, what.strength)


@router.delete("/evidence/{evidence_id}")
@needs("editor", "change")
def reject(library: LibraryDep, evidence_id: str) -> LedgerItem:
    """Take an item out of the ledger; it can be restored."""
    return editing.reject(library, evidence_id)


@router.post("/evidence/{evidence_id}/restore")
@needs("editor", "change")
def restore(library: LibraryDep, evidence_id: str) -> LedgerItem | None:
    """Take back the last edit of an item: what it is now, ``null`` when no evidence."""
    return editing.restore(library, evidence_id)
