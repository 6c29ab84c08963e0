"""The needs of a memo: ranked in one table, then a page for each, then what speaks against them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from service.export import charts
from service.export.blocks import Block, Para, Section, Table
from service.export.notes import Notes
from service.export.words import clean, counted, listed, money, short_date
from service.shapes import Memo, NeedPage, Statement, Theme

_QUOTES = 5  # on a page, those under its headings among them
_FEW = 3  # needs, of which more is told on each page
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
            yield Para(
                f"read the words of {listed(who) or 'a customer'} on its page.",
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
    if theme.last_heard:
        told.append(f"last heard {short_date(theme.last_heard)}")
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
    shown: list[Statement] = []
    each = 1 if len(memo.needs) > _FEW else 2
    for lead, said in (
        ("It costs:", page.cost),
        ("Instead they:", page.workaround),
        ("Asked for:", page.asked_for),
        ("Behind it:", page.behind),
    ):
        shown += said[:each]
        yield from (notes.statement(one, lead=lead) for one in said[:each])
    for left in memo.prompts:
        if left.place == "needs" and left.theme_id == theme.id:
            yield Para(clean(left.text), tone="prompt", lead="To be written by you:")
    yield from _voices(page, shown, notes)
    yield from (notes.statement(one, lead="Against it:") for one in page.counter)
    if not page.counter:
        yield Para(f"none found in {counted(page.calls_n, 'call')}.", lead="Against it:")
    doubts = " ".join(clean(note) for note in theme.notes)
    yield Para(f"{theme.confidence}. {clean(page.reason)}. {doubts}".strip(), lead="Confidence:")


def _voices(page: NeedPage, shown: Sequence[Statement], notes: Notes) -> Iterator[Block]:
    """Those accounts that are not heard above: some set apart, the rest by their notes."""
    heard = {account for said in shown for account in said.accounts}
    new = [q for q in page.quotes if q.account_id not in heard]
    most = max(_QUOTES - len(shown), _FEWEST - len(heard), 0)
    yield from (notes.said(q) for q in new[:most])
    if new[most:]:
        names = [notes.account(q) for q in new[most:]]
        yield Para(f"Also in the words of {listed(names)}.", notes.marks(new[most:]), "quiet")


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
