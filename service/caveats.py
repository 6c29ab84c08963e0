"""What to know before relying on a coverage report: each shortcoming of the data as a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from service.listening import WORDS_PER_MINUTE, Heard
from service.scope import Scope
from service.shapes import StartFrom

_NAMED = 5  # accounts named in one sentence


@dataclass(frozen=True, slots=True)
class Start:
    """The day from which days and weeks count, and how it is known; ``None`` without any."""

    day: date | None
    known_from: StartFrom | None


def caveats(
    everyone: Scope, scope: Scope, heard: Sequence[Heard], start: Start, today: date
) -> Iterator[str]:
    """``everyone`` has the accounts of all sizes, ``scope`` those on the board."""
    if not scope.names:
        yield "There are no accounts: load them with `firsthand accounts import FILE.csv`."
    elif not scope.accounts:
        yield "No account is left by these filters."
    else:
        yield from _of_accounts(everyone)
    if not heard:
        yield (
            "No call here has a customer speaking: `firsthand add FILE` takes calls in, "
            "`firsthand speakers CALL` says who is the customer."
        )
    if scope.filters.since or scope.filters.until:
        yield "Only calls in the dates of the filters count: who was heard outside them is silent."
    yield from _of_dates(heard, start.day, today)
    if estimated := sum(call.estimated_s > 0 for call in heard):
        yield (
            f"{_calls(estimated, 'has', 'have')} no times: how long customers spoke there is "
            f"estimated at {WORDS_PER_MINUTE} words a minute, and marked ≈."
        )


def _of_accounts(everyone: Scope) -> Iterator[str]:
    unrated = [a.name for a in everyone.accounts if a.arr_usd is None]
    if not unrated:
        return
    if len(unrated) == len(everyone.accounts):
        yield "No account has an ARR, so there is no Top N: the board has all, by name."
    else:
        yield (
            f"Without an ARR, and so on no Top N: {_listed(unrated)}. "
            "Add arr_usd to the accounts file to rank them."
        )


def _of_dates(heard: Sequence[Heard], start: date | None, today: date) -> Iterator[str]:
    dated = [call.date for call in heard if call.date is not None]
    if undated := len(heard) - len(dated):
        yield (
            f"{_calls(undated, 'has', 'have')} no date: heard, but by no day and in no week. "
            "Add the file again with --date."
        )
    if late := sum(day > today for day in dated):
        yield f"{_calls(late, 'is', 'are')} dated after today, {today}: check the date."
    if start is None:
        if heard:
            yield "Without a date or --start there are no days or weeks to count."
        return
    if start > today:
        yield f"The start, {start}, is still to come: day 14 and day 30 are not due."
    elif dated and max(dated) < start:
        yield f"Every dated call lies before the start, {start}: none counts for a day or a week."
    elif early := sum(day < start for day in dated):
        yield (
            f"{_calls(early, 'lies', 'lie')} before the start, {start}: "
            "heard, but by no day and in no week."
        )


def _calls(n: int, one: str, more: str) -> str:
    return f"1 call {one}" if n == 1 else f"{n} calls {more}"


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
