"""Which account a few words name: one place, so that nothing is guessed anywhere."""

from __future__ import annotations

import sqlalchemy as sa

from ingest.tables import accounts


def known_account(connection: sa.Connection, words: str) -> str | None:
    """The id of the account with this id, else of the one account with this name whatever its
    case; none otherwise.
    """
    its = sa.select(accounts.c.account_id).where(accounts.c.account_id == words)
    if connection.scalar(its) is not None:
        return words
    wanted = " ".join(words.split()).casefold()
    # No database folds the case of every language as Python does.
    rows = connection.execute(sa.select(accounts.c.account_id, accounts.c.name))
    named = [row.account_id for row in rows if row.name.casefold() == wanted]
    return named[0] if len(named) == 1 else None
