"""Facts about a home as a whole, kept in its database by name."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa

from ingest.tables import facts


def fact(connection: sa.Connection, name: str) -> object | None:
    """A stored fact, as the JSON value it was put in as, or ``None``."""
    found: object | None = connection.scalar(sa.select(facts.c.value).where(facts.c.name == name))
    return found


def put_fact(connection: sa.Connection, name: str, value: object) -> None:
    connection.execute(facts.delete().where(facts.c.name == name))
    connection.execute(facts.insert().values(name=name, value=value))


def internal_domains(connection: sa.Connection) -> frozenset[str]:
    """The vendor's own e-mail domains that people told this home, lower case."""
    found = fact(connection, "internal_domains")
    return frozenset(str(domain) for domain in found) if isinstance(found, list) else frozenset()


def add_internal_domains(connection: sa.Connection, domains: Collection[str]) -> None:
    """Learn more of the vendor's own domains; ``@`` in front is seen through."""
    told = {domain.strip().lower().lstrip("@") for domain in domains} - {""}
    put_fact(connection, "internal_domains", sorted(internal_domains(connection) | told))


def put_internal_domains(connection: sa.Connection, domains: Collection[str]) -> None:
    """The home's list is this from now on."""
    put_fact(connection, "internal_domains", sorted(domains))


def start_date(connection: sa.Connection) -> date | None:
    """The first of the 30 days, once somebody said it: as set, else as a memo was told."""
    return set_start_date(connection) or _day(connection, "start")


def set_start_date(connection: sa.Connection) -> date | None:
    """The start that was set for the home; no memo changes it."""
    return _day(connection, "start_set")


def put_start_date(connection: sa.Connection, day: date) -> None:
    """Remember the start that a memo was told."""
    put_fact(connection, "start", day.isoformat())


def _day(connection: sa.Connection, name: str) -> date | None:
    found = fact(connection, name)
    return date.fromisoformat(found) if isinstance(found, str) else None
