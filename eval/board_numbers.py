"""The figures of the listening board, worked out again: rows, milestones, gaps and weeks.

One example: by day 14 of Larkspur, 18 May, those of the Top 20 count that were heard in a call
from 4 to 18 May.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import cast

from eval.books import Books, in_scope
from eval.told import Node

Fact = tuple[str, object, object]  # what, as told, as it should be

_TRAITS = ("tier", "segment", "region")


def of_board(path: Sequence[str], node: Node, filters: Node, books: Books) -> Iterator[Fact]:
    """Every figure of the node, if it is a part of a board asked with ``filters``."""
    where = ".".join(path) or "it"
    if "customer_minutes" in node:
        yield from _row(where, node, books)
    if {"day", "date", "accounts_heard"} <= node.keys():
        yield from _milestone(where, node, filters, books)
    if {"value", "accounts_in_scope"} <= node.keys() and len(path) > 1 and path[-2] in _TRAITS:
        yield from _gap(where, path[-2], node, filters, books)
    if {"week", "customer_hours"} <= node.keys():
        yield from _week(where, node, filters, books)


def _row(where: str, node: Node, books: Books) -> Iterator[Fact]:
    mine = [c for c in books.calls if c.account_id == node["account_id"] and c.customer_n]
    yield f"{where} calls", sorted(cast(list[str], node["calls"])), sorted(c.call_id for c in mine)
    yield f"{where} first_heard", node["first_heard"], min((c.date for c in mine), default=None)
    yield f"{where} last_heard", node["last_heard"], max((c.date for c in mine), default=None)
    minutes = sum(c.customer_s for c in mine) / 60
    yield f"{where} customer_minutes", node["customer_minutes"], minutes
    yield f"{where} heard", node.get("heard", bool(mine)), bool(mine)


def _milestone(where: str, node: Node, filters: Node, books: Books) -> Iterator[Fact]:
    due = date.fromisoformat(str(node["date"]))
    start = (due - timedelta(days=cast(int, node["day"]))).isoformat()
    scope, calls = in_scope({**filters, "since": start, "until": due.isoformat()}, books)
    heard = {c.account_id for c in calls if c.customer_n and c.date} & set(scope)
    yield from _heard(where, node, scope, heard, books)


def _gap(where: str, trait: str, node: Node, filters: Node, books: Books) -> Iterator[Fact]:
    scope, calls = in_scope(filters, books)
    value = str(node["value"] or "").casefold()
    mine = [a for a in scope if (books.accounts[a].get(trait) or "").casefold() == value]
    heard = {c.account_id for c in calls if c.customer_n} & set(mine)
    yield f"{where} accounts_in_scope", node["accounts_in_scope"], len(mine)
    yield f"{where} arr_in_scope_usd", node["arr_in_scope_usd"], books.arr(mine)
    yield from _heard(where, node, mine, heard, books)


def _heard(
    where: str, node: Node, scope: Sequence[str], heard: set[str | None], books: Books
) -> Iterator[Fact]:
    there = [a for a in scope if a in heard]
    silent = sorted(set(scope) - set(there))
    yield f"{where} accounts_heard", node["accounts_heard"], len(there)
    yield f"{where} accounts_silent", sorted(cast(list[str], node["accounts_silent"])), silent
    yield f"{where} arr_heard_usd", node["arr_heard_usd"], books.arr(there)


def _week(where: str, node: Node, filters: Node, books: Books) -> Iterator[Fact]:
    first, last = str(node["first"]), str(node["last"])
    _, calls = in_scope({**filters, "since": first, "until": last}, books)
    mine = [c for c in calls if c.customer_n and c.date]
    yield f"{where} calls", node["calls"], len(mine)
    minutes = 60 * cast(float, node["customer_hours"])  # to a thousandth of an hour
    yield f"{where} customer_hours", minutes, sum(c.customer_s for c in mine) / 60
