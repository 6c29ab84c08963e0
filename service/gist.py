"""The memo in one breath: sentences written from quotes, and from nothing else.

Written again whenever something under them falls away, so the numbers in them are always those of
the needs they speak of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ingest import cues
from ingest.signs import sentences
from service.ledger import shortened
from service.quotes import statement
from service.shapes import AtRisk, Quote, Statement, Theme

FIRST = 3  # how many needs (or, without any, voices) the memo opens with
_RISKS = 3
_SHORT = 110  # characters of a quote in a sentence; all of it stands in its note


@dataclass(frozen=True, slots=True)
class Known:
    """Names and ARR of accounts by id."""

    names: Mapping[str, str]
    arr: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Body:
    """The parts of a memo that its opening is written from."""

    needs: Sequence[Theme]
    strengths: Sequence[Theme]
    risk: Sequence[AtRisk]
    voices: Sequence[Statement]
    liked: Sequence[Statement]


def summary(body: Body, known: Known) -> Iterator[Statement]:
    """The answer first: the largest needs, what to protect, who may leave.

    Where no need is confirmed, the largest accounts speak for themselves.
    """
    for theme in body.needs[:FIRST]:
        text = f"Need {theme.rank}: {measure(theme)} {lead(theme.evidence[0], known)}"
        yield statement(text, one_each(theme.evidence), known.arr)
    if not body.needs:
        for voice in body.voices[:FIRST]:
            yield _opened("Heard", voice, known)
    for theme in body.strengths[:1]:
        text = f"Protect: {theme.label}. {lead(theme.evidence[0], known)}"
        yield statement(text, one_each(theme.evidence), known.arr)
    if not body.strengths:
        clearest = max(body.liked, key=_liking, default=None)
        if clearest is not None:
            yield _opened("Protect", clearest, known)
    for account in leaving(body.risk)[:_RISKS]:
        first = account.statements[0]
        by = f" by {said_date(account.renewal_date)}" if account.renewal_date else ""
        yield _opened(f"May leave{by}", first, known)


def measure(theme: Theme) -> str:
    """What a need is and how much stands behind it, in one sentence."""
    label = theme.label.rstrip(". ")
    count = "1 account" if theme.accounts_n == 1 else f"{theme.accounts_n} accounts"
    return f"{label}. {count}, ${theme.arr_usd:,.0f} a year; confidence {theme.confidence}."


def leaving(risk: Sequence[AtRisk]) -> list[AtRisk]:
    """Those who speak of it and have words left under them, the largest first."""
    found = [a for a in risk if a.threat and a.statements]
    return sorted(found, key=lambda a: (not a.in_scope, -(a.arr_usd or 0.0)))


def dissent(needs: Sequence[Theme], known: Known) -> Iterator[Statement]:
    """What speaks against a need, in the words of somebody who sees it otherwise."""
    for theme in needs:
        if theme.counter:
            text = f"Against need {theme.rank}: {lead(theme.counter[0], known)}"
            yield statement(text, theme.counter, known.arr)


def lead(quote: Quote, known: Known, most: int = _SHORT) -> str:
    """The words a sentence is written from. It must stay the first quote under the sentence."""
    return f"{who(quote, known)}: “{_brief(quote.text, most)}”"


def _brief(text: str, most: int) -> str:
    """The first sentences that fit; where not even one does, the words that do."""
    plain = " ".join(text.split())
    if len(plain) <= most:
        return plain
    fitting = [end for _, end in sentences(plain) if most // 3 <= end <= most]
    return f"{plain[: fitting[-1]].rstrip('.')}…" if fitting else shortened(plain, most)


def who(quote: Quote, known: Known) -> str:
    account = known.names.get(quote.account_id or "", "no account")
    return f"{quote.speaker} ({account})"


def said_date(day: date) -> str:
    """A date as it is said: 3 June 2026."""
    return f"{day.day} {day:%B %Y}"


def one_each(quotes: Iterable[Quote]) -> list[Quote]:
    """The first quote of each account, so that a sentence rests on several voices."""
    by_voice: dict[str, Quote] = {}
    for quote in quotes:
        by_voice.setdefault(quote.account_id or quote.call_id, quote)
    return list(by_voice.values())


def _liking(said: Statement) -> tuple[int, float]:
    signs = {m.group().lower() for m in cues.LIKING.finditer(said.quotes[0].text)}
    return len(signs), said.arr_usd


def _opened(opening: str, said: Statement, known: Known, most: int = _SHORT) -> Statement:
    text = f"{opening}: {lead(said.quotes[0], known, most)}"
    return statement(text, said.quotes[:1], known.arr)
