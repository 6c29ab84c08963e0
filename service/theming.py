"""Sorting matters into themes with a language model: it points at ids, code checks and counts.

Only matters that have no place yet are sorted, into the codes of the codebook and the themes found
before, first of all; what fits none makes new themes. When a person writes a code later, what lies
under no code is held against it. Everything that a model answers is checked: an unknown id is
dropped, an id used twice stays where it was used first, and a name that its quotes do not bear is
replaced by customers' own words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa
from pydantic import JsonValue

from ingest.erasures import require_none
from ingest.library import Library
from ingest.llm import Purpose, Request
from ingest.llm.errors import Misshapen, ModelRefused, TooLong
from ingest.llm.port import Llm
from ingest.llm.tokens import estimate
from ingest.readings import Matter
from ingest.tables import calls, found_themes, placements
from service.grouping import Check, Group, GroupsRead
from service.sortable import (
    Id,
    Target,
    named_by,
    new_codes,
    remember,
    targets,
    told,
    under_no_code,
    unplaced,
)

PROMPT = "group_matters"
ALONE = ""  # the theme of a matter that stands under none
MOST = 250  # matters in one request
_PARTS = 16  # into which matters are parted at most that the model does not sort together


def sort_matters(library: Library, llm: Llm) -> int:
    """Give every matter without a place one, and hold the others against codes that are new.

    How many matters were looked at. Each request's outcome is stored before the next is sent. What
    the model will not sort, also not apart, stands under no theme. Raises what its port raises.
    """
    looked_at = 0
    # Before anything is asked: a code that is written meanwhile waits for the next time.
    codes = new_codes(library)
    new = unplaced(library)
    for batch in _batches(new, targets(library), llm):
        _sort_apart(library, llm, batch, None, max(1, len(batch) // _PARTS))
        looked_at += len(batch)
    if codes:
        loose = under_no_code(library, but=new)
        for batch in _batches(loose, codes, llm):
            _sort_apart(library, llm, batch, codes, max(1, len(batch) // _PARTS))
            looked_at += len(batch)
        remember(library, codes)
    return looked_at


def unsorted(library: Library) -> bool:
    """Whether anything is left to sort."""
    return bool(unplaced(library)) or bool(new_codes(library) and under_no_code(library))


def _batches(
    matters: Mapping[Id, Matter], into: Sequence[Target], llm: Llm
) -> Iterator[dict[Id, Matter]]:
    """As many matters as one request holds beside the themes, in the order of calls."""
    base = estimate(json.dumps([t.told(t.theme_id) for t in into])) + 1_500
    batch: dict[Id, Matter] = {}
    size = base
    for key, matter in sorted(matters.items()):
        cost = estimate(json.dumps(told(key, matter)))
        if batch and (len(batch) >= MOST or size + cost > llm.options.context_tokens):
            yield batch
            batch, size = {}, base
        batch[key] = matter
        size += cost
    if batch:
        yield batch


def _sort_apart(
    library: Library,
    llm: Llm,
    batch: Mapping[Id, Matter],
    codes: Sequence[Target] | None,
    fewest: int,
) -> None:
    """Sort ``batch`` into ``codes``, or into what is there and what is new.

    What the model declines or gives no usable answer on is halved, and ``fewest`` matters stay
    where they are: one of them must not keep all others from their themes, nor be paid for each
    time. What it cannot answer in its length is halved as well.
    """
    into = targets(library) if codes is None else codes
    try:
        _sort(library, llm, batch, into, invent=codes is None)
        return
    except TooLong:
        if len(batch) == 1:
            raise
    except (ModelRefused, Misshapen):
        if len(batch) <= fewest:
            _store(library, llm, batch, (), keep_loose=codes is not None)
            return
    each, middle = list(batch.items()), len(batch) // 2
    for half in (each[:middle], each[middle:]):
        _sort_apart(library, llm, dict(half), codes, fewest)


def _sort(
    library: Library,
    llm: Llm,
    batch: Mapping[Id, Matter],
    into: Sequence[Target],
    *,
    invent: bool,
) -> None:
    keys = {f"T{n}": target for n, target in enumerate(into, start=1)}
    data: JsonValue = {
        "themes": [target.told(key) for key, target in keys.items()],
        "new_themes": "as needed" if invent else "none: only what belongs to the themes above",
        "matters": [told(key, matter) for key, matter in batch.items()],
    }
    from_calls = {call_id for call_id, _ in batch} | named_by(library, into)
    purpose = Purpose("themes", f"{len(batch)} matters")
    answer = llm.ask(Request(PROMPT, data, GroupsRead, purpose, tuple(sorted(from_calls))))
    check = Check(library, batch, keys, invent=invent)
    groups = list(check.groups(answer.groups))
    _store(library, llm, batch, groups, keep_loose=not invent)


def _store(
    library: Library,
    llm: Llm,
    batch: Mapping[Id, Matter],
    groups: Sequence[Group],
    *,
    keep_loose: bool,
) -> None:
    """Write where each matter belongs; with ``keep_loose`` those in none stay where they are.

    A theme that was named by words of a call erased meanwhile is not made; what else is under it
    waits for the next time.
    """
    rows: dict[Id, dict[str, object]] = {}
    if not keep_loose:
        rows = {key: _row(key, ALONE, against=False) for key in batch}
    for group in groups:
        rows |= {key: _row(key, group.theme_id, against=False) for key in group.matters}
        rows |= {key: _row(key, group.theme_id, against=True) for key in group.against}
    with library.change() as connection:
        require_none(connection, llm.since)
        stay = set(connection.scalars(sa.select(calls.c.call_id)))
        there = set(connection.scalars(sa.select(found_themes.c.theme_id)))
        made = [g for g in groups if g.new is not None and g.theme_id not in there]
        lost = {g.theme_id for g in made if any(call_id not in stay for call_id, _ in g.matters)}
        rows = {
            key: row for key, row in rows.items() if key[0] in stay and row["theme_id"] not in lost
        }
        new = [g.new for g in made if g.new is not None and g.theme_id not in lost]
        if new:
            connection.execute(found_themes.insert(), [dict(row) for row in new])
        for call_id, number in rows:
            connection.execute(
                placements.delete().where(
                    placements.c.call_id == call_id, placements.c.matter == number
                )
            )
        if rows:
            connection.execute(placements.insert(), list(rows.values()))


def _row(key: Id, theme_id: str, *, against: bool) -> dict[str, object]:
    return {"call_id": key[0], "matter": key[1], "theme_id": theme_id, "against": against}
