"""The machine: which engines work here, what leaves it, and what that cost."""

from __future__ import annotations

from fastapi import APIRouter

from ingest.models import Frozen
from service import spending as core
from service.api.deps import LibraryDep, SettingsDep
from service.doctor import Leaving, leaving

router = APIRouter(prefix="/api", tags=["machine"])


class Machine(Frozen):
    """``leaving`` is empty when nothing leaves this machine."""

    model: str | None
    transcriber: str
    leaving: tuple[Leaving, ...]


@router.get("/machine")
def machine(settings: SettingsDep) -> Machine:
    """The language model, the transcriber, and what goes where under these settings."""
    return Machine(
        model=settings.model, transcriber=settings.transcriber, leaving=leaving(settings)
    )


@router.get("/spending")
def spending(library: LibraryDep, settings: SettingsDep) -> core.Spending:
    """What the language model cost, for each call, question and memo."""
    return core.spending(library, settings)
