"""Reads a call once, whole, and keeps what matters in it: the ledger's only source.

No model is asked. A sentence counts by the *number of different signs* it carries (something
failed, somebody minds, it cost something, somebody works round it, somebody wishes, somebody may
leave, somebody likes it), so that no single word and no tuned score decides. People also tell
without a single such word, at length, once asked what is hard or what is good; so a long answer in
that mood counts too. What a customer says in reply to an idea of the vendor's is about the idea and
is no evidence; nor are greetings, questions back, and words addressed to machines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from ingest import cues
from ingest.addressed import addressed
from ingest.models import Role, Speaker, Utterance
from ingest.signs import WORD, Signs, rivals_in, sentences, signs
from ingest.tables import evidence

Kind = Literal["pain", "request", "praise", "risk", "competitor"]
Hand = Literal["first", "third"]

# Below this an utterance is a backchannel ("Right, right, that's great").
_FEWEST_WORDS = 6
# From here on somebody is telling a story rather than answering.
_TOLD_AT_LENGTH = 30
# A quote is something one reads at a glance; sentences beyond this are not added to it.
_MOST_WORDS = 70
# So many replies in a row can go on with a story without a sign of their own.
_GOES_ON = 2
# From so few words on a reply to a question tells something ("Four tickets. Since January.").
_FEWEST_TOLD = 3
# So many more after a word that there is no trouble, unless they are hard complaints.
_AT_EASE = 2
_HARD = 3  # strength
# A vendor who says this much is on to something else.
_LONG_TURN = 40
# A reply that goes on about the same others ("But they all want it").
_CONTINUES = re.compile(
    r"\s*(?:(?:yeah|no|well|and|but|me|us)\b[,?.!]? )*(?:they|them|those|everyone|everybody)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """Something that matters, as the slice ``text[first_char:end_char]`` of one utterance.

    ``strength`` (1 to 3) grows with the independent signs in the slice. ``hand`` is ``third`` when
    the speaker reports others. ``role`` is the speaker's: internal items are kept apart.
    ``content`` says that the speaker finds no trouble there ("that's not ours, to be fair"): such
    words speak against a need, whatever else they sound like. ``by_person`` items were added by a
    person, not read by code. ``matter`` is the number of the matter in a model's reading that the
    item is of; ``missed`` items were found by these rules in a call in which a model passed over
    them: they can be looked at and are not counted.
    """

    utterance: int
    first_char: int
    end_char: int
    kind: Kind
    strength: int
    hand: Hand
    role: Role
    content: bool = False
    by_person: bool = False
    matter: int | None = None
    missed: bool = False


@dataclass(frozen=True, slots=True)
class _Heard:
    """An utterance in its place: who said it, after what was asked, in which mood."""

    utterance: Utterance
    role: Role
    hand: Hand
    rivals: frozenset[str]
    about_idea: bool = False
    denies: bool = False
    mood: Kind | None = None


def read(utterances: Sequence[Utterance], speakers: Sequence[Speaker]) -> list[EvidenceItem]:
    """The evidence in a call, in the order it was said; every utterance is read once.

    Speakers that are not listed are taken for the vendor's own, whose words are never counted.
    """
    roles: dict[str, Role] = {s.label: s.role for s in speakers}
    course = _Course(rivals_in(utterances, speakers, roles))
    items: list[EvidenceItem] = []
    for utterance in utterances:
        role = roles.get(utterance.speaker, "internal")
        if role == "internal":
            course.hear(utterance.text)
        if not addressed(utterance.text):
            items += course.theirs(utterance) if role == "customer" else course.ours(utterance)
    return items


@dataclass(slots=True)
class _Course:
    """The course of a conversation: what an utterance means depends on what went before it.

    ``asked`` is what the vendor last said at any length, ``answering`` whether that was since the
    last customer spoke. ``mood`` is what is being spoken of: what is hard, or what is good.
    ``story`` is what a customer has begun to tell of, ``left`` the replies that may still go on
    with it, ``at_ease`` those that go on from a word that there is no trouble. ``reported`` is
    whether the last customer spoke of others.
    """

    rivals: frozenset[str]
    asked: str = ""
    answering: bool = False
    mood: Kind | None = None
    story: Kind | None = None
    left: int = 0
    at_ease: int = 0
    reported: bool = False

    def hear(self, text: str) -> None:
        """What the vendor says sets the stage."""
        words = len(WORD.findall(text))
        if words > _LONG_TURN or cues.MOVES_ON.search(text):
            self.story, self.at_ease = None, 0
        if words >= _FEWEST_WORDS or "?" in text:
            self.asked = text
            kept = None if self.mood == "praise" and "?" in text else self.mood
            self.mood = _asked_for(text) or kept
        self.answering = True

    def ours(self, utterance: Utterance) -> Iterator[EvidenceItem]:
        """Ideas that the vendor's people float; kept apart."""
        if len(WORD.findall(utterance.text)) >= _FEWEST_WORDS:
            yield from _items(_Heard(utterance, "internal", "first", self.rivals))

    def theirs(self, utterance: Utterance) -> list[EvidenceItem]:
        """What a customer says that matters."""
        words = len(WORD.findall(utterance.text))
        if words < _FEWEST_WORDS:
            if not (self.story and self.left and words >= _FEWEST_TOLD and self.answering):
                return []
            self.left, self.answering = self.left - 1, False
            return self._told(_goes_on(utterance, self.story, self.asked))
        third = cues.ELSEWHERE.search(utterance.text) is not None
        heard = _Heard(
            utterance,
            "customer",
            "third" if third or (self.reported and _CONTINUES.match(utterance.text)) else "first",
            self.rivals,
            # Whoever goes on unasked after the reply speaks of their own again.
            about_idea=self.answering and cues.PROPOSAL.search(self.asked) is not None,
            denies=self.answering and _denies(utterance.text, self.asked),
            mood=self.mood,
        )
        found = list(_items(heard))
        if heard.denies or (found and all(item.content for item in found)):
            self.at_ease = _AT_EASE + 1
        if found:
            self.story = found[0].kind if heard.hand == "first" else None
            self.left = _GOES_ON
        elif self.story and self.left and heard.hand == "first":
            found = _goes_on(utterance, self.story, self.asked)
            self.left -= 1
        if any(item.kind in ("pain", "request") for item in found):
            self.mood = "pain"
        self.reported, self.answering = third, False
        return self._told(found)

    def _told(self, found: list[EvidenceItem]) -> list[EvidenceItem]:
        """``found``, at ease while the speaker goes on from a word that there is no trouble."""
        if not self.at_ease:
            return found
        self.at_ease -= 1
        return [item if item.strength == _HARD else replace(item, content=True) for item in found]


def write(
    connection: sa.Connection,
    call_id: str,
    items: Sequence[EvidenceItem],
    vectors: NDArray[np.float32],
) -> None:
    """Put ``items`` in place of the call's evidence; ``vectors`` has a unit row for each."""
    connection.execute(evidence.delete().where(evidence.c.call_id == call_id))
    rows = [
        {
            # Where it stands is what it is: the same words keep their id when a call is read again.
            "evidence_id": f"{call_id}:{item.utterance}:{item.first_char}-{item.end_char}",
            "call_id": call_id,
            "utterance": item.utterance,
            "first_char": item.first_char,
            "end_char": item.end_char,
            "kind": item.kind,
            "strength": item.strength,
            "hand": item.hand,
            "role": item.role,
            "content": item.content,
            "by_person": item.by_person,
            "matter": item.matter,
            "missed": item.missed,
            "vector": np.asarray(vector, dtype="<f4").tobytes(),
        }
        for item, vector in zip(items, vectors, strict=True)
    ]
    if rows:
        connection.execute(evidence.insert(), rows)


def _goes_on(utterance: Utterance, kind: Kind, asked: str) -> list[EvidenceItem]:
    """What goes on with a story without a sign of its own: how often, since when, what instead."""
    text = utterance.text
    if "?" not in asked or cues.PROPOSAL.search(asked):
        return []  # only who is asked on is asked about the same
    if cues.AGREEMENT.search(text) or cues.ELSEWHERE.search(text):
        return []
    said = [signs(text, a, b, frozenset()) for a, b in sentences(text)]
    kept = [int(not s.asks and not s.private) for s in said]
    if not any(kept):
        return []
    run = _run([s.words * k for s, k in zip(said, kept, strict=True)], said, [not k for k in kept])
    if run is None:
        return []
    first, end = said[run[0]].first, said[run[1]].end
    return [EvidenceItem(utterance.i, first, end, kind, 1, "first", "customer")]


def _asked_for(question: str) -> Kind | None:
    """The kind of answer a question invites."""
    if "?" not in question:
        return None
    if cues.ASKS_GOOD.search(question):
        return "praise"
    return "pain" if cues.ASKS_BAD.search(question) else None


def _items(heard: _Heard) -> Iterator[EvidenceItem]:
    """At most one item of each sort: leaving, needing, liking; their slices do not overlap."""
    text = heard.utterance.text
    said = [signs(text, a, b, heard.rivals) for a, b in sentences(text)]
    taken = [s.private for s in said]
    if heard.role == "internal" and cues.IDEA.search(text):
        ideas = [int(cues.IDEA.search(text[s.first : s.end]) is not None) for s in said]
        run = _run(ideas, said, taken)
        if run is not None:
            yield _item(heard, said, run, "request")
        return
    if all(s.asks for s in said):
        return  # a question back
    if heard.about_idea and (cues.AGREEMENT.search(text) or not any(s.pain > 1 for s in said)):
        return
    for kind, carried in _sorts(said, heard.mood):
        run = _run(carried, said, taken)
        if run is not None:
            taken[run[0] : run[1] + 1] = [True] * (run[1] - run[0] + 1)
            yield _item(heard, said, run, kind)


def _item(heard: _Heard, said: Sequence[Signs], run: tuple[int, int], kind: Kind) -> EvidenceItem:
    inside = said[run[0] : run[1] + 1]
    return EvidenceItem(
        heard.utterance.i,
        inside[0].first,
        inside[-1].end,
        kind=kind,
        strength=_strength(inside, kind, sum(s.words for s in said)),
        hand=heard.hand,
        role=heard.role,
        content=_content(heard, inside),
    )


def _content(heard: _Heard, inside: Sequence[Signs]) -> bool:
    """Whether the slice says that there is no trouble, or that it should stay as it is."""
    told = heard.utterance.text[inside[0].first : inside[-1].end]
    return heard.role == "customer" and (heard.denies or cues.CONTENT.search(told) is not None)


def _denies(answer: str, asked: str) -> bool:
    """A "No" to the question whether something is so; a no to "no signal?" agrees with it."""
    if cues.NO.match(answer) is None or "?" not in asked:
        return False
    question = asked[: asked.rfind("?")]
    start = max(question.rfind(mark) for mark in ".!?") + 1
    return cues.NEGATION.search(question[start:]) is None


def _sorts(said: Sequence[Signs], mood: Kind | None) -> list[tuple[Kind, list[int]]]:
    """How much each sentence carries of leaving, needing and liking, in order of precedence."""
    if mood == "praise" and not any(s.minds for s in said):
        said = [replace(s, pain=0, wish=0) for s in said]  # "What is good?" was just asked
    leaving = [s.leaving + s.rival for s in said]
    need = [0 if s.asks and s.wish < 2 else s.pain + s.wish for s in said]
    liking = [0 if s.asks or s.pain else s.liking for s in said]
    if mood != "praise" and any(need) and sum(liking) < 2:
        liking = [0] * len(said)  # one kind word amid a complaint ("she's great, but") is none
    at_length = sum(s.words for s in said) >= _TOLD_AT_LENGTH
    if mood is not None and at_length and not any(leaving + need + liking):
        told = [s.words if s.words >= _FEWEST_WORDS else 0 for s in said]
        return [("praise" if mood == "praise" else "pain", told)]
    wished = sum(s.wish for s in said) > sum(s.pain for s in said)
    return [
        ("competitor" if any(s.rival for s in said) else "risk", leaving),
        ("request" if wished else "pain", need),
        ("praise", liking),
    ]


def _strength(inside: Sequence[Signs], kind: Kind, length: int) -> int:
    """1 to 3: the different signs the slice carries; speaking at length is one of them."""
    counted = max(s.support for s in inside) + (length >= _TOLD_AT_LENGTH)
    if kind == "praise":
        counted += max(s.liking for s in inside)
    else:
        counted += max(s.pain for s in inside) + any(s.wish for s in inside)
        counted += 2 * any(s.leaving or s.rival for s in inside)
    return min(3, max(1, counted - 1))


def _run(
    carried: Sequence[int], said: Sequence[Signs], taken: Sequence[bool]
) -> tuple[int, int] | None:
    """The stretch of free sentences that carries most: from its first sign to its last.

    It is cut to the strongest part when it would be too long to read at a glance, and given a
    neighbour when it would be too short to stand alone.
    """
    free = [(n, m) for n, m in _stretches(taken) if any(carried[n : m + 1])]
    if not free:
        return None
    low, high = max(free, key=lambda span: sum(carried[span[0] : span[1] + 1]))
    marked = [n for n in range(low, high + 1) if carried[n]]
    first, last = marked[0], marked[-1]
    words = sum(s.words for s in said[first : last + 1])
    while words > _MOST_WORDS and first < last:
        if carried[first] + said[first].support <= carried[last] + said[last].support:
            words -= said[first].words
            first += 1
        else:
            words -= said[last].words
            last -= 1
    while words < _FEWEST_WORDS and (first > low or last < high):
        if last < high:
            last += 1
            words += said[last].words
        else:
            first -= 1
            words += said[first].words
    return first, last


def _stretches(taken: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """First and last index of each run of free sentences."""
    for is_taken, run in groupby(range(len(taken)), key=taken.__getitem__):
        if not is_taken:
            numbers = list(run)
            yield numbers[0], numbers[-1]
