"""Calls are erased once they are older than they are kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

from ingest.library import Library
from ingest.store import list_calls, update_call
from service.home_settings import SettingsChange, change_settings
from service.retention import retention, sweep

TODAY = date(2026, 6, 30)


def ids(library: Library) -> set[str]:
    with library.read() as connection:
        return {call.call_id for call in list_calls(connection)}


def test_calls_are_kept_for_ever_unless_somebody_says_how_long(filled: Library) -> None:
    before = ids(filled)
    assert sweep(filled, date(2100, 1, 1)) == []
    assert ids(filled) == before


def test_what_is_older_is_erased_the_rest_stays(filled: Library) -> None:
    # FC-1 is of 5 May, FC-2 of 12 May; one without a date counts from the day it came in.
    came = datetime(2026, 1, 1, tzinfo=UTC)
    with filled.change() as connection:
        update_call(connection, "FC-3", date=None, created_at=came)
        update_call(connection, "FC-4", date=TODAY)
    change_settings(filled, SettingsChange(keep_days=49))
    with filled.read() as connection:
        found = retention(connection, TODAY)
    assert [(one.call_id, one.day) for one in found.due] == [
        ("FC-3", date(2026, 1, 1)),
        ("FC-1", date(2026, 5, 5)),
    ]
    assert ids(filled) == {"FC-1", "FC-2", "FC-3", "FC-4"}  # looking changes nothing
    assert sweep(filled, TODAY) == ["FC-3", "FC-1"]
    assert ids(filled) == {"FC-2", "FC-4"}
    assert sweep(filled, TODAY) == []
