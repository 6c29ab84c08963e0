"""Reading a call with a language model: one request, whose every quote has to pass the gate.

The model points at utterances and repeats their words; code finds those words, cuts whole sentences
around them, and drops what is not there, what is the vendor's own, and what was said to a machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, JsonValue

import prompts
from ingest.addressed import addressed
from ingest.gate import find_exactly, showable, widened
from ingest.llm import Purpose, Request
from ingest.llm.errors import TooLong
from ingest.llm.tokens import estimate
from ingest.models import Call, Role, Speaker, Utterance
from ingest.private import is_private
from ingest.readings import Dropped, Matter, NamedSpeaker, Reading, Words, digest
from service.borne import Known, Near, borne
from service.quotes import Spoken, cut
from service.shapes import EvidenceKind, Hand, Quote

PROMPT = "read_call"
_OVERLAP = 8  # utterances that both halves of a long call have
_FEWEST = 40  # utterances below which a call is not halved any more


class SaidThere(BaseModel):
    utterance: int
    words: str


class MatterRead(BaseModel):
    """A matter as the model gives it; nothing of it is believed yet."""

    kind: EvidenceKind
    stance: Literal["has_it", "no_trouble"]
    need: str
    problem: str
    intensity: Literal[1, 2, 3]
    hand: Hand
    said: list[SaidThere]


class NameRead(BaseModel):
    label: str
    name: str
    utterance: int
    words: str


class CallRead(BaseModel):
    """What the model answers about a call."""

    matters: list[MatterRead]
    names: list[NameRead] = []


@dataclass(frozen=True, slots=True)
class Text:
    """A call as it is read. ``known`` and ``near`` are what sentences are held against."""

    call: Call
    words: Sequence[Utterance]
    known: Known
    near: Near | None = None

    @property
    def voices(self) -> tuple[Speaker, ...]:
        return self.call.speakers


def requests(text: Text, context_tokens: int) -> list[Request[CallRead]]:
    """One request for the call; two for one that is more than the model takes.

    Raises ``TooLong`` when halves are too long as well.
    """
    whole = _request(text, text.words)
    if _size(whole) <= context_tokens:
        return [whole]
    halves = halved(text)
    if any(_size(half) > context_tokens for half in halves):
        raise TooLong(
            f"{text.call.title!r} is too long for the model even in two halves: "
            "raise FIRSTHAND_MODEL_CONTEXT or choose a model that takes more."
        )
    return halves


def halved(text: Text) -> list[Request[CallRead]]:
    """The call as two requests that share a few utterances. Raises ``TooLong`` for a short call."""
    middle = len(text.words) // 2
    if len(text.words) < _FEWEST:
        raise TooLong(f"The model cannot answer on {text.call.title!r}, short as it is.")
    return [
        _request(text, text.words[: middle + _OVERLAP]),
        _request(text, text.words[middle - _OVERLAP :]),
    ]


def checked(text: Text, answers: Sequence[CallRead], model: str) -> Reading:
    """The reading that ``answers`` (of one call, or of its halves) leave after the gate."""
    gate = _Gate(text)
    matters = [m for answer in answers for m in gate.matters(answer.matters)]
    names = [n for answer in answers for n in gate.names(answer.names)]
    return Reading(
        model=model,
        prompt=prompts.digest(PROMPT),
        said=digest(text.words, text.voices),
        matters=tuple(matters),
        dropped=tuple(gate.dropped),
        names=tuple({name.label: name for name in reversed(names)}.values()),
    )


def _request(text: Text, words: Sequence[Utterance]) -> Request[CallRead]:
    return Request(
        prompt=PROMPT,
        data=_document(text, words),
        answer=CallRead,
        purpose=Purpose("call", text.call.call_id),
        calls=(text.call.call_id,),
    )


def _document(text: Text, words: Sequence[Utterance]) -> JsonValue:
    roles = _roles(text.voices)
    names = {s.label: s.name for s in text.voices}
    told: list[JsonValue] = [
        [u.i, roles.get(u.speaker, "internal"), names.get(u.speaker, u.speaker), u.text]
        for u in words
    ]
    people: list[JsonValue] = [
        {"label": s.label, "name": s.name, "side": s.role, "title": s.title or ""}
        for s in text.voices
    ]
    day = text.call.date.isoformat() if text.call.date else ""
    return {"date": day, "title": text.call.title, "speakers": people, "utterances": told}


def _size(request: Request[CallRead]) -> int:
    import json

    return estimate(prompts.render(PROMPT)) + estimate(json.dumps(request.data))


def _roles(voices: Sequence[Speaker]) -> dict[str, Role]:
    return {s.label: s.role for s in voices}


@dataclass(slots=True)
class _Gate:
    """Lets through what stands in the call; the rest is kept with the reason."""

    text: Text
    dropped: list[Dropped] = field(default_factory=list)

    def matters(self, given: Sequence[MatterRead]) -> Iterator[Matter]:
        said = {u.i: u for u in self.text.words}
        for one in given:
            kept = list(self._kept(one, said))
            if not kept:
                self._drop("matter", one.need, "none of its quotes stands in the call")
                continue
            quotes = [self._quote(said[w.utterance], w.words) for w in kept]
            yield Matter(
                kind=one.kind,
                content=one.stance == "no_trouble" and one.kind != "praise",
                need=self._borne("need", one.need, quotes),
                problem=self._borne("problem", one.problem, quotes),
                intensity=one.intensity,
                hand=one.hand,
                said=tuple(kept),
            )

    def names(self, given: Sequence[NameRead]) -> Iterator[NamedSpeaker]:
        """Names of speakers that have none yet, where the words that say so are there."""
        labels = {s.label for s in self.text.voices if not s.named_by_person and s.name == s.label}
        said = {u.i: u.text for u in self.text.words}
        for one in given:
            text = said.get(one.utterance, "")
            span = find_exactly(one.words, text)
            name = " ".join(one.name.split())
            if one.label not in labels:
                self._drop("name", name, "that speaker is named already, or is not in the call")
            elif span is None or find_exactly(name, text[slice(*span)]) is None:
                self._drop("name", name, "the words do not say that name")
            elif addressed(text):
                self._drop("name", name, "said to a machine")
            elif not showable(text, *span):
                self._drop("name", name, "the words have private details")
            else:
                yield NamedSpeaker(
                    label=one.label,
                    name=name[:200],
                    utterance=one.utterance,
                    words=text[slice(*span)],
                )

    def _kept(self, one: MatterRead, said: Mapping[int, Utterance]) -> Iterator[Words]:
        roles = _roles(self.text.voices)
        taken: set[tuple[int, int, int]] = set()
        for given in one.said:
            utterance = said.get(given.utterance)
            if utterance is None:
                self._drop("quote", given.words, "there is no such utterance")
                continue
            if roles.get(utterance.speaker, "internal") != "customer":
                self._drop("quote", given.words, "said by your own people")
                continue
            if addressed(utterance.text):
                self._drop("quote", "", "said to a machine")
                continue
            span = find_exactly(given.words, utterance.text)
            if span is None:
                self._drop("quote", given.words, "the utterance does not say that")
                continue
            whole = widened(span, utterance.text)
            if whole is None:
                self._drop("quote", "", "it has private details")
                continue
            first, end = whole
            if (place := (utterance.i, first, end)) not in taken:
                taken.add(place)
                yield Words(utterance=utterance.i, words=utterance.text[first:end])

    def _quote(self, utterance: Utterance, words: str) -> Quote:
        """As quotes are cut everywhere, from the utterance as it stands in the call."""
        speaker = next(s for s in self.text.voices if s.label == utterance.speaker)
        spoken = Spoken(
            call_id=self.text.call.call_id,
            i=utterance.i,
            text=utterance.text,
            speaker=speaker.name,
            role=speaker.role,
            doubt=speaker.doubt,
            account_id=self.text.call.account_id,
            start_s=utterance.start_s,
            end_s=utterance.end_s,
        )
        first = utterance.text.index(words)
        return cut(spoken, first, first + len(words))

    def _borne(
        self, what: Literal["need", "problem"], sentence: str, quotes: Sequence[Quote]
    ) -> str:
        """The sentence when the quotes bear it, else nothing: the quotes speak for themselves."""
        told = " ".join(sentence.split())
        if not told:
            return ""
        why = borne(told, quotes, self.text.known, self.text.near, wish=what == "need")
        if why is None:
            return told
        self._drop(what, told, why)
        return ""

    def _drop(
        self, what: Literal["quote", "need", "problem", "name", "matter"], text: str, why: str
    ) -> None:
        # What was dictated to machines, and what is nobody's business, is not repeated here either.
        kept_back = addressed(text) or is_private(text)
        told = "" if kept_back else " ".join(text.split())[:300]
        self.dropped.append(Dropped(what=what, text=told, why=why))
