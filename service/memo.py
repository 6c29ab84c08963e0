"""The 30-day strategy memo: drafted by code from the ledger and the codebook.

Every sentence about customers is written from a quote and carries it. Needs are themes that a
person confirmed; where there are none, the accounts speak for themselves and groups by likeness
are offered, unranked. What needs judgement (the bets, the decisions, what is behind a need, how
the vision fits) code does not pretend to have: it stands as a prompt for the author.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from ingest.library import Library
from service import author, coverage, ledger, picks, plan, risks, set_aside, witness
from service.changes import changes
from service.fit import fit, untouched
from service.gist import Body, Known, dissent, summary
from service.kept import MemoLine, last, list_memos, load, memo_title, save, withdraw
from service.ledger import Evidence
from service.need_pages import need_pages
from service.recheck import quotes_of
from service.scope import CallFact, Scope, measure, resolve
from service.shapes import (
    AtRisk,
    Filters,
    HealthCheck,
    Memo,
    NeedPage,
    NotNow,
    Pick,
    Statement,
    Theme,
)
from service.themes import find, named_themes
from service.voices import liked, voices

# Keeping is the same noun to whoever drafts.
__all__ = (
    "Brief",
    "MemoLine",
    "draft",
    "heading",
    "last",
    "list_memos",
    "load",
    "memo_title",
    "save",
    "withdraw",
)

STRENGTHS = 5
CANDIDATES = 8  # groups offered for confirmation


@dataclass(frozen=True, slots=True)
class Brief:
    """What the memo is to be about. ``as_of`` is today: the clock is passed in.

    ``filters.top`` is 20 unless set; ``start`` is the first call's date unless given; ``before``
    is the memo to compare with.
    """

    filters: Filters
    as_of: date
    start: date | None = None
    vision: str | None = None
    before: Memo | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What is read from the home in one transaction."""

    everyone: Scope
    scope: Scope
    needs: tuple[Theme, ...]
    strengths: tuple[Theme, ...]
    candidates: tuple[Theme, ...]
    pages: tuple[NeedPage, ...]
    voices: tuple[Statement, ...]
    liked: tuple[Statement, ...]
    risk: tuple[AtRisk, ...]
    health: tuple[HealthCheck, ...]
    verify: tuple[Statement, ...]
    ideas: tuple[Statement, ...]
    not_now: tuple[NotNow, ...]
    picked: tuple[Pick, ...]
    items: tuple[Evidence, ...]


def draft(library: Library, brief: Brief) -> Memo:
    """The memo on what is in the library now. Raises ``BadInput`` for a filter naming nothing."""
    with library.read() as connection:
        found = _found(library, connection, brief)
    scope, needs, names = found.scope, found.needs, dict(found.everyone.names)
    dates = (c.date for c in found.everyone.calls if c.date)
    start = brief.start or min(dates, default=brief.as_of)
    listened = coverage.report(library, brief.filters, start, brief.as_of)
    covered = measure(scope)
    known = Known(scope.names, scope.arr)
    body = Body(needs, found.strengths, found.risk, found.voices, found.liked)
    against = tuple(dissent(needs, known))
    left_open = author.Known(names, needs, found.pages, found.risk, covered)
    lines = fit(library, brief.vision, needs, found.items) if brief.vision else ()
    memo = Memo(
        id=f"memo-{uuid.uuid4().hex[:12]}",
        title=_title(scope),
        as_of=brief.as_of,
        day=(brief.as_of - start).days,
        filters=scope.filters,
        summary=tuple(summary(body, known)),
        coverage=covered,
        needs=needs,
        strengths=found.strengths,
        at_risk=found.risk,
        dissent=against,
        not_now=found.not_now,
        picked=found.picked,
        internal_ideas=found.ideas,
        plan=plan.weeks(needs, found.risk, listened.next_calls, names),
        horizons=plan.horizons(needs, found.risk, listened.board, brief.as_of),
        open_questions=tuple(author.questions(scope, covered, listened.board, needs, against)),
        next_calls=listened.next_calls,
        vision=brief.vision,
        pages=found.pages,
        voices=found.voices,
        liked=found.liked,
        candidates=found.candidates,
        health=found.health,
        verify=found.verify,
        fit=lines,
        untouched=untouched(needs, lines) if lines else (),
        prompts=tuple(author.prompts(left_open, vision=brief.vision is not None)),
        board=listened.board,
        milestones=listened.milestones,
        weeks=listened.weeks,
        read=tuple(c.call_id for c in scope.calls),
        names=names,
    )
    headings = {c.call_id: heading(c) for c in found.everyone.calls}
    if brief.before is not None:
        memo = memo.model_copy(update={"changes": changes(brief.before, memo, headings)})
    cited = {q.call_id for q in quotes_of(memo)}
    return memo.model_copy(update={"calls": {c: h for c, h in headings.items() if c in cited}})


def _found(library: Library, connection: sa.Connection, brief: Brief) -> _Found:
    everyone = resolve(connection, brief.filters)
    scope = resolve(connection, coverage.widest(connection, everyone))
    # Loudness is counted over everybody, importance over the Top N.
    whole = resolve(connection, brief.filters.model_copy(update={"top": None}))
    themes = find(library, connection, scope)
    confirmed = [t for t in themes if t.by != "likeness"]
    everywhere = _needing(named_themes(library, connection, whole))
    confirmed = witness.witnessed(library, connection, confirmed, scope)
    sifted = set_aside.sift(_needing(confirmed), everywhere, scope)
    belonging = witness.members(library, connection, scope)
    said = risks.by_account(library, connection, whole)
    proposed = tuple(set_aside.ideas(connection, whole))
    return _Found(
        everyone=whole,
        scope=scope,
        needs=sifted.needs,
        strengths=_ranked([t for t in confirmed if t.kind == "praise"])[:STRENGTHS],
        candidates=tuple(_offered(themes))[:CANDIDATES],
        pages=tuple(need_pages(connection, sifted.needs, scope, brief.as_of, belonging)),
        voices=tuple(voices(connection, scope)),
        liked=tuple(liked(connection, scope)),
        risk=tuple(risks.at_risk(said, whole, scope, sifted.needs, brief.as_of)),
        health=tuple(risks.health(said, scope)),
        verify=tuple(risks.verify(connection, whole)),
        ideas=proposed,
        not_now=(
            *sifted.aside,
            *set_aside.pet_ideas(connection, proposed),
            *set_aside.dismissed(connection),
        ),
        picked=tuple(picks.listed(connection)),
        items=tuple(ledger.items(connection, scope)),
    )


def _needing(confirmed: Sequence[Theme]) -> list[Theme]:
    return [t for t in confirmed if t.kind in ("pain", "request", "risk")]


def _ranked(themes: Sequence[Theme]) -> tuple[Theme, ...]:
    return tuple(t.model_copy(update={"rank": n}) for n, t in enumerate(themes, start=1))


def _offered(themes: Sequence[Theme]) -> list[Theme]:
    """Groups of two accounts or more, in the order found; nothing is claimed by the order."""
    return [
        t
        for t in themes
        if t.by == "likeness" and t.accounts_n > 1 and t.kind in ("pain", "request", "risk")
    ]


def _title(scope: Scope) -> str:
    heard = len(scope.heard)
    if scope.filters.top is not None:
        n = len(scope.accounts)
        return f"What our top {n} customers told us" if n > 1 else "What our customer told us"
    return f"What {heard} customers told us" if heard else "What customers told us"


def heading(call: CallFact) -> str:
    """A call by its title and date, as the notes name it."""
    return f"{call.title}, {call.date.isoformat()}" if call.date else call.title
