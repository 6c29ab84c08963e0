"""Questions worth asking of what is there, most pressing first. By code, from the data alone.

Each rests on something that was counted: a theme, a threat, a renewal, two kinds of customers, who
is silent. One whose words would be understood as something else is not offered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import sqlalchemy as sa

from ingest.library import Library
from ingest.models import Account
from service import risks
from service.coverage import renews_soon
from service.gist import said_date
from service.ledger_held import held
from service.naming import vendor_names
from service.question import LONGEST, Known, understand
from service.scope import TOP, Scope, measure, resolve
from service.shapes import EvidenceKind, Filters, Suggestion
from service.themes import named_themes

MOST = 6
_MEANT = 2  # strength from which on praise is more than politeness
_NEEDS = ("pain", "request")


@dataclass(frozen=True, slots=True)
class _Home:
    library: Library
    connection: sa.Connection
    scope: Scope
    today: date

    def heard(self) -> list[Account]:
        return [a for a in self.scope.accounts if a.account_id in self.scope.heard]


def suggestions(library: Library, *, today: date | None = None) -> list[Suggestion]:
    """At most ``MOST``; none while no customer has said anything."""
    with library.read() as connection:
        scope = resolve(connection, Filters())
        if not any(call.customer_utterances for call in scope.calls):
            return []
        home = _Home(library, connection, scope, today or datetime.now(UTC).date())
        known = Known(accounts=scope.accounts, vendor=vendor_names(library, connection))
        return [one for one in _worth_asking(home) if _is_plain(one, known)][:MOST]


def _worth_asking(home: _Home) -> Iterator[Suggestion]:
    yield from _needs(home)
    yield from _theme(home)
    yield from _leaving(home)
    yield from _renewing(home)
    yield from _sides(home)
    yield from _silent(home)
    yield from _liked(home)
    yield from _competitors(home)


def _is_plain(one: Suggestion, known: Known) -> bool:
    """Whether its words ask for just that, and for nothing that a name or label adds by chance."""
    if len(one.question) > LONGEST:
        return False
    asked = understand(one.question, known, one.filters)
    return asked.filters == one.filters


def _needs(home: _Home) -> Iterator[Suggestion]:
    ranked = [a for a in home.scope.accounts if a.arr_usd is not None]
    if not ranked:
        yield Suggestion(question="What do customers need?", why="The place to begin")
        return
    top = ranked[:TOP]
    heard = sum(a.account_id in home.scope.heard for a in top)
    yield Suggestion(
        question="What do our top customers need?",
        why=f"{heard} of your {_accounts(len(top), 'largest ')} were heard",
        filters=Filters(top=TOP),
    )


def _theme(home: _Home) -> Iterator[Suggestion]:
    for theme in named_themes(home.library, home.connection, home.scope):
        if theme.kind in _NEEDS and theme.accounts_n:
            label = theme.label.translate(str.maketrans('“”"', "‘’'"))
            yield Suggestion(
                question=f"What do customers say about “{label}”?",
                why=f"Your largest need: {_accounts(theme.accounts_n)}, "
                f"{_money(theme.arr_usd)} a year",
            )
            return


def _leaving(home: _Home) -> Iterator[Suggestion]:
    said = risks.by_account(home.library, home.connection, home.scope)
    leaving = [a for a in home.scope.accounts if risks.threats(said.get(a.account_id, ()))]
    if leaving:
        verb = "speaks" if len(leaving) == 1 else "speak"
        yield Suggestion(
            question="Which customers may leave us?",
            why=f"{_accounts(len(leaving))} worth {_worth(leaving)} a year {verb} of it",
        )


def _renewing(home: _Home) -> Iterator[Suggestion]:
    """The largest of the accounts that renew soon and were heard."""
    for account in home.heard():
        if renews_soon(account, home.today) and account.renewal_date is not None:
            yield Suggestion(
                question=f"What does {account.name} need?",
                why=f"Renews on {said_date(account.renewal_date)}, {_worth([account])} a year",
                filters=Filters(accounts=(account.account_id,)),
            )
            return


def _sides(home: _Home) -> Iterator[Suggestion]:
    """The two tiers, else segments, else regions of which the most revenue was heard."""
    for field in ("tier", "segment", "region"):
        groups: dict[str, list[Account]] = {}
        for account in home.heard():
            if value := getattr(account, field):
                groups.setdefault(value, []).append(account)
        largest = sorted(groups, key=lambda v: -sum(a.arr_usd or 0.0 for a in groups[v]))[:2]
        if len(largest) == 2:
            one, other = largest
            yield Suggestion(
                question=f"How do the needs of {one} and {other} customers differ?",
                why=f"{len(groups[one])} {one}, {len(groups[other])} {other} accounts were heard",
            )
            return


def _silent(home: _Home) -> Iterator[Suggestion]:
    of_top = resolve(home.connection, Filters(top=TOP))
    heard = measure(of_top)
    silent = heard.accounts_silent
    if silent:
        missing = heard.arr_in_scope_usd - heard.arr_heard_usd
        yield Suggestion(
            question="Which of our top customers have we not heard?",
            why=f"{len(silent)} of {heard.accounts_in_scope} are silent, {_money(missing)} a year",
            filters=Filters(top=TOP),
        )


def _liked(home: _Home) -> Iterator[Suggestion]:
    if _voiced(home, "praise", least=_MEANT):
        yield Suggestion(question="What do customers like most?", why="What to protect")


def _competitors(home: _Home) -> Iterator[Suggestion]:
    if _voiced(home, "competitor"):
        yield Suggestion(
            question="Which competitors do customers mention?", why="Who you are compared with"
        )


def _voiced(home: _Home, kind: EvidenceKind, least: int = 1) -> bool:
    items = held(home.library, home.connection).within(home.scope, (kind,))
    return any(e.strength >= least and not e.content for e in items)


def _accounts(n: int, sort: str = "") -> str:
    return f"{n} {sort}account{'' if n == 1 else 's'}"


def _worth(accounts: list[Account]) -> str:
    return _money(sum(a.arr_usd or 0.0 for a in accounts))


def _money(usd: float) -> str:
    return f"${usd:,.0f}"
