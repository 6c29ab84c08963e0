"""The accounts as a list shows them: the CRM's facts, their place by revenue, who was heard."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from pydantic import Field

from ingest.models import Account
from service.scope import resolve
from service.shapes import Filters


class AccountRow(Account):
    """An account with what follows from the others and from the calls."""

    rank: int | None = Field(default=None, description="place by ARR; null without ARR")
    top: bool = Field(default=False, description="one of the Top 20 of all accounts")
    calls_n: int = Field(default=0, description="calls that are ready")
    heard: bool = Field(default=False, description="a customer of theirs spoke in a call")
    last_heard: date | None = Field(
        default=None, description="null where nobody was heard, or no such call has a date"
    )


def account_rows(connection: sa.Connection) -> list[AccountRow]:
    """All accounts, most ARR first, those without ARR last."""
    everyone = resolve(connection, Filters())
    calls_n: dict[str, int] = {}
    last: dict[str, date] = {}
    for call in everyone.calls:
        if call.account_id is None:
            continue
        calls_n[call.account_id] = calls_n.get(call.account_id, 0) + 1
        if call.date is not None and call.customer_utterances > 0:
            last[call.account_id] = max(call.date, last.get(call.account_id, call.date))
    return [
        AccountRow(
            **dict(account),
            rank=None if account.arr_usd is None else rank,
            top=account.account_id in everyone.top_ids,
            calls_n=calls_n.get(account.account_id, 0),
            heard=account.account_id in everyone.heard,
            last_heard=last.get(account.account_id),
        )
        for rank, account in enumerate(everyone.accounts, start=1)
    ]
