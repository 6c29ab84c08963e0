"""The books: the accounts as accounts.csv has them, the calls as the database has them.

Independent of the product, so that its figures can be worked out again: the CSV is read by the
standard library, the database with SQL of its own. Of Larkspur: 26 accounts, 24 calls.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import sqlalchemy as sa

from eval.told import Node

_READY = """
    select c.call_id, c.account_id, c.date,
        sum(case when s.role = 'customer' then 1 else 0 end),
        sum(case when s.role = 'customer' then u.end_s - u.start_s else 0 end)
    from calls c
    left join utterances u on u.call_id = c.call_id
    left join speakers s on s.call_id = u.call_id and s.label = u.speaker
    where c.state = 'ready' group by c.call_id
"""


@dataclass(frozen=True, slots=True)
class CallRow:
    call_id: str
    account_id: str | None
    date: str
    customer_n: int
    customer_s: float


@dataclass(frozen=True, slots=True)
class Books:
    """The accounts as the CSV has them, and the calls as the database has them."""

    accounts: Mapping[str, Mapping[str, str]]
    calls: tuple[CallRow, ...]

    def arr(self, ids: Iterable[str]) -> float:
        return sum(money(self.accounts[a].get("arr_usd")) or 0 for a in set(ids))

    @property
    def ranked(self) -> list[str]:
        return sorted(self.accounts, key=lambda a: -self.arr([a]))

    def accounts_of(self, quotes: Iterable[Node]) -> set[str]:
        """The accounts that the calls of these quotes belong to."""
        called = {quote["call_id"] for quote in quotes}
        return {c.account_id for c in self.calls if c.call_id in called and c.account_id}


def read_books(accounts: Path, database: sa.Engine) -> Books:
    with accounts.open(newline="", encoding="utf-8-sig") as file:
        rows = {row["account_id"]: row for row in csv.DictReader(file)}
    with database.connect() as connection:
        calls = [
            CallRow(r[0], r[1], str(r[2] or ""), r[3] or 0, r[4] or 0.0)
            for r in connection.execute(sa.text(_READY))
        ]
    return Books(rows, tuple(calls))


def in_scope(filters: Node, books: Books) -> tuple[list[str], list[CallRow]]:
    """The accounts and the calls that filters leave."""
    top = cast("int | None", filters.get("top"))
    scope = books.ranked[:top] if top else books.ranked
    for field in ("tier", "segment", "region"):
        wanted = filters.get(field)
        if wanted is not None:
            told = str(wanted).casefold()
            scope = [a for a in scope if books.accounts[a].get(field, "").casefold() == told]
    chosen = cast("list[str] | None", filters.get("accounts"))
    if chosen is not None:
        scope = [a for a in scope if a in chosen]
    since, until = str(filters.get("since") or ""), str(filters.get("until") or "9999")
    all_of_them = len(scope) == len(books.accounts) and top is None and chosen is None
    calls = [
        call
        for call in books.calls
        if since <= call.date <= until and (call.account_id in scope or all_of_them)
    ]
    return scope, calls


def money(cell: str | None) -> float | None:
    """The amount in a cell of the CSV, which may have a sign and commas."""
    digits = re.sub(r"[^\d.]", "", cell or "")
    return float(digits) if digits else None
