"""The quote gate: the one place where a quote comes into being, and it is cut from an utterance.

Nothing else in the project constructs ``Quote`` (``tests/service/test_quotes.py`` walks the source
and proves it), so whoever holds one knows that these words stand at that place in that call.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeVar

import sqlalchemy as sa
from pydantic import JsonValue

from ingest.erased import ERASED
from ingest.errors import FirsthandError
from ingest.models import Frozen
from ingest.store import StoredUtterance
from ingest.store import spoken as stored
from service.shapes import Hand, Quote, Statement


class QuoteRefused(FirsthandError):
    """The words asked for are not those of that utterance."""


Told = TypeVar("Told", bound=Frozen)

# An utterance as stored, with what is known of who said it.
Spoken = StoredUtterance


def cut(spoken: Spoken, first: int = 0, end: int | None = None, *, hand: Hand = "first") -> Quote:
    """The words ``spoken.text[first:end]``, to the letter; the whole utterance by default.

    Raises ``QuoteRefused`` for an empty, blank or out-of-range slice and for an erased utterance.
    """
    stop = len(spoken.text) if end is None else end
    words = spoken.text[first:stop].strip()
    if not (0 <= first < stop <= len(spoken.text) and words) or spoken.text == ERASED:
        raise QuoteRefused(
            f"Utterance {spoken.i} of call {spoken.call_id} has no words at {first}:{stop}."
        )
    return Quote(
        call_id=spoken.call_id,
        utterance=spoken.i,
        text=spoken.text[first:stop],
        speaker=spoken.speaker,
        role=spoken.role,
        account_id=spoken.account_id,
        start_s=spoken.start_s,
        end_s=spoken.end_s,
        hand=hand,
        role_doubt=spoken.doubt,
    )


def statement(text: str, quotes: Iterable[Quote], arr_usd: Mapping[str, float | None]) -> Statement:
    """A statement over ``quotes`` with its accounts and their ARR summed, each account once."""
    kept = tuple(quotes)
    accounts = tuple(dict.fromkeys(q.account_id for q in kept if q.account_id is not None))
    return Statement(
        text=text,
        accounts=accounts,
        accounts_n=len(accounts),
        arr_usd=sum(arr_usd.get(a) or 0.0 for a in accounts),
        quotes=kept,
    )


def holding(connection: sa.Connection, quotes: Collection[Quote]) -> Callable[[Quote], bool]:
    """Whether one of ``quotes`` still stands: the words there, role and account as then."""
    said = stored(connection, {(q.call_id, q.utterance) for q in quotes})

    def holds(quote: Quote) -> bool:
        words = said.get((quote.call_id, quote.utterance))
        return (
            words is not None
            and quote.text in words.text
            and (quote.role, quote.account_id) == (words.role, words.account_id)
        )

    return holds


def with_names(connection: sa.Connection, told: Told, quotes: Collection[Quote]) -> Told:
    """``told``, whose quotes are ``quotes``, with their speakers called as they are by now.

    A name may have been corrected, or the words been given to somebody else, since it was written.
    """
    said = stored(connection, {(q.call_id, q.utterance) for q in quotes})
    names = {place: words.speaker for place, words in said.items()}
    if all(q.speaker == names.get((q.call_id, q.utterance), q.speaker) for q in quotes):
        return told
    return type(told).model_validate(_called(told.model_dump(mode="json"), names))


def _called(node: JsonValue, names: Mapping[tuple[str, int], str]) -> JsonValue:
    if isinstance(node, list):
        return [_called(item, names) for item in node]
    if not isinstance(node, dict):
        return node
    named = {key: _called(value, names) for key, value in node.items()}
    call_id, utterance = node.get("call_id"), node.get("utterance")
    if isinstance(call_id, str) and isinstance(utterance, int) and "speaker" in node:
        named["speaker"] = names.get((call_id, utterance), node["speaker"])
    return named
