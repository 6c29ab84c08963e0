"""What the digest says of a week: hours against the goal, who is silent, whom to call, what is new.

Every figure is counted from what is in the home at the time it is made; nothing of it is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from pydantic import Field

from ingest.consent import counts
from ingest.library import Library
from ingest.models import Frozen
from ingest.redaction import Redaction
from ingest.store import list_accounts
from ingest.tables import calls
from service import coverage, themes
from service.goals.hours import WEEK, GoalWeek, goals, monday
from service.links import workspace_named
from service.shapes import EvidenceKind, Filters, Quote, Theme

_NEEDS = 8
_CALLS = 5  # whom to call
_QUOTES = 2  # under a need


class Silent(Frozen):
    """An account of the Top N that nobody has heard; ``booked`` is the day of a call to come."""

    account_id: str
    name: str
    arr_usd: float | None
    booked: dt.date | None


class ToCall(Frozen):
    account_id: str
    name: str
    why: str


class Gained(Frozen):
    """A need of which accounts spoke in the week that had not before; with words, if asked for."""

    theme_id: str
    label: str
    kind: EvidenceKind
    gained: tuple[str, ...] = Field(description="names of the accounts")
    accounts_n: int
    arr_usd: float
    quotes: tuple[Quote, ...] = ()


class Digest(Frozen):
    """``names`` are those of the accounts named by id; ``url`` is where the page is, ``workspace``
    the one that links name: null where there is one only.
    """

    title: str
    hours: GoalWeek
    accounts_in_scope: int
    accounts_heard: int
    silent: tuple[Silent, ...]
    next_calls: tuple[ToCall, ...]
    calls_n: int = Field(description="calls of the week in which customers spoke")
    came_n: int = Field(description="calls that came in during the week, of whatever day")
    needs: tuple[Gained, ...]
    names: dict[str, str]
    url: str
    workspace: str | None = None


def digest(
    library: Library, now: dt.datetime, week: dt.date, url: str, *, with_words: bool = False
) -> Digest:
    """Of the ISO week that ``week`` is in, as of ``now``; nothing is masked yet.

    Raises ``BadInput``.
    """
    first = monday(week)
    last = first + WEEK - dt.timedelta(days=1)
    found = goals(library, now, first)
    (hours,) = found.weeks
    board = coverage.report(library, Filters(), None, now.date())
    needs = tuple(_gained(library, first, last, with_words=with_words))
    with library.read() as connection:
        names = {a.account_id: a.name for a in list_accounts(connection)}
        came = _came(connection, first, last)
        workspace = workspace_named(library, connection)
    silent = [row for row in board.board if not row.heard]
    return Digest(
        title=_title(hours, len(silent)),
        hours=hours,
        accounts_in_scope=len(board.board),
        accounts_heard=len(board.board) - len(silent),
        silent=tuple(
            Silent(**row.model_dump(include={"account_id", "name", "arr_usd", "booked"}))
            for row in silent
        ),
        next_calls=tuple(
            ToCall(account_id=c.account_id, name=names.get(c.account_id, c.account_id), why=c.why)
            for c in board.next_calls[:_CALLS]
        ),
        calls_n=len(hours.team.calls),
        came_n=came,
        needs=tuple(
            one.model_copy(update={"gained": tuple(names.get(a, a) for a in one.gained)})
            for one in needs
        ),
        names=found.names,
        url=url,
        workspace=workspace,
    )


def masked(found: Digest, redaction: Redaction) -> Digest:
    """As it may be sent."""
    ours = {"url": found.url, "workspace": found.workspace}
    return redaction.value(found).model_copy(update=ours)


def _title(hours: GoalWeek, silent: int) -> str:
    week = hours.week.partition("-W")[2].lstrip("0")
    told = f"Customer hours, week {week}: {in_hours(hours.team.hours)}"
    return (
        f"{told}, {silent} large account{'' if silent == 1 else 's'} not heard" if silent else told
    )


def in_hours(value: float) -> str:
    """0.6 is "36 min", 1.25 is "1 h 15 min"."""
    whole, rest = divmod(round(value * 60), 60)
    if not whole:
        return f"{rest} min"
    return f"{whole} h {rest} min" if rest else f"{whole} h"


def _gained(
    library: Library, first: dt.date, last: dt.date, *, with_words: bool
) -> Iterator[Gained]:
    """Needs by the accounts they gained, most ARR first. Calls without a date are of no week."""
    before = {
        theme.id: {a.account_id for a in theme.accounts}
        for theme in themes.named(library, Filters(until=first - dt.timedelta(days=1)))
    }
    of_week = Filters(since=first, until=last)
    said = {t.id: t for t in themes.named(library, of_week)} if with_words else {}
    found = []
    for theme in themes.named(library, Filters(until=last)):
        known = before.get(theme.id, set())
        new = [a for a in theme.accounts if a.account_id not in known]
        if new:
            arr = sum(a.arr_usd or 0.0 for a in new)
            found.append((-arr, theme.rank, theme, tuple(a.account_id for a in new)))
    for _, _, theme, ids in sorted(found, key=lambda one: one[:2])[:_NEEDS]:
        yield Gained(
            theme_id=theme.id,
            label=theme.label,
            kind=theme.kind,
            gained=ids,
            accounts_n=theme.accounts_n,
            arr_usd=theme.arr_usd,
            quotes=_words(said.get(theme.id), ids),
        )


def _words(theme: Theme | None, ids: Sequence[str]) -> tuple[Quote, ...]:
    """The most telling of the week, of the accounts that are new: each cut from its utterance."""
    told = [q for q in theme.evidence if q.account_id in ids] if theme else []
    return tuple(told[:_QUOTES])


def _came(connection: sa.Connection, first: dt.date, last: dt.date) -> int:
    c = calls.c
    begins = dt.datetime.combine(first, dt.time(), dt.UTC)
    ends = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.UTC)
    count = sa.select(sa.func.count()).select_from(calls)
    return (
        connection.scalar(count.where(counts(), c.created_at >= begins, c.created_at < ends)) or 0
    )
