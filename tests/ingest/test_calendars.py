"""Calendars as Google, Outlook and Apple export them, and files that are none or mean harm."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from ingest.calendars import LIMIT_EVENTS, Agenda, Asked, read_calendar
from ingest.errors import BadInput, TooLarge

FOLDER = Path(__file__).parent / "calendars"
IDA = "ida.kern@coldhaven.example"
ASKED = Asked(
    own=frozenset({"coldhaven.example"}),
    addresses=frozenset(),
    since=dt.date(2026, 1, 1),
    until=dt.date(2026, 12, 31),
)


def read(name: str, asked: Asked = ASKED) -> Agenda:
    return read_calendar((FOLDER / name).read_bytes(), asked)


def told(agenda: Agenda) -> list[tuple[str, str, int, str]]:
    """Day where the person is, start in UTC, minutes, with whom."""
    return [
        (
            str(met.day),
            f"{met.starts:%d %H:%M}",
            int((met.ends - met.starts).total_seconds() / 60),
            " ".join(met.others),
        )
        for met in agenda.meetings
    ]


def event(*lines: str, uid: str = "one", people: str = "noor@marlowe.example") -> str:
    return "\r\n".join(
        ["BEGIN:VEVENT", f"UID:{uid}", f"ATTENDEE:mailto:{people}", *lines, "END:VEVENT"]
    )


def calendar(*events: str, head: str = "") -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", head, *events, "END:VCALENDAR"]).encode()


HALF_AN_HOUR = ("DTSTART:20260505T080000Z", "DTEND:20260505T083000Z")


def test_google_s_export_with_a_series_an_exception_and_what_does_not_count() -> None:
    found = read("google.ics")
    assert found.owner == IDA
    assert told(found) == [
        ("2026-03-10", "10 15:00", 30, "greta@pinecrest.example"),
        # the 17th is excepted; from the 29th on Berlin is an hour earlier by UTC
        ("2026-03-24", "24 15:00", 30, "greta@pinecrest.example"),
        ("2026-03-31", "31 14:00", 30, "greta@pinecrest.example"),
        ("2026-04-08", "08 08:00", 60, "greta@pinecrest.example"),  # moved from the 7th
        ("2026-04-14", "14 14:00", 30, "greta@pinecrest.example"),
        # the 21st is cancelled
        ("2026-04-28", "28 14:00", 30, "greta@pinecrest.example"),
        ("2026-05-05", "05 08:00", 30, "noor@marlowe.example"),
        ("2026-05-06", "05 22:30", 30, "wren@quay.example"),  # after midnight in Berlin
        ("2026-05-08", "08 14:00", 60, "an.old.friend@gmail.com"),
    ]
    reasons = {"cancelled": 1, "declined": 2, "private": 1, "free": 1, "all day": 1}
    assert found.left_out == reasons


def test_outlook_s_export_with_windows_zones_over_the_change_of_clocks() -> None:
    found = read("outlook.ics")
    assert found.owner is None
    assert told(found) == [
        ("2026-03-04", "04 21:00", 60, "greta@pinecrest.example"),
        ("2026-03-18", "18 20:00", 60, "greta@pinecrest.example"),  # clocks went on on the 8th
        ("2026-03-25", "25 20:00", 60, "greta@pinecrest.example"),
        ("2026-05-20", "20 14:00", 60, "samuel@osprey.example"),
        ("2026-05-28", "28 20:30", 30, "sales@cloudhost.example"),
    ]
    assert found.left_out == {"free": 1, "private": 1}


def test_apple_s_export_with_floating_times_a_duration_and_a_night_of_the_change() -> None:
    asked = ASKED.model_copy(update={"addresses": frozenset({IDA})})
    assert told(read("apple.ics", asked)) == [
        ("2026-04-04", "04 12:00", 360, "lin.mori@sable.example"),  # six hours by five on the clock
        ("2026-06-03", "02 23:00", 45, "lin.mori@sable.example"),
        ("2026-06-04", "04 01:00", 90, "lin.mori@sable.example"),  # floating: in Sydney, like most
    ]
    assert read("apple.ics", asked).left_out == {"longer than 12 hours": 1}
    elsewhere = told(read("apple.ics", asked.model_copy(update={"zone": "Europe/Berlin"})))
    assert elsewhere[1:] == [
        ("2026-06-03", "02 23:00", 45, "lin.mori@sable.example"),
        ("2026-06-04", "04 09:00", 90, "lin.mori@sable.example"),
    ]


def test_whoever_owns_the_calendar_is_no_customer_and_declines_for_themselves() -> None:
    lines = (*HALF_AN_HOUR, f"ATTENDEE;PARTSTAT=DECLINED:mailto:{IDA.upper()}")
    open_ = ASKED.model_copy(update={"own": frozenset({"other.example"})})
    data = calendar(event(*lines))
    assert read_calendar(data, open_).meetings[0].others == ("noor@marlowe.example",)
    hers = open_.model_copy(update={"addresses": frozenset({IDA})})
    assert read_calendar(data, hers) == Agenda(owner=None, meetings=(), left_out={"declined": 1})


def test_a_meeting_keeps_its_id_when_it_is_moved_and_in_every_calendar() -> None:
    first = read_calendar(calendar(event(*HALF_AN_HOUR)), ASKED).meetings[0]
    later = (
        *("DTSTART;TZID=Europe/Berlin:20260506T100000", "DURATION:PT1H", "SEQUENCE:4"),
        "ATTENDEE:mailto:tom.bell@coldhaven.example",
    )
    moved = read_calendar(calendar(event(*later)), ASKED).meetings[0]
    assert (moved.meeting_id, moved.sequence) == (first.meeting_id, 4)
    assert moved.starts != first.starts


def test_of_two_states_of_one_meeting_the_later_counts() -> None:
    newer = event("DTSTART:20260507T080000Z", "DTEND:20260507T090000Z", "SEQUENCE:2")
    for order in ((event(*HALF_AN_HOUR), newer), (newer, event(*HALF_AN_HOUR))):
        (met,) = read_calendar(calendar(*order), ASKED).meetings
        assert met.day == dt.date(2026, 5, 7)


def test_a_series_without_an_end_is_unfolded_as_far_as_asked() -> None:
    daily = event("DTSTART:19990105T080000Z", "DTEND:19990105T083000Z", "RRULE:FREQ=DAILY")
    found = read_calendar(calendar(daily), ASKED)
    assert (len(found.meetings), found.meetings[-1].day) == (365, dt.date(2026, 12, 31))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=5",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=8,9,10;BYMINUTE=0,10,20,30,40,50",
    ],
)
def test_what_comes_again_more_often_than_anybody_meets_is_left_out(rule: str) -> None:
    often = event(*HALF_AN_HOUR, f"RRULE:{rule}", uid="bomb")
    found = read_calendar(calendar(often, event(*HALF_AN_HOUR)), ASKED)
    assert len(found.meetings) == 1
    assert found.left_out == {"again more often than daily": 1}


def test_very_many_times_are_refused() -> None:
    daily = [
        event("DTSTART:20250105T080000Z", "DURATION:PT30M", "RRULE:FREQ=DAILY", uid=f"u{n}")
        for n in range(60)
    ]
    with pytest.raises(TooLarge, match="over 20,000 meetings with others"):
        read_calendar(calendar(*daily), ASKED)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no calendar"),
        (b"\x89PNG\r\n\x1a\n" * 50, "no calendar"),
        (b"<html>BEGIN:VEVENT</html>", "no calendar"),
        ((FOLDER / "google.ics").read_bytes()[:2000], "breaks off before its end"),
        (calendar("BEGIN:VEVENT", "UID:open"), "cannot be read"),
        (b"BEGIN:VCALENDAR\r\nno line at all\r\nEND:VCALENDAR\r\n", "cannot be read"),
        (calendar(*["BEGIN:VEVENT\r\nEND:VEVENT"] * (LIMIT_EVENTS * 2)), "100,000 events"),
    ],
)
def test_what_is_no_calendar_is_refused_in_a_sentence(data: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read_calendar(data, ASKED)


def test_damaged_events_are_left_out_and_the_others_read() -> None:
    damaged = [
        event("DTSTART:someday", "DTEND:20260505T083000Z", uid="a"),
        event(*HALF_AN_HOUR, "RRULE:FREQ=NEVER", uid="b"),
        event("DTSTART:20260505T080000Z", "DTEND:20260505T080000Z", uid="c"),
        event("DTSTART:20260505T080000Z", "DTEND:20260504T080000Z", uid="d"),
        event("DTEND:20260505T080000Z", uid="e"),
        event(*HALF_AN_HOUR, "SEQUENCE:many", uid="f"),
    ]
    found = read_calendar(calendar(*damaged, event(*HALF_AN_HOUR, uid="good")), ASKED)
    assert len(found.meetings) == 1
    assert found.left_out == {"damaged": 4, "without a length": 1, "longer than 12 hours": 1}


def test_words_of_an_event_are_never_read() -> None:
    said = read("google.ics").model_dump_json()
    assert not any(word in said for word in ("qwobbleplex", "zyxthornian", "Vrumquist", "Noor"))
