"""The machine: which engines work here, what leaves it, and what that cost."""

from __future__ import annotations

from fastapi import APIRouter

from service import machine as core_machine
from service import spending as core
from service.api.deps import LibraryDep, PersonDep, SettingsDep
from service.api.needs import GuardedRoute, needs

router = APIRouter(prefix="/api", tags=["machine"], route_class=GuardedRoute)


@router.get("/machine")
@needs("viewer")
def machine(library: LibraryDep, settings: SettingsDep, person: PersonDep) -> core_machine.Machine:
    """The engines, the stores, and what goes where under these settings."""
    found = core_machine.machine(library, settings)
    if person.via == "machine":
        return found
    return found.model_copy(update={"home": None})  # a folder's name says whose machine it is


@router.get("/spending")
@needs("viewer")
def spending(library: LibraryDep, settings: SettingsDep) -> core.Spending:
    """What the language model cost, for each call, question and memo."""
    return core.spending(library, settings)
