"""Questions that hold things against each other: groups of accounts, people of one account, views.

Each side speaks for itself; who disagrees stands under ``counter``, and numbers are computed for
each side from its own accounts.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from ingest.library import Library
from service import general, ledger
from service.answers import PER_ACCOUNT, abstain, answer, by_account, leading
from service.ledger import Evidence
from service.ledger_held import held
from service.question import Understood
from service.quotes import statement
from service.scope import Scope
from service.shapes import Answer, Statement
from service.topical import counted, find


def compare(library: Library, connection: sa.Connection, asked: Understood, scope: Scope) -> Answer:
    """The sides of what is compared, each in its own words."""
    if asked.filters.accounts is not None:
        return _people(library, connection, asked, scope)
    if not asked.about:
        items = held(library, connection).within(scope, asked.tone)
        items.sort(key=lambda item: -item.weight)
        statements = _sides(asked, items, scope, "a year.")
        if not statements:
            return abstain(asked, scope, "Nobody on either side voiced one.")
        return answer(asked, scope, statements)
    internal = general.internal(library, connection, asked, scope)
    told = find(library, connection, asked, scope)
    if isinstance(told, str):
        return abstain(asked, scope, told, internal=internal)
    if len(asked.sides) > 1:
        statements = _sides(asked, told.members, scope, "a year spoke of it.")
    else:
        quotes = leading(told.members)
        statements = [counted(told, quotes, scope), *by_account(quotes, scope)]
    if not statements:
        return abstain(asked, scope, "Nobody on either side spoke of it.", internal=internal)
    counter = by_account(leading(told.counter), scope)
    return answer(asked, scope, statements, counter=counter, internal=internal)


def _sides(
    asked: Understood, members: Sequence[Evidence], scope: Scope, ending: str
) -> list[Statement]:
    """For each side how many of its accounts spoke, then those accounts' words."""
    of = {a.account_id: a for a in scope.accounts}
    found = []
    for field, value in asked.sides:
        quotes = leading(
            e for e in members if e.account_id in of and getattr(of[e.account_id], field) == value
        )
        if not quotes:
            continue
        each = general.one_each(tuple(quotes))
        whole = statement("", each, scope.arr)
        who = "1 account" if whole.accounts_n == 1 else f"{whole.accounts_n} accounts"
        text = f"{value}: {who} worth ${whole.arr_usd:,.0f} {ending}"
        found += [whole.model_copy(update={"text": text}), *by_account(quotes, scope)]
    return found


def _people(library: Library, connection: sa.Connection, asked: Understood, scope: Scope) -> Answer:
    """The people of the accounts named, each with what matters most to them."""
    mine: dict[tuple[str | None, str], list[Evidence]] = {}
    for item in held(library, connection).within(scope):
        mine.setdefault((item.account_id, item.spoken.speaker), []).append(item)
    if not mine:
        return abstain(asked, scope, "Nobody there said anything that could be compared.")
    found = []
    for (account_id, speaker), items in mine.items():
        told = ledger.telling(items, PER_ACCOUNT)
        who = scope.names.get(account_id or "", "no account")
        text = f"{speaker} ({who}): “{ledger.shortened(told[0].quote().text)}”"
        found.append(statement(text, [e.quote() for e in told], scope.arr))
    return answer(asked, scope, found)
