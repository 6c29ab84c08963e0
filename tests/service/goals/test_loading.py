"""Loading a calendar: whose it is, what changes, what is kept of it, and files that mean harm."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa

import service.goals.loading
from ingest.errors import BadInput, TooLarge
from ingest.library import Library
from ingest.tables import facts, meetings, speakers
from service.goals.loading import CalendarChange, CalendarFile, load_calendar
from service.home_settings import SettingsChange, change_settings
from tests.service.goals.made import IDA, NOW, calendar, load, met

EXPORTS = Path(__file__).parents[2] / "ingest" / "calendars"
NOOR, GRETA = "noor@marlowe.example", "greta@pinecrest.example"


def counts(change: CalendarChange) -> tuple[int, int, int, int, int]:
    return change.added, change.changed, change.removed, change.same, change.older


def rows(library: Library) -> list[sa.Row[object]]:
    with library.read() as connection:
        return list(connection.execute(sa.select(meetings)))


def test_a_calendar_takes_the_place_of_the_last_and_says_what_is_new(filled: Library) -> None:
    one, two = met("20260505T0800", 30, NOOR), met("20260506T0800", 30, GRETA)
    assert counts(load(filled, one, two)) == (2, 0, 0, 0, 0)
    assert counts(load(filled, one, two)) == (0, 0, 0, 2, 0)
    moved = met("20260506T1000", 30, GRETA, "SEQUENCE:1", uid="20260506T0800" + GRETA)
    tried = load(filled, moved, met("20260507T0800", 30, NOOR), dry_run=True)
    assert counts(tried) == (1, 1, 1, 0, 0)
    assert counts(load(filled, moved)) == (0, 1, 1, 0, 0)
    assert counts(load(filled, two)) == (0, 0, 0, 0, 1)  # an export of before
    (kept,) = rows(filled)
    assert kept.starts.replace(tzinfo=dt.UTC) == dt.datetime(2026, 5, 6, 10, tzinfo=dt.UTC)


def test_several_files_are_one_calendar_of_one_person(filled: Library) -> None:
    files = [calendar(met(f"2026050{day}T0800", 30, NOOR)) for day in (5, 6)]
    assert load_calendar(filled, files, "Kern, Ida", NOW).meetings == 2
    load(filled, met("20260505T0800", 30, NOOR), person="Tom Bell")
    assert {row.key for row in rows(filled)} == {"ida kern", "tom bell"}


def test_nothing_is_kept_but_when_and_with_which_firms(filled: Library) -> None:
    for name in ("google.ics", "outlook.ics", "apple.ics"):
        file = CalendarFile(name=name, data=(EXPORTS / name).read_bytes())
        load_calendar(filled, [file], IDA, NOW)
        said = repr(rows(filled))
        words = ("qwobbleplex", "zyxthornian", "Vrumquist", "@", "Noor", "Lind", "google.com")
        assert not any(word.lower() in said.lower() for word in words), said
    assert [path.name for path in filled.home.glob(".calendar-*")] == []


def test_whose_calendar_it_is_stands_in_it_or_has_to_be_said(filled: Library) -> None:
    hers = calendar(met("20260505T0800", 30, NOOR), owner="ida.kern@coldhaven.example")
    assert load_calendar(filled, [hers], None, NOW).person == IDA
    for owner in ("", "Work"):
        file = calendar(met("20260505T0800", 30, NOOR), owner=owner)
        with pytest.raises(BadInput, match="Whose calendar is it"):
            load_calendar(filled, [file], None, NOW)
    strange = calendar(met("20260505T0800", 30, NOOR), owner="new@coldhaven.example")
    with pytest.raises(BadInput, match="No call tells whose address that is"):
        load_calendar(filled, [strange], None, NOW)
    assert load(filled, met("20260505T0800", 30, NOOR), person="New Person").heard is False


def test_without_domains_of_ours_everybody_would_be_a_customer(filled: Library) -> None:
    with filled.change() as connection:
        connection.execute(speakers.update().values(email=None))
        connection.execute(facts.delete().where(facts.c.name == "internal_domains"))
    with pytest.raises(BadInput, match="Nobody said which e-mail domains are yours"):
        load(filled, met("20260505T0800", 30, NOOR))
    change_settings(filled, SettingsChange(internal_domains=("coldhaven.example",)))
    inside = met("20260505T0800", 30, "tom@eu.coldhaven.example")
    assert load(filled, inside, met("20260505T0800", 30, NOOR)).meetings == 1


def test_what_cannot_be_read_changes_nothing_and_names_the_file(filled: Library) -> None:
    load(filled, met("20260505T0800", 30, NOOR))
    for data, says in (
        (b"no calendar", "half.ics: it is no calendar"),
        ((EXPORTS / "google.ics").read_bytes()[:3000], "half.ics: the calendar breaks off"),
    ):
        file = CalendarFile(name="half.ics", data=data)
        with pytest.raises(BadInput, match=says):
            load_calendar(filled, [calendar(), file], IDA, NOW)
    with pytest.raises(TooLarge):
        load_calendar(filled, [CalendarFile(name="c", data=b" " * 20_000_001)], IDA, NOW)
    with pytest.raises(BadInput, match="names no time zone"):
        load_calendar(filled, [calendar()], IDA, NOW, zone="../../etc/passwd")
    assert len(rows(filled)) == 1


def test_a_series_that_is_never_and_searched_for_ever_is_given_up(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    never = [met("20200105T0800", 30, NOOR, rule, uid=f"n{n}") for n in range(200)]
    with monkeypatch.context() as hasty:
        hasty.setattr(service.goals.loading, "_LONGEST_S", 8.0)  # the limit, so as not to wait
        with pytest.raises(BadInput, match="cannot be unfolded in time"):
            load(filled, *never)
    assert load(filled, met("20260505T0800", 30, NOOR)).meetings == 1
