"""A home with very many calls as a language model would have read and sorted them.

The calls are those of ``eval.crowd``, shorter. In each, ``MATTERS`` matters have the words of three
customers' turns and stand under one of ``THEMES`` themes, every tenth against it and every fifth
under none. Readings are stored and laid over the calls by the product's own code.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import get_args

import sqlalchemy as sa

from eval.crowd import ACCOUNTS, Crowd, account, name
from ingest import evidence
from ingest.library import Library
from ingest.models import Account, Utterance
from ingest.readings import Matter, Reading, Words, digest, laid_over, save
from ingest.store import put_accounts
from ingest.tables import calls, found_themes, placements
from service.shapes import EvidenceKind

LENGTH = 40  # utterances of a call
MATTERS = 8
THEMES = 40
_AT_ONCE = 25  # calls in a transaction
_KINDS: tuple[EvidenceKind, ...] = get_args(EvidenceKind)


def fill_read(library: Library, calls_n: int, length: int = LENGTH) -> None:
    """Add calls until there are ``calls_n``; a home that has them is left alone."""
    with library.change() as connection:
        made = connection.scalar(sa.select(sa.func.count()).select_from(calls)) or 0
        if not made:
            put_accounts(connection, map(_account, range(ACCOUNTS)))
            connection.execute(found_themes.insert(), [*map(_theme, range(THEMES))])
    crowd = Crowd(library, length)
    for start in range(made, calls_n, _AT_ONCE):
        with library.change() as connection:
            for number in range(start, min(start + _AT_ONCE, calls_n)):
                crowd.add(connection, number)
                _read(connection, crowd, number)


def _read(connection: sa.Connection, crowd: Crowd, number: int) -> None:
    """Store a reading of the call and where its matters stand, and make the ledger of it."""
    spoken, voices = crowd.call(number)
    rng = random.Random(number)
    said = [u for u in spoken if u.speaker == "customer" and u.text]
    reading = Reading(
        model="crowd:reader",
        prompt="",
        said=digest(spoken, voices),
        matters=tuple(_matter(rng.sample(said, 3), rng) for _ in range(MATTERS)),
    )
    save(connection, name(number), reading)
    items = laid_over([], reading, spoken, voices)
    evidence.write(connection, name(number), items, crowd.vectors(len(items), number))
    for n in range(MATTERS):
        theme = "" if n % 5 == 0 else f"theme-{rng.randrange(THEMES)}"
        place = {"call_id": name(number), "matter": n, "theme_id": theme, "against": n % 10 == 9}
        connection.execute(placements.insert().values(**place))


def _matter(said: Sequence[Utterance], rng: random.Random) -> Matter:
    return Matter(
        kind=rng.choice(_KINDS),
        content=False,
        need="They need what they ask for to work every day, at every site and in every season.",
        problem="Without it somebody has to do it by hand in the evening, and it is done late.",
        intensity=rng.choice((1, 2, 3)),
        hand="first",
        said=tuple(Words(utterance=u.i, words=u.text) for u in said),
    )


def _account(number: int) -> Account:
    return Account(
        account_id=account(number),
        name=f"Customer {number} Property Services",
        arr_usd=10_000.0 * (1 + number % 37),
        tier=("gold", "silver", "bronze")[number % 3],
        segment=f"Segment {number % 9}",
        region=f"Region {number % 5}",
    )


def _theme(number: int) -> dict[str, object]:
    return {
        "theme_id": f"theme-{number}",
        "label": f"What number {number} of the crews needs does not reach the office in time",
        "statement": "These customers need it to reach the office by itself; without it somebody "
        "types it in at night, and the invoice goes out a week late.",
        "kind": ("pain", "request")[number % 2],
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
