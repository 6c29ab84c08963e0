"""What `firsthand goals` prints for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.cli.printing import console, heading, indented, several
from service.cli.text import plain

if TYPE_CHECKING:
    from service.goals.hours import Goals, GoalWeek, Hours, PersonWeek
    from service.goals.loading import CalendarChange

_MET = {True: "met", False: "below", None: "runs"}
_FIRMS = 5  # named of those that are no account


def goals(found: Goals) -> None:
    to = console()
    for week in found.weeks:
        _week(to, week, found.names)
    if found.calls_without_date:
        n = several(found.calls_without_date, "call")
        indented(to, f"{n} without a date count in no week: see `firsthand calls`.", "dim", by=0)


def _week(to: Console, week: GoalWeek, names: Mapping[str, str]) -> None:
    heading(to, f"{week.week}, {week.first} to {week.last}")
    if not week.people:
        indented(to, "Nobody of yours was in a call or has a calendar here.")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("person", no_wrap=True)
    for name in ("hours", "heard", "calendar", "booked", "goal", "missing"):
        table.add_column(name, justify="right")
    table.add_column("")
    table.add_column("with")
    for one in week.people:
        goal = f"{one.goal_hours:g}{'*' if one.own_goal else ''}"
        gap = _hours(one.gap_hours) if one.gap_hours else "–"
        table.add_row(*_cells(one.person, one), goal, gap, _MET[one.goal_met], _with(one, names))
    met = f"{week.people_met} of {len(week.people)} met"
    table.add_row(*_cells("team", week.team), "", "", met, style="bold")
    to.print(table)
    for line in _below(week.people, week.team):
        indented(to, line, "dim", by=0)


def _cells(who: str, of: Hours) -> Iterator[Text]:
    yield Text(plain(who))
    for value in (of.hours, of.heard_hours, of.calendar_hours, of.booked_hours):
        sure = not (of.estimated and value in (of.hours, of.heard_hours) and value)
        yield Text(("" if sure else "≈") + _hours(value))


def _with(one: PersonWeek, names: Mapping[str, str]) -> Text:
    heard = [names.get(a, a) for a in one.accounts]
    booked = [f"{names.get(a, a)} (booked)" for a in one.accounts_booked]
    return Text(plain(", ".join([*heard, *booked])))


def _below(people: tuple[PersonWeek, ...], team: Hours) -> Iterator[str]:
    if team.unplaced_hours:
        firms = ", ".join(team.domains[:_FIRMS])
        more = f" and {len(team.domains) - _FIRMS} more" if len(team.domains) > _FIRMS else ""
        yield (
            f"{_hours(team.unplaced_hours)} h of them with firms that are no account: {firms}{more}"
            ". `firsthand settings not_customers=DOMAIN` leaves a supplier out."
        )
    if len(people) > 1:
        yield "team: each conversation once, however many of yours were in it."
    if any(one.own_goal for one in people):
        yield "* a goal of their own (`firsthand goals set`)."


def change(found: CalendarChange, *, dry_run: bool) -> None:
    to = console()
    would = "would be" if dry_run else "are"
    to.print(
        plain(
            f"{several(found.meetings, 'meeting')} with customers {would} in the calendar of "
            f"{found.person}, {found.since} to {found.until}."
        ),
        soft_wrap=True,
    )
    counted = {
        "new": found.added,
        "changed": found.changed,
        "gone": found.removed,
        "as before": found.same,
        "later here than in the file": found.older,
    }
    indented(to, ", ".join(f"{n} {what}" for what, n in counted.items() if n) or "nothing new")
    if found.left_out:
        left = ", ".join(f"{n} {why}" for why, n in sorted(found.left_out.items()))
        indented(to, f"Left out: {left}.")
    if found.unplaced:
        firms = list(found.unplaced)[:_FIRMS]
        more = f" and {len(found.unplaced) - _FIRMS} more" if len(found.unplaced) > _FIRMS else ""
        indented(to, f"Of no account that is known: {', '.join(firms)}{more}.")
    if not found.heard:
        indented(to, f"No call names {found.person}: write the name as calls have it.")


def _hours(value: float) -> str:
    return f"{value:.1f}" if value >= 0.05 or not value else f"{value:.2f}"
