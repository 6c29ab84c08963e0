"""The memo in one breath: sentences written from quotes, and from nothing else.

Written again whenever something under them falls away, so the numbers in them are always those of
the themes they speak of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.ledger import shortened
from service.quotes import statement
from service.shapes import AtRisk, Quote, Statement, Theme


@dataclass(frozen=True, slots=True)
class Known:
    """Names and ARR of accounts by id."""

    names: Mapping[str, str]
    arr: Mapping[str, float | None]


def summary(
    needs: Sequence[Theme], strengths: Sequence[Theme], risk: Sequence[AtRisk], known: Known
) -> Iterator[Statement]:
    """The answer first: the three largest needs, what to protect, who may leave."""
    for theme in needs[:3]:
        text = (
            f"Need {theme.rank}: {theme.accounts_n} accounts worth ${theme.arr_usd:,.0f} a year "
            f"may share one need. {lead(theme.evidence[0], known)}"
        )
        yield statement(text, _one_each(theme.evidence), known.arr)
    for theme in strengths[:1]:
        text = f"Protect: {lead(theme.evidence[0], known)}"
        yield statement(text, _one_each(theme.evidence), known.arr)
    for account in [a for a in risk if a.statements][:2]:
        first = account.statements[0]
        yield statement(f"At risk: {first.text}", first.quotes, known.arr)


def dissent(needs: Sequence[Theme], known: Known) -> Iterator[Statement]:
    """What speaks against a need, in the words of somebody who is content."""
    for theme in needs:
        if theme.counter:
            text = f"Against need {theme.rank}: {lead(theme.counter[0], known)}"
            yield statement(text, theme.counter, known.arr)


def lead(quote: Quote, known: Known) -> str:
    """The words a sentence is written from. It must stay the first quote under the sentence."""
    who = known.names.get(quote.account_id or "", "no account")
    return f"{quote.speaker} ({who}): “{shortened(quote.text, 200)}”"


def _one_each(quotes: Iterable[Quote]) -> list[Quote]:
    """The first quote of each account, so that a sentence rests on several voices."""
    by_voice: dict[str, Quote] = {}
    for quote in quotes:
        by_voice.setdefault(quote.account_id or quote.call_id, quote)
    return list(by_voice.values())
