"""Calendars made for tests: a line an event, as files are."""

from __future__ import annotations

import datetime as dt

from ingest.library import Library
from service.goals.loading import CalendarChange, CalendarFile, load_calendar

NOW = dt.datetime(2026, 6, 3, 12, 0, tzinfo=dt.UTC)  # a Wednesday
IDA = "Ida Kern"


def met(start: str, minutes: int, who: str, *more: str, uid: str = "") -> str:
    """An event that starts at ``20260505T0800`` UTC with the address ``who``."""
    lines = [
        "BEGIN:VEVENT",
        f"UID:{uid or start + who}",
        f"DTSTART:{start}00Z",
        f"DURATION:PT{minutes}M",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{who}",
        *more,
        "END:VEVENT",
    ]
    return "\r\n".join(lines)


def calendar(*events: str, owner: str = "") -> CalendarFile:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", *([f"X-WR-CALNAME:{owner}"] if owner else [])]
    data = "\r\n".join([*head, "X-WR-TIMEZONE:UTC", *events, "END:VCALENDAR", ""])
    return CalendarFile(name="c.ics", data=data.encode())


def load(
    library: Library, *events: str, person: str | None = IDA, dry_run: bool = False
) -> CalendarChange:
    return load_calendar(library, [calendar(*events)], person, NOW, dry_run=dry_run)
