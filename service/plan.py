"""The part of a memo that looks ahead: four weeks and the horizons.

Code writes what follows from needs, accounts and renewal dates and nothing else. An action names
whom it concerns; what is to be done about a need is the author's to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from service.shapes import Action, AtRisk, BoardRow, Horizon, NextCall, Theme, Week

MONTHS = (3, 6, 9, 12)
_NAMED = 6  # accounts named in one action
_ALSO = 3  # of those that renew with nothing on record
_AGAIN = 3  # of those already heard


def weeks(
    needs: Sequence[Theme],
    risk: Sequence[AtRisk],
    silent: Sequence[NextCall],
    names: Mapping[str, str],
) -> tuple[Week, ...]:
    """Week 1 answers those who may leave, week 2 and 3 test and listen, week 4 decides."""
    half = (len(silent) + 1) // 2
    return (
        Week(week=1, actions=(*_answer(risk, names), *_confirm(needs))),
        Week(week=2, actions=(*_play_back(needs[:3]), *_listen(silent[:half], names))),
        Week(week=3, actions=(*_play_back(needs[3:6], again=True), *_listen(silent[half:], names))),
        Week(week=4, actions=tuple(_decide(needs))),
    )


def horizons(
    needs: Sequence[Theme], risk: Sequence[AtRisk], board: Sequence[BoardRow], as_of: date
) -> tuple[Horizon, ...]:
    """For each span of three months, the needs and worries of the accounts that renew in it."""
    spans = [(months - 3, months) for months in MONTHS]
    return tuple(
        Horizon(months=months, bets=tuple(_before(needs, risk, _renewing(board, as_of, a, months))))
        for a, months in spans
    )


def named(accounts: Sequence[str], names: Mapping[str, str], most: int = _NAMED) -> str:
    """Accounts by name in a sentence; of many, the first."""
    known = [names.get(a, a) for a in accounts]
    shown = known[:most]
    if len(known) > most:
        return f"{', '.join(shown)} and {len(known) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _answer(risk: Sequence[AtRisk], names: Mapping[str, str]) -> Iterator[Action]:
    """Those who may leave, in the order of their renewals; then those who complain hard."""
    leaving = sorted((a for a in risk if a.threat), key=lambda a: a.renewal_date or date.max)
    if leaving:
        first = leaving[0]
        name = names.get(first.account_id, first.account_id)
        day = f" ({_said_day(first.renewal_date)})" if first.renewal_date else ""
        order = f" in the order of their renewals, first {name}{day}" if len(leaving) > 1 else ""
        who = "those who may leave" if len(leaving) > 1 else f"{name}{day}, who may leave"
        yield Action(
            text=f"Call back {who}{order}. Read them what they said; ask what would have to be "
            "true for them to stay.",
            accounts=tuple(a.account_id for a in leaving),
        )
    hard = tuple(a.account_id for a in risk if not a.threat)
    if hard:
        yield Action(
            text=f"Answer the complaints of {named(hard, names)} before they renew.",
            accounts=hard,
        )


def _confirm(needs: Sequence[Theme]) -> Iterator[Action]:
    if not needs:
        yield Action(
            text="Read the offered groups and the accounts' words in the appendix, write or "
            "confirm the themes you see, and draft this memo anew."
        )


def _play_back(needs: Sequence[Theme], *, again: bool = False) -> Iterator[Action]:
    """``again`` where the week before asks the same of other needs."""
    accounts = _accounts_of(needs)
    if accounts:
        them = "it" if len(needs) == 1 else "them"
        asked = (
            ", with the same questions."
            if again
            else (": how often, at what cost, and what would they give up for it?")
        )
        yield Action(
            text=f"Play {_called(needs)} back to the accounts that voice {them}{asked}",
            theme_id=needs[0].id if len(needs) == 1 else None,
            accounts=accounts,
        )


def _listen(silent: Sequence[NextCall], names: Mapping[str, str]) -> Iterator[Action]:
    new = tuple(call.account_id for call in silent if not call.second_voice)
    again = tuple(call.account_id for call in silent if call.second_voice)
    if new:
        yield Action(text=f"Hear {named(new, names)} first-hand; nobody has.", accounts=new)
    if again:
        each = " at each" if len(again) > 1 else ""
        yield Action(
            text=f"Hear a second person at {named(again, names, _AGAIN)}; so far only one was "
            f"heard{each}.",
            accounts=again,
        )


def _decide(needs: Sequence[Theme]) -> Iterator[Action]:
    first = needs[:3]
    if first:
        yield Action(
            text=f"Decide on {_called(first)}: now, later or never; tell the accounts which.",
            theme_id=first[0].id if len(first) == 1 else None,
            accounts=_accounts_of(first),
        )
    yield Action(text="Draft this memo anew with the calls of these weeks and see what changed.")


def _called(needs: Sequence[Theme]) -> str:
    """``need 2``, ``needs 1, 2 and 3``."""
    ranks = [str(theme.rank) for theme in needs]
    if len(ranks) == 1:
        return f"need {ranks[0]}"
    return f"needs {', '.join(ranks[:-1])} and {ranks[-1]}"


def _accounts_of(needs: Sequence[Theme]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(a.account_id for theme in needs for a in theme.accounts))


def _renewing(board: Sequence[BoardRow], as_of: date, first: int, last: int) -> list[BoardRow]:
    """Accounts that renew between ``first`` and ``last`` months from ``as_of``."""
    return [
        a
        for a in board
        if a.renewal_date is not None
        and _later(as_of, first) <= a.renewal_date < _later(as_of, last)
    ]


def _later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    # The 28th exists in every month; a day or two does not matter here.
    return date(year, month + 1, min(day.day, 28))


def _before(
    needs: Sequence[Theme], risk: Sequence[AtRisk], renewing: Sequence[BoardRow]
) -> Iterator[Action]:
    """A line for each account that renews with something on record; the others together."""
    leaving = {a.account_id for a in risk if a.threat}
    complaining = {a.account_id for a in risk if not a.threat}
    quiet = []
    for account in sorted(renewing, key=lambda a: (a.renewal_date or date.max, a.name)):
        mine = [t for t in needs if account.account_id in {a.account_id for a in t.accounts}]
        said = []
        if account.account_id in leaving:
            said.append("may leave")
        elif account.account_id in complaining:
            said.append("complains hard")
        if mine:
            said.append(_called(mine))
        if said:
            yield Action(
                text=f"{_renewal(account)}: {', '.join(said)}.",
                theme_id=mine[0].id if mine else None,
                accounts=(account.account_id,),
            )
        else:
            quiet.append(account)
    if quiet:
        yield Action(
            text=f"Also renewing: {named([a.name for a in quiet], {}, _ALSO)}.",
            accounts=tuple(a.account_id for a in quiet),
        )


def _renewal(account: BoardRow) -> str:
    day = account.renewal_date
    worth = f", ${account.arr_usd:,.0f}" if account.arr_usd is not None else ""
    return f"{account.name} ({_said_day(day)}{worth})" if day else account.name


def _said_day(day: date) -> str:
    """Within a year of the memo, the year need not be told."""
    return f"{day.day} {day:%B}"
