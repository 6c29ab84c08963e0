"""Sorting matters into themes with a language model: it points at ids, code checks and counts.

Only matters that have no place yet are sorted, into the codes of the codebook and the themes found
before, first of all; what fits none makes new themes. When a person writes a code later, what lies
under no code is held against it. Everything that a model answers is checked: an unknown id is
dropped, an id used twice stays where it was used first, and a name that its quotes do not bear is
replaced by customers' own words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import sqlalchemy as sa
from pydantic import BaseModel, JsonValue

from ingest.facts import fact, put_fact
from ingest.library import Library
from ingest.llm import Purpose, Request
from ingest.llm.errors import Misshapen, ModelRefused, TooLong
from ingest.llm.port import Llm
from ingest.llm.tokens import estimate
from ingest.readings import Matter, Words, all_readings
from ingest.store import spoken
from ingest.tables import calls, found_themes, placements
from service.borne import Known, borne, fits, nearness
from service.codebook_store import list_codes
from service.codebook_undo import merged
from service.known import known_here
from service.ledger import shortened
from service.placed import resolved
from service.quotes import cut
from service.shapes import Code, EvidenceKind, Quote

PROMPT = "group_matters"
ALONE = ""  # the theme of a matter that stands under none
MOST = 250  # matters in one request
_MOST_THEMES = 300  # that a model named, beside the codes
_WORDS = 240  # characters of a matter's own words that are shown
_LABEL = 110  # characters
_PARTS = 16  # into which matters are parted at most that the model does not sort together
_SORTED_FOR = "sorted_for"  # the fact that says for which codes the matters were sorted

Id = tuple[str, int]  # call and number of the matter


class GroupRead(BaseModel):
    """A group as the model gives it."""

    theme: str
    label: str
    statement: str
    kind: EvidenceKind | Literal[""]
    matters: list[str] = []
    against: list[str] = []


class GroupsRead(BaseModel):
    groups: list[GroupRead]


@dataclass(frozen=True, slots=True)
class _Target:
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


def sort_matters(library: Library, llm: Llm) -> int:
    """Give every matter without a place one, and hold the others against codes that are new.

    How many matters were looked at. Each request's outcome is stored before the next is sent. What
    the model will not sort, also not apart, stands under no theme. Raises what its port raises.
    """
    looked_at = 0
    # Before anything is asked: a code that is written meanwhile waits for the next time.
    codes = _new_codes(library)
    new = _unplaced(library)
    for batch in _batches(new, _targets(library), llm):
        _sort_apart(library, llm, batch, None, max(1, len(batch) // _PARTS))
        looked_at += len(batch)
    if codes:
        loose = _under_no_code(library, but=new)
        for batch in _batches(loose, codes, llm):
            _sort_apart(library, llm, batch, codes, max(1, len(batch) // _PARTS))
            looked_at += len(batch)
        _remember(library, codes)
    return looked_at


def unsorted(library: Library) -> bool:
    """Whether anything is left to sort."""
    return bool(_unplaced(library)) or bool(_new_codes(library) and _under_no_code(library))


# --- what there is to sort, and where to ----------------------------------------------------------


def _unplaced(library: Library) -> dict[Id, Matter]:
    with library.read() as connection:
        placed = {(r.call_id, r.matter) for r in connection.execute(sa.select(placements))}
        found = all_readings(connection)
    return {
        (call_id, n): matter
        for call_id, reading in found.items()
        for n, matter in enumerate(reading.matters)
        if (call_id, n) not in placed
    }


def _under_no_code(library: Library, but: Mapping[Id, Matter] | None = None) -> dict[Id, Matter]:
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


def _targets(library: Library) -> list[_Target]:
    """The codes, dismissed ones too (what belongs there is put aside), and the themes found."""
    with library.read() as connection:
        codes = [_of_code(code) for code in list_codes(connection, dismissed=True)]
        into = merged(connection)
        rows = connection.execute(sa.select(found_themes).order_by(found_themes.c.theme_id))
        there = [
            _Target(row.theme_id, row.kind, row.label, row.statement)
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


def _of_code(code: Code) -> _Target:
    return _Target(code.id, code.kind, code.label, code.definition, code.include, code.exclude)


def _new_codes(library: Library) -> list[_Target]:
    """The codes whose text nobody has held the matters against yet."""
    with library.read() as connection:
        known = fact(connection, _SORTED_FOR)
        codes = [_of_code(code) for code in list_codes(connection, dismissed=True)]
    seen = set(known) if isinstance(known, list) else set()
    return [code for code in codes if _stamp(code) not in seen]


def _remember(library: Library, held_against: Sequence[_Target]) -> None:
    with library.change() as connection:
        there = {_stamp(_of_code(code)) for code in list_codes(connection, dismissed=True)}
        known = fact(connection, _SORTED_FOR)
        seen = set(known) if isinstance(known, list) else set()
        seen |= {_stamp(code) for code in held_against}
        put_fact(connection, _SORTED_FOR, sorted(there & seen))


def _stamp(code: _Target) -> str:
    told = json.dumps(code.told(code.theme_id), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:24]


# --- one request ----------------------------------------------------------------------------------


def _batches(
    matters: Mapping[Id, Matter], targets: Sequence[_Target], llm: Llm
) -> Iterator[dict[Id, Matter]]:
    """As many matters as one request holds beside the themes, in the order of calls."""
    base = estimate(json.dumps([t.told(t.theme_id) for t in targets])) + 1_500
    batch: dict[Id, Matter] = {}
    size = base
    for key, matter in sorted(matters.items()):
        cost = estimate(json.dumps(_told(key, matter)))
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
    codes: Sequence[_Target] | None,
    fewest: int,
) -> None:
    """Sort ``batch`` into ``codes``, or into what is there and what is new.

    What the model declines or gives no usable answer on is halved, and ``fewest`` matters stay
    where they are: one of them must not keep all others from their themes, nor be paid for each
    time. What it cannot answer in its length is halved as well.
    """
    targets = _targets(library) if codes is None else codes
    try:
        _sort(library, llm, batch, targets, invent=codes is None)
        return
    except TooLong:
        if len(batch) == 1:
            raise
    except (ModelRefused, Misshapen):
        if len(batch) <= fewest:
            _store(library, batch, (), keep_loose=codes is not None)
            return
    each, middle = list(batch.items()), len(batch) // 2
    for half in (each[:middle], each[middle:]):
        _sort_apart(library, llm, dict(half), codes, fewest)


def _sort(
    library: Library,
    llm: Llm,
    batch: Mapping[Id, Matter],
    targets: Sequence[_Target],
    *,
    invent: bool,
) -> None:
    keys = {f"T{n}": target for n, target in enumerate(targets, start=1)}
    data: JsonValue = {
        "themes": [target.told(key) for key, target in keys.items()],
        "new_themes": "as needed" if invent else "none: only what belongs to the themes above",
        "matters": [_told(key, matter) for key, matter in batch.items()],
    }
    from_calls = {call_id for call_id, _ in batch} | _named_by(library, targets)
    purpose = Purpose("themes", f"{len(batch)} matters")
    answer = llm.ask(Request(PROMPT, data, GroupsRead, purpose, tuple(sorted(from_calls))))
    check = _Check(library, batch, keys, invent=invent)
    groups = list(check.groups(answer.groups))
    _store(library, batch, groups, keep_loose=not invent)


def _named_by(library: Library, targets: Sequence[_Target]) -> set[str]:
    """The calls whose words the names of these themes may hold."""
    ids = {target.theme_id for target in targets}
    with library.read() as connection:
        into = merged(connection)
        rows = connection.execute(sa.select(placements.c.call_id, placements.c.theme_id)).all()
    return {row.call_id for row in rows if resolved(row.theme_id, into) in ids}


def _told(key: Id, matter: Matter) -> JsonValue:
    words = " … ".join(said.words for said in matter.said)
    return {
        "id": _name(key),
        "kind": matter.kind,
        "stance": "no_trouble" if matter.content else "has_it",
        "hand": matter.hand,
        "need": matter.need,
        "problem": matter.problem,
        "words": shortened(words, _WORDS),
    }


def _name(key: Id) -> str:
    return f"{key[0]}/{key[1]}"


@dataclass(frozen=True, slots=True)
class _Group:
    """A checked group. ``new`` is the row of a theme that is not there yet."""

    theme_id: str
    matters: tuple[Id, ...]
    against: tuple[Id, ...]
    new: Mapping[str, object] | None = None


@dataclass(slots=True)
class _Check:
    """Ids that exist, each used once; names that customers' words bear."""

    library: Library
    batch: Mapping[Id, Matter]
    keys: Mapping[str, _Target]
    invent: bool
    used: set[Id] = field(default_factory=set)
    known: Known = field(default_factory=Known)

    def groups(self, given: Sequence[GroupRead]) -> Iterator[_Group]:
        with self.library.read() as connection:
            self.known = known_here(self.library, connection)
            for one in given:
                target = self.keys.get(one.theme)
                if target is None and (one.theme.strip() or not self.invent):
                    continue  # a theme that nobody offered
                praise = (target.kind if target else one.kind) == "praise"
                members = [k for k in self._ids(one.matters) if self._has_it(k, praise=praise)]
                against = list(self._ids(one.against))
                if target is not None:
                    yield _Group(target.theme_id, tuple(members), tuple(against))
                elif quotes := self._quotes(connection, members):
                    row = self._row(one, members, quotes)
                    yield _Group(str(row["theme_id"]), tuple(members), tuple(against), row)

    def _ids(self, given: Iterable[str]) -> Iterator[Id]:
        names = {_name(key): key for key in self.batch}
        for name in given:
            key = names.get(name.strip())
            if key is not None and key not in self.used:
                self.used.add(key)
                yield key

    def _has_it(self, key: Id, *, praise: bool) -> bool:
        matter = self.batch[key]
        return not matter.content and (matter.kind == "praise") == praise

    def _row(
        self, one: GroupRead, members: Sequence[Id], quotes: Sequence[Quote]
    ) -> dict[str, object]:
        kinds = [self.batch[k].kind for k in members]
        most = max(dict.fromkeys(kinds), key=kinds.count)
        kind = one.kind if one.kind in kinds else most
        label, told = (" ".join(text.split()) for text in (one.label, one.statement))
        needs = [self.batch[k].need for k in members if self.batch[k].need]
        near = nearness(self.library)
        unfit = (
            not label or len(label) > _LABEL or fits(label, quotes, self.known, near) is not None
        )
        if unfit:
            label = shortened(needs[0] if needs else quotes[0].text, _LABEL)
        if not told or borne(told, quotes, self.known, near, wish=True) is not None:
            told = needs[0] if needs else ""
        # Where it began is what it is.
        digest = hashlib.sha256(f"{_name(members[0])} {label}".encode()).hexdigest()[:12]
        return {
            "theme_id": f"theme-{digest}",
            "label": label,
            "statement": told,
            "kind": kind,
            "created_at": datetime.now(UTC),
        }

    def _quotes(self, connection: sa.Connection, members: Sequence[Id]) -> list[Quote]:
        places = [(call, said.utterance) for call, n in members for said in self._said(call, n)]
        there = spoken(connection, places)
        found = []
        for call, n in members:
            for said in self._said(call, n):
                words = there.get((call, said.utterance))
                if words is not None and (first := words.text.find(said.words)) >= 0:
                    found.append(cut(words, first, first + len(said.words)))
        return found

    def _said(self, call: str, n: int) -> tuple[Words, ...]:
        return self.batch[call, n].said


def _store(
    library: Library, batch: Mapping[Id, Matter], groups: Sequence[_Group], *, keep_loose: bool
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
