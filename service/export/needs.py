"""The needs of a memo: ranked in one table, then a page for each, then what speaks against them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from service.export import charts
from service.export.blocks import Block, Heading, Para, Section, Table
from service.export.notes import Notes
from service.export.words import clean, counted, listed, money, short_date
from service.shapes import Memo, NeedPage, Quote, Statement, Theme

_QUOTES = 5  # on a page, those under its headings among them
_FEWEST = 3  # accounts that are quoted on a page, where there are as many
_STRENGTH = ("", "said in passing", "plain", "strong")


def ranked(memo: Memo, notes: Notes) -> Iterator[Block]:
    """All needs in one table with their charts; without any, what the accounts said."""
    if not memo.needs:
        if memo.voices:
            yield Para(
                "No theme is confirmed yet, so nothing is ranked. This is what each account said "
                "most strongly, the largest first; groups offered for confirmation are in the "
                "appendix."
            )
        yield from (notes.statement(said) for said in memo.voices)
        return
    pages = {page.theme_id: page for page in memo.pages}
    yield Table(
        ("", "Need", "Revenue a year", "Accounts", "Strength", "Renewals ≤ 180 days", "Confidence"),
        tuple(_row(memo, theme, pages.get(theme.id)) for theme in memo.needs),
        (2, 3),
        (0.04, 0.36, 0.13, 0.1, 0.1, 0.15, 0.12),
    )
    yield from charts.revenue(memo)
    yield from charts.segments(memo)


def pages(memo: Memo, notes: Notes) -> Iterator[Section]:
    """A section for each need."""
    by_id = {page.theme_id: page for page in memo.pages}
    for theme in memo.needs:
        title = f"Need {theme.rank}: {clean(theme.label)}"
        yield Section(title, tuple(_page(memo, theme, by_id.get(theme.id), notes)), page=True)


def against(memo: Memo, notes: Notes) -> Iterator[Block]:
    """Mandatory: also that nothing was found."""
    calls = counted(memo.coverage.calls_read, "call")
    if not memo.needs and memo.coverage.calls_read:
        yield Para(f"None sought: no need is confirmed yet for which {calls} could be searched.")
    by_id = {page.theme_id: page for page in memo.pages}
    for theme in memo.needs:
        page = by_id.get(theme.id)
        said = page.counter if page else ()
        if said:
            who = [_name(memo, a) for a in dict.fromkeys(a for s in said for a in s.accounts)]
            sees = "see" if len(who) > 1 else "sees"
            yield Para(
                f"{listed(who) or 'A customer'} {sees} it otherwise, in the words on its page.",
                tuple(m for s in said for m in notes.marks(s.quotes)),
                "bullet",
                f"Need {theme.rank}:",
            )
        else:
            yield Para(f"none found in {calls}.", tone="bullet", lead=f"Need {theme.rank}:")


def facts(theme: Theme) -> str:
    """The numbers of a theme in a line."""
    told = [counted(theme.accounts_n, "account"), f"{money(theme.arr_usd)} a year"]
    if theme.top_accounts_n:
        told.append(f"{theme.top_accounts_n} of the Top 20")
    told.append(counted(theme.mentions_n, "passage"))
    if theme.first_heard and theme.last_heard:
        span = {short_date(theme.first_heard): None, short_date(theme.last_heard): None}
        told.append("heard " + " to ".join(span))
    if theme.status == "candidate":
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
    yield Para(facts(theme), tone="quiet")
    if theme.definition:
        yield Para(clean(theme.definition))
    who = [f"{_name(memo, a.account_id)} ({money(a.arr_usd)})" for a in theme.accounts]
    if who:
        yield Para(f"{listed(who)}.", lead="Who:")
    if page is None:
        yield from (notes.said(q) for q in theme.evidence[:_QUOTES])
        return
    if page.renewals:
        yield Para(f"{listed(_renewing(memo, page))}.", lead="Renewing within 180 days:")
    for title, said in (
        ("What it costs them", page.cost),
        ("What they do instead", page.workaround),
        ("What they asked for", page.asked_for),
        ("The trouble behind it", page.behind),
    ):
        yield from _told(title, said, notes)
    for left in memo.prompts:
        if left.place == "needs" and left.theme_id == theme.id:
            yield Para(clean(left.text), tone="prompt", lead="To be written by you:")
    yield from _voices(page, notes)
    calls = counted(page.calls_n, "call")
    if page.counter:
        yield from _told("What speaks against it", page.counter, notes)
    else:
        yield Para(f"none found in {calls}.", lead="What speaks against it:")
    yield Para(f"{theme.confidence}. {clean(page.reason)}.", lead="Confidence:")


def _told(title: str, said: Sequence[Statement], notes: Notes) -> Iterator[Block]:
    if said:
        yield Heading(title)
    yield from (notes.statement(one) for one in said)


def _voices(page: NeedPage, notes: Notes) -> Iterator[Block]:
    """First those accounts that are not heard above; the rest by their notes."""
    above = [q for said in _above(page) for q in said.quotes]
    told = {q.account_id for q in above}
    fresh = [q for q in page.quotes if not any(_same(q, other) for other in above)]
    fresh.sort(key=lambda q: q.account_id in told)
    most = max(_QUOTES - len(above), _FEWEST - len(told), 0)
    if fresh[:most]:
        yield Heading("And in others' words" if above else "In their words")
    yield from (notes.said(q) for q in fresh[:most])
    if fresh[most:]:
        names = list(dict.fromkeys(notes.account(q) for q in fresh[most:]))
        yield Para(f"Also in the words of {listed(names)}.", notes.marks(fresh[most:]), "quiet")


def _above(page: NeedPage) -> Iterator[Statement]:
    yield from (*page.cost, *page.workaround, *page.asked_for, *page.behind)


def _same(one: Quote, other: Quote) -> bool:
    return (one.call_id, one.utterance) == (other.call_id, other.utterance)


def _renewing(memo: Memo, page: NeedPage) -> list[str]:
    rows = {row.account_id: row for row in memo.board}
    told = []
    for account in page.renewals:
        row = rows.get(account)
        day = f" ({short_date(row.renewal_date)})" if row and row.renewal_date else ""
        told.append(_name(memo, account) + day)
    return told


def _name(memo: Memo, account_id: str) -> str:
    return clean(memo.names.get(account_id, account_id))
