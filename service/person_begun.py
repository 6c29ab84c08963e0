"""That a person is being erased: kept from the first change to the last.

Erasing takes many changes. Where it broke off, the calls that are done tell the person's addresses
no more, and those that are not still have their words.
"""

from __future__ import annotations

import hmac
import re
import secrets
import unicodedata
from collections.abc import Iterable

import sqlalchemy as sa

from ingest.copying import ERASING_KEY
from ingest.errors import Conflict
from ingest.facts import fact, put_fact
from ingest.tables import facts

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_ERASING = "erasing_"  # how the facts about it are called


def words_of(name: str) -> tuple[str, ...]:
    """A name's words, lower case, the last name last."""
    folded = unicodedata.normalize("NFKC", name)
    last, comma, first = folded.partition(",")
    return tuple(w.casefold() for w in WORD.findall(f"{first} {last}" if comma else folded))


def begin(connection: sa.Connection, name: str, addresses: Iterable[str]) -> None:
    """Keep the person's addresses until ``finish``."""
    if fact(connection, ERASING_KEY) is None:
        put_fact(connection, ERASING_KEY, secrets.token_hex(32))
    put_fact(connection, _fact(connection, name), sorted(addresses))


def finish(connection: sa.Connection, name: str) -> None:
    connection.execute(facts.delete().where(facts.c.name == _fact(connection, name)))


def is_begun(connection: sa.Connection, name: str) -> bool:
    """Whether erasing this person broke off."""
    return fact(connection, _fact(connection, name)) is not None


def begun_with(connection: sa.Connection, name: str) -> frozenset[str]:
    """The addresses that were kept when erasing them broke off."""
    found = fact(connection, _fact(connection, name))
    return frozenset(map(str, found)) if isinstance(found, list) else frozenset()


def require_nobody_going(connection: sa.Connection, act: str) -> None:
    """Raises ``Conflict`` while a person is being erased: some of their words are still here."""
    name = facts.c.name
    going = sa.select(name).where(name.startswith(_ERASING), name != ERASING_KEY)
    if connection.scalar(going.limit(1)) is not None:
        raise Conflict(
            f"A person is being erased here, or erasing them broke off; {act} when that is done, "
            "or after erasing them once more."
        )


def _fact(connection: sa.Connection, name: str) -> str:
    """Without this home's key nobody can tell the person from it by guessing names."""
    key = str(fact(connection, ERASING_KEY) or "")
    told = " ".join(words_of(name)).encode()
    return f"{_ERASING}{hmac.digest(key.encode(), told, 'sha256').hex()[:32]}"
