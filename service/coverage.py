"""Who was listened to, who was not, and whom to call next: the board behind every number.

Silence is a finding: a memo about "our top customers" that never heard a fifth of them says so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

import sqlalchemy as sa

from ingest import consent
from ingest.facts import set_start_date, start_date
from ingest.library import Library
from ingest.models import Account
from service import board
from service.booking import planned
from service.caveats import Start, caveats
from service.home_settings import check_goal, check_start, home_settings
from service.listening import listened, weeks
from service.scope import Scope, measure, resolve
from service.shapes import (
    BoardRow,
    CoverageReport,
    Filters,
    ListeningWeek,
    NextCall,
    StartFrom,
    UnhappyAccount,
)

RENEWS_SOON_DAYS = 180
# Words a CRM uses for an account in trouble, and for one that may get there.
_UNWELL = frozenset(
    {"red", "at risk", "at-risk", "poor", "critical", "bad", "unhealthy", "churning"}
)
_WAVERING = frozenset({"yellow", "amber", "orange"})
_CALLS_PROPOSED = 10


def report(
    library: Library,
    filters: Filters,
    start: date | None,
    today: date,
    goal_hours: float | None = None,
) -> CoverageReport:
    """The board of the Top N (the home's N unless ``filters.top`` says otherwise), largest first.

    Days and weeks count from ``start``, else from the start set for the home, else from the one it
    remembers of a memo, else from its first call. The goal is the home's unless given. Hours are
    those of every call that ``filters`` leave, on the board or not, and unhappy accounts are named
    from the whole customer base. Raises ``BadInput`` for a filter that names nothing and for a goal
    or start that cannot be.
    """
    if goal_hours is not None:
        check_goal(goal_hours)
    with library.read() as connection:
        goal = goal_hours or home_settings(connection).goal_hours
        asked = resolve(connection, filters)
        scope = resolve(connection, widest(connection, asked))
        everyone = resolve(connection, filters.model_copy(update={"top": None}))
        in_time = Filters(since=filters.since, until=filters.until)
        unplaced = [c for c in resolve(connection, in_time).calls if c.account_id is None]
        began = _start(connection, start)
        heard = listened(connection, asked.calls)
        to_be = planned(connection, today)
        kept_back = consent.waiting(connection)
    rows = board.rows(scope.accounts, heard, board.Clock(began.day, today), to_be)
    counted = weeks(heard, began.day, today, goal) if began.day else ()
    first = began.day or date.max
    expected = frozenset(row.account_id for row in rows if row.booked)
    to_come = [row for row in rows if row.booked and not row.heard]
    silent = next_calls(scope, today, expected)
    return CoverageReport(
        **dict(measure(scope)),
        start=began.day,
        start_from=began.known_from,
        day=(today - began.day).days if began.day else None,
        milestones=board.milestones(rows, began.day, today) if began.day else (),
        board=rows,
        goal_hours=goal,
        weeks=tuple(w for w in counted if _in_range(w, filters)),
        gaps=board.gaps(scope.accounts, scope.heard),
        unhappy_silent=tuple(_unhappy(everyone, scope)),
        next_calls=(*silent, *_second_voices(scope, rows, today))[:_CALLS_PROPOSED],
        accounts_booked=tuple(row.account_id for row in to_come),
        arr_booked_usd=sum(row.arr_usd or 0.0 for row in to_come),
        calls_without_account=tuple(c.call_id for c in unplaced),
        calls_without_date=tuple(c.call_id for c in heard if c.date is None),
        calls_before_start=tuple(c.call_id for c in heard if c.date and c.date < first),
        calls_without_consent=tuple(kept_back),
        calls_without_times=tuple(c.call_id for c in heard if c.estimated_s),
        notes=(*_waiting(kept_back), *caveats(everyone, scope, heard, began, today)),
    )


def _waiting(kept_back: Sequence[str]) -> Iterator[str]:
    if n := len(kept_back):
        yield (
            f"{n} {'call waits' if n == 1 else 'calls wait'} for consent and "
            f"{'counts' if n == 1 else 'count'} nowhere: `firsthand consent CALL given`."
        )


def widest(connection: sa.Connection, scope: Scope) -> Filters:
    """The scope's filters, narrowed to the home's Top N when they leave the number open.

    Without any ARR there is no Top N, and without accounts nobody to rank: all are kept then.
    """
    if scope.filters.top is not None or not any(a.arr_usd is not None for a in scope.accounts):
        return scope.filters
    return scope.filters.model_copy(update={"top": home_settings(connection).top})


def next_calls(scope: Scope, today: date, expected: Collection[str] = ()) -> tuple[NextCall, ...]:
    """Accounts in scope that nobody has heard, most pressing first, each with the reasons.

    Left out are those ``expected``, with whom a call is booked.

    Pressing is a renewal within 180 days and trouble in the CRM, each as much as the other; then
    a yellow light; then a segment or region of which nobody was heard; then the most ARR.
    """
    heard = scope.heard
    silent = [a for a in scope.accounts if a.account_id not in heard | set(expected)]
    return _proposed(silent, "no customer of theirs has been heard", scope, today)


def renews_soon(account: Account, today: date) -> bool:
    """Whether the renewal lies within the next 180 days."""
    return (
        account.renewal_date is not None
        and 0 <= (account.renewal_date - today).days <= RENEWS_SOON_DAYS
    )


def is_unwell(account: Account) -> bool:
    """Whether the CRM marks the account as in trouble."""
    return _health(account) in _UNWELL


def _start(connection: sa.Connection, given: date | None) -> Start:
    """Raises ``BadInput`` for a year as nobody means it, before day 30 or the weeks overflow."""
    found = Start(given, "given")
    if given is None:
        known_from: StartFrom = "set" if set_start_date(connection) else "remembered"
        found = Start(start_date(connection), known_from)
    if found.day is None:
        # Of all calls: filters must not move the weeks.
        days = [c.date for c in resolve(connection, Filters()).calls if c.date]
        found = Start(min(days), "first call") if days else Start(None, None)
    if found.day is not None:
        check_start(found.day, found.known_from or "")
    return found


def _in_range(week: ListeningWeek, filters: Filters) -> bool:
    """Whether any day of the week is asked about: the others' calls were left out."""
    return (filters.since is None or week.last >= filters.since) and (
        filters.until is None or week.first <= filters.until
    )


def _health(account: Account) -> str:
    return (account.health or "").strip().casefold()


def _unhappy(everyone: Scope, scope: Scope) -> Iterator[UnhappyAccount]:
    """Not heard and in trouble, the largest first; then those with a yellow light."""
    on_board = {a.account_id for a in scope.accounts}
    heard = everyone.heard
    silent = [a for a in everyone.accounts if a.account_id not in heard]
    for account in (
        *(a for a in silent if is_unwell(a)),
        *(a for a in silent if _health(a) in _WAVERING),
    ):
        yield UnhappyAccount(
            account_id=account.account_id,
            name=account.name,
            arr_usd=account.arr_usd,
            renewal_date=account.renewal_date,
            health=account.health or "",
            on_board=account.account_id in on_board,
        )


def _second_voices(scope: Scope, rows: Sequence[BoardRow], today: date) -> tuple[NextCall, ...]:
    """Accounts of which one person was heard, where more than that one's word is at stake."""
    alone = {row.account_id for row in rows if row.people == 1 and not row.booked}
    pressed = [
        a
        for a in scope.accounts
        if a.account_id in alone and (renews_soon(a, today) or is_unwell(a))
    ]
    found = _proposed(pressed, "only one person of theirs has been heard", scope, today)
    return tuple(call.model_copy(update={"second_voice": True}) for call in found)


def _proposed(
    accounts: Iterable[Account], first: str, scope: Scope, today: date
) -> tuple[NextCall, ...]:
    """The most pressing of them, each for the reason they share and for its own."""
    unheard = _unheard_traits(scope)
    found = _by_urgency(accounts, unheard, today)[:_CALLS_PROPOSED]
    return tuple(
        NextCall(
            account_id=account.account_id,
            why="; ".join((first, *_reasons(account, scope, unheard[account.account_id], today))),
        )
        for account in found
    )


def _by_urgency(
    accounts: Iterable[Account], unheard: Mapping[str, Sequence[str]], today: date
) -> list[Account]:
    def urgency(account: Account) -> tuple[int, bool, bool, float, str]:
        return (
            -(renews_soon(account, today) + is_unwell(account)),
            _health(account) not in _WAVERING,
            not unheard[account.account_id],
            -(account.arr_usd or 0.0),
            account.account_id,
        )

    return sorted(accounts, key=urgency)


def _unheard_traits(scope: Scope) -> dict[str, list[str]]:
    """By account: its segment and region, where nobody of them was heard though somebody was."""
    ids = scope.heard
    heard = [a for a in scope.accounts if a.account_id in ids]
    found: dict[str, list[str]] = {a.account_id: [] for a in scope.accounts}
    for trait in ("segment", "region") if heard else ():
        there = {(getattr(a, trait) or "").casefold() for a in heard}
        for account in scope.accounts:
            value = getattr(account, trait)
            if value and value.casefold() not in there:
                found[account.account_id].append(f"{trait} {value}")
    return found


def _reasons(account: Account, scope: Scope, unheard: Sequence[str], today: date) -> Iterator[str]:
    if account.arr_usd is not None:
        rank = scope.accounts.index(account) + 1
        yield f"${account.arr_usd:,.0f} a year, number {rank} of {len(scope.accounts)} by ARR"
    if account.renewal_date is not None:
        days = (account.renewal_date - today).days
        if renews_soon(account, today):
            yield f"renews {account.renewal_date.isoformat()}, in {days} days"
        elif days < 0:
            yield f"its renewal date {account.renewal_date.isoformat()} has passed"
    if is_unwell(account) or _health(account) in _WAVERING:
        yield f"health {account.health}"
    if unheard:
        yield f"nobody in scope of {' or '.join(unheard)} has been heard"
