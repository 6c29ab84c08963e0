"""Turns the sentences of a model into statements of a memo, or into what was dropped and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import BaseModel

from ingest.library import Library
from service.borne import Known, borne, nearness
from service.checking import shown_as_dropped
from service.memo_offered import RESTS
from service.quotes import statement
from service.scope import Scope
from service.shapes import DroppedSentence, Quote, Statement

# What a proposal may begin with although nobody said it: plain verbs, which are no names.
_VERBS = frozenset(
    """add allow answer ask attach automate bring build carry change check clean combine confirm
    connect copy cut deliver drop explain export fill find finish fix flag give group help hide hold
    import improve include keep label leave let link list lower make mark match measure merge move
    name notify offer open pair pay pick post print protect provide put raise read record reduce
    remind remove repair replace report restore save schedule send set settle share shorten show
    sign simplify sort speed split start state stop store sync teach tell test tie track train turn
    update use warn write""".split()
)


class SentenceRead(BaseModel):
    """A sentence as the model gives it; nothing of it is believed yet."""

    text: str
    rests_on: list[str]


@dataclass(slots=True)
class Desk:
    """Turns sentences that were read into statements that their quotes bear."""

    scope: Scope
    known: Known
    library: Library
    dropped: list[DroppedSentence] = field(default_factory=list)

    def checked(
        self, given: SentenceRead, offered: Mapping[str, Quote], *, wish: bool = False
    ) -> Statement | None:
        """``offered`` are the quotes that this sentence may rest on."""
        text = " ".join(given.text.split())
        if not text:
            return None
        keys = dict.fromkeys(key.strip() for key in given.rests_on)
        quotes = list(dict.fromkeys(offered[key] for key in keys if key in offered))[:RESTS]
        if not quotes:
            self.drop(text, "it names no evidence that was shown for it")
            return None
        known = self.known
        if wish:
            known = replace(known, vocabulary=known.vocabulary | _VERBS)
        why = borne(text, quotes, known, near=nearness(self.library), wish=wish)
        if why is not None:
            self.drop(text, why)
            return None
        return self.worded(_ended(text), quotes)

    def worded(self, text: str, quotes: Sequence[Quote]) -> Statement:
        return statement(text, quotes, self.scope.arr).model_copy(update={"by": "model"})

    def drop(self, text: str, why: str) -> None:
        self.dropped.append(shown_as_dropped(text, why))


def _ended(text: str) -> str:
    return text if text[-1] in ".!?…" else f"{text}."
