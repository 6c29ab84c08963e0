"""The appendix: the accounts' own words, further quotes of each need, and groups on offer."""

from __future__ import annotations

from collections.abc import Iterator

from service.export.blocks import Block, Heading, Para
from service.export.notes import Notes
from service.export.words import clean, counted, listed
from service.shapes import Memo, Theme


def evidence(memo: Memo, notes: Notes) -> Iterator[Block]:
    if memo.needs and memo.voices:
        yield Heading("What each account said most strongly")
        for said in memo.voices:
            para = notes.statement(said)
            yield Para(para.text, (*para.marks, *notes.marks(said.quotes[1:])), "bullet")
    elif any(said.quotes[1:] for said in memo.voices):
        yield Heading("What else each account said")
        for said in memo.voices:
            if said.quotes[1:]:
                name = listed([_name(memo, a) for a in said.accounts]) or "A call without account"
                yield Para("See", notes.marks(said.quotes[1:]), "bullet", f"{name}:")
    for theme in memo.needs:
        if theme.evidence[1:]:
            yield Heading(f"All quotes shown for need {theme.rank}")
            yield Para("See", notes.marks(theme.evidence), "quiet")
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
    return Para(text, notes.marks(theme.evidence[:4], text), "bullet")


def _name(memo: Memo, account_id: str) -> str:
    return clean(memo.names.get(account_id, account_id))
