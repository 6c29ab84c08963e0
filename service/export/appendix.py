"""The appendix: the accounts' own words, further quotes of each need, and groups on offer."""

from __future__ import annotations

from collections.abc import Iterator

from service.export.blocks import Block, Heading, Para
from service.export.notes import Notes
from service.export.words import clean, counted, listed
from service.shapes import Memo, Theme


def evidence(memo: Memo, notes: Notes) -> Iterator[Block]:
    """What stands nowhere else yet; the rest is told by its notes above."""
    if memo.voices:
        yield Heading("What each account said most strongly")
    for said in memo.voices:
        name = listed([_name(memo, a) for a in said.accounts]) or "A call without account"
        for n, quote in enumerate(said.quotes):
            yield notes.told(quote, "" if n else f"{name}.")
    for theme in memo.needs:
        more = [q for q in theme.evidence if not notes.has(q)]
        if more:
            yield Heading(f"More on need {theme.rank}")
        for quote in more:
            yield notes.told(quote, f"{notes.account(quote)}.")
    if memo.candidates:
        yield Heading("Groups offered for confirmation")
        yield Para(
            "Quotes alike in wording, confirmed by nobody and in no order. Confirm, split or "
            "dismiss each in the codebook.",
            tone="quiet",
        )
    for theme in memo.candidates:
        yield _offered(memo, theme, notes)


def _offered(memo: Memo, theme: Theme, notes: Notes) -> Para:
    names = [_name(memo, a.account_id) for a in theme.accounts]
    text = f"“{clean(theme.label)}” {counted(len(names), 'account')}: {listed(names)}."
    return Para(text, notes.marks(theme.evidence[:2], text), "bullet")


def _name(memo: Memo, account_id: str) -> str:
    return clean(memo.names.get(account_id, account_id))
