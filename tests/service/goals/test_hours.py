"""Hours of each person: what was heard, what calendars have, each conversation once."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from ingest.errors import BadInput, NotFound
from ingest.facts import fact
from ingest.library import Library
from ingest.models import Account
from ingest.store import put_accounts, update_call
from ingest.tables import listeners, speakers, utterances
from service.booking import book
from service.coverage import report
from service.digest import slot
from service.erase import erase
from service.erase_person import erase_person
from service.goals.hours import Goals, PersonWeek, goals
from service.goals.people import remove_calendar, set_goal
from service.home_settings import SettingsChange, change_settings, home_settings, put_put_off
from service.shapes import Filters
from tests.service.goals.made import IDA, NOW, load, met

NOOR, GRETA, SAMUEL = "noor@marlowe.example", "greta@pinecrest.example", "samuel@osprey.example"
WREN, LIN = "wren@quay.example", "lin.mori@sable.example"
MAY_5, MAY_12 = dt.date(2026, 5, 5), dt.date(2026, 5, 12)


@pytest.fixture
def home(filled: Library) -> Library:
    """FC-1 of 5 May took an hour, FC-2 of 12 May half of one."""
    with filled.change() as connection:
        update_call(connection, "FC-1", duration_s=3600.0)
        update_call(connection, "FC-2", duration_s=1800.0)
    return filled


def ida(found: Goals, week: int = -1) -> PersonWeek:
    (one,) = [p for p in found.weeks[week].people if p.person == IDA]
    return one


def of(library: Library, day: dt.date, now: dt.datetime = NOW) -> PersonWeek:
    return ida(goals(library, now, day))


def hours(one: PersonWeek) -> tuple[float, float, float, float]:
    return one.heard_hours, one.calendar_hours, one.booked_hours, one.gap_hours


def test_calls_alone_give_each_person_the_time_of_the_conversation(home: Library) -> None:
    found = goals(home, NOW, MAY_12, weeks=2)
    assert [(w.week, w.first) for w in found.weeks] == [
        ("2026-W19", dt.date(2026, 5, 4)),
        ("2026-W20", dt.date(2026, 5, 11)),
    ]
    one, two = (ida(found, n) for n in (0, 1))
    assert (hours(one), one.calls, one.accounts) == ((1.0, 0, 0, 0), ("FC-1",), ("FRZ-1",))
    assert (one.goal_met, two.goal_met, one.estimated) == (True, False, False)
    assert hours(two) == (0.5, 0, 0, 0.5)
    assert found.weeks[1].team.hours == 0.5


def test_a_transcript_without_times_is_estimated_by_its_words(home: Library) -> None:
    with home.change() as connection:
        connection.execute(utterances.update().values(start_s=None, end_s=None))
        update_call(connection, "FC-1", duration_s=None)
        words = connection.scalars(
            sa.select(utterances.c.text).where(utterances.c.call_id == "FC-1")
        )
        n = sum(len(text.split()) for text in words)
    one = of(home, MAY_5)
    assert (one.heard_hours, one.estimated) == (round(n / 150 / 60, 3), True)


def test_a_meeting_without_a_call_counts_and_one_to_come_is_booked(home: Library) -> None:
    load(home, met("20260601T0800", 45, NOOR), met("20260604T0800", 30, LIN))
    one = of(home, NOW.date())
    assert hours(one) == (0.005, 0.75, 0.5, 0.245)  # FC-4 of Tuesday took 18 seconds
    assert (one.accounts, one.booked_n, one.goal_met) == (("FRZ-1", "FRZ-4"), 1, None)
    later = of(home, NOW.date(), NOW + dt.timedelta(days=2))
    assert (later.calendar_hours, later.booked_hours, later.goal_met) == (1.25, 0.0, True)


def test_a_meeting_that_became_a_call_counts_once(home: Library) -> None:
    load(home, met("20260505T0800", 30, NOOR), met("20260505T1400", 30, SAMUEL))
    one = of(home, MAY_5)
    assert hours(one) == (1.0, 0.5, 0, 0)  # the recording tells how long it was
    assert one.accounts == ("FRZ-1", "FRZ-3")


def test_a_meeting_that_has_not_begun_became_no_call(home: Library) -> None:
    load(home, met("20260505T1400", 60, NOOR))
    found = goals(home, dt.datetime(2026, 5, 5, 10, 0, tzinfo=dt.UTC), MAY_5)
    assert hours(ida(found)) == (1.0, 0, 1.0, 0)
    assert (found.weeks[-1].team.booked_hours, ida(found).booked_n) == (1.0, 1)
    begun = of(home, MAY_5, dt.datetime(2026, 5, 5, 14, 0, tzinfo=dt.UTC))
    assert hours(begun) == (1.0, 0, 0, 0)


def test_of_two_meetings_of_a_day_the_call_is_the_one_that_took_as_long(home: Library) -> None:
    load(home, met("20260505T0800", 15, NOOR), met("20260505T1400", 55, NOOR))
    assert hours(of(home, MAY_5)) == (1.0, 0.25, 0, 0)


def test_a_call_that_is_nobodys_yet_is_taken_for_the_meeting_of_its_day(home: Library) -> None:
    with home.change() as connection:
        update_call(connection, "FC-1", account_id=None)
    load(home, met("20260505T0800", 30, SAMUEL))
    assert hours(of(home, MAY_5))[:2] == (1.0, 0.0)


def test_a_recording_dated_by_utc_is_the_meeting_of_the_next_day_here(home: Library) -> None:
    late = met("20260505T2230", 60, NOOR).replace(
        "DTSTART:20260505T223000Z", "DTSTART;TZID=Europe/Berlin:20260506T003000"
    )
    from service.goals.loading import CalendarFile, load_calendar

    data = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{late}\r\nEND:VCALENDAR\r\n".encode()
    load_calendar(home, [CalendarFile(name="c", data=data)], IDA, NOW)
    assert hours(of(home, MAY_5)) == (1.0, 0, 0, 0)


def test_another_account_s_meeting_of_the_day_is_another_conversation(home: Library) -> None:
    load(home, met("20260505T0800", 60, WREN))
    assert hours(of(home, MAY_5)) == (1.0, 1.0, 0, 0)


def test_nobody_is_in_two_meetings_at_once(home: Library) -> None:
    load(
        home,
        met("20260505T0800", 60, NOOR),  # became FC-1
        met("20260505T0830", 60, SAMUEL),
        met("20260505T0900", 60, WREN),
        met("20260505T0915", 15, GRETA),
    )
    one = of(home, MAY_5)
    assert (one.calendar_hours, one.meetings_n) == (1.0, 2)  # from 9:00, after FC-1, to 10:00


def test_the_team_has_each_conversation_once(home: Library) -> None:
    same = met("20260506T0800", 60, SAMUEL, uid="both")
    load(home, same, met("20260505T0800", 60, NOOR, uid="heard"))
    load(home, same, met("20260505T0800", 60, NOOR, uid="heard"), person="Tom Bell")
    week = goals(home, NOW, MAY_5).weeks[0]
    assert {p.person: hours(p)[:2] for p in week.people} == {
        IDA: (1.0, 1.0),
        "Tom Bell": (0.0, 2.0),  # he was there, as his calendar has it, and said nothing
    }
    assert (week.team.heard_hours, week.team.calendar_hours) == (1.0, 1.0)
    assert week.people_met == 2


def test_a_call_whose_speakers_have_no_names_is_still_one_conversation(home: Library) -> None:
    with home.change() as connection:
        connection.execute(
            speakers.update().where(speakers.c.role == "internal").values(name="Speaker 1")
        )
    load(home, met("20260505T0800", 60, NOOR))
    week = goals(home, NOW, MAY_5).weeks[0]
    assert [hours(p)[:2] for p in week.people] == [(0.0, 1.0)]
    assert (week.team.heard_hours, week.team.calendar_hours) == (1.0, 0.0)


def test_firms_that_are_no_account_are_told_apart_and_suppliers_left_out(home: Library) -> None:
    change = load(home, met("20260506T0800", 60, "sales@cloudhost.example"))
    assert change.unplaced == {"cloudhost.example": 1}
    one = of(home, MAY_5)
    assert (one.calendar_hours, one.unplaced_hours, one.domains) == (
        1.0,
        1.0,
        ("cloudhost.example",),
    )
    change_settings(home, SettingsChange(not_customers=("cloudhost.example",)))
    assert of(home, MAY_5).calendar_hours == 0.0
    again = load(home, met("20260506T0800", 60, "sales@eu.cloudhost.example"))
    assert (again.meetings, again.left_out) == (0, {"with nobody known to be a customer": 1})


def test_an_account_is_known_by_its_people_and_else_by_its_name(home: Library) -> None:
    load(
        home,
        met("20260506T0800", 60, "somebody@mail.marlowe.example"),  # Noor writes from marlowe
        met("20260507T0800", 60, "lin@sablegenomics.example"),
    )
    assert of(home, MAY_5).accounts == ("FRZ-1", "FRZ-5")


def test_a_domain_that_could_be_two_accounts_is_neither_s(home: Library) -> None:
    with home.change() as connection:
        put_accounts(connection, [Account(account_id="TWO", name="Sable Genomics Ltd")])
    load(home, met("20260507T0800", 60, "lin@sablegenomics.example"))
    one = of(home, MAY_5)
    assert (one.accounts, one.unplaced_hours) == (("FRZ-1",), 1.0)


def test_a_meeting_with_two_accounts_is_that_of_the_person_who_is_known_or_neither_s(
    home: Library,
) -> None:
    other = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:somebody@mail.marlowe.example"
    load(home, met("20260519T0800", 60, "lin@sablegenomics.example", other))
    one = of(home, dt.date(2026, 5, 19))
    assert (set(one.domains), one.unplaced_hours) == (
        {"mail.marlowe.example", "sablegenomics.example"},
        1.0,
    )
    load(home, met("20260519T0800", 60, SAMUEL, other))
    one = of(home, dt.date(2026, 5, 19))
    assert ("FRZ-3" in one.accounts, "FRZ-1" in one.accounts) == (True, False)
    assert one.unplaced_hours == 0.0


def test_who_writes_from_a_free_address_counts_only_if_a_call_knows_them(home: Library) -> None:
    with home.change() as connection:
        where = speakers.c.email == SAMUEL
        connection.execute(speakers.update().where(where).values(email="Sam.Osei@gmail.com"))
    change = load(
        home,
        met("20260506T0800", 60, "sam.osei@gmail.com"),
        met("20260507T0800", 60, "x@gmail.com"),
    )
    assert (change.meetings, change.left_out) == (1, {"with nobody known to be a customer": 1})
    assert of(home, MAY_5).accounts == ("FRZ-1", "FRZ-3")


def test_goals_are_the_home_s_until_a_person_has_one(home: Library) -> None:
    change_settings(home, SettingsChange(goal_hours=0.5))
    assert of(home, MAY_12).goal_met is True
    assert set_goal(home, "kern, IDA", 3).goal_hours == 3
    one = of(home, MAY_12)
    assert (one.goal_hours, one.own_goal, one.gap_hours, one.goal_met) == (3, True, 2.5, False)
    assert set_goal(home, "Ida  Kern", None) == set_goal(home, IDA, None)
    assert of(home, MAY_12).own_goal is False
    set_goal(home, "Nobody Yet", 2)
    week = goals(home, NOW, MAY_12).weeks[0]
    assert ("Nobody Yet", 0.0, 2.0) in {(p.person, p.hours, p.gap_hours) for p in week.people}


@pytest.mark.parametrize("person", ["", "Speaker 1", "  ", "–"])
def test_what_is_no_name_is_refused(home: Library, person: str) -> None:
    with pytest.raises(BadInput, match="no name of a person"):
        set_goal(home, person, 1)


def test_weeks_that_cannot_be_are_refused(home: Library) -> None:
    for weeks in (0, 54):
        with pytest.raises(BadInput, match="give 1 to 53"):
            goals(home, NOW, weeks=weeks)
    for day in (dt.date.min, dt.date.max):
        with pytest.raises(BadInput, match="no day of a week"):
            goals(home, NOW, day)
    assert len(goals(home, NOW, weeks=53).weeks) == 53


def test_the_week_of_a_year_s_turn_is_the_iso_one(home: Library) -> None:
    found = goals(home, NOW, dt.date(2027, 1, 1))
    assert (found.weeks[0].week, found.weeks[0].first) == ("2026-W53", dt.date(2026, 12, 28))


def test_only_calls_that_count_are_heard(home: Library) -> None:
    change_settings(home, SettingsChange(ask_consent=True))
    load(home, met("20260505T0800", 30, NOOR))
    assert hours(of(home, MAY_5))[:2] == (0.0, 0.5)  # that they met stays true


def test_a_call_that_is_erased_leaves_the_meeting(home: Library) -> None:
    load(home, met("20260505T0800", 30, NOOR), met("20260512T0800", 30, GRETA))
    erase(home, "FC-1")
    assert hours(of(home, MAY_5))[:2] == (0.0, 0.5)


def test_one_of_ours_who_is_erased_loses_calendar_and_goal(home: Library) -> None:
    load(home, met("20260505T0800", 30, NOOR), person="Tom Bell")
    set_goal(home, "Tom Bell", 2)
    change_settings(home, SettingsChange(digest_to=("tom.bell@coldhaven.example", "a@b.example")))
    with home.change() as connection:
        put_put_off(connection, home_settings(connection).digest_to)
    erase_person(home, "Tom Bell")
    with home.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(listeners)) == 0
        assert home_settings(connection).digest_to == ("a@b.example",)
        assert fact(connection, slot.PUT_OFF) == ["a@b.example"]
    with pytest.raises(NotFound):
        erase_person(home, "Tom Bell")


def test_a_customer_who_is_erased_leaves_no_domain_of_their_own(home: Library) -> None:
    load(
        home,
        met("20260506T0800", 30, "me@linmori.example"),
        met("20260507T0800", 30, "me@linmori.example", f"ATTENDEE:mailto:{NOOR}"),
    )
    erase_person(home, "Lin Mori")
    one = of(home, MAY_5)
    assert (one.calendar_hours, one.domains, one.accounts) == (0.5, (), ("FRZ-1",))


def test_a_meeting_to_come_is_a_booked_call(home: Library) -> None:
    def row(account_id: str) -> tuple[dt.date | None, str | None]:
        found = report(home, Filters(), dt.date(2026, 5, 4), NOW.date())
        (one,) = [one for one in found.board if one.account_id == account_id]
        assert ("FRZ-5" in found.accounts_booked) == (one.booked is not None)
        assert ("FRZ-5" in {call.account_id for call in found.next_calls}) == (one.booked is None)
        return one.booked, one.booked_by

    soon, later = NOW.date() + dt.timedelta(days=1), NOW.date() + dt.timedelta(days=5)
    assert row("FRZ-5") == (None, None)
    load(home, met("20260604T0800", 30, "lin@sable-genomics.example"))
    assert row("FRZ-5") == (soon, "calendar")
    book(home, "FRZ-5", later, NOW.date())
    assert row("FRZ-5") == (soon, "calendar")  # the sooner
    book(home, "FRZ-5", NOW.date(), NOW.date())
    assert row("FRZ-5") == (NOW.date(), "person")
    remove_calendar(home, IDA)
    assert row("FRZ-5") == (NOW.date(), "person")
    with pytest.raises(NotFound, match="no calendar of Ida Kern"):
        remove_calendar(home, IDA)
