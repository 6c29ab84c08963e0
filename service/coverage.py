"""Who was listened to, who was not, and whom to call next: the board behind every number.

Silence is a finding: a memo about "our top customers" that never heard a fifth of them says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ingest.library import Library
from ingest.models import Account
from service.scope import TOP, CallFact, Scope, measure, resolve
from service.shapes import BoardRow, CoverageReport, Filters, NextCall

RENEWS_SOON_DAYS = 180
# Words a CRM uses for an account in trouble.
_UNWELL = frozenset(
    {"red", "at risk", "at-risk", "poor", "critical", "bad", "unhealthy", "churning"}
)
_CALLS_PROPOSED = 10


def report(library: Library, filters: Filters, start: date | None, today: date) -> CoverageReport:
    """The board of the Top N (20 unless ``filters.top`` says otherwise), largest first.

    Raises ``BadInput`` for a filter that names nothing.
    """
    with library.read() as connection:
        scope = resolve(connection, widest(resolve(connection, filters)))
        in_time = Filters(since=filters.since, until=filters.until)
        unplaced = [c for c in resolve(connection, in_time).calls if c.account_id is None]
    numbers = measure(scope)
    by_account = _calls_by_account(scope)
    return CoverageReport(
        **dict(numbers),
        start=start,
        day=(today - start).days if start is not None else None,
        board=tuple(
            _row(n, account, by_account.get(account.account_id, ()))
            for n, account in enumerate(scope.accounts, start=1)
        ),
        next_calls=next_calls(scope, today),
        calls_without_account=tuple(c.call_id for c in unplaced),
    )


def widest(scope: Scope) -> Filters:
    """The scope's filters, narrowed to the Top 20 when they leave the number open.

    Without any ARR there is no Top N, and without accounts nobody to rank: all are kept then.
    """
    if scope.filters.top is not None or not any(a.arr_usd is not None for a in scope.accounts):
        return scope.filters
    return scope.filters.model_copy(update={"top": TOP})


def next_calls(scope: Scope, today: date) -> tuple[NextCall, ...]:
    """Accounts in scope that nobody has heard, most pressing first, each with the reason.

    Pressing is a renewal within 180 days or trouble in the CRM; then the most ARR.
    """
    silent = [a for a in scope.accounts if a.account_id not in scope.heard]

    def urgency(account: Account) -> tuple[int, float]:
        pressing = renews_soon(account, today) + is_unwell(account)
        return (-pressing, -(account.arr_usd or 0.0))

    return tuple(
        NextCall(account_id=a.account_id, why=_why(a, today))
        for a in sorted(silent, key=urgency)[:_CALLS_PROPOSED]
    )


def renews_soon(account: Account, today: date) -> bool:
    """Whether the renewal lies within the next 180 days."""
    return (
        account.renewal_date is not None
        and 0 <= (account.renewal_date - today).days <= RENEWS_SOON_DAYS
    )


def is_unwell(account: Account) -> bool:
    """Whether the CRM marks the account as in trouble."""
    return (account.health or "").strip().casefold() in _UNWELL


def _why(account: Account, today: date) -> str:
    reasons = ["no customer of theirs has been heard"]
    if account.arr_usd is not None:
        reasons.append(f"${account.arr_usd:,.0f} a year")
    if account.renewal_date is not None and renews_soon(account, today):
        days = (account.renewal_date - today).days
        reasons.append(f"renews {account.renewal_date.isoformat()}, in {days} days")
    if is_unwell(account):
        reasons.append(f"health {account.health}")
    return "; ".join(reasons)


def _calls_by_account(scope: Scope) -> dict[str, list[CallFact]]:
    found: dict[str, list[CallFact]] = {}
    for call in scope.calls:
        if call.account_id is not None and call.customer_utterances:
            found.setdefault(call.account_id, []).append(call)
    return found


def _row(rank: int, account: Account, calls: Sequence[CallFact]) -> BoardRow:
    days = [call.date for call in calls if call.date is not None]
    return BoardRow(
        rank=rank,
        **account.model_dump(exclude={"owner"}),
        calls=tuple(call.call_id for call in calls),
        first_heard=min(days, default=None),
        last_heard=max(days, default=None),
        customer_minutes=round(sum(call.customer_s for call in calls) / 60, 1),
    )
