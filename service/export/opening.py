"""The first page of a memo: the answer in short, and who was heard and who was not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from service.export.blocks import Block, Para, Table
from service.export.notes import Notes
from service.export.words import clean, counted, listed, long_date, money
from service.gist import leaving
from service.shapes import Memo, Prompt

NO_THEME = (
    "No theme has been confirmed yet. What follows are the accounts' own words; nothing is ranked "
    "until somebody confirms the themes."
)
# Said of every account in that table already, or of no use beside its revenue.
_SAID = re.compile(r"^no customer of theirs has been heard; |, number \d+ of \d+ by ARR")
_OPENINGS = ("Need ", "Heard", "Protect")
_LEAVING = "May leave"


def short(memo: Memo, notes: Notes) -> Iterator[Block]:
    """The needs, what to protect, who may leave, and what is left to the author."""
    if not memo.needs:
        yield Para(NO_THEME if memo.summary else _nothing(memo), tone="plain")
    for said in memo.summary:
        if said.text.startswith(_LEAVING):
            continue  # named together below, and with their own words under the risks
        para = notes.statement(said)
        lead, colon, text = para.text.partition(": ")
        if colon and lead.startswith(_OPENINGS):
            yield Para(text, para.marks, "bullet", f"{lead}:")
        else:
            yield para
    yield from _leaving(memo)
    for place in ("bets", "decisions"):
        for left in memo.prompts:
            if left.place == place:
                yield prompt(left)
                yield from _proposal(left, notes)


def _proposal(left: Prompt, notes: Notes) -> Iterator[Para]:
    """What a model proposes there, marked as no more than that; the prompt stays open."""
    if left.proposal is not None:
        yield notes.statement(left.proposal, "quiet", "Proposed by the model:")


def prompt(left: Prompt) -> Para:
    """What the author has to write, marked, with the numbers that bear on it."""
    facts = f" ({clean(left.facts)})" if left.facts else ""
    return Para(clean(left.text) + facts, tone="prompt", lead="To be written by you:")


def heard(memo: Memo) -> Iterator[Block]:
    covered = memo.coverage
    yield Para(
        f"{counted(covered.accounts_heard, 'account')} of {covered.accounts_in_scope} in scope "
        f"spoke for themselves in {counted(covered.calls_read, 'call')}: "
        f"{money(covered.arr_heard_usd)} of {money(covered.arr_in_scope_usd)} a year."
        + "".join(f" {s}" for s in (_days(memo), _hours(memo)) if s)
    )
    names = [clean(row.name) for row in memo.board if row.heard]
    if names:
        yield Para(f"{listed(names)}.", lead="Heard:")
    first = [call for call in memo.next_calls if not call.second_voice]
    rest = set(covered.accounts_silent) - {call.account_id for call in first}
    if first:
        yield Table(
            ("Not heard; call next", "Why"),
            tuple((_name(memo, c.account_id), _why(c.why)) for c in first),
            widths=(0.32, 0.68),
        )
    if rest:
        also = "Also not heard:" if first else "Not heard:"
        silent = [_name(memo, a) for a in covered.accounts_silent if a in rest]
        yield Para(f"{listed(silent)}.", lead=also)


def _leaving(memo: Memo) -> Iterator[Block]:
    """Those in scope who speak of it, the first renewal first; without any, the others."""
    going = leaving(memo.at_risk)
    going = [a for a in going if a.in_scope] or going
    if not going:
        return
    by_date = sorted(going, key=lambda a: (a.renewal_date is None, a.renewal_date or memo.as_of))
    told = []
    for account in by_date:
        facts = [money(account.arr_usd)] if account.arr_usd is not None else []
        if account.renewal_date is not None:
            facts.append(f"renews {long_date(account.renewal_date)}")
        name = _name(memo, account.account_id)
        told.append(f"{name} ({', '.join(facts)})" if facts else name)
    yield Para(f"{listed(told)}.", tone="bullet", lead=f"{_LEAVING}:")


def _nothing(memo: Memo) -> str:
    return f"In {counted(memo.coverage.calls_read, 'call')} no customer in scope voiced a need."


def _days(memo: Memo) -> str:
    reached = [f"{m.accounts_heard} by day {m.day}" for m in memo.milestones if m.reached]
    return f"Heard since the start: {listed(reached)}." if reached else ""


def _hours(memo: Memo) -> str:
    if not memo.weeks:
        return ""
    hours = sum(w.customer_hours + w.estimated_hours for w in memo.weeks)
    met = sum(bool(w.goal_met) for w in memo.weeks)
    return (
        f"Customers spoke for {hours:.1f} hours; over an hour in {met or 'none'} of "
        f"{counted(len(memo.weeks), 'week')}."
    )


def _why(reasons: str) -> str:
    return _SAID.sub("", clean(reasons))


def _name(memo: Memo, account_id: str) -> str:
    return clean(memo.names.get(account_id, account_id))
