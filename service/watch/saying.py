"""What is said of a file by the places around it, and which account that is.

The nearest counts: a side-car before the rule for names, that before what the folders say, and that
before their names. All of it counts before what the file itself says.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from ingest.errors import shown
from ingest.models import Account
from ingest.pipeline import About
from service.crm.known import known_account
from service.taking_in import about
from service.watch.names import NameRule


@dataclass(frozen=True, slots=True)
class Rules:
    """How names tell something: ``folders`` whether those of folders are names of accounts."""

    name: NameRule | None = None
    folders: bool = False

    def __str__(self) -> str:
        return f"{self.name.template if self.name else ''}\n{self.folders}"


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of a file before it is taken in. ``notes`` are sentences for people;
    ``unmatched``: it is said to be of an account that is none here.
    """

    about: About
    notes: tuple[str, ...]
    unmatched: bool


@dataclass(frozen=True, slots=True)
class Asides:
    """What files say: of the folders above, the nearest last, and of those beside the file."""

    folders: Sequence[Mapping[str, str]] = ()
    beside: Sequence[Mapping[str, str]] = ()


def said_of(connection: sa.Connection, path: str, asides: Asides, rules: Rules) -> Said:
    """Raises ``BadInput``."""
    notes = []
    told: dict[str, str] = {}
    for one in asides.folders:
        told |= one
    if (template := told.pop("name", None)) is not None:
        rules = replace(rules, name=NameRule(template))
    if told.pop("account_from", None) is not None:
        rules = replace(rules, folders=True)
    if rules.name is not None:
        of_name = rules.name.read(path)
        if of_name is None:
            notes.append("Its name does not fit the rule for names; nothing is taken from it.")
        told |= of_name or {}
    for one in asides.beside:
        told |= one
    account_id, note = _account(connection, path, told.get("account"), rules)
    if note is not None:
        notes.append(note)
    found = about(account_id, told.get("date"), told.get("title"), told.get("consent"))
    return Said(found, tuple(notes), unmatched=note is not None)


def _account(
    connection: sa.Connection, path: str, words: str | None, rules: Rules
) -> tuple[str | None, str | None]:
    """The account's id, and a sentence where somebody named one that is none."""
    if words is not None:
        found = _id(connection, words)
        return found, None if found else _unknown([words])
    folders = path.split("/")[:-1] if rules.folders else []
    for folder in reversed(folders):
        if (found := _id(connection, folder)) is not None:
            return found, None
    return None, _unknown(folders) if folders else None


def _id(connection: sa.Connection, words: str) -> str | None:
    """Of the one account with this id or name; what could be several is none."""
    found = known_account(connection, words)
    return found.account_id if isinstance(found, Account) else None


def _unknown(words: Collection[str]) -> str:
    named = " or ".join(repr(shown(one)) for one in words)
    return (
        f"No account here has the id or the name {named}; the call has no account until one does."
    )
