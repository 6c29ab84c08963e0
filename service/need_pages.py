"""A page for each need: what it costs, what they do instead, what they asked for, what is behind.

Everything is cut from the need's own quotes and, where those are too few, from what the same
account said close by in the same call: people stay on a matter for a while.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from ingest import cues
from ingest.store import spoken
from service import ledger
from service.coverage import renews_soon
from service.gist import Known, lead, one_each
from service.pointed import count, sharpest
from service.quotes import Spoken, statement
from service.scope import Scope
from service.shapes import EvidenceKind, NeedPage, Quote, Statement, Theme
from service.witness import Members

_NEAR = 6  # utterances around a quote that are read for the same need
_QUOTES = 5
_COUNTERS = 2
_FEWEST = 8  # passages that are always looked at
_EACH = 2  # statements of a sort; the file shows the first where there are many needs
_READ: tuple[EvidenceKind, ...] = ("pain", "request", "risk", "competitor")
_ASKED: tuple[EvidenceKind, ...] = ("request",)
_TOLD: tuple[EvidenceKind, ...] = ("pain", "risk")
_TROUBLE = re.compile(f"{cues.FAILURE.pattern}|{cues.FEELING.pattern}", re.IGNORECASE)
# Sums of money and time say most of a cost; where there are none, large numbers do, then words of
# paying.
_AMOUNT = re.compile(
    r"[$€£]\s?\d|\b(?:\d[\d,.]*|\w+(?:ty|teen)(?:[- ]\w+)?|hundred|thousand|million|"
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|several|dozen)\b"
    r"[\w\s-]{0,14}?\s(?:bucks|dollars?|pounds?|quid|euros?|percent|days?|weeks?|months?|hours?|"
    r"minutes?|nights|mornings|visits?|jobs|calls|tickets|people|times)\b",
    re.IGNORECASE,
)
_LARGE = re.compile(r"\b(?:hundred|thousand|million|grand)\b", re.IGNORECASE)
_COSTLY = re.compile(
    r"\b(?:overtime|refund\w*|fined?|penalt\w+|invoic\w+|wast\w+|cost\w*|audit\w*|lawsuit|lawyers?|"
    r"paid|pay|money|revenue|an? (?:hour|day|week|month)|every (?:hour|day|week|month|night))\b",
    re.IGNORECASE,
)

# A quote set apart shows at least one of these.
_TELLS = (_TROUBLE, cues.WISH, cues.WORKAROUND, cues.COST)


@dataclass(frozen=True, slots=True)
class _Span:
    """Words of the ledger that belong to a need (``own``) or stand close by."""

    spoken: Spoken
    first: int
    end: int
    kind: EvidenceKind
    own: bool

    @property
    def place(self) -> tuple[str, int]:
        return self.spoken.call_id, self.spoken.i


def need_pages(
    connection: sa.Connection,
    needs: Sequence[Theme],
    scope: Scope,
    as_of: date,
    members: Members | None = None,
) -> Iterator[NeedPage]:
    """The pages of ``needs``, in their order.

    ``members`` is what belongs to each by its id, the plainest first; without it only the quotes
    shown under a need are known.
    """
    if not needs:
        return
    items = ledger.items(connection, scope, kinds=_READ)
    cited = {(q.call_id, q.utterance) for t in needs for q in t.evidence}
    said = spoken(connection, cited)
    for theme in needs:
        mine = (members or {}).get(theme.id, ())
        spans = _belonging(mine) or _spans(theme, items, said)
        yield _page(theme, spans, scope, as_of)


def reason(theme: Theme) -> str:
    """Why the need's confidence is what it is, in words."""
    accounts = "1 account" if theme.accounts_n == 1 else f"{theme.accounts_n} accounts"
    segments = "1 segment" if theme.segments_n == 1 else f"{theme.segments_n} segments"
    order = (
        "its place stands without any one of them"
        if theme.stable
        else "its place hangs on one of them"
    )
    return f"{accounts} in {segments}; {order}"


def _page(theme: Theme, spans: Sequence[_Span], scope: Scope, as_of: date) -> NeedPage:
    known = Known(scope.names, scope.arr)
    taken: list[Quote] = []

    def told(sign: re.Pattern[str], kinds: Collection[EvidenceKind]) -> list[Statement]:
        found = list(_sharpest(spans, sign, kinds, taken))
        taken.extend(found)
        return [statement(lead(q, known), [q], scope.arr) for q in found]

    cost = told(_AMOUNT, _READ) or told(_LARGE, _READ) or told(_COSTLY, _READ)
    asked = told(cues.WISH, _ASKED)
    workaround = told(cues.WORKAROUND, _READ)
    behind = told(_TROUBLE, _TOLD)
    inside = {a.account_id for a in theme.accounts}
    renewing = [a for a in scope.accounts if a.account_id in inside and renews_soon(a, as_of)]
    return NeedPage(
        theme_id=theme.id,
        cost=tuple(cost),
        workaround=tuple(workaround),
        asked_for=tuple(asked),
        behind=tuple(behind),
        quotes=tuple(_voices(spans, taken)),
        counter=tuple(statement(lead(q, known), [q], scope.arr) for q in _against(theme, taken)),
        calls_n=len(scope.calls),
        renewals=tuple(
            a.account_id for a in sorted(renewing, key=lambda a: a.renewal_date or date.max)
        ),
        reason=reason(theme),
    )


def _belonging(items: Sequence[ledger.Evidence]) -> list[_Span]:
    """What belongs to the need: the plainest quarter as its own words, the last half not at all."""
    kept = items[: max(_FEWEST, len(items) // 2)]
    own = max(_FEWEST, len(items) // 4)
    return [
        _Span(e.spoken, e.first_char, e.end_char, e.kind, own=n < own) for n, e in enumerate(kept)
    ]


def _spans(
    theme: Theme, items: Sequence[ledger.Evidence], said: dict[tuple[str, int], Spoken]
) -> list[_Span]:
    """The need's own words first, then what its accounts said within ``_NEAR`` utterances."""
    kinds = {(e.spoken.call_id, e.spoken.i, e.quote().text): e.kind for e in items}
    found = []
    for quote in theme.evidence:
        words = said.get((quote.call_id, quote.utterance))
        if words is not None and (first := words.text.find(quote.text)) >= 0:
            kind = kinds.get((quote.call_id, quote.utterance, quote.text), theme.kind)
            found.append(_Span(words, first, first + len(quote.text), kind, own=True))
    own = [(q.call_id, q.utterance) for q in theme.evidence]
    accounts = {q.account_id for q in theme.evidence}
    for item in items:
        at, place = item.spoken, (item.spoken.call_id, item.spoken.i)
        near = any(call == at.call_id and abs(i - at.i) <= _NEAR for call, i in own)
        if near and place not in own and item.account_id in accounts:
            found.append(_Span(at, item.first_char, item.end_char, item.kind, own=False))
    return found


def _sharpest(
    spans: Iterable[_Span],
    sign: re.Pattern[str],
    kinds: Collection[EvidenceKind],
    taken: Sequence[Quote],
) -> Iterator[Quote]:
    """The quotes with most of ``sign``, none of them shown already; of accounts that are not
    heard on the page yet, where there are such.
    """
    heard = {q.account_id for q in taken}
    scored = []
    for n, span in enumerate(spans):
        if span.kind not in kinds:
            continue
        quote = sharpest(span.spoken, span.first, span.end, sign=sign)
        if (signs := count(quote.text, sign)) and not any(_same(quote, t) for t in taken):
            scored.append((not span.own, quote.account_id in heard, -signs, n, quote))
    accounts: set[str | None] = set()
    for *_, quote in sorted(scored, key=lambda one: one[:4]):
        if quote.account_id not in accounts and len(accounts) < _EACH:
            accounts.add(quote.account_id)
            yield quote


def _voices(spans: Sequence[_Span], taken: Sequence[Quote]) -> list[Quote]:
    """One quote of each account, as far as possible one that is not shown above."""
    own = [sharpest(s.spoken, s.first, s.end) for s in spans if s.own]
    own = [q for q in own if any(count(q.text, sign) for sign in _TELLS)]
    fresh = [q for q in own if not any(_same(q, t) for t in taken)]
    return one_each([*fresh, *own])[:_QUOTES]


def _against(theme: Theme, taken: Sequence[Quote]) -> list[Quote]:
    """What speaks against a need, one of each account; never its own words."""
    own = (*theme.evidence, *taken)
    other = [q for q in theme.counter if not any(_meets(q, mine) for mine in own)]
    return one_each(other)[:_COUNTERS]


def _meets(one: Quote, other: Quote) -> bool:
    return (one.call_id, one.utterance) == (other.call_id, other.utterance)


def _same(one: Quote, other: Quote) -> bool:
    """Whether two quotes share words of one utterance."""
    return _meets(one, other) and (one.text in other.text or other.text in one.text)
