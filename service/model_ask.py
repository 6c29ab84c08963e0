"""Answering with a language model: a plan, then sentences that point at evidence; two requests.

The model is shown numbered evidence and names what each sentence rests on. Code cuts the quotes,
checks that they bear the sentence, counts and ranks. A sentence that does not check out is dropped
and shown as dropped; when none is left there is no answer, as without a model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, JsonValue

import prompts
from ingest.library import Library
from ingest.llm import Purpose, Request
from ingest.llm.port import Llm
from service import general
from service.answers import abstain, answer, each
from service.borne import Known as Named
from service.borne import borne, cut_for
from service.checking import shown_as_dropped
from service.evidence_entries import Entry, Offered
from service.known import known_here
from service.naming import vendor_names
from service.offered import offered
from service.planning import PROMPT as PLAN
from service.planning import plan
from service.question import Known, Understood
from service.quotes import cut, statement
from service.said import voice_of
from service.scope import Scope, resolve
from service.shapes import (
    Answer,
    DroppedSentence,
    Filters,
    Provenance,
    Quote,
    Statement,
)
from service.themes import named_themes
from service.topical import by_revenue
from service.unspoken import unspoken

PROMPT = "answer_question"
_SENTENCES = 30
_FIRST = 3  # statements that answer what is most
NEAREST = 4


class SentenceRead(BaseModel):
    text: str
    rests_on: list[str]
    against: bool = False


class AnswerRead(BaseModel):
    """What the model answers; nothing of it is believed yet."""

    sentences: list[SentenceRead]
    ours: list[str] = []  # the shape asks for it; a server that enforces none may leave it out


def answers(
    library: Library, llm: Llm, asked: Understood, known: Known, given: Filters
) -> Generator[Statement, None, Answer]:
    """Statements as they check out, and at the end the whole answer.

    Nothing of the database is held while the model is waited for. Raises what its port raises.
    """
    digest = hashlib.sha256(asked.text.encode()).hexdigest()[:16]
    purpose = Purpose("question", digest)
    with library.read() as connection:
        themes = named_themes(library, connection, resolve(connection, asked.filters))
    planned = plan(llm, asked, known, themes, purpose, given=given)
    asked = planned.asked
    with library.read() as connection:
        scope = resolve(connection, asked.filters)
        evidence = offered(library, connection, planned, scope)
        named, vendor = known_here(library, connection), vendor_names(library, connection)
    writer = _Writer(library, asked, scope, evidence, named, vendor, llm.name)
    writer.most = _FIRST if planned.superlative and asked.kind == "aggregate" else _SENTENCES
    if not evidence.entries:
        return writer.no("No customer spoke of it in the calls in scope.")
    data: JsonValue = {
        "question": asked.text,
        "kind": asked.kind,
        "superlative": planned.superlative,
        **evidence.data,
    }
    request = Request(PROMPT, data, AnswerRead, purpose, evidence.calls)
    coming = llm.stream(request, items="sentences", of=SentenceRead)
    for sentence in coming:
        if len(writer.kept) < _SENTENCES and (told := writer.take(sentence)) is not None:
            yield told
    writer.ours = coming.answer.ours
    return writer.whole()


@dataclass(slots=True)
class _Writer:
    """Turns what the model gave into an answer."""

    library: Library
    asked: Understood
    scope: Scope
    evidence: Offered
    named: Named
    vendor: frozenset[str]
    model: str
    kept: list[tuple[Statement, bool]] = field(default_factory=list)
    dropped: list[DroppedSentence] = field(default_factory=list)
    ours: Sequence[str] = ()
    most: int = _SENTENCES  # statements

    def take(self, given: SentenceRead) -> Statement | None:
        """The statement of a sentence that checks out; it is also kept, with its side."""
        text = " ".join(given.text.split())
        entries = [
            self.evidence.entries[key.strip()]
            for key in dict.fromkeys(given.rests_on)
            if key.strip() in self.evidence.entries
        ]
        quotes = list(self._quotes(text, entries))
        why = self._why_not(text, quotes, [entry.about for entry in entries if entry.about])
        if why is not None:
            self.dropped.append(shown_as_dropped(text, why))
            return None
        told = statement(text, quotes, self.scope.arr)
        if told in [one for one, _ in self.kept]:
            return None
        self.kept.append((told, given.against or all(entry.against for entry in entries)))
        return told

    def whole(self) -> Answer:
        """The answer of what was kept. Code ranks: most revenue first, but in a look-up."""
        stated = [one for one, against in self.kept if not against]
        counter = [one for one, against in self.kept if against]
        if not stated and counter:
            stated, counter = counter, []
        if not stated:
            with self.library.read() as connection:
                missing = unspoken(connection, self.asked, self.scope)
            if missing is None and self.dropped:
                missing = "Nothing that the model wrote is borne by what customers said."
            return self.no(missing or "No customer spoke of it in the calls in scope.")
        if self.asked.kind != "lookup":
            stated.sort(key=lambda one: -one.arr_usd)
            counter.sort(key=lambda one: -one.arr_usd)
            stated = stated[: self.most]
        if self.asked.kind == "count":
            stated.insert(0, self._counted(stated))
        done = answer(
            self.asked,
            self.scope,
            stated,
            counter=counter,
            internal=self._internal(),
            nearest=self._nearest(stated) if self.asked.kind == "lookup" else (),
        )
        return done.model_copy(update={"provenance": self._provenance()})

    def no(self, reason: str) -> Answer:
        internal = self._internal()
        if internal and reason.startswith("No customer spoke of it"):
            reason = "No customer spoke of it; only your own people did."
        done = abstain(self.asked, self.scope, reason, internal=internal, nearest=self._nearest(()))
        return done.model_copy(update={"provenance": self._provenance()})

    def _internal(self) -> list[Statement]:
        """What the vendor's own people said of it, as the model pointed at it."""
        found = [
            self.evidence.own[key] for key in dict.fromkeys(self.ours) if key in self.evidence.own
        ]
        spans = ((words, cut_for(self.asked.text, words)) for words in found)
        return [general.said_by_us(cut(words, *span)) for words, span in spans if span is not None]

    def _quotes(self, text: str, entries: Sequence[Entry]) -> Iterator[Quote]:
        """The words of the entries: every account's first, then its others, the largest before the
        smaller; in a look-up as they were named.
        """
        found: dict[tuple[str, int, str], Quote] = {}
        for entry in entries:
            for item in entry.items:
                quote = item.quote()
                found.setdefault((quote.call_id, quote.utterance, quote.text), quote)
            if entry.moment is not None:
                span = cut_for(text, entry.moment, 0, len(entry.moment.text))
                if span is not None:
                    quote = cut(entry.moment, *span)
                    found.setdefault((quote.call_id, quote.utterance, quote.text), quote)
        if self.asked.kind == "lookup":
            yield from found.values()
            return
        turns: dict[str, int] = {}
        placed = []
        for quote in found.values():
            voice = voice_of(quote.call_id, quote.account_id)
            turns[voice] = turns.get(voice, 0) + 1
            arr = self.scope.arr.get(quote.account_id or "") or 0.0
            placed.append((turns[voice] > 1, -arr, voice, turns[voice], quote))
        yield from (quote for *_, quote in sorted(placed, key=lambda one: one[:4]))

    def _why_not(self, text: str, quotes: Sequence[Quote], about: Sequence[str]) -> str | None:
        if not quotes:
            return "it names no evidence that was shown"
        dates = {call.call_id: call.date for call in self.scope.calls}
        days = {day for q in quotes if (day := dates.get(q.call_id)) is not None}
        vendor = [name.title() for name in sorted(self.vendor)]
        return borne(
            text,
            quotes,
            self.named,
            given=[*about, *self.evidence.facts, *vendor, *self._traits(quotes)],
            days=sorted(days),
        )

    def _traits(self, quotes: Sequence[Quote]) -> list[str]:
        """What all the quotes' accounts are: tier, segment, region ("Enterprise customers")."""
        mine = {q.account_id for q in quotes}
        accounts = [a for a in self.scope.accounts if a.account_id in mine]
        if len(accounts) < len(mine) or not accounts:
            return []
        each = [{a.tier, a.segment, a.region} - {None} for a in accounts]
        return sorted(str(trait).title() for trait in set.intersection(*each))

    def _counted(self, stated: Sequence[Statement]) -> Statement:
        """How many accounts, which, and what they are worth: counted by code."""
        each_of: dict[str, Quote] = {}
        for one in stated:
            for quote in one.quotes:
                each_of.setdefault(voice_of(quote.call_id, quote.account_id), quote)
        whole = statement("", each_of.values(), self.scope.arr)
        accounts = tuple(by_revenue(whole.accounts, self.scope))
        names = ", ".join(self.scope.names.get(a, a) for a in accounts)
        who = "1 account" if whole.accounts_n == 1 else f"{whole.accounts_n} accounts"
        text = f"{who} worth ${whole.arr_usd:,.0f} a year: {names or 'calls without an account'}."
        return whole.model_copy(update={"text": text, "accounts": accounts})

    def _nearest(self, stated: Sequence[Statement]) -> list[Statement]:
        """What else the search found, in its order."""
        taken = {(q.call_id, q.utterance) for one in stated for q in one.quotes}
        left = [
            entry.moment
            for entry in self.evidence.entries.values()
            if entry.moment is not None and (entry.moment.call_id, entry.moment.i) not in taken
        ]
        spans = [(words, cut_for(self.asked.text, words, 0, len(words.text))) for words in left]
        quotes = [cut(words, *span) for words, span in spans if span is not None]
        return each(quotes[:NEAREST], self.scope)

    def _provenance(self) -> Provenance:
        return Provenance(
            mode="llm",
            model=self.model,
            prompts={name: prompts.digest(name) for name in (PLAN, PROMPT)},
            dropped_quotes=len(self.dropped),
            dropped=tuple(self.dropped),
        )
