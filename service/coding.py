"""The ledger coded: which evidence belongs to which code of the codebook, and what speaks against.

Where a model read a call and sorted what it read, its evidence is where it was put; all other
evidence is matched. Both are done over the whole home, whatever a question's scope, so that the
same words always belong to the same code. People's judgements win over them. An account has a theme
only when the ledger holds first-hand evidence of its own for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import sqlalchemy as sa

from ingest import cues
from ingest.addressed import addressed
from ingest.library import Library
from ingest.stamps import STAMPED
from service import ledger
from service.code_topics import topics_of
from service.codebook_store import list_codes
from service.large.coding import MEANT, evidence_of
from service.large.ground import Ground, ground
from service.ledger import Evidence
from service.ledger_held import held
from service.matching import Flags, Lights, Match, match
from service.placed import Placed, Put, read_placed
from service.remembering import remembered
from service.said import Place, Rows, Said, read_said, voice_of
from service.scope import Scope, resolve
from service.shapes import Code, EvidenceKind, Filters
from service.topic import Topic

# All that is stamped but accounts, whose names and figures nothing here depends on.
RESTS_ON = tuple(sorted({*STAMPED} - {"accounts"}))

_ByPlace = dict[Place, list[Evidence]]


@dataclass(frozen=True, slots=True)
class Coded:
    """A code and its evidence, the clearest first; ``counter`` is what speaks against it."""

    code: Code
    members: tuple[Evidence, ...]
    counter: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Coding:
    """All active codes, and the evidence that belongs to none (also not to a dismissed one).

    ``found`` are themes that a model named and nobody has confirmed, as if they were codes.
    """

    coded: tuple[Coded, ...]
    left: tuple[Evidence, ...]
    found: tuple[Coded, ...] = ()

    @property
    def named(self) -> tuple[Coded, ...]:
        """All that has a name, given by a person or by a model."""
        return (*self.coded, *self.found)


def code_ledger(library: Library, connection: sa.Connection) -> Coding:
    """Everything customers said, coded; from memory while nothing has changed."""
    return remembered(
        library, connection, ("coding", Coding), RESTS_ON, lambda: _coding(library, connection)
    )


def _coding(library: Library, connection: sa.Connection) -> Coding:
    everywhere = resolve(connection, Filters())
    items = held(library, connection).items
    placed = read_placed(connection)
    sorted_out = placed.sorted_out(items)
    loose = [item for item in items if not placed.has(item)]
    codes = list_codes(connection, dismissed=True)
    land = ground(library, connection)
    if land is not None:
        topics = land.matched.topics if codes else []
        matched = _in_large(land, placed)
        by_place = _by_place(at for topic in topics for at in _items_there(land, topic.confirmed))
    else:
        topics = topics_of(library, connection) if codes else []
        matched = _matching(library, connection, topics, items, loose)
        by_place = _by_place(items)
    taken: set[str] = set()
    coded = []
    for k, code in enumerate(codes):
        put = sorted_out.get(code.id, Put())
        one = _joined(code, topics[k], matched(k, code), put, by_place)
        doubtless = _undoubted(
            connection, everywhere, code, topics[k], one.members, placed.call_ids
        )
        members = (*one.members, *doubtless)
        taken |= {e.evidence_id for e in (*members, *one.counter)}
        if code.state == "active":
            coded.append(replace(one, members=members))
    # A theme that a model named takes somebody who means it; shared trifles are none.
    named = [(theme, sorted_out.get(theme.id, Put())) for theme in placed.found]
    found = [
        Coded(theme, _weightiest(put.members), _weightiest(put.counter))
        for theme, put in named
        if any(e.strength >= MEANT for e in put.members)
    ]
    # What a model left alone, it looked at.
    left = [e for e in loose if e.evidence_id not in taken]
    return Coding(tuple(coded), tuple(left), tuple(found))


def _matching(
    library: Library,
    connection: sa.Connection,
    topics: Sequence[Topic],
    items: Sequence[Evidence],
    loose: Sequence[Evidence],
) -> Callable[[int, Code], Coded]:
    """What matching finds for a code among ``loose``; it reads in the light of all ``items``."""
    if not loose or not topics:
        return lambda _k, code: Coded(code, (), ())
    said = read_said(library, connection)
    found = _matched(library, said, topics, lights(said, items))
    by_place = _by_place(loose)

    def of(k: int, code: Code) -> Coded:
        return _coded(code, topics[k], (found.rows(said, k), found.near(k)), said, by_place)

    return of


def _in_large(land: Ground, placed: Placed) -> Callable[[int, Code], Coded]:
    """As ``_matching`` for a large home."""
    items = land.items.items
    loose = np.ones(len(items), bool)
    if placed.places:
        loose = np.array([not placed.has(item) for item in items], bool)

    def of(k: int, code: Code) -> Coded:
        members, counter = evidence_of(land, k, loose)
        return Coded(code, tuple(members), tuple(counter))

    return of


def _items_there(land: Ground, places: Collection[Place]) -> Iterator[Evidence]:
    for call_id, i in sorted(places):
        mine = land.items.calls.get(call_id)
        yield from (e for e in mine.items if e.spoken.i == i) if mine is not None else ()


def _joined(code: Code, topic: Topic, matched: Coded, put: Put, by_place: _ByPlace) -> Coded:
    """What matching found and what a model put there, less what people rejected."""

    def kept(items: Sequence[Evidence]) -> list[Evidence]:
        return [e for e in items if _place(e) not in topic.rejected]

    confirmed = [e for place in sorted(topic.confirmed) for e in by_place.get(place, ())]
    members = [
        *_weightiest(e for e in kept(put.members) if _speaks_for(e, topic)),
        *matched.members,
        *confirmed,
    ]
    mine = {e.evidence_id: e for e in members}
    counter = {e.evidence_id: e for e in (*_weightiest(kept(put.counter)), *matched.counter)}
    return Coded(
        code, tuple(mine.values()), tuple(e for e in counter.values() if e.evidence_id not in mine)
    )


def _weightiest(items: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(items, key=lambda e: (-e.strength, -e.weight, e.evidence_id)))


def lights(said: Said, items: Sequence[Evidence]) -> Lights:
    """What the ledger's items tell of the passages they were said in."""

    def flags(places: set[Place]) -> Flags:
        found = np.zeros(len(said), bool)
        found[said.rows_of(places)] = True
        return found

    rows: list[set[Place]] = [set() for _ in range(len(said))]
    for place in dict.fromkeys(map(_place, items)):
        for row in said.rows_at(place):
            rows[row].add(place)
    return Lights(
        held=tuple(map(frozenset, rows)),
        evidence=flags({_place(e) for e in items}),
        praising=flags({_place(e) for e in items if e.kind == "praise"}),
        content=flags({_place(e) for e in items if e.content}),
        minding=flags({_place(e) for e in items if e.kind != "praise" and not e.content}),
    )


def _place(item: Evidence) -> Place:
    return item.spoken.call_id, item.spoken.i


def _matched(library: Library, said: Said, topics: Sequence[Topic], lit: Lights) -> Match:
    """``match``, from memory while nothing has changed."""
    stamp = (
        id(said),
        tuple(topics),
        lit.held,
        *(flags.tobytes() for flags in (lit.evidence, lit.praising, lit.content, lit.minding)),
    )
    kept = library.memory.get("matched")
    if isinstance(kept, tuple) and kept[0] == stamp and isinstance(kept[1], Match):
        return kept[1]
    found = match(library, said, topics, lit)
    # The said itself is kept beside it, so that no other can come to have its id.
    library.memory["matched"] = (stamp, found, said)
    return found


def _by_place(items: Iterable[Evidence]) -> _ByPlace:
    found: _ByPlace = {}
    for item in items:
        found.setdefault(_place(item), []).append(item)
    return found


def _coded(
    code: Code, topic: Topic, near: tuple[Rows, Rows], said: Said, by_place: _ByPlace
) -> Coded:
    """``near`` are the passages of voices that speak of the topic, and all that fit it best: an
    account that is rather content with it need not be among the former.
    """
    members: dict[str, Evidence] = {}
    counter: dict[str, Evidence] = {}
    counted, every = near
    for item in _items_at(_places(said, counted), topic, by_place):
        if _place(item) in topic.confirmed or _speaks_for(item, topic):
            members.setdefault(item.evidence_id, item)
    if topic.sort == "need":
        for item in _items_at(_places(said, every), topic, by_place):
            if item.evidence_id not in members and _speaks_against(item):
                counter.setdefault(item.evidence_id, item)
        members = _borne_out(members, counter, topic)
    return Coded(code, tuple(members.values()), tuple(counter.values()))


def _items_at(places: Iterable[Place], topic: Topic, by_place: _ByPlace) -> Iterator[Evidence]:
    for place in places:
        if place not in topic.rejected:
            yield from by_place.get(place, ())


def _borne_out(
    members: Mapping[str, Evidence], counter: Mapping[str, Evidence], topic: Topic
) -> dict[str, Evidence]:
    """The members of accounts that mean it: more than one weak remark, and not rather content.

    What a person confirmed stays.
    """
    speaks_for: Counter[str] = Counter()
    content: Counter[str] = Counter()
    for item in members.values():
        speaks_for[_voice(item)] += item.strength
    for item in counter.values():
        content[_voice(item)] += item.strength * item.content
    return {
        key: item
        for key, item in members.items()
        if _place(item) in topic.confirmed
        or speaks_for[_voice(item)] >= max(MEANT, content[_voice(item)])
    }


def _voice(item: Evidence) -> str:
    return voice_of(item.spoken.call_id, item.account_id)


def _speaks_against(item: Evidence) -> bool:
    """A plain word that there is no trouble, or praise that is more than politeness."""
    return item.content or (item.kind == "praise" and item.strength >= MEANT)


def _speaks_for(item: Evidence, topic: Topic) -> bool:
    """Whether the item is of the topic's sort."""
    if topic.sort == "praise":
        return item.kind == "praise"
    if topic.sort == "competitor":
        # "No, never heard of them." has its name, and no weight.
        idle = item.kind not in ("competitor", "risk") and cues.NO.match(item.spoken.text)
        return not idle and (topic.named is None or _place(item) in topic.named)
    return item.kind != "praise" and not item.content


def _places(said: Said, rows: Rows) -> list[Place]:
    """The utterances of these passages, in the order of the rows."""
    places = (
        (said.call_ids[said.call[row]], int(i))
        for row in rows
        for i in range(said.first[row], said.last[row] + 1)
    )
    return list(dict.fromkeys(places))


def _undoubted(
    connection: sa.Connection,
    everywhere: Scope,
    code: Code,
    topic: Topic,
    members: Sequence[Evidence],
    sorted_calls: Collection[str],
) -> tuple[Evidence, ...]:
    """What is evidence although the reader kept nothing there: what a person confirmed, and a
    competitor's name from a customer's mouth, said of the customer's own and not struck out (but
    where a model has read: it told the one from the other).
    """
    places = frozenset(_place(e) for e in members)
    found = [*ledger.whole(connection, everywhere, sorted(topic.confirmed - places), code.kind)]
    if topic.sort == "competitor" and topic.named is not None:
        named = frozenset(place for place in topic.named if place[0] not in sorted_calls)
        left = named - topic.rejected - topic.confirmed - places
        found += mentions(connection, everywhere, left, code.kind)
    return tuple(found)


def mentions(
    connection: sa.Connection, scope: Scope, places: frozenset[Place], kind: EvidenceKind
) -> list[Evidence]:
    """Those of ``places``, where a name was said, at which it stands for something: no hearsay,
    nothing that a person struck out.
    """
    left = sorted(places - ledger.set_apart(connection, places))
    return [e for e in ledger.whole(connection, scope, left, kind) if _tells(e)]


def _tells(item: Evidence) -> bool:
    """Whether a competitor's name stands there for something: a question back, a no ("Never heard
    of them."), hearsay and orders to machines are nothing.
    """
    text = item.spoken.text
    nothing = (cues.NO.match, cues.ELSEWHERE.search, addressed)
    return not text.rstrip().endswith("?") and not any(sign(text) for sign in nothing)
