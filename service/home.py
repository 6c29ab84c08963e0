"""Home: where the 30 days stand, and what was said that matters most."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from pydantic import Field

from ingest.joined import sounding
from ingest.library import Library
from ingest.models import Account, Frozen
from ingest.stamps import STAMPED
from ingest.store import list_accounts
from ingest.tables import calls, jobs
from service import coverage, risks
from service.jobs import OPEN, list_jobs
from service.remembering import remembered
from service.scope import Scope, resolve
from service.shapes import AtRisk, CoverageReport, Filters, Job, ListeningWeek, Quote, Theme
from service.themes import named_themes

DAYS = 30
NEEDS = 3
RISKS = 4
_WEEKS = 5  # of the clock


class QuotedCall(Frozen):
    """What is shown of a call beside a quote."""

    call_id: str
    title: str
    date: dt.date | None
    has_audio: bool


class HomeWeek(Frozen):
    """A week's hours with customers; ``estimated`` when some are, from words without times."""

    week: int
    first: dt.date
    last: dt.date
    calls: int
    hours: float
    estimated: bool
    goal_met: bool | None


class Home(Frozen):
    """``accounts`` are those on the board and those to call."""

    today: dt.date
    days: int = Field(default=DAYS, description="that the clock has")
    ends: dt.date | None = Field(description="the last day of the clock")
    coverage: CoverageReport
    silent_n: int = Field(description="accounts of the board neither heard nor booked")
    silent_usd: float
    this_week: HomeWeek | None
    weeks: tuple[HomeWeek, ...] = Field(description="those of the clock so far")
    accounts: tuple[Account, ...]
    calls_n: int
    accounts_n: int
    jobs: tuple[Job, ...] = Field(description="queued or at work")
    jobs_failed: int


class Voiced(Frozen):
    """What customers said that matters most. ``needs`` are themes of all accounts, confirmed ones
    first; they and the first accounts ``at_risk`` have one quote each. ``accounts`` and ``calls``
    are those named and quoted.
    """

    needs: tuple[Theme, ...]
    at_risk: tuple[AtRisk, ...]
    at_risk_n: int
    at_risk_usd: float
    accounts: tuple[Account, ...]
    calls: tuple[QuotedCall, ...]


def home(library: Library, today: dt.date) -> Home:
    """As it is on ``today``; what was said is not read for it, so that it is there at once."""
    report = coverage.report(library, Filters(), None, today)
    weeks = tuple(_week(week) for week in report.weeks)
    booked_n = len(report.accounts_booked)
    named = {row.account_id for row in report.board}
    named |= {call.account_id for call in report.next_calls}
    with library.read() as connection:
        everyone = list_accounts(connection)
        return Home(
            today=today,
            ends=report.start and report.start + dt.timedelta(days=DAYS),
            coverage=report,
            silent_n=report.accounts_in_scope - report.accounts_heard - booked_n,
            silent_usd=report.arr_in_scope_usd - report.arr_heard_usd - report.arr_booked_usd,
            this_week=next((w for w in weeks if w.first <= today <= w.last), None),
            weeks=weeks[:_WEEKS],
            accounts=tuple(a for a in everyone if a.account_id in named),
            calls_n=_count(connection, calls),
            accounts_n=len(everyone),
            jobs=tuple(job for state in OPEN for job in list_jobs(connection, state=state)),
            jobs_failed=_count(connection, jobs, jobs.c.state == "failed"),
        )


def voiced(library: Library, today: dt.date) -> Voiced:
    """The first needs, and who may leave, as of ``today``."""
    with library.read() as connection:
        everyone = resolve(connection, Filters())
        named = [
            theme
            for theme in named_themes(library, connection, everyone)
            if theme.kind in ("pain", "request", "risk")
        ]
        at_risk = remembered(
            library,
            connection,
            ("home at risk", tuple),
            STAMPED,
            lambda: _at_risk(library, connection, everyone, named, today),
            of=today,
        )
        needs = tuple(_short(theme) for theme in named[:NEEDS])
        shown = tuple(_first(one) for one in at_risk[:RISKS])
        quotes = [q for theme in needs for q in theme.evidence]
        quotes += [q for one in shown for s in one.statements for q in s.quotes]
        wanted = {one.account_id for one in shown} | {q.account_id for q in quotes}
        return Voiced(
            needs=needs,
            at_risk=shown,
            at_risk_n=len(at_risk),
            at_risk_usd=sum(one.arr_usd or 0.0 for one in at_risk),
            accounts=tuple(a for a in everyone.accounts if a.account_id in wanted),
            calls=tuple(_quoted(connection, quotes)),
        )


def _at_risk(
    library: Library,
    connection: sa.Connection,
    everyone: Scope,
    needs: Sequence[Theme],
    today: dt.date,
) -> tuple[AtRisk, ...]:
    scope = resolve(connection, coverage.widest(connection, everyone))
    said = risks.by_account(library, connection, everyone)
    return tuple(risks.at_risk(said, everyone, scope, needs, today))


def _week(week: ListeningWeek) -> HomeWeek:
    return HomeWeek(
        hours=round(week.customer_hours + week.estimated_hours, 3),
        estimated=week.estimated_hours > 0,
        **week.model_dump(include={"week", "first", "last", "calls", "goal_met"}),
    )


def _short(theme: Theme) -> Theme:
    """The theme with its first quote; the rest is in its own room."""
    return theme.model_copy(update={"evidence": theme.evidence[:1], "counter": ()})


def _first(one: AtRisk) -> AtRisk:
    return one.model_copy(update={"statements": one.statements[:1]})


def _quoted(connection: sa.Connection, quotes: Iterable[Quote]) -> list[QuotedCall]:
    c = calls.c
    query = sa.select(c.call_id, c.title, c.date, sounding().label("has_audio"))
    found = connection.execute(query.where(c.call_id.in_({q.call_id for q in quotes})))
    return [QuotedCall(**row) for row in found.mappings()]


def _count(
    connection: sa.Connection, table: sa.Table, where: sa.ColumnElement[bool] | None = None
) -> int:
    query = sa.select(sa.func.count()).select_from(table)
    return connection.scalar(query if where is None else query.where(where)) or 0
