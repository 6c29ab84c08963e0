"""The numbers suite: every figure told, worked out again from the database and accounts.csv.

Independent of the product: SQL of its own over the file, and the CSV read by the standard library.
One example: a theme with accounts ACC-1187 and ACC-1034 has ``accounts_n`` 2 and ``arr_usd``
642,000 + 512,400.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import cast

from eval.board_numbers import Fact, of_board
from eval.books import Books, in_scope, money, read_books
from eval.bootstrap import Draws
from eval.cases import Corpus
from eval.figures import Case, Scored, count
from eval.observed import Observed
from eval.safety import unquoted
from eval.told import Document, Node, documents, nodes, strings

SUITE = "numbers"
TOP = 20  # what "top" means in ``top_accounts_n``, by the contract
_MONEY = re.compile(r"\$(\d[\d,]*)")
_LARGE = 1000  # dollars; what is less is a price, not a customer's revenue


def run(corpus: Corpus, seen: Observed, _draws: Draws) -> Scored:
    books = read_books(corpus.folder / "accounts.csv", seen.library.engine)
    wrong: list[str] = []
    checked = 0
    handed_out = documents(seen)
    known = sums(handed_out, books)
    for document in handed_out:
        for what, told, right in facts(document, books, known):
            checked += 1
            if not same(told, right):
                wrong.append(f"{document.name} {what}: {told!r}, should be {right!r}")
    lines = (f"{len(wrong)} of {checked} figures are wrong", *(f"  {one}" for one in wrong))
    figures = (
        count(SUITE, "figures checked", checked, None),
        count(SUITE, "figures that differ from SQL", len(wrong)),
    )
    case = Case(SUITE, "numbers", not wrong, lines, {"wrong": wrong, "checked": checked})
    return Scored(figures, (case,))


def facts(document: Document, books: Books, known: frozenset[int]) -> Iterator[Fact]:
    """Every figure in a document beside what it should be."""
    filters = document.body.get("filters")
    for path, node in nodes(document.body):
        where = ".".join(path) or "it"
        keys = node.keys()
        if {"quotes", "accounts", "accounts_n", "arr_usd"} <= keys:
            yield from _of_statement(where, node, books)
        if {"evidence", "accounts", "top_accounts_n"} <= keys:
            yield from _of_theme(where, node, books)
        if {"accounts_in_scope", "calls_read"} <= keys and isinstance(filters, Mapping):
            yield from _of_coverage(where, node, filters, books)
        yield from of_board(path, node, filters if isinstance(filters, Mapping) else {}, books)
        if "account_id" in keys and node["account_id"] in books.accounts:
            yield from _of_account(where, node, books)
    yield from _of_sentences(document, known)


def _of_statement(where: str, node: Node, books: Books) -> Iterator[Fact]:
    accounts = cast(list[str], node["accounts"])
    quoted = books.accounts_of(cast(list[Node], node["quotes"]))
    yield f"{where} accounts_n", node["accounts_n"], len(set(accounts))
    yield f"{where} arr_usd", node["arr_usd"], books.arr(accounts)
    if accounts:
        yield f"{where} accounts", sorted(accounts), sorted(quoted)


def _of_theme(where: str, node: Node, books: Books) -> Iterator[Fact]:
    accounts = [str(one["account_id"]) for one in cast(list[Node], node["accounts"])]
    quoted = books.accounts_of(cast(list[Node], node["evidence"]))
    yield f"{where} accounts_n", node["accounts_n"], len(set(accounts))
    yield f"{where} arr_usd", node["arr_usd"], books.arr(accounts)
    top = set(books.ranked[:TOP]) & set(accounts)
    yield f"{where} top_accounts_n", node["top_accounts_n"], len(top)
    yield f"{where} accounts quoted and not counted", sorted(quoted - set(accounts)), []
    if node.get("segments_n"):
        held = {books.accounts[a].get("segment") for a in accounts} - {None, ""}
        yield f"{where} segments_n", node["segments_n"], len(held)


def _of_coverage(where: str, node: Node, filters: Node, books: Books) -> Iterator[Fact]:
    scope, calls = in_scope(filters, books)
    heard = {c.account_id for c in calls if c.customer_n} & set(scope)
    yield f"{where} accounts_in_scope", node["accounts_in_scope"], len(scope)
    yield f"{where} accounts_heard", node["accounts_heard"], len(heard)
    silent = sorted(a for a in scope if a not in heard)
    yield f"{where} accounts_silent", sorted(cast(list[str], node["accounts_silent"])), silent
    yield f"{where} calls_read", node["calls_read"], len(calls)
    yield f"{where} arr_in_scope_usd", node["arr_in_scope_usd"], books.arr(scope)
    yield f"{where} arr_heard_usd", node["arr_heard_usd"], books.arr(a for a in scope if a in heard)


def _of_account(where: str, node: Node, books: Books) -> Iterator[Fact]:
    """Whatever stands beside an account's id is as the CSV has it."""
    row = books.accounts[str(node["account_id"])]
    if "arr_usd" in node:
        yield f"{where} arr_usd", node["arr_usd"], money(row.get("arr_usd"))
    for field in ("name", "tier", "segment", "region", "renewal_date", "health"):
        if field in node:
            yield f"{where} {field}", node[field], row.get(field) or None


def sums(told: Iterable[Document], books: Books) -> frozenset[int]:
    """Every amount that may be told: accounts' revenue, figures, and what lists add up to.

    A list of accounts adds up as a whole, and those of it that have a trait or two in common (who
    threatens to leave, who renews soon) by themselves.
    """
    known = {round(books.arr([account])) for account in books.accounts}
    for document in told:
        for _, node in nodes(document.body):
            for name, value in node.items():
                if "arr" in name and isinstance(value, int | float):
                    known.add(round(value))
                if isinstance(value, list):
                    known |= {round(books.arr(some)) for some in _alike(value, books)}
    return frozenset(known)


def _alike(listed: Sequence[object], books: Books) -> Iterator[list[str]]:
    """The accounts in a list of ids or objects with one, and those that share a trait or two."""
    traits: dict[object, list[str]] = {}
    for one in listed:
        node: Node = one if isinstance(one, Mapping) else {"account_id": one}
        account = node.get("account_id")
        if isinstance(account, str) and account in books.accounts:
            plain = [(k, v) for k, v in node.items() if isinstance(v, str | bool)]
            for trait in [None, *plain, *combinations(plain, 2)]:
                traits.setdefault(trait, []).append(account)
    yield from traits.values()


def _of_sentences(document: Document, known: frozenset[int]) -> Iterator[Fact]:
    """Money in the product's own sentences, outside quotation marks, stands somewhere as a figure.

    Quotes, and labels cut from them, are customers' words: what they say of money is theirs.
    """
    for path, text in strings(document.body):
        if not {"quotes", "evidence", "counter", "question", "label", "calls"} & set(path):
            for amount in _MONEY.findall(unquoted(text)):
                told = int(amount.replace(",", ""))
                if told >= _LARGE:
                    yield f"{'.'.join(path)} ${amount}", told in known, True


def same(told: object, right: object) -> bool:
    """Numbers may differ by what rounding to a tenth does."""
    if isinstance(told, int | float) and isinstance(right, int | float):
        return abs(told - right) < 0.051
    return told == right
