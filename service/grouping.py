"""What a model's groups are worth: ids that exist, each used once, and names that words bear."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import sqlalchemy as sa
from pydantic import BaseModel

from ingest.library import Library
from ingest.readings import Matter, Words
from ingest.store import spoken
from ingest.transcripts.clean import clean_text
from service.borne import Known, borne, fits, nearness
from service.known import known_here
from service.ledger import shortened
from service.quotes import cut
from service.shapes import EvidenceKind, Quote
from service.sortable import Id, Target, name_of

_LABEL = 110  # characters


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
class Group:
    """A checked group. ``new`` is the row of a theme that is not there yet."""

    theme_id: str
    matters: tuple[Id, ...]
    against: tuple[Id, ...]
    new: Mapping[str, object] | None = None


@dataclass(slots=True)
class Check:
    """Ids that exist, each used once; names that customers' words bear."""

    library: Library
    batch: Mapping[Id, Matter]
    keys: Mapping[str, Target]
    invent: bool
    used: set[Id] = field(default_factory=set)
    known: Known = field(default_factory=Known)

    def groups(self, given: Sequence[GroupRead]) -> Iterator[Group]:
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
                    yield Group(target.theme_id, tuple(members), tuple(against))
                elif quotes := self._quotes(connection, members):
                    row = self._row(one, members, quotes)
                    yield Group(str(row["theme_id"]), tuple(members), tuple(against), row)

    def _ids(self, given: Iterable[str]) -> Iterator[Id]:
        names = {name_of(key): key for key in self.batch}
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
        label, told = (" ".join(clean_text(text).split()) for text in (one.label, one.statement))
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
        digest = hashlib.sha256(f"{name_of(members[0])} {label}".encode()).hexdigest()[:12]
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
