"""The listening board: which accounts were heard, by when, and where the gaps are.

Day 14 and day 30 count from the start, which is day 0, and count what was heard since the start:
what a predecessor heard before it counts as heard, but for no day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ingest.models import Account
from service.booking import Planned
from service.listening import Heard
from service.shapes import BoardRow, Gap, Gaps, Milestone

DAYS = (14, 30)  # the Top 20 met in two weeks, the strategy owed in thirty days


@dataclass(frozen=True, slots=True)
class Clock:
    """The first of the 30 days, where it is known, and today."""

    start: date | None
    today: date


def rows(
    accounts: Sequence[Account],
    heard: Sequence[Heard],
    clock: Clock,
    planned: Mapping[str, Planned],
) -> tuple[BoardRow, ...]:
    """A row for each account, in the order given (the largest first)."""
    by_account: dict[str | None, list[Heard]] = {}
    for call in heard:
        by_account.setdefault(call.account_id, []).append(call)
    return tuple(
        _row(
            rank,
            account,
            by_account.get(account.account_id, ()),
            clock,
            planned.get(account.account_id),
        )
        for rank, account in enumerate(accounts, start=1)
    )


def milestones(board: Sequence[BoardRow], start: date, today: date) -> tuple[Milestone, ...]:
    """How far the board had come by day 14 and by day 30.

    ``accounts_silent`` are all the others: also those whose calls have no date or lie before
    the start, since nothing shows that they were heard by then.
    """
    found = []
    for day in DAYS:
        due = start + timedelta(days=day)
        heard = [row for row in board if _heard_by(row, day)]
        found.append(
            Milestone(
                day=day,
                date=due,
                reached=today >= due,
                accounts_heard=len(heard),
                accounts_silent=tuple(r.account_id for r in board if not _heard_by(r, day)),
                arr_heard_usd=sum(row.arr_usd or 0.0 for row in heard),
            )
        )
    return tuple(found)


def gaps(accounts: Sequence[Account], heard: Collection[str]) -> Gaps:
    """The accounts by tier, segment and region; ``heard`` are ids. Each sums to the whole board."""
    return Gaps(
        tier=_gaps([(a.tier, a) for a in accounts], heard),
        segment=_gaps([(a.segment, a) for a in accounts], heard),
        region=_gaps([(a.region, a) for a in accounts], heard),
    )


def _row(
    rank: int, account: Account, calls: Sequence[Heard], clock: Clock, planned: Planned | None
) -> BoardRow:
    start, today = clock.start, clock.today
    days = [call.date for call in calls if call.date is not None]
    undated = len(days) < len(calls)

    def heard_by(day: int) -> bool | None:
        if start is None:
            return None
        due = start + timedelta(days=day)
        if any(start <= heard <= due for heard in days):
            return True
        return None if undated or today < due else False

    by_14, by_30 = map(heard_by, DAYS)
    # Over once a call of that day or a later one was heard.
    over = planned is None or any(day >= planned.day for day in days)
    pending = None if over or planned is None else planned.day
    return BoardRow(
        rank=rank,
        **account.model_dump(exclude={"owner"}),
        calls=tuple(call.call_id for call in calls),
        first_heard=min(days, default=None),
        last_heard=max(days, default=None),
        customer_minutes=round(sum(call.spoken_s for call in calls) / 60, 1),
        estimated_minutes=round(sum(call.estimated_s for call in calls) / 60, 1),
        people=len(frozenset[str]().union(*(call.people for call in calls))),
        heard=bool(calls),
        heard_by_day_14=by_14,
        heard_by_day_30=by_30,
        booked=pending if pending and pending >= today else None,
        booked_by=planned.by if planned and pending and pending >= today else None,
        overdue=pending if pending and pending < today else None,
    )


def _heard_by(row: BoardRow, day: int) -> bool:
    return bool(row.heard_by_day_14 if day == DAYS[0] else row.heard_by_day_30)


def _gaps(valued: Sequence[tuple[str | None, Account]], heard: Collection[str]) -> tuple[Gap, ...]:
    # A CRM spells a value in several ways; filters do not tell "SMB" from "smb" either.
    together: dict[str | None, list[tuple[str | None, Account]]] = {}
    for value, account in valued:
        together.setdefault(value and value.casefold(), []).append((value, account))
    found = [_gap(one[0][0], [a for _, a in one], heard) for one in together.values()]
    return tuple(
        sorted(
            found,
            key=lambda gap: (
                gap.arr_heard_usd - gap.arr_in_scope_usd,
                -len(gap.accounts_silent),
                gap.value is None,
                (gap.value or "").casefold(),
            ),
        )
    )


def _gap(value: str | None, accounts: Sequence[Account], heard: Collection[str]) -> Gap:
    there = [a for a in accounts if a.account_id in heard]
    return Gap(
        value=value,
        accounts_in_scope=len(accounts),
        accounts_heard=len(there),
        accounts_silent=tuple(a.account_id for a in accounts if a.account_id not in heard),
        arr_in_scope_usd=sum(a.arr_usd or 0.0 for a in accounts),
        arr_heard_usd=sum(a.arr_usd or 0.0 for a in there),
    )
