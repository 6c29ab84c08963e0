"""The numbered evidence that a language model is shown for a memo: chosen by code, not dumped.

Each need, strength, account at risk and sentence of the vision has a key, and so has each quote
under it. A sentence can rest on nothing else: a key leads to quotes that code has cut.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from pydantic import JsonValue

from ingest.addressed import addressed
from ingest.library import Library
from ingest.llm.tokens import estimate
from ingest.private import is_private
from ingest.signs import WORD
from ingest.store import spoken
from service import ledger, risks, witness
from service.gist import FIRST, leaving
from service.ledger import Evidence
from service.pointed import pointed
from service.recheck import quotes_of
from service.said import voice_of
from service.scope import Scope
from service.shapes import AtRisk, EvidenceKind, Memo, Quote, Theme

RESTS = 4  # quotes that one sentence may rest on; as many marks stand behind it
_NEED_QUOTES = 12
_FEW = 4  # under what is summed up, or held against the vision
_RISK_QUOTES = 6
_LONGEST = 60  # words of a quote that is shown whole; of a longer one its strongest sentences
_NEEDS_AT_ONCE = 4
_ACCOUNTS = 16  # at risk; the first ones stand in the memo with their words
_SUMMED_NEEDS, _SUMMED_STRENGTHS, _SUMMED_RISKS = FIRST, 1, 3
_BETS = 3  # as in service.author
# Beside the evidence there are the prompt, the shape of the answer and the answer.
_ROOM = 3_000


@dataclass(frozen=True, slots=True)
class Subject:
    """What sentences are about: a need, a strength or an account, with its quotes by key."""

    key: str
    id: str
    told: Mapping[str, JsonValue]
    quotes: Mapping[str, Quote]

    @property
    def cost(self) -> int:
        return estimate(json.dumps(self.told, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class Offer:
    """What one request is about. ``data`` is the whole of what the model is told."""

    data: dict[str, JsonValue]
    subjects: tuple[Subject, ...]
    sentences: Mapping[str, int] = field(default_factory=dict)  # of the vision: key to number

    def named(self, keys: Sequence[str]) -> dict[str, Quote]:
        """The quotes under ``keys``, at most ``RESTS``; a subject's key stands for its first."""
        wanted = list(dict.fromkeys(key.strip() for key in keys))
        each = max(1, RESTS // max(1, len(wanted)))
        found: dict[str, Quote] = {}
        for key in wanted:
            for one in self.subjects:
                if key == one.key:
                    found |= dict(list(one.quotes.items())[:each])
                elif key in one.quotes:
                    found[key] = one.quotes[key]
        return dict(list(found.items())[:RESTS])

    def subject(self, key: str) -> Subject | None:
        return next((one for one in self.subjects if one.key == key), None)

    @property
    def calls(self) -> tuple[str, ...]:
        return tuple(sorted({q.call_id for one in self.subjects for q in one.quotes.values()}))


@dataclass(frozen=True, slots=True)
class _Told:
    """A quote as it is told."""

    quote: Quote
    kind: EvidenceKind


class Evidences:
    """All that a memo's sentences can rest on, read in one transaction."""

    def __init__(
        self, library: Library, connection: sa.Connection, memo: Memo, scope: Scope, everyone: Scope
    ) -> None:
        self._memo = memo
        self._names = everyone.names
        self._said = spoken(connection, {(q.call_id, q.utterance) for q in quotes_of(memo)})
        members = witness.members(library, connection, scope)
        self._needs = {t.id: self._of_theme(t, members.get(t.id, ())) for t in memo.needs}
        self._strengths = {t.id: self._of_theme(t, ()) for t in memo.strengths}
        said = risks.by_account(library, connection, everyone)
        self._risks = {
            a.account_id: self._of_account(a, said.get(a.account_id, ())) for a in memo.at_risk
        }

    def needs(self, context_tokens: int) -> Iterator[Offer]:
        """Every need for its page, a few at a time."""
        subjects = [
            self._theme(f"N{n}", theme, self._needs[theme.id], bet_wanted=n <= _BETS)
            for n, theme in enumerate(self._memo.needs, start=1)
        ]
        for batch in _batches(subjects, context_tokens - _ROOM, _NEEDS_AT_ONCE):
            yield Offer({"needs": [dict(s.told) for s in batch]}, tuple(batch))

    def risks(self, context_tokens: int) -> Iterator[Offer]:
        """The accounts that may leave, or complain hard before they renew; nothing without any."""
        subjects = [
            self._account(f"R{n}", one, self._risks[one.account_id])
            for n, one in enumerate(self._memo.at_risk[:_ACCOUNTS], start=1)
        ]
        for batch in _batches(subjects, context_tokens - _ROOM, _ACCOUNTS):
            yield Offer({"accounts": [dict(s.told) for s in batch]}, tuple(batch))

    def summary(self) -> Iterator[Offer]:
        """What a memo opens with; nothing when there is none of it."""
        memo = self._memo
        parts = {
            "needs": [
                self._theme(f"N{n}", theme, self._needs[theme.id][:_FEW])
                for n, theme in enumerate(memo.needs[:_SUMMED_NEEDS], start=1)
            ],
            "strengths": [
                self._theme(f"S{n}", theme, self._strengths[theme.id][:_FEW])
                for n, theme in enumerate(memo.strengths[:_SUMMED_STRENGTHS], start=1)
            ],
            "risks": [
                self._account(f"R{n}", one, self._risks[one.account_id][:_FEW])
                for n, one in enumerate(leaving(memo.at_risk)[:_SUMMED_RISKS], start=1)
            ],
        }
        subjects = tuple(s for part in parts.values() for s in part if s.quotes)
        data: dict[str, JsonValue] = {
            name: [dict(s.told) for s in part if s.quotes] for name, part in parts.items()
        }
        if subjects:
            yield Offer(data, subjects)

    def fit(self) -> Iterator[Offer]:
        """The vision's sentences and the needs; nothing unless there are both."""
        keys = {f"V{n}": n - 1 for n in range(1, len(self._memo.fit) + 1)}
        needs = tuple(
            self._theme(f"N{n}", theme, self._needs[theme.id][:_FEW])
            for n, theme in enumerate(self._memo.needs, start=1)
        )
        data: dict[str, JsonValue] = {
            "vision": [{"key": k, "text": self._memo.fit[n].sentence} for k, n in keys.items()],
            "needs": [dict(s.told) for s in needs],
        }
        if keys and needs:
            yield Offer(data, needs, keys)

    def _theme(self, key: str, theme: Theme, told: Sequence[_Told], **more: JsonValue) -> Subject:
        about: dict[str, JsonValue] = {"key": key, "label": theme.label, **more}
        if theme.definition:
            about["statement"] = theme.definition
        quotes = {f"{key}.{n}": one for n, one in enumerate(told, start=1)}
        about["quotes"] = [
            {
                "key": name,
                "account": self._names.get(one.quote.account_id or "", "no account"),
                "kind": one.kind,
                "words": one.quote.text,
            }
            for name, one in quotes.items()
        ]
        return Subject(key, theme.id, about, {name: one.quote for name, one in quotes.items()})

    def _account(self, key: str, account: AtRisk, told: Sequence[_Told]) -> Subject:
        quotes = {f"{key}.{n}": one for n, one in enumerate(told, start=1)}
        about: dict[str, JsonValue] = {
            "key": key,
            "account": self._names.get(account.account_id, account.account_id),
            "quotes": [
                {"key": name, "kind": one.kind, "words": one.quote.text}
                for name, one in quotes.items()
            ],
        }
        of = {name: one.quote for name, one in quotes.items()}
        return Subject(key, account.account_id, about, of)

    def _of_theme(self, theme: Theme, items: Sequence[Evidence]) -> list[_Told]:
        """The plainest of what belongs to it, one of each account before a second of any."""
        found = [_Told(_cut(e), e.kind) for e in items if not addressed(e.spoken.text)]
        found = [one for one in found if _is_usable(one.quote)]
        # Of a strength, and of a need made by hand, there are the quotes shown under it.
        shown = [_Told(q, theme.kind) for q in theme.evidence if self._is_usable(q)]
        return _in_turn(found or shown)[:_NEED_QUOTES]

    def _of_account(self, account: AtRisk, items: Sequence[Evidence]) -> list[_Told]:
        """What the memo quotes of it, then what else it says most tellingly."""
        kinds = {(e.spoken.call_id, e.spoken.i): e.kind for e in items}
        shown = [q for s in account.statements for q in s.quotes if self._is_usable(q)]
        whole = {(e.spoken.call_id, e.spoken.i): _cut(e) for e in reversed(items)}
        first = [
            _Told(
                whole.get((q.call_id, q.utterance), q), kinds.get((q.call_id, q.utterance), "risk")
            )
            for q in shown
        ]
        more = [
            _Told(_cut(e), e.kind)
            for e in ledger.telling(items, 2 * _RISK_QUOTES)
            if not addressed(e.spoken.text)
        ]
        each: dict[tuple[str, int], _Told] = {}
        for one in (*first, *(one for one in more if _is_usable(one.quote))):
            each.setdefault((one.quote.call_id, one.quote.utterance), one)
        return list(each.values())[:_RISK_QUOTES]

    def _is_usable(self, quote: Quote) -> bool:
        """Also not when what was said besides the quote is said to a machine."""
        words = self._said.get((quote.call_id, quote.utterance))
        return words is not None and not addressed(words.text) and _is_usable(quote)


def _cut(item: Evidence) -> Quote:
    quote = item.quote()
    # What a model read was pointed at sentence by sentence; of the rest the strongest is enough.
    whole = item.matter is not None or len(WORD.findall(quote.text)) <= _LONGEST
    return quote if whole else pointed(item)


def _is_usable(quote: Quote) -> bool:
    return quote.hand == "first" and quote.role == "customer" and not is_private(quote.text)


def _in_turn(told: Sequence[_Told]) -> list[_Told]:
    by_voice: dict[str, list[_Told]] = {}
    for one in told:
        mine = by_voice.setdefault(voice_of(one.quote.call_id, one.quote.account_id), [])
        if one not in mine:
            mine.append(one)
    longest = max((len(mine) for mine in by_voice.values()), default=0)
    return [mine[n] for n in range(longest) for mine in by_voice.values() if n < len(mine)]


def _batches(subjects: Iterable[Subject], tokens: int, most: int) -> Iterator[list[Subject]]:
    """So many at a time, fewer where they are more than ``tokens``; only those with quotes."""
    batch: list[Subject] = []
    size = 0
    for one in subjects:
        if not one.quotes:
            continue
        if batch and (len(batch) >= most or size + one.cost > tokens):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += one.cost
    if batch:
        yield batch
