"""When themes were spoken of: how often in each day, week or month of the calls there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from ingest.library import Library
from ingest.models import Frozen
from service.coding import code_ledger
from service.ledger import Evidence
from service.scope import Scope, resolve
from service.shapes import Filters, Theme
from service.themes import members_of, named_themes

Step = Literal["day", "week", "month"]
_MOST = 45  # steps from the first call to the last, of days and of weeks


class Heard(Frozen):
    """One step of time in which a theme was spoken of; ``date`` is its first day."""

    date: date
    mentions_n: int
    accounts_n: int


class CallsThen(Frozen):
    date: date
    calls_n: int


class ThemeTime(Frozen):
    theme_id: str
    label: str
    status: Literal["candidate", "confirmed"]
    rank: int
    first_heard: date | None
    last_heard: date | None
    mentions_n: int
    undated_n: int
    heard: tuple[Heard, ...]


class Timeline(Frozen):
    """``first`` and ``last`` are the days of the first and the last call in scope that has a date;
    ``step`` is what one entry of ``heard`` stands for.
    """

    first: date | None
    last: date | None
    step: Step
    calls: tuple[CallsThen, ...]
    themes: tuple[ThemeTime, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """The time that the calls in scope cover, and in what steps it is told."""

    first: date | None
    last: date | None
    step: Step

    def start(self, day: date) -> date:
        """The first day of the step that ``day`` lies in; weeks begin on Mondays."""
        if self.step == "week":
            return day - timedelta(days=day.weekday())
        return day.replace(day=1) if self.step == "month" else day


def timeline(library: Library, filters: Filters) -> Timeline:
    """Of all that has a name, by revenue. Raises ``BadInput`` for a filter that names nothing."""
    with library.read() as connection:
        scope = resolve(connection, filters)
        named = named_themes(library, connection, scope)
        members = members_of(code_ledger(library, connection), scope)
    span = span_of(scope)
    then = Counter(span.start(call.date) for call in scope.calls if call.date is not None)
    return Timeline(
        first=span.first,
        last=span.last,
        step=span.step,
        calls=tuple(CallsThen(date=day, calls_n=n) for day, n in sorted(then.items())),
        themes=tuple(
            _theme(theme, members[theme.id], span) for theme in sorted(named, key=lambda t: t.rank)
        ),
    )


def span_of(scope: Scope) -> Span:
    days = [call.date for call in scope.calls if call.date is not None]
    if not days:
        return Span(None, None, "day")
    first, last = min(days), max(days)
    length = (last - first).days
    step: Step = "day" if length < _MOST else "week" if length < 7 * _MOST else "month"
    return Span(first, last, step)


def heard(items: Iterable[Evidence], span: Span) -> tuple[Heard, ...]:
    """The steps in which ``items`` were said; what has no date is in none."""
    places: dict[date, set[tuple[str, int]]] = {}
    voices: dict[date, set[str]] = {}
    for item in items:
        if item.date is None:
            continue
        start = span.start(item.date)
        places.setdefault(start, set()).add((item.spoken.call_id, item.spoken.i))
        mine = voices.setdefault(start, set())
        if item.account_id is not None:
            mine.add(item.account_id)
    return tuple(
        Heard(date=day, mentions_n=len(said), accounts_n=len(voices[day]))
        for day, said in sorted(places.items())
    )


def _theme(theme: Theme, items: Sequence[Evidence], span: Span) -> ThemeTime:
    steps = heard(items, span)
    return ThemeTime(
        theme_id=theme.id,
        label=theme.label,
        status=theme.status,
        rank=theme.rank,
        first_heard=theme.first_heard,
        last_heard=theme.last_heard,
        mentions_n=theme.mentions_n,
        undated_n=theme.mentions_n - sum(one.mentions_n for one in steps),
        heard=steps,
    )
