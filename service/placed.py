"""Where a model put what it read: under a code, under a theme that it named, or under none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa

from ingest.tables import found_themes, placements
from service.codebook_undo import merged
from service.gone import Gone
from service.ledger import Evidence
from service.shapes import Code


@dataclass(frozen=True, slots=True)
class Put:
    """What stands under a theme, and what speaks against it."""

    members: tuple[Evidence, ...] = ()
    counter: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Placed:
    """``places`` gives for a matter (call, number) its theme's id, empty for none, and whether it
    speaks against it. ``found`` are the themes that a model named and nobody has confirmed.
    """

    places: Mapping[tuple[str, int], tuple[str, bool]]
    found: tuple[Code, ...]

    @cached_property
    def call_ids(self) -> frozenset[str]:
        """Calls of which something was sorted."""
        return frozenset(call_id for call_id, _ in self.places)

    def has(self, item: Evidence) -> bool:
        """Whether a model had its say on the item."""
        return not item.by_person and _matter(item) in self.places

    def sorted_out(self, items: Iterable[Evidence]) -> Mapping[str, Put]:
        """What of ``items`` stands under each theme; nothing stands under one that is left out."""
        found: dict[str, tuple[list[Evidence], list[Evidence]]] = {}
        for item in items:
            place = self.places.get(_matter(item))
            if place is not None:
                theme, against = place
                found.setdefault(theme, ([], []))[against].append(item)
        return {
            theme: Put(tuple(members), tuple(counter))
            for theme, (members, counter) in found.items()
        }


def read_placed(connection: sa.Connection) -> Placed:
    """As stored now; what was confirmed or merged is under what it became."""
    into = merged(connection)
    rows = connection.execute(sa.select(placements))
    places = {
        (row.call_id, row.matter): (resolved(row.theme_id, into), bool(row.against)) for row in rows
    }
    named = connection.execute(
        sa.select(found_themes).order_by(found_themes.c.created_at, found_themes.c.theme_id)
    )
    return Placed(
        places,
        tuple(
            Code(id=row.theme_id, label=row.label, definition=row.statement, kind=row.kind)
            for row in named
            if row.theme_id not in into
        ),
    )


def forget(connection: sa.Connection, gone: Gone) -> list[str]:
    """Take what goes out of the themes that a model named, while the call is still there.

    A theme that no other call has anything under goes, and its id is returned: what it was named
    by may have been said here, also when nothing of the call stands there any more. What repeats
    the call's words in the name of another has a gap in their place.
    """
    rows = connection.execute(sa.select(placements)).all()
    others = {row.theme_id for row in rows if row.call_id != gone.call_id}
    left = []
    for row in connection.execute(sa.select(found_themes)).all():
        if row.theme_id not in others:
            left.append(row.theme_id)
            connection.execute(found_themes.delete().where(found_themes.c.theme_id == row.theme_id))
            continue
        told = {"label": gone.without(row.label), "statement": gone.without(row.statement)}
        if told != {"label": row.label, "statement": row.statement}:
            where = found_themes.c.theme_id == row.theme_id
            connection.execute(found_themes.update().where(where).values(told))
    return left


def resolved(theme_id: str, into: Mapping[str, str]) -> str:
    """The theme that this one became: confirmed as a code, or merged into another."""
    for _ in range(len(into)):
        theme_id = into.get(theme_id, theme_id)
    return theme_id


def _matter(item: Evidence) -> tuple[str, int]:
    # What has no matter is found nowhere.
    return item.spoken.call_id, -1 if item.matter is None else item.matter
