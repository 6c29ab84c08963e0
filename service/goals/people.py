"""People of ours: how calls name them, and the goal that each has set for a week."""

from __future__ import annotations

import re
from dataclasses import dataclass

import sqlalchemy as sa

from ingest.erased import ERASED
from ingest.errors import BadInput, NotFound, shown
from ingest.library import Library
from ingest.models import Frozen
from ingest.tables import listeners, meetings, speakers
from ingest.transcripts.clean import clean_name
from service.home_settings import check_goal, home_settings
from service.person_begun import words_of

# What a voice is called until somebody says who it is.
_UNNAMED = re.compile(r"speaker \d+|s\d+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ours:
    """``name`` as calls have it most often; ``addresses`` are lower case."""

    key: str
    name: str
    addresses: frozenset[str]


class Goal(Frozen):
    """``own``: set for this person; else it is the home's."""

    person: str
    goal_hours: float
    own: bool


def key_of(name: str) -> str:
    """The same for every way of writing a name: case, spaces, last name first. Empty for none."""
    if _UNNAMED.fullmatch(name.strip()) or name.startswith(ERASED):
        return ""
    return " ".join(words_of(name))


def our_people(connection: sa.Connection) -> dict[str, Ours]:
    """Everybody of ours whom calls name, by key."""
    s = speakers.c
    rows = connection.execute(
        sa.select(s.name, sa.func.lower(s.email).label("email"), sa.func.count().label("n"))
        .where(s.role == "internal")
        .group_by(s.name, sa.func.lower(s.email))
        .order_by(sa.func.count().desc(), s.name)
    )
    found: dict[str, Ours] = {}
    for row in rows:
        if not (key := key_of(row.name)):
            continue
        before = found.get(key)
        known = before.addresses if before else frozenset()
        address = {row.email.strip()} if row.email else set()
        found[key] = Ours(key, before.name if before else row.name, known | address)
    return found


def named(connection: sa.Connection, person: str) -> Ours:
    """Who is meant by a name, or by an address that calls tell. Who is in no call yet is new.

    Raises ``BadInput`` for what is no name.
    """
    everybody = our_people(connection)
    if "@" in person:
        address = person.strip().lower()
        theirs = [one for one in everybody.values() if address in one.addresses]
        if len(theirs) != 1:
            raise BadInput(
                "No call tells whose address that is; say the person's name as calls have it: "
                "--person NAME."
            )
        return theirs[0]
    name = clean_name(person)
    key = key_of(name)
    if not key:
        raise BadInput(f"{shown(person)!r} is no name of a person.")
    return everybody.get(key) or Ours(key, name, frozenset())


def set_goal(library: Library, person: str, hours: float | None) -> Goal:
    """Set the person's hours a week; ``None`` goes back to the home's. Raises ``BadInput``."""
    if hours is not None:
        check_goal(hours)
    with library.change() as connection:
        who = named(connection, person)
        put_listener(connection, who, goal_hours=hours)
        gone = listeners.c.goal_hours.is_(None) & listeners.c.loaded_at.is_(None)
        connection.execute(listeners.delete().where(gone))
        home = home_settings(connection).goal_hours
    return Goal(person=who.name, goal_hours=hours or home, own=hours is not None)


def put_listener(connection: sa.Connection, who: Ours, **values: object) -> None:
    """Note something about a person of ours, known or not."""
    where = listeners.c.key == who.key
    told = {"name": who.name, **values}
    if connection.execute(listeners.update().where(where).values(told)).rowcount == 0:
        connection.execute(listeners.insert().values(key=who.key, **told))


def remove_calendar(library: Library, person: str) -> int:
    """Forget the person's calendar; how many meetings it had. A goal of their own stays.

    Raises ``NotFound`` where there is none.
    """
    with library.change() as connection:
        who = named(connection, person)
        here = listeners.c.key == who.key
        there = sa.select(listeners.c.key).where(here, listeners.c.loaded_at.is_not(None))
        if connection.scalar(there) is None:
            raise NotFound(f"There is no calendar of {shown(who.name)}.")
        gone = connection.execute(meetings.delete().where(meetings.c.key == who.key)).rowcount
        connection.execute(listeners.update().where(here).values(loaded_at=None))
        connection.execute(listeners.delete().where(here, listeners.c.goal_hours.is_(None)))
    return gone
