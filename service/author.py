"""What a memo leaves to its author: the prompts for what needs judgement, and what stays open.

Code does not pretend to judgement. A prompt stands where the sentence is wanted, marked as such,
with the numbers that bear on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.gist import leaving, said_date
from service.plan import named
from service.scope import Scope
from service.shapes import AtRisk, BoardRow, Coverage, NeedPage, Prompt, Statement, Theme

MARK = "To be written by you"
_BETS = 3
_ALONE = 3  # accounts named of which one person was heard; the weeks name who comes first


@dataclass(frozen=True, slots=True)
class Known:
    """What the prompts' numbers are taken from."""

    names: Mapping[str, str]
    needs: Sequence[Theme]
    pages: Sequence[NeedPage]
    risk: Sequence[AtRisk]
    coverage: Coverage


def prompts(known: Known, *, vision: bool) -> Iterator[Prompt]:
    """The bets, the decisions, what is behind each need, the fit, and the year."""
    yield from _bets(known)
    yield from _decisions(known)
    for theme in known.needs:
        yield Prompt(
            place="needs",
            text=f"What is behind need {theme.rank}: what they asked for, or something else?",
            theme_id=theme.id,
        )
    if vision:
        yield Prompt(
            place="fit", text="Where do these needs fit the vision, and which of the two gives way?"
        )
    else:
        yield Prompt(
            place="fit",
            text="The vision these needs are held against; none was given to this draft "
            "(firsthand memo --vision FILE).",
        )
    yield Prompt(
        place="horizons", text="What each span is to have achieved, beyond the renewals named."
    )


def questions(
    scope: Scope,
    coverage: Coverage,
    board: Sequence[BoardRow],
    needs: Sequence[Theme],
    dissent: Sequence[Statement],
) -> Iterator[str]:
    """What is missing and what is unsure, each in a sentence."""
    if needs and not dissent:
        yield (
            f"Nothing was found against these needs in {_n(len(scope.calls), 'call')}. That is "
            "absence of evidence, not agreement; ask for it."
        )
    if not needs and scope.calls:
        yield "No theme is confirmed yet, so nothing here is a count of who shares what."
    silent = coverage.accounts_silent
    if silent:
        gap = coverage.arr_in_scope_usd - coverage.arr_heard_usd
        yield (
            f"What do {named(silent, scope.names, len(silent))} need? ${gap:,.0f} a year was not "
            "heard."
        )
    alone = [row.account_id for row in board if row.people == 1]
    if alone:
        yield (
            f"One person speaks for {named(alone, scope.names, _ALONE)}: who else there should be "
            "heard, those who pay and those who use it?"
        )
    weak = [theme for theme in needs if theme.confidence == "low"]
    if weak:
        ranks = ", ".join(str(theme.rank) for theme in weak)
        yield f"Confidence is low in need {ranks}: two accounts or fewer."
    unrated = [a for a in scope.accounts if a.arr_usd is None]
    if unrated:
        yield f"{_n(len(unrated), 'account')} in scope without ARR: they count as $0 here."
    if scope.filters.top is not None:
        unranked = [account_id for account_id, arr in scope.arr.items() if arr is None]
        if unranked:
            yield (
                f"Without an ARR, and so not among the top {scope.filters.top}: "
                f"{named(unranked, scope.names, _ALONE)}. Should they be here?"
            )
    unplaced = [c for c in scope.calls if c.account_id is None]
    if unplaced:
        yield f"{_n(len(unplaced), 'call')} without an account: whose are they?"
    undated = [c for c in scope.calls if c.date is None]
    if undated:
        yield f"{_n(len(undated), 'call')} without a date."


def _bets(known: Known) -> Iterator[Prompt]:
    pages = {page.theme_id: page for page in known.pages}
    for theme in known.needs[:_BETS]:
        page = pages.get(theme.id)
        facts = [f"${theme.arr_usd:,.0f} a year"]
        if page is not None and page.renewals:
            facts.append(f"{_n(len(page.renewals), 'renewal')} in 180 days")
        threatened = [a for a in known.risk if a.threat and theme.id in a.needs]
        if threatened:
            facts.append(f"{_n(len(threatened), 'account')} may leave")
        first = theme is known.needs[0]
        asked = "what we do, what we stop, how we know it worked." if first else "the same."
        yield Prompt(
            place="bets",
            text=f"Bet {theme.rank}, on need {theme.rank}: {asked}",
            theme_id=theme.id,
            facts=", ".join(facts),
        )
    if not known.needs:
        yield Prompt(
            place="bets",
            text="The one to three bets, once you have confirmed the themes they rest on.",
        )


def _decisions(known: Known) -> Iterator[Prompt]:
    going = [a for a in leaving(known.risk) if a.in_scope]
    dated = sorted(
        ((a.renewal_date, a) for a in going if a.renewal_date is not None), key=lambda one: one[0]
    )
    if going:
        at_stake = sum(a.arr_usd or 0.0 for a in going)
        facts = f"{_n(len(going), 'account')}, ${at_stake:,.0f} a year"
        if dated:
            first, who = dated[0]
            facts += f"; first renewal {said_date(first)}, {named([who.account_id], known.names)}"
        yield Prompt(
            place="decisions",
            text="Decision: what we offer those who may leave; who decides, by when.",
            facts=facts,
        )
    if known.needs:
        yield Prompt(
            place="decisions",
            text="Decision: which need is funded now, and which waits.",
        )
    silent = known.coverage.accounts_silent
    if silent:
        gap = known.coverage.arr_in_scope_usd - known.coverage.arr_heard_usd
        yield Prompt(
            place="decisions",
            text="Decision: whether to decide before the silent accounts are heard.",
            facts=f"{_n(len(silent), 'account')}, ${gap:,.0f} a year",
        )


def _n(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
