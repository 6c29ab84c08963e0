"""Finding an account by what people and files call it."""

from __future__ import annotations

import sqlalchemy as sa

from ingest.models import Account
from service.crm.names import id_key, name_key
from service.crm.signs import Signs, known_by


def known_account(connection: sa.Connection, words: str) -> Account | tuple[Account, ...] | None:
    """The account with this id, else this name or one it also goes by; several where it could be
    any of them.

    An id of ours comes first, then one of a CRM, then names, whatever their case, punctuation and
    legal form. A name that is only like it is none.
    """
    return known_among(known_by(connection), words)


def known_among(signs: Signs, words: str) -> Account | tuple[Account, ...] | None:
    """The same among accounts that were read before, for whoever looks up many."""
    words = words.strip()
    sure = words if words in signs.accounts else signs.crm_ids.get(id_key(words))
    if sure is not None:
        return signs.accounts[sure]
    found = sorted(signs.names.get(name_key(words), ()))
    if len(found) == 1:
        return signs.accounts[found[0]]
    return tuple(signs.accounts[one] for one in found) or None
