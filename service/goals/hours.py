"""First-hand hours: how long each person of ours was in conversation with customers, week by week.

Heard are calls that are in; a meeting in a calendar counts beside them unless a call came of it
(``service.goals.once``); one that is still to come is booked, and no hour yet. Nobody is in two
meetings at once: of meetings that overlap, the time counts once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import Field

from ingest.errors import BadInput
from ingest.library import Library
from ingest.models import Frozen
from ingest.store import list_accounts
from ingest.tables import listeners
from service.goals.meetings import Met, meetings_between
from service.goals.once import same
from service.goals.people import named, our_people
from service.goals.talks import Talk, talks
from service.home_settings import home_settings
from service.scope import resolve
from service.shapes import Filters

WEEKS_MOST = 53
WEEK = dt.timedelta(days=7)
_YEARS = (1972, 2200)  # else weeks before or after it overflow


class Hours(Frozen):
    """``heard_hours`` are calls that are in, ``calendar_hours`` past meetings without one,
    ``booked_hours`` meetings to come; ``hours`` are the first two. ``unplaced_hours`` are those of
    them with firms that are no account, or several, whose ``domains`` are named.
    """

    hours: float
    heard_hours: float
    calendar_hours: float
    booked_hours: float
    unplaced_hours: float
    estimated: bool = Field(description="a transcript without times is in it, by its words")
    calls: tuple[str, ...]
    meetings_n: int
    booked_n: int
    accounts: tuple[str, ...] = Field(description="heard or met")
    accounts_booked: tuple[str, ...]
    domains: tuple[str, ...]


class PersonWeek(Hours):
    person: str
    goal_hours: float
    own_goal: bool
    gap_hours: float = Field(description="what is missing; 0 once the goal is met")
    goal_met: bool | None = Field(description="null while the week still runs and is below")
    calendar: bool = Field(description="whether a calendar of theirs is here")


class GoalWeek(Frozen):
    """An ISO week. ``team`` has each conversation once, however many of ours were in it."""

    week: str = Field(description="2026-W23")
    first: dt.date
    last: dt.date
    people: tuple[PersonWeek, ...] = Field(description="most hours first")
    team: Hours
    people_met: int


class Goals(Frozen):
    """``goal_hours`` is the home's; the newest week is the last."""

    goal_hours: float
    weeks: tuple[GoalWeek, ...]
    calls_without_date: int
    names: dict[str, str] = Field(description="of the accounts that are named by id")


@dataclass(frozen=True, slots=True)
class _Listener:
    name: str
    goal_hours: float | None = None
    calendar: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """Everything of one week; ``now`` tells past from to come."""

    talks: Sequence[Talk]
    meetings: Sequence[Met]
    now: dt.datetime


def goals(
    library: Library,
    now: dt.datetime,
    week: dt.date | None = None,
    weeks: int = 1,
    person: str | None = None,
) -> Goals:
    """So many weeks up to the one that ``week`` is in, by default this one. Of one ``person`` or
    everybody. Raises ``BadInput``.
    """
    if not 1 <= weeks <= WEEKS_MOST:
        raise BadInput(f"So many weeks cannot be shown: {weeks}; give 1 to {WEEKS_MOST}.")
    last = monday(week or now.date())
    first = last - (weeks - 1) * WEEK
    with library.read() as connection:
        only = named(connection, person).key if person is not None else None
        home = home_settings(connection).goal_hours
        scope = resolve(connection, Filters())
        heard = talks(connection, scope, first, last + WEEK - dt.timedelta(days=1))
        planned = meetings_between(connection, first, last + WEEK - dt.timedelta(days=1))
        known = _listeners(connection)
        names = {a.account_id: a.name for a in list_accounts(connection)}
    undated = sum(c.date is None and c.customer_utterances > 0 for c in scope.calls)
    found = []
    for n in range(weeks):
        monday_ = first + n * WEEK
        days = frozenset(monday_ + dt.timedelta(days=d) for d in range(7))
        of_week = _Found(
            [t for t in heard if t.day in days], [m for m in planned if m.day in days], now
        )
        found.append(_week(monday_, of_week, known, home, only))
    named_ids = {a for week_ in found for a in _named(week_)}
    return Goals(
        goal_hours=home,
        weeks=tuple(found),
        calls_without_date=undated,
        names={a: names[a] for a in sorted(named_ids) if a in names},
    )


def monday(day: dt.date) -> dt.date:
    """The first day of the ISO week. Raises ``BadInput`` for one that nobody means."""
    if not _YEARS[0] <= day.year <= _YEARS[1]:
        raise BadInput(f"{day} is no day of a week that anybody works in; give another.")
    return day - dt.timedelta(days=day.weekday())


def name_of(first: dt.date) -> str:
    year, week, _ = first.isocalendar()
    return f"{year}-W{week:02}"


def _named(week: GoalWeek) -> Iterator[str]:
    for one in (*week.people, week.team):
        yield from (*one.accounts, *one.accounts_booked)


def _listeners(connection: sa.Connection) -> dict[str, _Listener]:
    """Everybody of ours whom calls name or who has a goal or a calendar."""
    found = {key: _Listener(one.name) for key, one in our_people(connection).items()}
    for row in connection.execute(sa.select(listeners)):
        found[row.key] = _Listener(row.name, row.goal_hours, row.loaded_at is not None)
    return found


def _week(
    first: dt.date, found: _Found, known: Mapping[str, _Listener], home: float, only: str | None
) -> GoalWeek:
    last = first + WEEK - dt.timedelta(days=1)
    became: dict[str, Talk] = {}
    people = []
    heard_by: dict[str, list[Talk]] = {}
    for talk in found.talks:
        for key in talk.people:
            heard_by.setdefault(key, []).append(talk)
    met_by: dict[str, list[Met]] = {}
    for met in found.meetings:
        met_by.setdefault(met.key, []).append(met)
    tracked = {key for key, one in known.items() if one.calendar or one.goal_hours is not None}
    for key in sorted(heard_by.keys() | met_by.keys() | tracked):
        mine = _Found(heard_by.get(key, []), met_by.get(key, []), found.now)
        own = same(mine.talks, mine.meetings, found.now)
        became.update(own)
        if only is None or key == only:
            listener = known.get(key, _Listener(key))
            over = last < found.now.date()
            people.append(_person(listener, _hours(mine, own), home, over=over))
    people.sort(key=lambda one: (-one.hours, one.person.casefold()))
    return GoalWeek(
        week=name_of(first),
        first=first,
        last=last,
        people=tuple(people),
        team=_team(found, became),
        people_met=sum(bool(one.goal_met) for one in people),
    )


def _person(listener: _Listener, hours: Hours, home: float, *, over: bool) -> PersonWeek:
    goal = listener.goal_hours or home
    met = hours.hours >= goal
    return PersonWeek(
        **dict(hours),
        person=listener.name,
        goal_hours=goal,
        own_goal=listener.goal_hours is not None,
        gap_hours=_rounded(max(0.0, goal - hours.hours) * 3600),
        goal_met=met if met or over else None,
        calendar=listener.calendar,
    )


def _team(found: _Found, became: Mapping[str, Talk]) -> Hours:
    """A meeting of several people is one, and what nobody of them is known to have spoken in may
    still have become a call.
    """
    each = list({met.meeting_id: met for met in found.meetings}.values())
    taken = {talk.call_id for talk in became.values()}
    left = [talk for talk in found.talks if talk.call_id not in taken]
    more = same(left, [met for met in each if met.meeting_id not in became], found.now)
    return _hours(_Found(found.talks, each, found.now), {**became, **more}, together=True)


def _hours(found: _Found, became: Mapping[str, Talk], *, together: bool = False) -> Hours:
    """``together``: of several people, who may well be in different meetings at once."""
    alone = [met for met in found.meetings if met.meeting_id not in became]
    past = [met for met in alone if met.ends <= found.now]
    to_come = [met for met in alone if met.ends > found.now]
    attended = [met for met in found.meetings if met.meeting_id in became]
    counted = list(_counted(past, () if together else attended, together=together))
    booked = list(_counted(to_come, (), together=together))
    heard_s = sum(talk.seconds for talk in found.talks)
    calendar_s = sum(seconds for _, seconds in counted)
    met = [one for one, _ in counted]
    return Hours(
        hours=_rounded(heard_s + calendar_s),
        heard_hours=_rounded(heard_s),
        calendar_hours=_rounded(calendar_s),
        booked_hours=_rounded(sum(seconds for _, seconds in booked)),
        unplaced_hours=_rounded(sum(s for one, s in counted if one.account_id is None)),
        estimated=any(talk.estimated for talk in found.talks),
        calls=tuple(talk.call_id for talk in found.talks),
        meetings_n=len(met),
        booked_n=len(booked),
        accounts=_ids([t.account_id for t in found.talks] + [one.account_id for one in met]),
        accounts_booked=_ids(one.account_id for one, _ in booked),
        domains=tuple(sorted({d for one in met if one.account_id is None for d in one.domains})),
    )


def _counted(
    meetings: Iterable[Met], attended: Collection[Met], *, together: bool
) -> Iterator[tuple[Met, float]]:
    """Each meeting with the seconds of it in which no other that counts went on."""
    busy = [(met.starts, met.ends) for met in attended]
    for met in sorted(meetings, key=lambda one: (one.starts, one.meeting_id)):
        if together:
            yield met, met.seconds
            continue
        free = _free(met, busy)
        busy.append((met.starts, met.ends))
        if free > 0:
            yield met, free


def _free(met: Met, busy: Iterable[tuple[dt.datetime, dt.datetime]]) -> float:
    """Seconds of the meeting outside the spans ``busy``."""
    at, free = met.starts, 0.0
    for start, end in sorted(busy):
        if end <= at or start >= met.ends:
            continue
        free += max(0.0, (start - at).total_seconds())
        at = max(at, end)
    return free + max(0.0, (met.ends - at).total_seconds())


def _ids(found: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({one for one in found if one is not None}))


def _rounded(seconds: float) -> float:
    return round(seconds / 3600, 3)
