"""Takes out of an answer what no longer holds, together with every sentence written from it.

A sentence of code's that counts accounts is counted anew from those that are left. One account's
words stand while the first of them does, for from that the sentence is written. A sentence of a
model's rests on *all* its quotes: when one goes its words go, and the quotes that are left speak
for themselves. So do further words of an account whose first ones went.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from ingest.store import list_accounts
from service.gist import Known, lead
from service.quotes import statement
from service.shapes import Answer, DroppedSentence, Provenance, Quote, Statement

_PARTS = ("statements", "counter", "internal", "nearest")
# How code's sentences over several accounts begin; see service/general.py and service/topical.py.
_COUNTED = re.compile(r"(?:(.*): )?(?:1 account|\d+ accounts) worth \$[\d,]+ a year", re.DOTALL)


@dataclass(slots=True)
class _Left:
    """What is left, and which quotes fell."""

    holds: Callable[[Quote], bool]
    known: Known
    fell: set[tuple[str, int, str]] = field(default_factory=set)

    def keep(self, quotes: Iterable[Quote]) -> tuple[Quote, ...]:
        kept = []
        for quote in quotes:
            if self.holds(quote):
                kept.append(quote)
            else:
                self.fell.add((quote.call_id, quote.utterance, quote.text))
        return tuple(kept)


def statements_of(answer: Answer) -> Iterator[Statement]:
    """Every statement, wherever it stands."""
    for part in _PARTS:
        yield from getattr(answer, part)


def quotes_of(answer: Answer) -> list[Quote]:
    """Every quote; one may come several times."""
    return [quote for said in statements_of(answer) for quote in said.quotes]


def known(connection: sa.Connection) -> Known:
    """Names and ARR of all accounts, to tell and to count what is left with."""
    everyone = list_accounts(connection)
    return Known(
        names={a.account_id: a.name for a in everyone},
        arr={a.account_id: a.arr_usd for a in everyone},
    )


def recheck(answer: Answer, holds: Callable[[Quote], bool], known: Known) -> Answer:
    """``answer`` with only what holds; the very same when everything does.

    What fell is counted in ``provenance.dropped_quotes``.
    """
    left = _Left(holds, known)
    parts = {part: _statements(getattr(answer, part), left) for part in _PARTS}
    if not left.fell:
        return answer
    provenance = unsaid(answer.provenance)
    dropped = provenance.dropped_quotes + len(left.fell)
    told = provenance.model_copy(update={"dropped_quotes": dropped})
    return answer.model_copy(update={**parts, "provenance": told})


def recheck_one(said: Statement, holds: Callable[[Quote], bool], known: Known) -> Statement | None:
    """The statement with what holds of it, or ``None`` when nothing does.

    It stays one: where several accounts are left to speak for themselves, the first one's words
    lead and those of the others stay under it.
    """
    left = _Left(holds, known)
    found = [*_one(said, left)]
    if len(found) < 2:
        return found[0] if found else None
    return _voice(left.keep(said.quotes), said, left)


def unsaid(provenance: Provenance) -> Provenance:
    """Without the words of what was dropped: nobody can say any more what they came from."""
    gone = DroppedSentence(text="", why="what it was about was taken away")
    return provenance.model_copy(update={"dropped": (gone,) * len(provenance.dropped)})


# --- within ---------------------------------------------------------------------------------------


def _statements(said: Iterable[Statement], left: _Left) -> tuple[Statement, ...]:
    found: list[Statement] = []
    for one in said:
        for still in _one(one, left):
            # What speaks for itself now may have done so all along, further down.
            if still not in found:
                found.append(still)
    return tuple(found)


def _one(said: Statement, left: _Left) -> Iterator[Statement]:
    kept = left.keep(said.quotes)
    if kept == said.quotes:
        yield said
    elif not kept:
        return
    elif said.by == "model":
        yield from _voices(kept, said, left)
    elif (counted := _COUNTED.match(said.text)) and (accounts := _still(said, kept)):
        yield _recounted(said, kept, counted[1], accounts, left)
    elif not counted and kept[0] == said.quotes[0]:
        yield said.model_copy(update={"quotes": kept})
    else:
        yield from _voices(kept, said, left)


def _voices(kept: tuple[Quote, ...], said: Statement, left: _Left) -> Iterator[Statement]:
    """The words that are left, for each account by themselves."""
    by_account: dict[str, list[Quote]] = {}
    for quote in kept:
        by_account.setdefault(quote.account_id or quote.call_id, []).append(quote)
    for quotes in by_account.values():
        yield _voice(quotes, said, left)


def _voice(quotes: Sequence[Quote], said: Statement, left: _Left) -> Statement:
    voice = statement(lead(quotes[0], left.known), quotes, left.known.arr)
    if said.accounts:
        return voice
    # What counts for nobody (our own people) goes on counting for nobody.
    return voice.model_copy(update={"accounts": (), "accounts_n": 0, "arr_usd": 0.0})


def _still(said: Statement, kept: tuple[Quote, ...]) -> tuple[str, ...]:
    """The accounts less those whose quotes all went; those counted but not quoted stay."""
    gone = {q.account_id for q in said.quotes} - {q.account_id for q in kept}
    return tuple(a for a in said.accounts if a not in gone)


def _recounted(
    said: Statement,
    kept: tuple[Quote, ...],
    label: str | None,
    accounts: tuple[str, ...],
    left: _Left,
) -> Statement:
    arr = sum(left.known.arr.get(a) or 0.0 for a in accounts)
    who = "1 account" if len(accounts) == 1 else f"{len(accounts)} accounts"
    return said.model_copy(
        update={
            "text": f"{f'{label}: ' if label else ''}{who} worth ${arr:,.0f} a year.",
            "accounts": accounts,
            "accounts_n": len(accounts),
            "arr_usd": arr,
            "quotes": kept,
        }
    )
