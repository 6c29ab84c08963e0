"""One moment of a call: words that were said there, to the letter, and what was said around them.

Whoever wants to repeat a customer's words has them cut and checked here first.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field

from ingest import joined
from ingest.anchor import find
from ingest.errors import BadInput, Forbidden
from ingest.library import Library
from ingest.models import Call, Frozen, Role
from ingest.store import get_call, spoken
from service.answers import reported_in
from service.quotes import cut
from service.redaction import meant
from service.shapes import Quote

AROUND_MOST = 10


class Beside(Frozen):
    """What was said next to a quote."""

    utterance: int
    speaker: str
    role: Role
    text: str


class Moment(Frozen):
    """A quote, and of which call it is."""

    quote: Quote
    title: str
    date: date | None
    has_audio: bool
    before: tuple[Beside, ...] = Field(description="what was said just before")
    after: tuple[Beside, ...] = Field(description="and just after")


def require_consent(call: Call) -> None:
    """Raises ``Forbidden`` while the home asks for consent and the customer has given none."""
    if call.waits_for_consent:
        raise Forbidden(
            f"The customer of call {call.call_id} has not agreed to be quoted; people can read it "
            "on its page."
        )


def moment(
    library: Library, call_id: str, utterance: int, words: str | None = None, around: int = 1
) -> Moment:
    """``words`` of the utterance, all of it without them, between ``around`` utterances each side.

    Raises ``NotFound`` for the call, ``Forbidden`` where it may not be quoted, ``BadInput`` for an
    utterance that is not there or was erased, and for words that were not said in it.
    """
    with library.read() as connection:
        call = get_call(connection, call_id)
        require_consent(call)
        near = range(max(0, utterance - around), utterance + around + 1)
        said = spoken(connection, {(call_id, i) for i in near})
        there = said.get((call_id, utterance))
        if there is None:
            raise BadInput(
                f"Call {call_id} has no words at {utterance} that can be quoted; it has "
                f"{call.utterances_n} utterances, from 0."
            )
        span = (0, len(there.text))
        if words is not None:
            asked = meant(library, connection, words, [there.text])
            found = find(asked, there.text)
            if found is None:
                raise BadInput(
                    f"Nobody said that in utterance {utterance} of {call_id}; it says: "
                    f"{there.text[:400]!r}."
                )
            span = found
        has_audio = joined.is_heard(connection, call_id)
        reported = (call_id, utterance) in reported_in(connection, {call_id})
    beside = [
        Beside(utterance=one.i, speaker=one.speaker, role=one.role, text=one.text)
        for one in said.values()
        if one.i != utterance
    ]
    return Moment(
        quote=cut(there, *span, hand="third" if reported else "first"),
        title=call.title,
        date=call.date,
        has_audio=has_audio,
        before=tuple(one for one in beside if one.utterance < utterance),
        after=tuple(one for one in beside if one.utterance > utterance),
    )
