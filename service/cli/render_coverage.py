"""What `firsthand coverage` prints for people: the board, the weeks, the gaps, whom to call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from service.cli.text import money, plain

if TYPE_CHECKING:
    from service.shapes import BoardRow, CoverageReport, Gap, ListeningWeek, Milestone

_WIDE = 100  # columns from which on there is room for the first and the last day
_FROM = {
    "given": "as given",
    "set": "as set",
    "remembered": "as remembered from the memo",
    "first call": "the first call; `firsthand settings start=DAY` sets another",
}


def coverage(report: CoverageReport, names: Mapping[str, str]) -> None:
    # Names and words are hostile text: never markup, never emoji codes.
    console = Console(markup=False, highlight=False, emoji=False)
    _head(console, report)
    if report.board:
        for milestone in report.milestones:
            _milestone(console, report, milestone, names)
        _heading(console, "The board")
        console.print(_board(report, wide=console.width >= _WIDE))
        legend = "d14, d30: heard by that day. min: how long their people spoke, in minutes."
        _line(console, legend)
    if report.weeks:
        _hours(console, report)
    for trait, found in (
        ("tier", report.gaps.tier),
        ("segment", report.gaps.segment),
        ("region", report.gaps.region),
    ):
        _gaps(console, trait, found, names)
    if report.unhappy_silent:
        _heading(console, "Unhappy or wavering (by the CRM), and not heard")
    for account in report.unhappy_silent:
        facts = [f"health {account.health}"]
        if account.arr_usd is not None:
            facts.append(f"{money(account.arr_usd)} a year")
        if account.renewal_date:
            facts.append(f"renewal {account.renewal_date}")
        if not account.on_board:
            facts.append("not on the board")
        _item(console, account.name, ", ".join(facts))
    if report.calls_without_account:
        _heading(console, "Calls without an account")
        _line(console, ", ".join(report.calls_without_account))
    if any(row.booked or row.overdue for row in report.board):
        _heading(console, "Booked")
    for row in report.board:
        if row.booked:
            by = " (in a calendar)" if row.booked_by == "calendar" else ""
            _item(console, row.name, f"{row.booked}{by}")
        if row.overdue:
            _item(
                console, row.name, f"{row.overdue} has passed; no call of that day or later is here"
            )
    if report.next_calls:
        _heading(console, "Call next")
    for n, call in enumerate(report.next_calls, start=1):
        _item(console, f"{n}. {names.get(call.account_id, call.account_id)}", call.why)


def _head(console: Console, report: CoverageReport) -> None:
    calls = f"{report.calls_read} call" + ("" if report.calls_read == 1 else "s")
    console.print(
        f"heard {report.accounts_heard} of {report.accounts_in_scope} accounts, "
        f"{money(report.arr_heard_usd)} of {money(report.arr_in_scope_usd)} ARR, {calls}"
    )
    if report.start and report.start_from:
        day = f"day {report.day}, " if report.day is not None and report.day >= 0 else ""
        console.print(f"{day}counted from {report.start} ({_FROM[report.start_from]})")
    for note in report.notes:
        console.print(Text(f"! {plain(note)}", style="yellow"))


def _milestone(
    console: Console, report: CoverageReport, mark: Milestone, names: Mapping[str, str]
) -> None:
    due = "" if mark.reached else ", not yet reached"
    _heading(console, f"By day {mark.day} ({mark.date}{due})")
    so_far = "" if mark.reached else "so far "
    _line(
        console,
        f"{so_far}heard {mark.accounts_heard} of {report.accounts_in_scope} accounts, "
        f"{money(mark.arr_heard_usd)} of {money(report.arr_in_scope_usd)} ARR",
    )
    if mark.accounts_silent:
        _line(console, f"not heard: {_named(mark.accounts_silent, names)}")


def _board(report: CoverageReport, *, wide: bool) -> Table:
    days = ("first", "last") if wide else ()
    right = ("#", "ARR", "calls", "min")
    columns = ("#", "account", "ARR", "renewal", "health", "d14", "d30", "calls", "min", *days)
    table = _table(columns, right=right)
    reached = [mark.reached for mark in report.milestones] or [True, True]
    for row in report.board:
        by = zip((row.heard_by_day_14, row.heard_by_day_30), reached, strict=True)
        cells: list[object] = [row.rank, row.name, money(row.arr_usd), row.renewal_date, row.health]
        cells += [_by(heard, day_reached) for heard, day_reached in by]
        cells += [
            len(row.calls) if row.heard else "booked" if row.booked else "silent",
            _minutes(row),
        ]
        cells += [row.first_heard, row.last_heard] if wide else []
        table.add_row(*map(_cell, cells), style="" if row.heard else "bold")
    return table


def _by(heard: bool | None, reached: bool) -> str:
    if heard is not None:
        return "yes" if heard else "no"
    return "?" if reached else "open"


def _minutes(row: BoardRow) -> str | None:
    if not row.heard:
        return None
    # An estimate, even in part, must not pass for a measurement.
    about = "≈" if row.estimated_minutes else ""
    return f"{about}{row.customer_minutes + row.estimated_minutes:.0f}"


def _hours(console: Console, report: CoverageReport) -> None:
    _heading(console, f"Hours with customers (goal: more than {report.goal_hours:g} a week)")
    settled = [week.goal_met for week in report.weeks if week.goal_met is not None]
    met = f"met in {sum(settled)} of {len(settled)} weeks; " if settled else ""
    heard = sum(week.calls for week in report.weeks)
    _line(console, f"{met}calls with customers, on the board or not: {heard}")
    console.print(_weeks(report.weeks))


def _weeks(weeks: Sequence[ListeningWeek]) -> Table:
    columns = ("week", "from", "to", "calls", "customers spoke", "calls lasted", "goal")
    table = _table(columns, right=("week", "calls", "customers spoke", "calls lasted"))
    for silent, group in groupby(weeks, key=lambda week: not week.calls and week.goal_met is False):
        found = list(group)
        # Weeks on end without a call are one line, else a quiet year hides the busy month.
        for some in [found] if silent else [[week] for week in found]:
            table.add_row(*map(_cell, _weeks_cells(some)))
    return table


def _weeks_cells(some: Sequence[ListeningWeek]) -> Iterator[object]:
    first, last = some[0], some[-1]
    yield first.week if first is last else f"{first.week}–{last.week}"
    yield first.first
    yield last.last
    yield first.calls
    about = "≈" if first.estimated_hours else ""
    yield f"{about}{first.customer_hours + first.estimated_hours:.2f} h"
    # At least so long, when not every call says how long it was.
    more = "+" if first.calls_without_length else ""
    yield None if first.call_hours is None else f"{first.call_hours:.2f}{more} h"
    yield {True: "met", False: "below", None: "runs"}[first.goal_met]


def _gaps(console: Console, trait: str, found: Sequence[Gap], names: Mapping[str, str]) -> None:
    silent = [gap for gap in found if gap.accounts_silent]
    if not silent:
        return
    _heading(console, f"Gaps by {trait}")
    table = _table((trait, "heard", "ARR not heard", "not heard"), right=("ARR not heard",))
    for gap in silent:
        missing = money(gap.arr_in_scope_usd - gap.arr_heard_usd)
        heard = f"{gap.accounts_heard} of {gap.accounts_in_scope}"
        table.add_row(*map(_cell, (gap.value, heard, missing, _named(gap.accounts_silent, names))))
    console.print(table)
    whole = [gap.value or "not known" for gap in found if not gap.accounts_silent]
    if whole:
        _line(console, f"all heard: {', '.join(whole)}")


def _table(columns: Sequence[str], right: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(
            column,
            justify="right" if column in right else "left",
            header_style="bold",
            # A date or a number that is cut cannot be copied.
            no_wrap=column not in ("account", "health", "tier", "segment", "region", "not heard"),
            min_width=len(column),
        )
    return table


def _cell(value: object) -> Text:
    return Text("–" if value is None else plain(str(value)))


def _named(accounts: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(account, account) for account in accounts)


def _heading(console: Console, text: str) -> None:
    console.print(Text(f"\n{text}", style="bold"))


def _line(console: Console, text: str) -> None:
    console.print(Padding(Text(plain(text)), (0, 0, 0, 2), expand=False))


def _item(console: Console, name: str, facts: str) -> None:
    line = Text(plain(name), style="bold")
    line.append(f": {plain(facts)}", style="not bold")
    console.print(Padding(line, (0, 0, 0, 2), expand=False))
