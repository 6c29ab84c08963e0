"""The part of a memo that looks ahead: four weeks, the horizons, and what only the author can say.

Code writes what follows from themes, accounts and renewal dates and nothing else. An action names
whom it concerns; where there is nothing to derive, the prompt for the author says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from ingest.models import Account
from service.scope import Scope
from service.shapes import Action, AtRisk, Horizon, NextCall, Statement, Theme, Week

MONTHS = (3, 6, 9, 12)
_NAMED = 6  # accounts named in one action


def weeks(
    needs: Sequence[Theme], risk: Sequence[AtRisk], silent: Sequence[NextCall], scope: Scope
) -> tuple[Week, ...]:
    """Week 1 answers those who may leave, week 2 and 3 test and listen, week 4 decides."""
    half = (len(silent) + 1) // 2
    return (
        Week(week=1, actions=(*_answer(risk, scope), *_confirm(needs[:3]))),
        Week(week=2, actions=(*_play_back(needs[:3], scope), *_listen(silent[:half], scope))),
        Week(week=3, actions=(*_play_back(needs[3:6], scope), *_listen(silent[half:], scope))),
        Week(week=4, actions=tuple(_decide(needs, scope))),
    )


def horizons(
    needs: Sequence[Theme], risk: Sequence[AtRisk], scope: Scope, as_of: date
) -> tuple[Horizon, ...]:
    """For each span of three months, the needs and worries of the accounts that renew in it."""
    spans = [(months - 3, months) for months in MONTHS]
    return tuple(
        Horizon(months=months, bets=tuple(_before(needs, risk, _renewing(scope, as_of, a, months))))
        for a, months in spans
    )


def questions(
    scope: Scope, needs: Sequence[Theme], dissent: Sequence[Statement], *, vision: str | None
) -> tuple[str, ...]:
    """What is missing, and what is left to the author, marked as such."""
    asked = []
    if not dissent:
        asked.append(
            f"Counter-evidence: none found in {len(scope.calls)} calls. That is absence of "
            "evidence, not agreement; ask for it."
        )
    if needs:
        asked.append(
            "Every need above is a candidate: quotes grouped by likeness. Read the quotes of each "
            "and confirm, split or dismiss it before you act on it."
        )
    unrated = [a for a in scope.accounts if a.arr_usd is None]
    if unrated:
        asked.append(f"{len(unrated)} accounts in scope have no ARR and count as nothing.")
    undated = [c for c in scope.calls if c.date is None]
    if undated:
        asked.append(f"{len(undated)} calls have no date.")
    asked += [
        "To be written by you: the one to three bets you make on these needs, and why these.",
        "To be written by you: the decisions you ask for, from whom, by when.",
        "To be written by you: what the customers asked for against the problem behind it.",
    ]
    if vision is None:
        asked.append("To be written by you: the vision these needs are to be held against.")
    else:
        asked.append(
            "To be written by you: where these needs fit the vision, and where they do not."
        )
    return tuple(asked)


def _names(accounts: Sequence[str], scope: Scope) -> str:
    known = [scope.names.get(a, a) for a in accounts]
    shown = known[:_NAMED]
    if len(known) > _NAMED:
        return f"{', '.join(shown)} and {len(known) - _NAMED} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _answer(risk: Sequence[AtRisk], scope: Scope) -> Iterator[Action]:
    for account in risk[:_NAMED]:
        renewal = f", renewing {account.renewal_date.isoformat()}" if account.renewal_date else ""
        yield Action(
            text=f"Call {_names([account.account_id], scope)} back{renewal}: read them what they "
            "said, ask what would have to be true for them to stay.",
            accounts=(account.account_id,),
        )


def _confirm(needs: Sequence[Theme]) -> Iterator[Action]:
    for theme in needs:
        yield Action(
            text=f"Read the passages under need {theme.rank}; confirm, split or dismiss the group.",
            theme_id=theme.id,
        )


def _play_back(needs: Sequence[Theme], scope: Scope) -> Iterator[Action]:
    for theme in needs:
        accounts = tuple(a.account_id for a in theme.accounts)
        if accounts:
            yield Action(
                text=f"Play the quotes of need {theme.rank} back to {_names(accounts, scope)}; ask "
                "each what it costs them, how often, and what they do instead.",
                theme_id=theme.id,
                accounts=accounts,
            )


def _listen(silent: Sequence[NextCall], scope: Scope) -> Iterator[Action]:
    if silent:
        accounts = tuple(call.account_id for call in silent)
        yield Action(
            text=f"Hear {_names(accounts, scope)} first-hand; nobody has.", accounts=accounts
        )


def _decide(needs: Sequence[Theme], scope: Scope) -> Iterator[Action]:
    for theme in needs[:3]:
        accounts = tuple(a.account_id for a in theme.accounts)
        told = f" Tell {_names(accounts, scope)} which." if accounts else ""
        yield Action(
            text=f"Decide on need {theme.rank}: now, later or never.{told}",
            theme_id=theme.id,
            accounts=accounts,
        )
    yield Action(text="Draft this memo anew with the calls of these weeks and compare.")


def _renewing(scope: Scope, as_of: date, first: int, last: int) -> list[Account]:
    """Accounts that renew between ``first`` and ``last`` months from ``as_of``."""
    return [
        a
        for a in scope.accounts
        if a.renewal_date is not None
        and _later(as_of, first) <= a.renewal_date < _later(as_of, last)
    ]


def _later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    # The 28th exists in every month; a day or two does not matter here.
    return date(year, month + 1, min(day.day, 28))


def _before(
    needs: Sequence[Theme], risk: Sequence[AtRisk], renewing: Sequence[Account]
) -> Iterator[Action]:
    ids = {a.account_id: a for a in renewing}
    for theme in needs:
        mine = [ids[a.account_id] for a in theme.accounts if a.account_id in ids]
        if mine:
            yield Action(
                text=f"Have an answer to need {theme.rank} before {_renewals(mine)}.",
                theme_id=theme.id,
                accounts=tuple(a.account_id for a in mine),
            )
    worried = [ids[r.account_id] for r in risk if r.account_id in ids]
    if worried:
        yield Action(
            text=f"Keep the accounts at risk through {_renewals(worried)}.",
            accounts=tuple(a.account_id for a in worried),
        )


def _renewals(accounts: Sequence[Account]) -> str:
    by_day = sorted(accounts, key=lambda a: (a.renewal_date or date.max, a.name))
    named = [f"{a.name} ({a.renewal_date}, ${a.arr_usd or 0:,.0f})" for a in by_day]
    return f"the renewals of {', '.join(named)}" if len(named) > 1 else f"the renewal of {named[0]}"
