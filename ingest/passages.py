"""Cuts a call into passages: short stretches around one side's words, the unit that is searched.

A passage belongs to one role. It holds that role's utterances, in order, until there are about
forty words of them; a customers' passage also what the vendor said right before, as context, since
an answer is often found by the words of its question ("How long?" - "Nineteen days."). For the same
reason a customers' passage ends where the vendor asks something: an answer is not to be lost among
other answers. Customers' words are thus never mixed with the vendor's. How long a passage is, was
chosen on QMSum (``eval/LOG.md``); wider stretches are covered by search, which looks at the
surroundings too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.models import Role, Speaker, Utterance

TARGET_WORDS = 40
# The sentence model reads 256 word pieces; about 150 words of speech with names and context.
MOST_WORDS = 120
CONTEXT_WORDS = 20
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_ROLES: tuple[Role, ...] = ("customer", "internal")


@dataclass(frozen=True, slots=True)
class Passage:
    """Utterances ``first`` to ``last`` (inclusive) as they are searched for the words of ``role``.

    Of the utterances between, only those of ``role`` count; the rest is context. ``text`` has a
    line per utterance, with the speaker's name where it changes. ``passage_id`` changes when
    anything in the call's passages does, so that a vector kept under it is never out of date.
    """

    passage_id: str
    call_id: str
    role: Role
    size: str
    first: int
    last: int
    text: str


def passages(
    call_id: str, utterances: Sequence[Utterance], speakers: Sequence[Speaker]
) -> list[Passage]:
    """All passages of a call: the customers' in the order of the call, then the vendor's.

    Utterances without a word, and those of a label that ``speakers`` does not know, are skipped.
    """
    voices = {speaker.label: speaker for speaker in speakers}
    spoken = [u for u in utterances if u.speaker in voices and u.text.strip()]
    cuts = [(role, *cut) for role in _ROLES for cut in _cuts(spoken, voices, role)]
    digest = hashlib.sha256(repr(cuts).encode("utf-8", "replace")).hexdigest()[:16]
    return [
        Passage(f"{call_id}:{digest}:{n:05}", call_id, role, "small", first, last, text)
        for n, (role, first, last, text) in enumerate(cuts)
    ]


def ids_from(first_id: str, count: int) -> list[str]:
    """The ids of ``count`` passages of a call that follow one another, by the first one's."""
    call, _, number = first_id.rpartition(":")
    return [f"{call}:{n:05}" for n in range(int(number), int(number) + count)]


def _cuts(
    spoken: Sequence[Utterance], voices: Mapping[str, Speaker], role: Role
) -> Iterator[tuple[int, int, str]]:
    """First utterance, last utterance and text of every passage of one role."""
    lines: list[str] = []
    named = ""
    first = last = words = 0
    before: Utterance | None = None
    for utterance in spoken:
        speaker = voices[utterance.speaker]
        if speaker.role != role:
            if words and role == "customer" and "?" in utterance.text:
                yield first, last, "\n".join(lines)
                lines, words = [], 0
            # What customers say before is no context for the vendor's words: they are searched
            # only to be set apart.
            before = utterance if role == "customer" else None
            continue
        for part in _parts(utterance.text):
            count = len(part.split())
            if words and words + count > MOST_WORDS:
                yield first, last, "\n".join(lines)
                lines, words = [], 0
            if not words:
                first = utterance.i
            if before is not None:
                lines.append(f"{voices[before.speaker].name}: {_tail(before.text)}")
                before = None
                named = ""
            lines.append(part if named == speaker.name and lines else f"{speaker.name}: {part}")
            named = speaker.name
            last = utterance.i
            words += count
            if words >= TARGET_WORDS:
                yield first, last, "\n".join(lines)
                lines, words = [], 0
    if words:
        yield first, last, "\n".join(lines)


def _tail(text: str) -> str:
    """The end of what the other side said: that is where the question stands."""
    return " ".join(text.split()[-CONTEXT_WORDS:])


def _parts(text: str) -> Iterator[str]:
    """An utterance whole, or a long one in stretches of whole sentences where it has any."""
    if len(text.split()) <= MOST_WORDS:
        yield text
        return
    part: list[str] = []
    for sentence in _SENTENCE.split(text):
        words = sentence.split()
        if part and len(part) + len(words) > MOST_WORDS:
            yield " ".join(part)
            part = []
        part += words
        while len(part) > MOST_WORDS:
            yield " ".join(part[:MOST_WORDS])
            part = part[MOST_WORDS:]
    if part:
        yield " ".join(part)
