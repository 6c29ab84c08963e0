"""The needs of a memo: ranked in one table, a page for each, and what speaks against them.

The first ones have their page in the body, the others in the appendix: who has ten minutes reads
those that a decision hangs on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from service.export import charts
from service.export.blocks import Block, Para, Section, Table
from service.export.notes import Notes
from service.export.words import clean, counted, listed, money, short_date
from service.shapes import Memo, NeedPage, Statement, Theme

IN_FULL = 3  # needs whose page stands in the body
_QUOTES = 5  # on a page, those under its headings among them
_FEWEST = 3  # accounts that are quoted on a page, where there are as many
_APART = 1  # quotes set apart under a model's sentences, whose quotes are in the notes
NAMED = "named by the model, not yet confirmed"
_STRENGTH = ("", "said in passing", "plain", "strong")


def ranked(memo: Memo, notes: Notes) -> Iterator[Block]:
    """All needs in one table with their charts; without any, what the accounts said."""
    if not memo.needs:
        if memo.voices:
            yield Para(
                "No theme is confirmed yet, so nothing is ranked. This is what each account said "
                "most strongly, the largest first, beside those above; groups offered for "
                "confirmation are in the appendix."
            )
        fresh = [said for said in memo.voices if not notes.printed(said.quotes[0])]
        yield from (notes.statement(said) for said in fresh)
        return
    pages = {page.theme_id: page for page in memo.pages}
    yield Table(
        ("", "Need", "Revenue a year", "Accounts", "Strength", "Renewals ≤ 180 days", "Confidence"),
        tuple(_row(memo, theme, pages.get(theme.id)) for theme in memo.needs),
        (2, 3),
        (0.05, 0.31, 0.12, 0.1, 0.1, 0.19, 0.13),
    )
    found = [str(theme.rank) for theme in memo.needs if theme.by == "model"]
    if found:
        word = "Need" if len(found) == 1 else "Needs"
        yield Para(f"{word} {listed(found)}: {NAMED}.", tone="quiet")
    rest = [str(theme.rank) for theme in memo.needs[IN_FULL:]]
    if rest:
        word = "Need" if len(rest) == 1 else "Needs"
        has = "has its page" if len(rest) == 1 else "have their pages"
        yield Para(f"{word} {listed(rest)} {has} in the appendix.", tone="quiet")
    yield from charts.revenue(memo)
    yield from charts.segments(memo)


def pages(memo: Memo, notes: Notes) -> Iterator[Section]:
    """A section for each of the first needs. The first goes on from the table and its charts."""
    for n, section in enumerate(_sections(memo, memo.needs[:IN_FULL], notes)):
        yield replace(section, page=n > 0)


def further_pages(memo: Memo, notes: Notes) -> Iterator[Section]:
    """The same for the others; for the appendix."""
    yield from _sections(memo, memo.needs[IN_FULL:], notes)


def _sections(memo: Memo, needs: Sequence[Theme], notes: Notes) -> Iterator[Section]:
    by_id = {page.theme_id: page for page in memo.pages}
    for theme in needs:
        title = f"Need {theme.rank}: {clean(theme.label)}"
        yield Section(title, tuple(_page(memo, theme, by_id.get(theme.id), notes)), page=True)


def against(memo: Memo, notes: Notes) -> Iterator[Block]:
    """Mandatory: also that nothing was found. The words are on the pages and in the notes."""
    calls = counted(memo.coverage.calls_read, "call")
    if not memo.needs and memo.coverage.calls_read:
        yield Para(f"None sought: no need is confirmed yet for which {calls} could be searched.")
    by_id = {page.theme_id: page for page in memo.pages}
    nothing = []
    for theme in memo.needs:
        page = by_id.get(theme.id)
        if page is None or not page.counter:
            nothing.append(str(theme.rank))
            continue
        said = page.counter
        who = [_name(memo, a) for a in dict.fromkeys(a for s in said for a in s.accounts)]
        there = "on its page" if theme in memo.needs[:IN_FULL] else "in the notes and on its page"
        yield Para(
            f"read the words of {listed(who) or 'a customer'} {there}.",
            tuple(m for s in said for m in notes.marks(s.quotes)),
            "bullet",
            f"Need {theme.rank}:",
        )
    if nothing:
        word = "Need" if len(nothing) == 1 else "Needs"
        yield Para(f"none found in {calls}.", tone="bullet", lead=f"{word} {listed(nothing)}:")


def facts(theme: Theme) -> str:
    """The numbers of a theme in a line."""
    told = [counted(theme.accounts_n, "account"), f"{money(theme.arr_usd)} a year"]
    if theme.top_accounts_n:
        told.append(f"{theme.top_accounts_n} of the Top 20")
    told.append(counted(theme.mentions_n, "passage"))
    if theme.last_heard:
        told.append(f"last heard {short_date(theme.last_heard)}")
    if theme.by == "model":
        told.append(NAMED)
    elif theme.status == "candidate":
        told.append("not confirmed")
    return " · ".join(told)


def _row(memo: Memo, theme: Theme, page: NeedPage | None) -> tuple[str, ...]:
    strength = max((a.intensity for a in theme.accounts), default=1)
    renewals = len(page.renewals) if page else 0
    return (
        str(theme.rank),
        clean(theme.label),
        money(theme.arr_usd),
        str(theme.accounts_n),
        _STRENGTH[strength],
        _soonest(memo, page) if renewals else "none",
        theme.confidence,
    )


def _soonest(memo: Memo, page: NeedPage | None) -> str:
    dates = {row.account_id: row.renewal_date for row in memo.board}
    days = [day for a in (page.renewals if page else ()) if (day := dates.get(a))]
    first = f", first {short_date(min(days))}" if days else ""
    return f"{len(page.renewals) if page else 0}{first}"


def _page(memo: Memo, theme: Theme, page: NeedPage | None, notes: Notes) -> Iterator[Block]:
    if page is None:
        yield Para(facts(theme), tone="quiet")
        yield from (notes.said(q) for q in theme.evidence[:_QUOTES])
        return
    yield Para(_standing(theme, page), tone="quiet")
    worded = any(said.by == "model" for said in page.behind)
    if theme.definition and not (theme.by == "model" and worded):
        yield Para(_first_sentence(clean(theme.definition)))
    who = _who(memo, theme, page)
    if who:
        yield Para(f"{listed(who)}.", lead="Who:")
    shown: list[Statement] = []
    for lead, said in (
        ("It costs:", page.cost),
        ("Instead they:", page.workaround),
        ("Asked for:", page.asked_for),
        ("Behind it:", page.behind),
    ):
        one = next((s for s in said if s.by == "model" or not notes.printed(s.quotes[0])), None)
        if one is not None:
            shown.append(one)
            yield notes.statement(one, lead=lead)
        elif said:
            yield Para("as quoted above.", notes.marks(said[0].quotes[:1]), "bullet", lead)
    for left in memo.prompts:
        if left.place == "needs" and left.theme_id == theme.id:
            yield Para(clean(left.text), tone="prompt", lead="To be written by you:")
    yield from _voices(page, shown, notes)
    yield _against(page, notes)


def _against(page: NeedPage, notes: Notes) -> Para:
    """The first words against it that do not stand above; the others by their notes."""
    lead = "Against it:"
    if not page.counter:
        return Para("none found.", tone="bullet", lead=lead)
    one = next((s for s in page.counter if not notes.printed(s.quotes[0])), None)
    if one is None:
        told = Para("as quoted above.", tone="bullet", lead=lead)
    else:
        told = notes.statement(one, lead=lead)
    others = [q for s in page.counter if s is not one for q in s.quotes[:1]]
    return Para(told.text, (*told.marks, *notes.marks(others)), "bullet", lead)


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]


def _standing(theme: Theme, page: NeedPage) -> str:
    """How much stands behind it, as far as the table does not say so."""
    told = [counted(theme.mentions_n, "passage")]
    if theme.last_heard:
        told.append(f"last heard {short_date(theme.last_heard)}")
    told.append(f"confidence {theme.confidence}: {clean(page.reason)}")
    return " · ".join(told)


def _voices(page: NeedPage, shown: Sequence[Statement], notes: Notes) -> Iterator[Block]:
    """Those accounts that are not heard above: some set apart, the rest by their notes."""
    quoted = [said for said in shown if said.by == "code"]
    heard = {account for said in quoted for account in said.accounts}
    new = [q for q in page.quotes if q.account_id not in heard and not notes.printed(q)]
    most = max(_QUOTES - len(shown), _FEWEST - len(heard), 0)
    if len(quoted) < len(shown):
        most = min(most, _APART)
    yield from (notes.said(q) for q in new[:most])
    if new[most:]:
        names = [notes.account(q) for q in new[most:]]
        yield Para(f"Also heard: {listed(names)}.", notes.marks(new[most:]), "quiet")


def _who(memo: Memo, theme: Theme, page: NeedPage) -> list[str]:
    """Its accounts with their revenue, and the renewals within 180 days."""
    rows = {row.account_id: row for row in memo.board}
    told = []
    for account in theme.accounts:
        row = rows.get(account.account_id)
        soon = row.renewal_date if row and account.account_id in page.renewals else None
        renews = f", renews {short_date(soon)}" if soon else ""
        told.append(f"{_name(memo, account.account_id)} ({money(account.arr_usd)}{renews})")
    return told


def _name(memo: Memo, account_id: str) -> str:
    return clean(memo.names.get(account_id, account_id))
