"""The quote gate: the one place where a quote comes into being, and it is cut from an utterance.

Nothing else in the project constructs ``Quote`` (``tests/service/test_quotes.py`` walks the source
and proves it), so whoever holds one knows that these words stand at that place in that call.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

import sqlalchemy as sa

from ingest.errors import FirsthandError
from ingest.store import StoredUtterance
from ingest.store import spoken as stored
from service.shapes import Hand, Quote, Statement


class QuoteRefused(FirsthandError):
    """The words asked for are not those of that utterance."""


# An utterance as stored, with what is known of who said it.
Spoken = StoredUtterance


def cut(spoken: Spoken, first: int = 0, end: int | None = None, *, hand: Hand = "first") -> Quote:
    """The words ``spoken.text[first:end]``, to the letter; the whole utterance by default.

    Raises ``QuoteRefused`` for an empty, blank or out-of-range slice.
    """
    stop = len(spoken.text) if end is None else end
    if not 0 <= first < stop <= len(spoken.text) or not spoken.text[first:stop].strip():
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
