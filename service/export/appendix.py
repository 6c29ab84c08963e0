"""The appendix: pages of further needs, the accounts' own words, more quotes, groups on offer."""

from __future__ import annotations

from collections.abc import Iterator

from service.export import needs
from service.export.blocks import Block, Heading, Para, Section
from service.export.notes import Notes
from service.export.words import clean, counted, listed
from service.shapes import Memo, Theme

TITLE = "Appendix"


def sections(memo: Memo, notes: Notes) -> Iterator[Section]:
    """All that begins with ``TITLE`` and comes after what is to be read in ten minutes."""
    for page in needs.further_pages(memo, notes):
        yield Section(f"{TITLE}: {page.title[0].lower()}{page.title[1:]}", page.blocks, page=True)
    yield Section(f"{TITLE}: the evidence", tuple(_evidence(memo, notes)), page=True)


def _evidence(memo: Memo, notes: Notes) -> Iterator[Block]:
    """What stands nowhere else yet; the rest is told by its notes above."""
    told = [(said, [q for q in said.quotes if not notes.printed(q)]) for said in memo.voices]
    if any(quotes for _, quotes in told):
        yield Heading("What else each account said most strongly")
    for said, quotes in told:
        name = listed([_name(memo, a) for a in said.accounts]) or "A call without account"
        for n, quote in enumerate(quotes):
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
