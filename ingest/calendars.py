"""Reads a person's calendar (iCalendar, RFC 5545): its meetings with people of other firms.

Only what tells that such a conversation takes place is taken out: when, and with whom. Titles,
descriptions and places are never read. Events that recur are unfolded within ``Asked``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from pydantic import Field

from ingest.errors import BadInput, TooLarge
from ingest.invited import ADDRESS, declined, listed, others_of
from ingest.models import Frozen

LIMIT_BYTES = 20_000_000
LIMIT_EVENTS = 50_000  # ten years of a full calendar are about 25,000
LIMIT_MEETINGS = 20_000  # once unfolded
_LONGEST = dt.timedelta(hours=12)  # a conference, a holiday, a journey: no conversation
_OFTEN = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})  # nobody meets so often
_AGAIN = ("RRULE", "RDATE", "RECURRENCE-ID")
_DAMAGED = (ValueError, TypeError, KeyError, AttributeError, OverflowError)
_HIDDEN = frozenset({"PRIVATE", "CONFIDENTIAL"})
_ONE_EVENT = re.compile(rb"^BEGIN:VEVENT\s*$", re.MULTILINE | re.IGNORECASE)


class Asked(Frozen):
    """Whose calendar it is and what of it is wanted. Addresses and domains are lower case.

    ``own`` are domains of the person's firm; ``since`` and ``until`` are days, both included.
    ``zone`` is where times without one are; ``None``: where most of the calendar's are, else here.
    """

    own: frozenset[str]
    addresses: frozenset[str]
    since: dt.date
    until: dt.date
    zone: str | None = None


class Meeting(Frozen):
    """``others`` are the addresses of people of other firms who come; ``day`` is where the person
    is. ``starts`` and ``ends`` are UTC.
    """

    meeting_id: str = Field(pattern=r"[0-9a-f]{40}")
    sequence: int = Field(ge=0, le=2**31 - 1)
    day: dt.date
    starts: dt.datetime
    ends: dt.datetime
    others: tuple[str, ...]


class Agenda(Frozen):
    """What a calendar holds. ``left_out`` counts by reason; ``owner`` is the address that it is
    named by, if it is.
    """

    owner: str | None
    meetings: tuple[Meeting, ...]
    left_out: dict[str, int]


def read_calendar(data: bytes, asked: Asked) -> Agenda:
    """The meetings of one ``.ics``. Raises ``BadInput`` for what is no calendar, or half of one."""
    calendars = _parsed(data)
    owners = [name for one in calendars if (name := _owner(one)) is not None]
    people = asked.model_copy(update={"addresses": asked.addresses | frozenset(owners)})
    left_out: Counter[str] = Counter()
    found: dict[str, Meeting] = {}
    for calendar in calendars:
        zone = _zone(calendar, asked.zone)
        for event, recurs in _occurrences(calendar, people, left_out):
            met = _meeting(event, people, zone, left_out, recurs=recurs)
            if met is None or not asked.since <= met.day <= asked.until:
                continue
            before = found.get(met.meeting_id)
            if before is None or met.sequence >= before.sequence:
                found[met.meeting_id] = met
            if len(found) > LIMIT_MEETINGS:
                raise TooLarge(
                    f"the calendar has over {LIMIT_MEETINGS:,} meetings with others between "
                    f"{asked.since} and {asked.until}; export a part of it"
                )
    order = sorted(found.values(), key=lambda one: (one.starts, one.meeting_id))
    return Agenda(
        owner=owners[0] if owners else None, meetings=tuple(order), left_out=dict(left_out)
    )


# --- the file ------------------------------------------------------------------------------------


def _parsed(data: bytes) -> list[icalendar.Calendar]:
    if len(data) > LIMIT_BYTES:
        raise TooLarge(f"the calendar has over {LIMIT_BYTES:,} bytes; export a part of it")
    if b"BEGIN:VCALENDAR" not in data[:4096].upper():
        raise BadInput("it is no calendar; export it as iCalendar (.ics)")
    if (n := len(_ONE_EVENT.findall(data))) > LIMIT_EVENTS:
        raise TooLarge(
            f"the calendar has {n:,} events and {LIMIT_EVENTS:,} are read; export a part of it"
        )
    if not data.rstrip().upper().endswith(b"END:VCALENDAR"):
        raise BadInput("the calendar breaks off before its end; export or fetch it again")
    try:
        found = icalendar.Calendar.from_ical(data, multiple=True)
    except (ValueError, IndexError, KeyError, RecursionError) as problem:
        raise BadInput("the calendar cannot be read; export it again") from problem
    whole = [one for one in found if isinstance(one, icalendar.Calendar)]
    if not whole or len(whole) < len(found):
        raise BadInput("the calendar cannot be read; export it again")
    return whole


def _owner(calendar: icalendar.Calendar) -> str | None:
    """Google names a calendar by its person's address."""
    named = ADDRESS.fullmatch(str(calendar.get("X-WR-CALNAME", "")).strip().lower())
    return named.group() if named else None


def _zone(calendar: icalendar.Calendar, given: str | None) -> dt.tzinfo | None:
    """Where the person is: as told, as the calendar says, else where most of its events are."""
    for name in (given, str(calendar.get("X-WR-TIMEZONE", ""))):
        if name and (zone := _zone_named(name)) is not None:
            return zone
    zones: Counter[dt.tzinfo] = Counter()
    for event in _events(calendar):
        start = _time(event, "DTSTART")
        if isinstance(start, dt.datetime) and start.tzinfo not in (None, dt.UTC, ZoneInfo("UTC")):
            zones[start.tzinfo] += 1
    return zones.most_common(1)[0][0] if zones else None


def _zone_named(name: str) -> dt.tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # no zone, or a path
        return None


# --- its events ----------------------------------------------------------------------------------


def _events(calendar: icalendar.Calendar) -> list[icalendar.Event]:
    return [one for one in calendar.walk("VEVENT") if isinstance(one, icalendar.Event)]


def _occurrences(
    calendar: icalendar.Calendar, asked: Asked, left_out: Counter[str]
) -> Iterator[tuple[icalendar.Event, bool]]:
    """Each time that an event with others takes place, and whether it does so more than once."""
    series: dict[str, list[icalendar.Event]] = {}
    for event in _events(calendar):
        series.setdefault(str(event.get("UID", id(event))), []).append(event)
    for events in series.values():
        if not any(others_of(event, asked.own, asked.addresses) for event in events):
            continue
        if any(_too_often(event) for event in events):
            left_out["again more often than daily"] += 1
            continue
        recurs = any(name in event for event in events for name in _AGAIN)
        try:
            times = _unfolded(calendar, events, asked)
        except _DAMAGED:  # whoever sends an invitation writes it: one keeps no other
            left_out["damaged"] += 1
            continue
        yield from ((event, recurs) for event in times)


def _unfolded(
    calendar: icalendar.Calendar, events: list[icalendar.Event], asked: Asked
) -> list[icalendar.Event]:
    alone = icalendar.Calendar()
    for name in ("CALSCALE", "X-WR-TIMEZONE"):
        if name in calendar:
            alone.add(name, calendar[name])
    alone.subcomponents += events
    # A day more on both sides: on which day it is where the person is, is not known yet.
    since, until = asked.since - dt.timedelta(days=1), asked.until + dt.timedelta(days=2)
    return list(recurring_ical_events.of(alone).between(since, until))


def _too_often(event: icalendar.Event) -> bool:
    for rule in listed(event.get("RRULE")):
        if not isinstance(rule, icalendar.vRecur):
            continue
        told = {str(key).upper(): value for key, value in rule.items()}
        freq = {str(one).upper() for one in listed(told.get("FREQ"))}
        times = [len(listed(told.get(name))) for name in ("BYHOUR", "BYMINUTE", "BYSECOND")]
        if freq & _OFTEN or any(n > 1 for n in times):
            return True
    return False


def _meeting(
    event: icalendar.Event,
    asked: Asked,
    zone: dt.tzinfo | None,
    left_out: Counter[str],
    *,
    recurs: bool,
) -> Meeting | None:
    """``None``, and counted with its reason, where it is no conversation with others."""
    others = others_of(event, asked.own, asked.addresses)
    if not others:
        return None
    start, end = _time(event, "DTSTART"), _end(event)
    why = _why_not(event, asked, others, start, end)
    if why is not None:
        left_out[why] += 1
        return None
    assert isinstance(start, dt.datetime)
    assert isinstance(end, dt.datetime)
    try:
        begins, ends = _here(start, zone), _here(end, zone)
        starts, until = begins.astimezone(dt.UTC), ends.astimezone(dt.UTC)
    except (OverflowError, ValueError):  # in the year 1 or 9999
        return None
    if not dt.timedelta(0) < until - starts <= _LONGEST:
        left_out["longer than 12 hours" if until > starts else "without a length"] += 1
        return None
    return Meeting(
        meeting_id=_id(event, starts, recurs=recurs),
        sequence=_sequence(event),
        day=begins.date(),
        starts=starts,
        ends=until,
        others=tuple(sorted(address for address, comes in others.items() if comes)),
    )


def _why_not(
    event: icalendar.Event, asked: Asked, others: dict[str, bool], start: object, end: object
) -> str | None:
    if str(event.get("CLASS", "")).upper() in _HIDDEN:
        return "private"
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return "cancelled"
    if declined(event, asked.addresses) or not any(others.values()):
        return "declined"
    if not isinstance(start, dt.datetime) or not isinstance(end, dt.datetime):
        return "all day"
    busy = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
    if str(event.get("TRANSP", "")).upper() == "TRANSPARENT" or busy == "FREE":
        return "free"
    return None


def _time(event: icalendar.Event, name: str) -> object:
    value = event.get(name)
    return value.dt if isinstance(value, icalendar.vDDDTypes | icalendar.vDuration) else None


def _end(event: icalendar.Event) -> object:
    start, end, lasts = (_time(event, name) for name in ("DTSTART", "DTEND", "DURATION"))
    if end is None and isinstance(start, dt.datetime) and isinstance(lasts, dt.timedelta):
        return start + lasts
    return end


def _here(time: dt.datetime, zone: dt.tzinfo | None) -> dt.datetime:
    """At the person's place; a time without a zone is meant there."""
    if time.tzinfo is None and zone is not None:
        return time.replace(tzinfo=zone)
    return time.astimezone(zone)


def _id(event: icalendar.Event, starts: dt.datetime, *, recurs: bool) -> str:
    """The same in every calendar that has the meeting, and when it is moved or loaded again."""
    again = _time(event, "RECURRENCE-ID") if recurs else None
    if isinstance(again, dt.datetime) and again.tzinfo is not None:
        again = again.astimezone(dt.UTC)
    uid = str(event.get("UID", "")) or starts.isoformat()
    return hashlib.sha256(f"{uid}\n{again or ''}".encode()).hexdigest()[:40]


def _sequence(event: icalendar.Event) -> int:
    try:
        return min(max(int(event.get("SEQUENCE", 0)), 0), 2**31 - 1)
    except (TypeError, ValueError):
        return 0
