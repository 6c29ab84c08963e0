"""One account: who it is, who spoke, what it needs, what may go wrong, and what nobody knows yet.

Everything is computed from the ledger, the calls and the accounts; quotes are the account's own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Literal

import sqlalchemy as sa
from pydantic import Field

from ingest.joined import sounding
from ingest.library import Library
from ingest.models import CallState, Frozen
from ingest.store import require_account
from ingest.tables import calls
from service import ledger, ledger_held, risks
from service.account_people import Person, doubtful_calls, people_of
from service.account_rows import AccountRow, account_rows
from service.coding import Coded, code_ledger
from service.coverage import renews_soon
from service.crm.signs import shown
from service.ledger import Evidence
from service.listening import Heard, listened
from service.scope import Scope, resolve
from service.shapes import (
    AtRisk,
    EvidenceKind,
    Filters,
    HealthCheck,
    NamedBy,
    Quote,
    Theme,
)
from service.themes import named_themes

OLD_DAYS = 90  # what was said before may no longer hold
_QUOTES = 5  # of a theme
_OF_POINT = 4
_ALSO = 6  # quotes that no theme holds
_MEANT = 2  # of what no theme holds: said with some weight


class AccountCall(Frozen):
    """A call with the account. Minutes are how long their people spoke: by the clock, and
    ``estimated_minutes`` by their words where there are no times.
    """

    call_id: str
    title: str
    date: date | None
    state: CallState
    has_audio: bool
    duration_s: float | None
    customer_minutes: float
    estimated_minutes: float
    evidence_n: int


class VoicedTheme(Frozen):
    """A theme that the account voices. Rank, accounts and ARR are the theme's among all accounts;
    ``mentions_n``, ``intensity``, dates and ``quotes`` are this account's own.
    """

    id: str
    label: str
    kind: EvidenceKind
    status: Literal["candidate", "confirmed"]
    by: NamedBy
    rank: int
    accounts_n: int
    arr_usd: float
    intensity: int
    mentions_n: int
    first_heard: date | None
    last_heard: date | None
    quotes: tuple[Quote, ...] = Field(min_length=1)


class Point(Frozen):
    """What customers said of one kind in one call: ``n`` items, the most telling quoted."""

    call_id: str
    date: date | None
    kind: EvidenceKind
    n: int
    quotes: tuple[Quote, ...] = Field(min_length=1)


class AccountPage(AccountRow):
    customer_minutes: float
    estimated_minutes: float
    calls: tuple[AccountCall, ...] = Field(description="by date, those without one last")
    people: tuple[Person, ...] = Field(description="customers first, who spoke longest first")
    themes: tuple[VoicedTheme, ...] = Field(description="as themes rank: confirmed ones first")
    also: tuple[Quote, ...] = Field(description="said with weight, and in no theme")
    at_risk: AtRisk | None
    health_check: HealthCheck | None = Field(description="the CRM and their words disagree")
    timeline: tuple[Point, ...]
    missing: tuple[str, ...] = Field(description="sentences: what is not known, or old")
    aliases: tuple[str, ...] = Field(default=(), description="other names, as CRMs told")
    domains: tuple[str, ...] = Field(default=(), description="likewise")
    crm_ids: tuple[str, ...] = Field(default=(), description="likewise")


def account_page(library: Library, account_id: str, today: date) -> AccountPage:
    """Raises ``NotFound``."""
    with library.read() as connection:
        require_account(connection, account_id)
        (row,) = (a for a in account_rows(connection) if a.account_id == account_id)
        everyone = resolve(connection, Filters())
        scope = resolve(connection, Filters(accounts=(account_id,)))
        items = ledger_held.items(library, connection, scope)
        heard = listened(connection, scope.calls)
        people = people_of(connection, scope)
        coding = code_ledger(library, connection)
        voiced = list(_voiced(named_themes(library, connection, everyone), coding.named, scope))
        said = risks.by_account(library, connection, scope)
        at_risk = risks.at_risk(said, scope, scope, [t for t, _ in voiced], today)
        return AccountPage(
            **dict(row),
            customer_minutes=round(sum(h.spoken_s for h in heard) / 60, 1),
            estimated_minutes=round(sum(h.estimated_s for h in heard) / 60, 1),
            calls=tuple(_calls(connection, account_id, heard, items)),
            people=people,
            themes=tuple(own for _, own in voiced),
            also=_also(coding.left, scope),
            at_risk=next(at_risk, None),
            health_check=next(risks.health(said, scope), None),
            timeline=tuple(_timeline(items)),
            missing=tuple(_missing(row, scope, people, doubtful_calls(connection, scope), today)),
            aliases=shown(connection, account_id, "alias"),
            domains=shown(connection, account_id, "domain"),
            crm_ids=shown(connection, account_id, "crm_id"),
        )


def _calls(
    connection: sa.Connection, account_id: str, heard: Sequence[Heard], items: Sequence[Evidence]
) -> Iterator[AccountCall]:
    spoken = {h.call_id: h for h in heard}
    c = calls.c
    query = (
        sa.select(c.call_id, c.title, c.date, c.state, sounding().label("has_audio"), c.duration_s)
        .where(c.account_id == account_id)
        .order_by(c.date.is_(None), c.date, c.call_id)
    )
    for row in connection.execute(query):
        one = spoken.get(row.call_id)
        yield AccountCall(
            call_id=row.call_id,
            title=row.title,
            date=row.date,
            state=row.state,
            has_audio=row.has_audio,
            duration_s=row.duration_s,
            customer_minutes=round(one.spoken_s / 60, 1) if one else 0.0,
            estimated_minutes=round(one.estimated_s / 60, 1) if one else 0.0,
            evidence_n=sum(e.spoken.call_id == row.call_id for e in items),
        )


def _voiced(
    themes: Sequence[Theme], named: Sequence[Coded], scope: Scope
) -> Iterator[tuple[Theme, VoicedTheme]]:
    coded = {one.code.id: one for one in named}
    for theme in themes:
        one = coded.get(theme.id)
        mine = ledger.plainest(one.members, scope) if one else []
        if not mine:
            continue
        days = [e.date for e in mine if e.date is not None]
        yield (
            theme,
            VoicedTheme(
                **theme.model_dump(
                    include={*"id label kind status by rank accounts_n arr_usd".split()}
                ),
                intensity=max(e.strength for e in mine),
                mentions_n=len({_place(e) for e in mine}),
                first_heard=min(days, default=None),
                last_heard=max(days, default=None),
                quotes=_quotes(mine, _QUOTES),
            ),
        )


def _also(left: Sequence[Evidence], scope: Scope) -> tuple[Quote, ...]:
    calls_here = scope.call_ids
    mine = [
        e for e in left if e.spoken.call_id in calls_here and e.strength >= _MEANT and not e.content
    ]
    return tuple(e.quote() for e in ledger.telling(mine, _ALSO))


def _timeline(items: Sequence[Evidence]) -> Iterator[Point]:
    groups: dict[tuple[str, EvidenceKind], list[Evidence]] = {}
    for item in items:
        groups.setdefault((item.spoken.call_id, item.kind), []).append(item)
    for (call_id, kind), mine in groups.items():
        yield Point(
            call_id=call_id,
            date=mine[0].date,
            kind=kind,
            n=len(mine),
            quotes=tuple(e.quote() for e in ledger.telling(mine, _OF_POINT)),
        )


def _missing(
    row: AccountRow,
    scope: Scope,
    people: Sequence[Person],
    doubtful: Collection[str],
    today: date,
) -> Iterator[str]:
    """What a reader of the page should know before relying on it."""
    if not scope.calls:
        yield "No call with them is here yet."
    elif not row.heard:
        yield "None of their own people speaks in the calls that are here; check who is who."
    if row.last_heard is not None and (days := (today - row.last_heard).days) > OLD_DAYS:
        yield f"They were last heard {days} days ago."
    if row.heard and sum(p.role == "customer" for p in people) == 1:
        yield "Only one person of theirs has been heard."
    (account,) = scope.accounts
    if account.renewal_date is not None:
        days = (account.renewal_date - today).days
        if renews_soon(account, today):
            yield f"They renew in {days} days." if days != 1 else "They renew tomorrow."
        elif days < 0:
            yield "Their renewal date has passed; the accounts file may be old."
    if row.arr_usd is None:
        yield "Their revenue is not known, so they rank nowhere."
    if undated := sum(call.date is None for call in scope.calls):
        yield _several(undated, "has no date", "have no date")
    if doubtful:
        yield _several(len(doubtful), "has a guessed role", "have guessed roles")


def _several(n: int, one: str, many: str) -> str:
    return f"1 call {one}." if n == 1 else f"{n} calls {many}."


def _quotes(items: Sequence[Evidence], most: int) -> tuple[Quote, ...]:
    """Of the first ``most`` utterances, in their order."""
    each: dict[tuple[str, int], Evidence] = {}
    for item in items:
        each.setdefault(_place(item), item)
    return tuple(e.quote() for e in list(each.values())[:most])


def _place(item: Evidence) -> tuple[str, int]:
    return item.spoken.call_id, item.spoken.i
