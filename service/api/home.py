"""Home: the 30 days at a glance, booking calls, the home's settings, the sample."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter

from ingest.models import Frozen
from service import booking, demo, home_settings
from service import home as core
from service.api.deps import LibraryDep
from service.api.needs import GuardedRoute, needs

router = APIRouter(prefix="/api", tags=["home"], route_class=GuardedRoute)


class Day(Frozen):
    date: dt.date | None


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


@router.get("/home")
@needs("viewer")
def home(library: LibraryDep) -> core.Home:
    """Where the 30 days stand: who was heard, and whom to call next."""
    return core.home(library, _today())


@router.get("/home/needs")
@needs("viewer", "see")
def voiced(library: LibraryDep) -> core.Voiced:
    """What customers need most, and which accounts may leave, with their words."""
    return core.voiced(library, _today())


@router.put("/accounts/{account_id}/booked")
@needs("editor", "change")
def book(library: LibraryDep, account_id: str, day: Day) -> booking.Booking:
    """Book a call with the account; null takes the booking back."""
    return booking.book(library, account_id, day.date, _today())


@router.get("/settings")
@needs("viewer")
def settings(library: LibraryDep) -> home_settings.HomeSettings:
    """What was set for this home."""
    with library.read() as connection:
        return home_settings.home_settings(connection)


@router.patch("/settings")
@needs("admin", "change")
def change(library: LibraryDep, wanted: home_settings.SettingsChange) -> home_settings.HomeSettings:
    """Set what is given; null goes back to the default."""
    return home_settings.change_settings(library, wanted)


@router.post("/sample", status_code=202)
@needs("editor", "add")
def sample(library: LibraryDep) -> demo.Loading:
    """Load the bundled sample into an empty home (409 in another); ``jobs`` read its calls."""
    return demo.load(library)
