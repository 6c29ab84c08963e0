"""Takes out of a memo what no longer holds, together with every sentence written from it.

A sentence of code's is always written from the *first* quote under it. When that quote goes the
sentence goes, or is written anew where it is nothing but the next quote's words; what is computed
from needs, risks and accounts is computed again from what is left. A sentence of a model's rests on
*all* its quotes: when one goes its words go, and the next quote speaks in their place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from service import author, plan
from service.gist import Body, Known, dissent, lead, summary
from service.ledger import shortened
from service.need_pages import reason
from service.quotes import statement
from service.shapes import (
    AtRisk,
    Changes,
    Confidence,
    DroppedSentence,
    FitLine,
    HealthCheck,
    Memo,
    NeedPage,
    NotNow,
    Pick,
    Prompt,
    Provenance,
    Quote,
    Statement,
    Theme,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which quotes still hold, and the ARR to count what is left with."""

    holds: Callable[[Quote], bool]
    arr: Mapping[str, float | None]


@dataclass(slots=True)
class _Tally:
    verdict: Verdict
    known: Known
    dropped: set[tuple[str, int, str]] = field(default_factory=set)

    def keep(self, quotes: Sequence[Quote]) -> tuple[Quote, ...]:
        kept = tuple(q for q in quotes if self.verdict.holds(q))
        self.dropped |= {(q.call_id, q.utterance, q.text) for q in quotes if q not in kept}
        return kept


def quotes_of(memo: Memo) -> Iterator[Quote]:
    """Every quote in the memo; one may come several times."""
    for said in _statements_of(memo):
        yield from said.quotes
    for theme in (*memo.needs, *memo.strengths, *memo.candidates):
        yield from (*theme.evidence, *theme.counter)
    for page in memo.pages:
        yield from page.quotes
    for item in memo.not_now:
        yield from (*item.quotes, *item.replies)
    for line in memo.fit:
        yield from line.quotes
    for change in memo.changes.needs if memo.changes else ():
        yield from change.quotes
    for prompt in memo.prompts:
        yield from prompt.proposal.quotes if prompt.proposal else ()


def recheck(memo: Memo, verdict: Verdict) -> Memo:
    """``memo`` with only what holds; the very same memo when everything does."""
    known = Known(memo.names, verdict.arr)
    tally = _Tally(verdict, known)
    for said in (*memo.summary, *memo.dissent):  # written anew below
        tally.keep(said.quotes)
    needs = _themes(memo.needs, tally)
    left = {t.id for t in needs}
    body = Body(
        needs=needs,
        strengths=_themes(memo.strengths, tally),
        risk=tuple(_at_risk(memo.at_risk, left, tally)),
        voices=_statements(memo.voices, tally),
        liked=_statements(memo.liked, tally),
    )
    pages = tuple(_pages(memo.pages, needs, tally))
    left_open = author.Known(memo.names, needs, pages, body.risk, memo.coverage)
    changes: dict[str, object] = {
        "summary": _summary(memo, body, tally),
        "needs": needs,
        "strengths": body.strengths,
        "at_risk": body.risk,
        "voices": body.voices,
        "liked": body.liked,
        "pages": pages,
        "candidates": _themes(memo.candidates, tally),
        "dissent": tuple(dissent(needs, known)),
        "health": tuple(_health(memo.health, tally)),
        "verify": _statements(memo.verify, tally),
        "picked": tuple(_picked(memo.picked, tally)),
        "not_now": tuple(_not_now(memo.not_now, tally)),
        "internal_ideas": _statements(memo.internal_ideas, tally),
        "fit": tuple(_fit(memo.fit, needs, tally)),
        "untouched": tuple(t for t in memo.untouched if t in left),
        "changes": _changes(memo.changes, needs, body.risk, tally) if memo.changes else None,
        "prompts": tuple(_prompts(memo, left_open, tally)),
        "plan": plan.weeks(needs, body.risk, memo.next_calls, memo.names),
        "horizons": plan.horizons(needs, body.risk, memo.board, memo.as_of),
    }
    if not tally.dropped:
        return memo
    dropped = memo.provenance.dropped_quotes + len(tally.dropped)
    provenance = memo.provenance.model_copy(update={"dropped_quotes": dropped})
    return memo.model_copy(update={**changes, "provenance": provenance})


def forget(memo: Memo, call_id: str | None) -> Memo:
    """``memo`` without the call's name and title; its quotes are taken out by ``recheck``.

    ``None`` where the call stays: then only the words of what was dropped go.
    """
    if call_id is None:
        return memo.model_copy(update={"provenance": _unsaid(memo.provenance)})
    changes = memo.changes
    if changes is not None:
        changes = changes.model_copy(update={"calls": _without(changes.calls, call_id)})
    return memo.model_copy(
        update={
            "provenance": _unsaid(memo.provenance),
            "changes": changes,
            "calls": _without(memo.calls, call_id),
            "read": None if memo.read is None else tuple(c for c in memo.read if c != call_id),
            "board": tuple(
                row.model_copy(update={"calls": tuple(c for c in row.calls if c != call_id)})
                for row in memo.board
            ),
        }
    )


def _without(headings: Mapping[str, str], call_id: str) -> dict[str, str]:
    return {k: v for k, v in headings.items() if k != call_id}


def _unsaid(provenance: Provenance) -> Provenance:
    """Without the words of what was dropped: nobody can say any more what they came from."""
    gone = DroppedSentence(text="", why="what it was about was taken away")
    return provenance.model_copy(update={"dropped": (gone,) * len(provenance.dropped)})


def _summary(memo: Memo, body: Body, tally: _Tally) -> tuple[Statement, ...]:
    """A model's opening stays while all of it and all that it sums up stays; else code's."""
    same = (body.needs, body.strengths, body.risk) == (memo.needs, memo.strengths, memo.at_risk)
    holds = all(tally.verdict.holds(q) for said in memo.summary for q in said.quotes)
    if same and holds and any(said.by == "model" for said in memo.summary):
        return memo.summary
    return tuple(summary(body, tally.known))


def _prompts(memo: Memo, left_open: author.Known, tally: _Tally) -> Iterator[Prompt]:
    """Written anew, with those proposals of which every quote still holds."""
    proposals = {(p.place, p.theme_id): p.proposal for p in memo.prompts if p.proposal}
    kept = {
        key: proposal
        for key, proposal in proposals.items()
        if tally.keep(proposal.quotes) == proposal.quotes
    }
    for prompt in author.prompts(left_open, vision=memo.vision is not None):
        yield prompt.model_copy(update={"proposal": kept.get((prompt.place, prompt.theme_id))})


def _statements_of(memo: Memo) -> Iterator[Statement]:
    yield from (*memo.summary, *memo.dissent, *memo.internal_ideas)
    yield from (*memo.voices, *memo.liked, *memo.verify)
    yield from (pick.statement for pick in memo.picked)
    for account in memo.at_risk:
        yield from account.statements
    for check in memo.health:
        yield from check.statements
    for page in memo.pages:
        yield from (*page.cost, *page.workaround, *page.asked_for, *page.behind, *page.counter)


def _statements(said: Iterable[Statement], tally: _Tally) -> tuple[Statement, ...]:
    left: list[Statement] = []
    anew: list[Statement] = []
    for one in said:
        kept = tally.keep(one.quotes)
        if kept == one.quotes:
            left.append(one)
        elif one.by == "model":
            anew += [statement(lead(q, tally.known), [q], tally.verdict.arr) for q in kept[:1]]
        elif kept:
            left += _with(one, kept, tally)
    # Where the next words stand already they need not be put in the place of the model's.
    told = {q for one in left for q in one.quotes[:1]}
    return (*(one for one in anew if one.quotes[0] not in told), *left)


def _picked(picks: Iterable[Pick], tally: _Tally) -> Iterator[Pick]:
    for pick in picks:
        for left in _statements([pick.statement], tally)[:1]:
            yield pick.model_copy(update={"statement": left})


def _with(one: Statement, kept: tuple[Quote, ...], tally: _Tally) -> Iterator[Statement]:
    """The statement with the quotes that are left, if anything can be said with them."""
    text = one.text
    if kept[0] != one.quotes[0]:
        # Nothing but the words of its quote can be said with the next one's.
        alone = text == lead(one.quotes[0], tally.known)
        text = lead(kept[0], tally.known) if alone else ""
    if text:
        counted = statement(text, kept, tally.verdict.arr)
        bare = one.model_copy(update={"text": text, "quotes": kept})
        # What has no accounts (our own people, hearsay) stays without.
        yield counted if one.accounts else bare


def _themes(themes: Sequence[Theme], tally: _Tally) -> tuple[Theme, ...]:
    left = []
    for theme in themes:
        evidence, counter = tally.keep(theme.evidence), tally.keep(theme.counter)
        if (evidence, counter) == (theme.evidence, theme.counter):
            left.append(theme)
        elif evidence:
            left.append(_smaller(theme, evidence, counter, tally.known))
    return tuple(left)


def _smaller(
    theme: Theme, evidence: tuple[Quote, ...], counter: tuple[Quote, ...], known: Known
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
    if evidence != theme.evidence:
        # Places and order were those of all its quotes; they are not claimed of fewer.
        changes |= {"ranks": None, "notes": (), "stable": False}
        changes["confidence"] = _surer(theme.confidence, len(accounts))
        changes["statement"] = lead(evidence[0], known)
    named = theme.by == "model" and evidence != theme.evidence
    if named or (evidence[0] != theme.evidence[0] and theme.status == "candidate"):
        # A model named it by all that belonged to it; a group is called by its first words.
        changes["label"] = shortened(evidence[0].text)
    if named:
        changes["definition"] = ""
    return theme.model_copy(update=changes)


def _surer(before: Confidence, accounts: int) -> Confidence:
    """At most what so many accounts bear, and never "high" once quotes are gone."""
    if accounts <= 2 or before == "low":
        return "low"
    return "medium"


def _pages(pages: Iterable[NeedPage], needs: Sequence[Theme], tally: _Tally) -> Iterator[NeedPage]:
    by_id = {theme.id: theme for theme in needs}
    for page in pages:
        lists = {
            name: _statements(getattr(page, name), tally)
            for name in ("cost", "workaround", "asked_for", "behind", "counter")
        }
        quotes = tally.keep(page.quotes)
        theme = by_id.get(page.theme_id)
        if theme is None:
            continue
        mine = {a.account_id for a in theme.accounts}
        yield page.model_copy(
            update={
                **lists,
                "quotes": quotes,
                "renewals": tuple(a for a in page.renewals if a in mine),
                "reason": reason(theme),
            }
        )


def _at_risk(accounts: Iterable[AtRisk], needs: Collection[str], tally: _Tally) -> Iterator[AtRisk]:
    for account in accounts:
        kept = _statements(account.statements, tally)
        if kept:
            still = tuple(t for t in account.needs if t in needs)
            yield account.model_copy(update={"statements": kept, "needs": still})


def _health(checks: Iterable[HealthCheck], tally: _Tally) -> Iterator[HealthCheck]:
    for one in checks:
        kept = _statements(one.statements, tally)
        if kept:
            yield one.model_copy(update={"statements": kept})


def _not_now(items: Iterable[NotNow], tally: _Tally) -> Iterator[NotNow]:
    """Numbers in the reason are of all the quotes; only an idea of our own names none."""
    for item in items:
        kept, replies = tally.keep(item.quotes), tally.keep(item.replies)
        same_words = bool(kept) and kept[0] == item.quotes[0]
        if kept == item.quotes or (item.sort == "idea" and same_words):
            yield item.model_copy(update={"quotes": kept, "replies": replies})


def _fit(lines: Iterable[FitLine], needs: Sequence[Theme], tally: _Tally) -> Iterator[FitLine]:
    by_id = {theme.id: theme for theme in needs}
    for line in lines:
        kept = tally.keep(line.quotes)
        theme = by_id.get(line.theme_id or "")
        read = line.reading if theme is not None and kept == line.quotes else None
        if theme is not None and not kept:
            kept = theme.evidence[:1]
        yield line.model_copy(
            update={"theme_id": theme.id if theme else None, "quotes": kept, "reading": read}
        )


def _changes(
    changes: Changes, needs: Sequence[Theme], risk: Sequence[AtRisk], tally: _Tally
) -> Changes:
    """A need that is left, or one that went and whose words still stand."""
    left, at_risk = {t.id for t in needs}, {a.account_id for a in risk}
    named = {t.id: t.label for t in needs if t.by == "model"}
    kept = [
        c.model_copy(
            update={"quotes": tally.keep(c.quotes), "label": named.get(c.theme_id, c.label)}
        )
        for c in changes.needs
    ]
    return changes.model_copy(
        update={
            "needs": tuple(c for c in kept if (c.quotes if c.rank is None else c.theme_id in left)),
            "risks": tuple(a for a in changes.risks if a in at_risk),
        }
    )
