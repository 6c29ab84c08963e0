"""What each account said, in its own words, whether or not anybody has confirmed a theme."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from ingest import cues
from service import ledger
from service.gist import Known, lead
from service.ledger import Evidence
from service.pointed import count, pointed, sharpest
from service.quotes import statement
from service.scope import Scope
from service.shapes import EvidenceKind, Quote, Statement

_PER_ACCOUNT = 3
_PRAISE: tuple[EvidenceKind, ...] = ("praise",)
_NEEDING: tuple[EvidenceKind, ...] = ("pain", "request", "risk", "competitor")
# A kind word in passing ("she's great, but") is no strength to protect.
_LIKED_WORDS = 5
_QUESTION = re.compile(r"[^.!?]*\?")


def voices(connection: sa.Connection, scope: Scope) -> Iterator[Statement]:
    """For each account that was heard, what it said most strongly, the most ARR first.

    An account that voiced no trouble and no wish is heard with what it likes. Calls of no account
    come last, each by itself.
    """
    said = _by_voice(ledger.items(connection, scope))
    for mine in _in_order(said, scope):
        needing = [e for e in mine if e.kind in _NEEDING]
        yield _statement(needing or mine, scope, _PER_ACCOUNT)


def liked(connection: sa.Connection, scope: Scope) -> Iterator[Statement]:
    """For each account that likes something, its clearest words on it first, the most ARR first."""
    known = Known(scope.names, scope.arr)
    for mine in _in_order(_by_voice(ledger.items(connection, scope, kinds=_PRAISE)), scope):
        clearest = max(mine, key=lambda e: (_signs(_liking(e)), e.strength, e.weight))
        quote = _liking(clearest)
        if _signs(quote):
            others = ledger.telling([e for e in mine if e is not clearest], _PER_ACCOUNT - 1)
            quotes = [quote, *(pointed(e) for e in others)]
            yield statement(lead(quote, known), quotes, scope.arr)


def _liking(item: Evidence) -> Quote:
    return sharpest(item.spoken, item.first_char, item.end_char, sign=cues.LIKING)


def _signs(quote: Quote) -> int:
    """Signs of liking; a question likes nothing, and a word in passing is no strength."""
    if len(quote.text.split()) < _LIKED_WORDS:
        return 0
    return count(_QUESTION.sub("", quote.text), cues.LIKING)


def _statement(items: Sequence[Evidence], scope: Scope, most: int) -> Statement:
    quotes = [pointed(item) for item in ledger.telling(items, most)]
    return statement(lead(quotes[0], Known(scope.names, scope.arr)), quotes, scope.arr)


def _by_voice(items: Sequence[Evidence]) -> dict[str, list[Evidence]]:
    said: dict[str, list[Evidence]] = {}
    for item in items:
        said.setdefault(item.account_id or f"call {item.spoken.call_id}", []).append(item)
    return said


def _in_order(said: dict[str, list[Evidence]], scope: Scope) -> Iterator[list[Evidence]]:
    keys = [a.account_id for a in scope.accounts] + [f"call {c.call_id}" for c in scope.calls]
    yield from (said[key] for key in keys if key in said)
