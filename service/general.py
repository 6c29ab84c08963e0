"""General questions: what customers need, like, threaten; who the CRM misjudges; what only we said.

Confirmed themes first, as far as somebody in scope voiced them; then account by account in order of
revenue each one's strongest words, so that no account in scope is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from ingest.library import Library
from ingest.models import Role
from ingest.search import Hit, search
from service import ledger, risks
from service.answers import PER_ACCOUNT, abstain, answer, places_of, quotes_at
from service.coverage import is_unwell
from service.ledger_held import items
from service.question import Understood
from service.quotes import statement
from service.scope import Scope
from service.shapes import Answer, EvidenceKind, Quote, Statement, Theme
from service.themes import named_themes

THEMES = 8
_INSIDE = 3  # places of our own people's words that are shown
_MEANT = 2  # strength from which on praise is more than politeness
_NEEDS: tuple[EvidenceKind, ...] = ("pain", "request", "risk")
_THREATS: tuple[EvidenceKind, ...] = ("risk", "competitor")


def strongest(
    library: Library, connection: sa.Connection, asked: Understood, scope: Scope
) -> Answer:
    """The strongest of what was asked for: themes, then every account in its own words."""
    if asked.tone == _THREATS:
        return _threats(library, connection, asked, scope)
    # One kind word in passing is no answer to what somebody likes.
    least = _MEANT if asked.tone == ("praise",) else 1
    said = items(library, connection, scope, asked.tone)
    found = ledger.strongest(said, scope, per_account=PER_ACCOUNT, least=least)
    kinds = _NEEDS if "pain" in asked.tone else asked.tone
    themes = [t for t in named_themes(library, connection, scope) if t.kind in kinds]
    if not found and not themes:
        kind = " or ".join(asked.tone)
        return abstain(asked, scope, f"No customer in scope voiced a {kind} in so many words.")
    return answer(
        asked,
        scope,
        [*(themed(t, scope) for t in themes[:THEMES]), *found],
        counter=[s for t in themes[:THEMES] for s in against(t, scope)],
    )


def themed(theme: Theme, scope: Scope) -> Statement:
    """A confirmed theme as a statement: one quote of every account that is quoted."""
    n, arr = theme.accounts_n, theme.arr_usd
    who = "1 account" if n == 1 else f"{n} accounts"
    text = f"{theme.label}: {who} worth ${arr:,.0f} a year"
    if theme.top_accounts_n:
        text += f", {theme.top_accounts_n} of the Top 20"
    notes = " ".join(theme.notes)
    told = statement(f"{text}. {notes}".strip(), one_each(theme.evidence), scope.arr)
    # Counted over all of the theme's accounts, also those whose quotes did not fit in.
    accounts = tuple(a.account_id for a in theme.accounts)
    return told.model_copy(update={"accounts": accounts, "accounts_n": n, "arr_usd": arr})


def against(theme: Theme, scope: Scope) -> Iterator[Statement]:
    """What speaks against a theme, a statement for each account that says so."""
    for quote in one_each(theme.counter):
        who = scope.names.get(quote.account_id or "", "no account")
        text = f"Against “{theme.label}”: {quote.speaker} ({who}): “{quote.text}”"
        mine = [q for q in theme.counter if q.account_id == quote.account_id]
        yield statement(text, mine[:PER_ACCOUNT], scope.arr)


def one_each(quotes: tuple[Quote, ...]) -> list[Quote]:
    """The first quote of each account."""
    by_voice: dict[str, Quote] = {}
    for quote in quotes:
        by_voice.setdefault(quote.account_id or quote.call_id, quote)
    return list(by_voice.values())


def _threats(
    library: Library, connection: sa.Connection, asked: Understood, scope: Scope
) -> Answer:
    """Who speaks of leaving or of a competitor in earnest, most revenue first."""
    said = risks.by_account(library, connection, scope)
    found = []
    for account in scope.accounts:
        worries = risks.threats(said.get(account.account_id, ()))
        if worries:
            told = [e.quote() for e in ledger.telling(worries, PER_ACCOUNT)]
            health = f" (CRM health: {account.health})" if account.health else ""
            words = ledger.shortened(told[0].text)
            found.append(statement(f"{account.name}{health}: “{words}”", told, scope.arr))
    if not found:
        return abstain(
            asked,
            scope,
            "No customer in scope spoke of leaving or of a competitor in so many words.",
        )
    return answer(asked, scope, found)


def health(library: Library, connection: sa.Connection, asked: Understood, scope: Scope) -> Answer:
    """The CRM's health of the accounts named, held against what was said; neither replaces the
    other.
    """
    said = risks.by_account(library, connection, scope)
    found = []
    for account in scope.accounts:
        mine = said.get(account.account_id, ())
        worries = risks.threats(mine)
        praise = [e for e in mine if e.kind == "praise"]
        told = ledger.telling(worries or praise or mine, PER_ACCOUNT)
        if not told:
            continue
        reading = "they speak of leaving or of a competitor" if worries else "no threat was voiced"
        if account.health is None:
            text = f"{account.name}: no CRM health is set; in the calls {reading}."
        else:
            unlike = bool(worries) != is_unwell(account)
            verdict = "the calls do not bear it out" if unlike else "the calls agree"
            text = f"{account.name}: CRM health {account.health}; {verdict}: {reading}."
        found.append(statement(text, [e.quote() for e in told], scope.arr))
    if not found:
        return abstain(asked, scope, "Nothing these customers said bears on their health.")
    return answer(asked, scope, found)


def internal(
    library: Library,
    connection: sa.Connection,
    asked: Understood,
    scope: Scope,
    customer: Sequence[Hit] | None = None,
) -> list[Statement]:
    """What the vendor's own people said that is at least as near as anything a customer said
    (``customer``, searched for unless given). Never counted: no accounts, no revenue.
    """

    def hits(role: Role) -> list[Hit]:
        return search(
            connection,
            library.index,
            library.embedder,
            asked.text,
            role=role,
            call_ids=scope.call_ids,
        )

    theirs = hits("customer") if customer is None else customer
    nearest = max((h.keyword + h.cosine for h in theirs), default=0.0)
    ours = [h for h in hits("internal") if h.keyword + h.cosine >= nearest]
    return [said_by_us(q) for q in quotes_at(connection, places_of(ours), asked.about)[:_INSIDE]]


def said_by_us(quote: Quote) -> Statement:
    """Words of the vendor's own people; they count for nobody."""
    return Statement(
        text=f"Said by your own people, not by customers: “{ledger.shortened(quote.text, 200)}”",
        accounts=(),
        accounts_n=0,
        arr_usd=0.0,
        quotes=(quote,),
    )
