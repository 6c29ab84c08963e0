"""The 30-day strategy memo: drafted by code from the ledger, kept, and kept true.

Every sentence about customers is written from a quote and carries it. What needs judgement (the
bets, the decisions asked for, how the vision fits) code does not pretend to have: it stands under
``open_questions`` as a prompt for the author.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import sqlalchemy as sa

from ingest import cues
from ingest.errors import NotFound
from ingest.library import Library
from ingest.models import Account, Frozen
from ingest.store import list_accounts, spoken
from ingest.tables import memos
from service import ledger, plan
from service.coverage import RENEWS_SOON_DAYS, next_calls, renews_soon, widest
from service.gist import Known, dissent, lead, summary
from service.ledger import Evidence, shortened
from service.quotes import statement
from service.recheck import Verdict, quotes_of, recheck
from service.scope import CallFact, Scope, measure, resolve
from service.shapes import AtRisk, EvidenceKind, Filters, Memo, NotNow, Quote, Statement, Theme
from service.themes import find, group

NEEDS = 8  # ranked in full; what follows is listed under "not now"
STRENGTHS = 5
NOT_NOW = 8
IDEAS = 5
# A word in capitals that does not merely begin a sentence.
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}")
PER_RISK = 3  # statements under an account at risk
_IDEAS: tuple[EvidenceKind, ...] = ("request",)


@dataclass(frozen=True, slots=True)
class Brief:
    """What the memo is to be about. ``as_of`` is today: the clock is passed in.

    ``filters.top`` is 20 unless set; ``start`` is the first call's date unless given.
    """

    filters: Filters
    as_of: date
    start: date | None = None
    vision: str | None = None


class MemoLine(Frozen):
    """A memo as listed."""

    id: str
    title: str
    as_of: date
    created_at: datetime


def draft(library: Library, brief: Brief) -> Memo:
    """The memo on what is in the library now. Raises ``BadInput`` for a filter naming nothing."""
    with library.read() as connection:
        everyone = resolve(connection, brief.filters)
        scope = resolve(connection, widest(everyone))
        found = find(connection, scope)
        risk = tuple(_at_risk(connection, scope, brief.as_of))
        ideas = tuple(_internal_ideas(connection, everyone))
        outside = _outside(connection, everyone, scope)
    wanted = [t for t in found if t.kind in ("pain", "request")]
    shared = [t for t in wanted if _voices(t) > 1]
    needs = tuple(t.model_copy(update={"rank": n}) for n, t in enumerate(shared[:NEEDS], start=1))
    praised = sorted(
        (t for t in found if t.kind == "praise"), key=lambda t: (_voices(t) < 2, t.rank)
    )
    strengths = tuple(
        t.model_copy(update={"rank": n}) for n, t in enumerate(praised[:STRENGTHS], start=1)
    )
    alone = [t for t in wanted if _voices(t) < 2]
    known = Known(scope.names, scope.arr)
    against = tuple(dissent(needs, known))
    silent = next_calls(scope, brief.as_of)
    start = brief.start or min((c.date for c in everyone.calls if c.date), default=brief.as_of)
    memo = Memo(
        id=f"memo-{uuid.uuid4().hex[:12]}",
        title=_title(scope),
        as_of=brief.as_of,
        day=(brief.as_of - start).days,
        filters=scope.filters,
        summary=tuple(summary(needs, strengths, risk, known)),
        coverage=measure(scope),
        needs=needs,
        strengths=strengths,
        at_risk=risk,
        dissent=against,
        not_now=tuple(_not_now(shared[NEEDS:], alone, outside, scope)),
        internal_ideas=ideas,
        plan=plan.weeks(needs, risk, silent, scope),
        horizons=plan.horizons(needs, risk, scope, brief.as_of),
        open_questions=plan.questions(scope, needs, against, vision=brief.vision),
        next_calls=silent,
        vision=brief.vision,
        names=dict(everyone.names),
    )
    cited = {q.call_id for q in quotes_of(memo)}
    return memo.model_copy(
        update={"calls": {c.call_id: _heading(c) for c in everyone.calls if c.call_id in cited}}
    )


# --- keeping -------------------------------------------------------------------------------------


def save(connection: sa.Connection, memo: Memo) -> None:
    """Keep ``memo`` under its id, in place of what was there."""
    connection.execute(memos.delete().where(memos.c.memo_id == memo.id))
    body = memo.model_dump(mode="json")
    connection.execute(
        memos.insert().values(memo_id=memo.id, created_at=datetime.now(UTC), body=body)
    )


def load(connection: sa.Connection, memo_id: str) -> Memo:
    """The memo with every quote checked anew against its call. Raises ``NotFound``.

    A quote whose utterance, speaker's role or account is no longer so is dropped and counted in
    ``provenance.dropped_quotes``, and whatever was written from it goes too.
    """
    body = connection.scalar(sa.select(memos.c.body).where(memos.c.memo_id == memo_id))
    if body is None:
        raise NotFound(f"There is no memo {memo_id!r}.")
    memo = Memo.model_validate(body)
    said = spoken(connection, {(q.call_id, q.utterance) for q in quotes_of(memo)})

    def holds(quote: Quote) -> bool:
        words = said.get((quote.call_id, quote.utterance))
        return (
            words is not None
            and quote.text in words.text
            and (quote.role, quote.account_id) == (words.role, words.account_id)
        )

    return recheck(memo, Verdict(holds, _arr(connection)))


def list_memos(connection: sa.Connection) -> list[MemoLine]:
    """The memos kept, the newest first."""
    rows = connection.execute(sa.select(memos).order_by(memos.c.created_at.desc()))
    return [
        MemoLine(
            id=row.memo_id,
            title=row.body["title"],
            as_of=row.body["as_of"],
            # SQLite keeps no time zone; everything is written in UTC.
            created_at=row.created_at.replace(tzinfo=row.created_at.tzinfo or UTC),
        )
        for row in rows
    ]


def withdraw(connection: sa.Connection, call_id: str) -> None:
    """Rewrite the memos kept so that nothing in them comes from the call."""
    verdict = Verdict(lambda quote: quote.call_id != call_id, _arr(connection))
    for row in connection.execute(sa.select(memos)).all():
        memo = Memo.model_validate(row.body)
        if call_id in {q.call_id for q in quotes_of(memo)} | set(memo.calls):
            kept = recheck(memo, verdict).model_copy(
                update={"calls": {k: v for k, v in memo.calls.items() if k != call_id}}
            )
            body = kept.model_dump(mode="json")
            connection.execute(
                memos.update().where(memos.c.memo_id == row.memo_id).values(body=body)
            )


def _arr(connection: sa.Connection) -> dict[str, float | None]:
    return {a.account_id: a.arr_usd for a in list_accounts(connection)}


# --- sections ------------------------------------------------------------------------------------


def _title(scope: Scope) -> str:
    heard = len(scope.heard)
    if scope.filters.top is not None:
        n = len(scope.accounts)
        return f"What our top {n} customers told us" if n > 1 else "What our customer told us"
    return f"What {heard} customers told us" if heard else "What customers told us"


def _heading(call: CallFact) -> str:
    return f"{call.title}, {call.date.isoformat()}" if call.date else call.title


def _voices(theme: Theme) -> int:
    """Accounts behind a theme; calls without account count each for itself."""
    return max(theme.accounts_n, len({q.account_id or q.call_id for q in theme.evidence}))


def _at_risk(connection: sa.Connection, scope: Scope, as_of: date) -> Iterator[AtRisk]:
    """Who spoke of leaving or of a competitor, then who renews soon and has a hard complaint."""
    threats: dict[str, list[Evidence]] = {}
    pains: dict[str, list[Evidence]] = {}
    for item in ledger.items(connection, scope, kinds=("risk", "competitor", "pain")):
        if item.account_id is not None:
            into = pains if item.kind == "pain" else threats
            into.setdefault(item.account_id, []).append(item)
    hard = {
        a.account_id
        for a in scope.accounts
        if renews_soon(a, as_of) and any(e.strength == 3 for e in pains.get(a.account_id, ()))
    }
    for account in sorted(scope.accounts, key=lambda a: a.account_id not in threats):
        mine = threats.get(account.account_id) or (
            pains[account.account_id] if account.account_id in hard else []
        )
        if mine:
            yield AtRisk(
                account_id=account.account_id,
                arr_usd=account.arr_usd,
                renewal_date=account.renewal_date,
                statements=tuple(
                    statement(_risk_text(item, account), [item.quote()], scope.arr)
                    for item in ledger.telling(mine, PER_RISK)
                ),
            )


def _risk_text(item: Evidence, account: Account) -> str:
    about = {
        "risk": "speaks of leaving, or of having to justify the spend",
        "competitor": "speaks of a competitor",
        "pain": f"complains, within {RENEWS_SOON_DAYS} days of the renewal",
    }[item.kind]
    # A green light in the CRM beside such words is worth a second look.
    aside = f" (CRM health: {account.health})" if account.health else ""
    words = shortened(item.quote().text, 200)
    return f"{item.spoken.speaker} of {account.name}{aside} {about}: “{words}”"


def _outside(connection: sa.Connection, everyone: Scope, scope: Scope) -> list[Theme]:
    """Needs that only accounts outside the Top N share: loud, perhaps, but small."""
    inside = {a.account_id for a in scope.accounts}
    others = tuple(a.account_id for a in everyone.accounts if a.account_id not in inside)
    if not others:
        return []
    rest = resolve(connection, everyone.filters.model_copy(update={"accounts": others}))
    return [t for t in find(connection, rest) if t.kind in ("pain", "request") and _voices(t) > 1]


def _not_now(
    later: Sequence[Theme], alone: Sequence[Theme], outside: Sequence[Theme], scope: Scope
) -> Iterator[NotNow]:
    reasons = [
        (t, "smaller than the needs above; more accounts or revenue re-open it") for t in later
    ]
    reasons += [
        (
            t,
            f"only {t.accounts_n} accounts outside the Top {len(scope.accounts)}, worth "
            f"${t.arr_usd:,.0f} a year; a top account saying the same re-opens it",
        )
        for t in outside
    ]
    reasons += [(t, "a single account spoke of it; a second one re-opens it") for t in alone]
    for theme, why in reasons[:NOT_NOW]:
        text = lead(theme.evidence[0], Known(scope.names, scope.arr))
        yield NotNow(text=text, why=why, theme_id=theme.id, quotes=theme.evidence[:1])


def _internal_ideas(connection: sa.Connection, scope: Scope) -> Iterator[Statement]:
    """What the vendor's own people proposed in calls. Never counted: no accounts, no revenue."""
    said = ledger.items(connection, scope, role="internal", kinds=_IDEAS)
    floated = [item for item in said if cues.IDEA.search(item.quote().text)]
    for one in _by_name(floated)[:IDEAS]:
        quotes = tuple(item.quote() for item in one[:PER_RISK])
        times = len({e.spoken.call_id for e in one})
        calls = "1 call" if times == 1 else f"{times} calls"
        text = (
            f"Brought up by our own people in {calls}, not by customers: "
            f"“{shortened(quotes[0].text, 200)}”"
        )
        yield Statement(text=text, accounts=(), accounts_n=0, arr_usd=0.0, quotes=quotes)


def _by_name(floated: Sequence[Evidence]) -> list[list[Evidence]]:
    """Ideas of one name together, the one brought up in most calls first; the rest by likeness."""
    calls: dict[str, set[str]] = {}
    for item in floated:
        for name in set(_NAME.findall(item.quote().text)):
            calls.setdefault(name, set()).add(item.spoken.call_id)
    left = list(floated)
    together: list[list[Evidence]] = []
    for name in sorted(calls, key=lambda n: (-len(calls[n]), n)):
        mine = [e for e in left if name in _NAME.findall(e.quote().text)]
        if len({e.spoken.call_id for e in mine}) > 1:
            together.append(sorted(mine, key=lambda e: (-e.weight, e.evidence_id)))
            left = [e for e in left if e not in mine]
    together += [list(one.members) for one in group(left)]
    return sorted(together, key=lambda one: -len({e.spoken.call_id for e in one}))
