"""What there is to sort: matters without a place, and the codes and themes that take them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import JsonValue

from ingest.facts import fact, put_fact
from ingest.library import Library
from ingest.readings import Matter, all_readings
from ingest.tables import found_themes, placements
from service.codebook_store import list_codes
from service.codebook_undo import merged
from service.ledger import shortened
from service.placed import resolved
from service.shapes import Code

_MOST_THEMES = 300  # that a model named, beside the codes
_WORDS = 240  # characters of a matter's own words that are shown
_SORTED_FOR = "sorted_for"  # the fact that says for which codes the matters were sorted

Id = tuple[str, int]  # call and number of the matter


@dataclass(frozen=True, slots=True)
class Target:
    """Where matters can go: a code, or a theme found before."""

    theme_id: str
    kind: str
    label: str
    statement: str
    include: str = ""
    exclude: str = ""

    def told(self, key: str) -> JsonValue:
        whole = {
            "key": key,
            "kind": self.kind,
            "label": self.label,
            "statement": self.statement,
            "include": self.include,
            "exclude": self.exclude,
        }
        return {name: value for name, value in whole.items() if value}


def unplaced(library: Library) -> dict[Id, Matter]:
    with library.read() as connection:
        placed = {(r.call_id, r.matter) for r in connection.execute(sa.select(placements))}
        found = all_readings(connection)
    return {
        (call_id, n): matter
        for call_id, reading in found.items()
        for n, matter in enumerate(reading.matters)
        if (call_id, n) not in placed
    }


def under_no_code(library: Library, but: Mapping[Id, Matter] | None = None) -> dict[Id, Matter]:
    with library.read() as connection:
        codes = {code.id for code in list_codes(connection, dismissed=True)}
        into = merged(connection)
        loose = {
            (row.call_id, row.matter)
            for row in connection.execute(sa.select(placements))
            if resolved(row.theme_id, into) not in codes
        }
        found = all_readings(connection)
    return {
        (call_id, n): matter
        for call_id, reading in found.items()
        for n, matter in enumerate(reading.matters)
        if (call_id, n) in loose and (call_id, n) not in (but or {})
    }


def targets(library: Library) -> list[Target]:
    """The codes, dismissed ones too (what belongs there is put aside), and the themes found."""
    with library.read() as connection:
        codes = [_of_code(code) for code in list_codes(connection, dismissed=True)]
        into = merged(connection)
        rows = connection.execute(sa.select(found_themes).order_by(found_themes.c.theme_id))
        there = [
            Target(row.theme_id, row.kind, row.label, row.statement)
            for row in rows
            if row.theme_id not in into
        ]
        placed = connection.execute(
            sa.select(placements.c.theme_id, sa.func.count()).group_by(placements.c.theme_id)
        )
        size = {row[0]: row[1] for row in placed}
    # Of very many the largest: the others are too small to be missed.
    there.sort(key=lambda target: -size.get(target.theme_id, 0))
    return [*codes, *there[:_MOST_THEMES]]


def _of_code(code: Code) -> Target:
    return Target(code.id, code.kind, code.label, code.definition, code.include, code.exclude)


def new_codes(library: Library) -> list[Target]:
    """The codes whose text nobody has held the matters against yet."""
    with library.read() as connection:
        known = fact(connection, _SORTED_FOR)
        codes = [_of_code(code) for code in list_codes(connection, dismissed=True)]
    seen = set(known) if isinstance(known, list) else set()
    return [code for code in codes if _stamp(code) not in seen]


def remember(library: Library, held_against: Sequence[Target]) -> None:
    with library.change() as connection:
        there = {_stamp(_of_code(code)) for code in list_codes(connection, dismissed=True)}
        known = fact(connection, _SORTED_FOR)
        seen = set(known) if isinstance(known, list) else set()
        seen |= {_stamp(code) for code in held_against}
        put_fact(connection, _SORTED_FOR, sorted(there & seen))


def _stamp(code: Target) -> str:
    told = json.dumps(code.told(code.theme_id), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def named_by(library: Library, targets: Sequence[Target]) -> set[str]:
    """The calls whose words the names of these themes may hold."""
    ids = {target.theme_id for target in targets}
    with library.read() as connection:
        into = merged(connection)
        rows = connection.execute(sa.select(placements.c.call_id, placements.c.theme_id)).all()
    return {row.call_id for row in rows if resolved(row.theme_id, into) in ids}


def told(key: Id, matter: Matter) -> JsonValue:
    words = " … ".join(said.words for said in matter.said)
    return {
        "id": name_of(key),
        "kind": matter.kind,
        "stance": "no_trouble" if matter.content else "has_it",
        "hand": matter.hand,
        "need": matter.need,
        "problem": matter.problem,
        "words": shortened(words, _WORDS),
    }


def name_of(key: Id) -> str:
    return f"{key[0]}/{key[1]}"
