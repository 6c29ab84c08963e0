"""Takes out of a memo what no longer holds, together with every sentence written from it.

A sentence is always written from the *first* quote under it, and a theme's label from the theme's
first quote. So when that quote goes the sentence goes, and the theme is named anew from the next.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from service.gist import Known, dissent, summary
from service.ledger import shortened
from service.quotes import statement
from service.shapes import Action, AtRisk, Memo, NotNow, Quote, Statement, Theme


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which quotes still hold, and the ARR to count what is left with."""

    holds: Callable[[Quote], bool]
    arr: Mapping[str, float | None]


@dataclass(slots=True)
class _Tally:
    verdict: Verdict
    dropped: set[tuple[str, int, str]] = field(default_factory=set)

    def keep(self, quotes: Sequence[Quote]) -> tuple[Quote, ...]:
        kept = tuple(q for q in quotes if self.verdict.holds(q))
        self.dropped |= {(q.call_id, q.utterance, q.text) for q in quotes if q not in kept}
        return kept


def quotes_of(memo: Memo) -> Iterator[Quote]:
    """Every quote in the memo; one may come several times."""
    for said in (*memo.summary, *memo.dissent, *memo.internal_ideas):
        yield from said.quotes
    for theme in (*memo.needs, *memo.strengths):
        yield from (*theme.evidence, *theme.counter)
    for account in memo.at_risk:
        for said in account.statements:
            yield from said.quotes
    for item in memo.not_now:
        yield from item.quotes


def recheck(memo: Memo, verdict: Verdict) -> Memo:
    """``memo`` with only what holds; the very same memo when everything does."""
    tally = _Tally(verdict)
    needs = _themes(memo.needs, memo, tally)
    strengths = _themes(memo.strengths, memo, tally)
    risk = tuple(_at_risk(memo.at_risk, tally))
    known = Known(memo.names, verdict.arr)
    changes = {
        "summary": tuple(summary(needs, strengths, risk, known)),
        "needs": needs,
        "strengths": strengths,
        "at_risk": risk,
        "dissent": tuple(dissent(needs, known)),
        "not_now": tuple(_not_now(memo.not_now, tally)),
        "internal_ideas": _statements(memo.internal_ideas, tally),
    }
    if not tally.dropped:
        return memo
    left = {t.id for t in needs}
    provenance = memo.provenance.model_copy(
        update={"dropped_quotes": memo.provenance.dropped_quotes + len(tally.dropped)}
    )
    return memo.model_copy(
        update={
            **changes,
            "plan": tuple(
                week.model_copy(update={"actions": _actions(week.actions, left)})
                for week in memo.plan
            ),
            "horizons": tuple(
                horizon.model_copy(update={"bets": _actions(horizon.bets, left)})
                for horizon in memo.horizons
            ),
            "provenance": provenance,
        }
    )


def _statements(said: Sequence[Statement], tally: _Tally) -> tuple[Statement, ...]:
    left = []
    for one in said:
        kept = tally.keep(one.quotes)
        if kept == one.quotes:
            left.append(one)
        elif kept and kept[0] == one.quotes[0]:
            counted = statement(one.text, kept, tally.verdict.arr)
            # What the vendor's own people said has no accounts and stays without.
            left.append(counted if one.accounts else one.model_copy(update={"quotes": kept}))
    return tuple(left)


def _themes(themes: Sequence[Theme], memo: Memo, tally: _Tally) -> tuple[Theme, ...]:
    left = []
    for theme in themes:
        evidence, counter = tally.keep(theme.evidence), tally.keep(theme.counter)
        if (evidence, counter) == (theme.evidence, theme.counter):
            left.append(theme)
        elif evidence:
            left.append(_smaller(theme, evidence, counter, memo))
    return tuple(left)


def _smaller(
    theme: Theme, evidence: tuple[Quote, ...], counter: tuple[Quote, ...], memo: Memo
) -> Theme:
    """The theme without what fell away: its accounts, its numbers and, if need be, its name."""
    fell = {q.account_id for q in theme.evidence} - {q.account_id for q in evidence}
    accounts = tuple(a for a in theme.accounts if a.account_id not in fell)
    changes: dict[str, object] = {
        "evidence": evidence,
        "counter": counter,
        "accounts": accounts,
        "accounts_n": len(accounts),
        # Which of the fallen were Top N is not kept: the smaller number is the safe one.
        "top_accounts_n": max(0, theme.top_accounts_n - (theme.accounts_n - len(accounts))),
        "arr_usd": sum(a.arr_usd or 0.0 for a in accounts),
        "mentions_n": max(1, theme.mentions_n - (len(theme.evidence) - len(evidence))),
    }
    if evidence[0] != theme.evidence[0]:
        first = evidence[0]
        who = memo.names.get(first.account_id or "", "no account")
        changes["label"] = shortened(first.text)
        changes["statement"] = f"{first.speaker} ({who}): “{shortened(first.text, 240)}”"
    return theme.model_copy(update=changes)


def _at_risk(accounts: Sequence[AtRisk], tally: _Tally) -> Iterator[AtRisk]:
    for account in accounts:
        kept = _statements(account.statements, tally)
        if kept:
            yield account.model_copy(update={"statements": kept})


def _not_now(items: Sequence[NotNow], tally: _Tally) -> Iterator[NotNow]:
    for item in items:
        if tally.keep(item.quotes) == item.quotes:
            yield item


def _actions(actions: Sequence[Action], left: Collection[str]) -> tuple[Action, ...]:
    """Actions but those on themes that are gone."""
    return tuple(a for a in actions if a.theme_id is None or a.theme_id in left)
