"""The ledger of evidence as questions see it: who said what that matters, weighed and ranked.

Only what customers said in their own right is counted. Internal items and hearsay are in the
ledger, kept apart by ``role`` and ``hand``, and have to be asked for.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from ingest.consent import counts
from ingest.models import Role
from ingest.signs import WORD
from ingest.store import spoken
from ingest.tables import calls, evidence, evidence_edits, speakers, utterances
from service.by_call import batches
from service.quotes import Spoken, cut, statement
from service.scope import Scope
from service.shapes import EvidenceKind, Hand, Quote, Statement

# A quote in a line of text; the whole of it stands under the line.
_LABEL_CHARS = 110
# Utterances over which a conversation stays on its matter; anything from 8 to 32 serves alike.
_STRETCH = 8


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Evidence:
    """An item of the ledger with the utterance it is cut from. ``vector`` has unit length."""

    evidence_id: str
    kind: EvidenceKind
    strength: int
    hand: Hand
    first_char: int
    end_char: int
    spoken: Spoken
    date: date | None
    vector: NDArray[np.float32]
    content: bool = False
    matter: int | None = None  # of the call's reading by a model
    by_person: bool = False
    weight: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "weight", self._weight())

    @property
    def account_id(self) -> str | None:
        return self.spoken.account_id

    def _weight(self) -> int:
        """How much it matters: the signs it carries, by how long the speaker dwelt on it.

        People talk longest about what matters to them: in the calls of a test corpus length
        ranked better than the signs, and both together better than the signs alone.
        """
        # A kind word in passing is no more than itself, whatever else the speaker went on to say.
        told = self.spoken.text
        if self.kind == "praise":
            told = told[self.first_char : self.end_char]
        return (3 + self.strength) * len(WORD.findall(told))

    def quote(self) -> Quote:
        return cut(self.spoken, self.first_char, self.end_char, hand=self.hand)


def items(
    connection: sa.Connection,
    scope: Scope,
    *,
    role: Role = "customer",
    kinds: Collection[EvidenceKind] | None = None,
    hand: Hand | None = "first",
    missed: bool = False,
) -> list[Evidence]:
    """The evidence of ``role`` in scope, in the order of calls and utterances.

    Hearsay is left out unless ``hand`` asks for it (``None`` for both), and so is what a model
    passed over in a call that it read, unless ``missed``. An item whose utterance no longer has
    those words, or whose speaker has another role by now, is not there.
    """
    narrowed = [evidence.c.role == role]
    if kinds is not None:
        narrowed.append(evidence.c.kind.in_(sorted(kinds)))
    if hand is not None:
        narrowed.append(evidence.c.hand == hand)
    if not missed:
        narrowed.append(evidence.c.missed.is_(False))
    found: dict[str, list[Evidence]] = {}
    for ids in batches(scope.call_ids):
        found |= of_calls(connection, ids, sa.and_(*narrowed))
    return [item for call in scope.calls for item in found.get(call.call_id, ())]


def of_calls(
    connection: sa.Connection, call_ids: Sequence[str], which: sa.ColumnElement[bool]
) -> dict[str, list[Evidence]]:
    """The evidence that ``which`` holds for, by call in the order of utterances."""
    e, u, s, c = evidence.c, utterances.c, speakers.c, calls.c
    query = (
        sa.select(
            *(e.call_id, e.utterance, e.evidence_id, e.kind, e.strength, e.hand),
            *(e.first_char, e.end_char, e.content, e.matter, e.by_person, e.vector),
            *(u.text, u.start_s, u.end_s, s.name, s.role, s.doubt, c.account_id, c.date),
        )
        .join(utterances, sa.and_(u.call_id == e.call_id, u.i == e.utterance))
        .join(speakers, sa.and_(s.call_id == e.call_id, s.label == u.speaker))
        .join(calls, c.call_id == e.call_id)
        # A role that was corrected since takes the item out.
        .where(which, counts(), s.role == e.role, e.call_id.in_(call_ids))
        .order_by(e.call_id, e.utterance, e.first_char, e.end_char)
    )
    found: dict[str, list[Evidence]] = {}
    same: dict[object, str] = {None: ""}  # one string for what hundreds of items share
    told: Spoken | None = None
    for row in connection.execute(query):
        call_id, i, evidence_id, kind, strength, hand = row[:6]
        first, end, content, matter, by_person, vector = row[6:12]
        text, start_s, end_s, name, role, doubt, account_id, day = row[12:]
        if end > len(text):
            continue
        if told is None or (told.call_id, told.i) != (call_id, i):
            call_id, name = same.setdefault(call_id, call_id), same.setdefault(name, name)
            account = same.setdefault(account_id, account_id) or None
            told = Spoken(call_id, i, text, name, role, doubt, account, start_s, end_s)
        item = Evidence(
            evidence_id=evidence_id,
            kind=kind,
            strength=strength,
            hand=hand,
            first_char=first,
            end_char=end,
            spoken=told,
            date=day,
            vector=np.frombuffer(vector, dtype="<f4"),
            content=content,
            matter=matter,
            by_person=by_person,
        )
        found.setdefault(told.call_id, []).append(item)
    return found


def whole(
    connection: sa.Connection, scope: Scope, places: Sequence[tuple[str, int]], kind: EvidenceKind
) -> Iterator[Evidence]:
    """Whole utterances of customers, for what is evidence whatever the reader says."""
    dates = {call.call_id: call.date for call in scope.calls}
    said = spoken(connection, places)
    for place in places:
        words = said.get(place)
        if words is not None and words.role == "customer" and words.call_id in dates:
            yield Evidence(
                evidence_id=f"{words.call_id}:{words.i}:0-{len(words.text)}",
                kind=kind,
                strength=2,
                hand="first",
                first_char=0,
                end_char=len(words.text),
                spoken=words,
                date=dates[words.call_id],
                vector=np.zeros(0, np.float32),
            )


def set_apart(
    connection: sa.Connection, places: Collection[tuple[str, int]]
) -> frozenset[tuple[str, int]]:
    """Those of ``places`` whose words are hearsay, or were struck out of the ledger by a person."""
    call_ids = sorted({call_id for call_id, _ in places})
    hearsay = sa.select(evidence.c.call_id, evidence.c.utterance).where(
        evidence.c.hand == "third", evidence.c.call_id.in_(call_ids)
    )
    struck = sa.select(evidence_edits.c.call_id, evidence_edits.c.utterance).where(
        evidence_edits.c.action == "reject", evidence_edits.c.call_id.in_(call_ids)
    )
    found = {(row.call_id, row.utterance) for row in connection.execute(sa.union(hearsay, struck))}
    return frozenset(found & set(places))


def strongest(
    items: Iterable[Evidence],
    scope: Scope,
    *,
    per_account: int = 3,
    least: int = 1,
) -> list[Statement]:
    """For each account in scope that was heard, one statement of ``items``, most ARR first.

    A statement has up to ``per_account`` quotes of strength ``least`` and more, the telling ones on
    different matters. Calls of no account come last, each by itself.
    """
    mine: dict[str, list[Evidence]] = {}
    for item in items:
        # That there is no trouble is no need, and no threat.
        if item.strength < least or (item.content and item.kind != "praise"):
            continue
        mine.setdefault(item.account_id or f"call {item.spoken.call_id}", []).append(item)
    titles = {f"call {call.call_id}": f"“{call.title}” (no account)" for call in scope.calls}
    groups = [(a.account_id, a.name) for a in scope.accounts] + list(titles.items())
    found = []
    for key, name in groups:
        if key in mine:
            told = telling(mine[key], per_account)
            text = f"{name}: “{shortened(told[0].quote().text)}”"
            found.append(statement(text, [item.quote() for item in told], scope.arr))
    return found


def telling(candidates: Sequence[Evidence], n: int) -> list[Evidence]:
    """The ``n`` weightiest items that speak of different things, weightiest first.

    Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998) with weights in place of a
    query. One utterance gives one item.
    """
    left = sorted(candidates, key=lambda e: (-e.weight, e.evidence_id))
    chosen: list[Evidence] = []
    while left and len(chosen) < n:
        best, most = left[0], -math.inf
        for item in left:
            # No item is worth more than its weight, and they are by weight.
            if item.weight <= most:
                break
            worth = item.weight * (1 - _nearness(item, chosen))
            if worth > most:
                best, most = item, worth
        chosen.append(best)
        at = (best.spoken.call_id, best.spoken.i)
        left = [e for e in left if (e.spoken.call_id, e.spoken.i) != at]
    return chosen


def plainest(items: Sequence[Evidence], scope: Scope) -> list[Evidence]:
    """The items in scope by the sum of two places: in the order given, and by weight.

    ``items`` are the clearest first. What matching found clearest may be a trifle, and what is most
    telling may be about something else said in the same breath; both orders together find the
    right utterances best (``eval/LOG.md``).
    """
    here = [e for e in items if e.spoken.call_id in scope.call_ids]
    heavy = sorted(here, key=lambda e: (-e.weight, e.evidence_id))
    place = {e.evidence_id: n for n, e in enumerate(heavy)}
    order = sorted((n + place[e.evidence_id], n) for n, e in enumerate(here))
    return [here[n] for _, n in order]


def _nearness(item: Evidence, chosen: Iterable[Evidence]) -> float:
    """0 to 1: how likely the item is about what one of ``chosen`` is about.

    Within a call people speak of one matter at a stretch, and where it was said tells more than
    the wording does; between calls there is only the wording.
    """
    near = 0.0
    for other in chosen:
        if item.spoken.call_id == other.spoken.call_id:
            near = max(near, math.exp(-abs(item.spoken.i - other.spoken.i) / _STRETCH))
        else:
            near = max(near, _alike(item, other))
    return near


def _alike(one: Evidence, other: Evidence) -> float:
    # What only a person calls evidence has no vector.
    return float(one.vector @ other.vector) if one.vector.size == other.vector.size else 0.0


def shortened(text: str, most: int = _LABEL_CHARS) -> str:
    """The beginning of ``text`` up to a word's end, with an ellipsis when something follows.

    The words stay the speaker's own; only white space is evened out.
    """
    plain = " ".join(text.split())
    if len(plain) <= most:
        return plain
    head = plain[: most + 1]
    cut_at = head.rfind(" ") if " " in head else most
    return head[:cut_at].rstrip(" ,;:.–—-") + "…"
