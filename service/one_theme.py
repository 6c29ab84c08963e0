"""One theme to read: what each account said of it, what speaks against it, and when; and what
several themes would come to together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import sqlalchemy as sa

from ingest.errors import BadInput, NotFound
from ingest.joined import sounding
from ingest.library import Library
from ingest.models import Frozen
from ingest.tables import calls
from service import ledger
from service.against import against
from service.codebook import get_code
from service.coding import Coded, code_ledger
from service.ledger import Evidence
from service.scope import Scope, resolve
from service.shapes import Filters, Quote, Theme
from service.themes import find, members_of, named_themes
from service.timeline import Heard, Step, heard, span_of

QUOTES = 60  # of a theme in all, the same number of each account where there are so many
_AGAINST = 12


class AccountWords(Frozen):
    """What one account said of a theme; a null ``account_id`` is all calls without an account.

    ``quotes`` may be fewer than ``mentions_n``: the filter ``account`` gives the others.
    """

    account_id: str | None
    arr_usd: float | None
    mentions_n: int
    first_heard: date | None
    last_heard: date | None
    quotes: tuple[Quote, ...]


class QuotedCall(Frozen):
    call_id: str
    title: str
    date: date | None
    has_audio: bool


class OneTheme(Frozen):
    """``theme`` has its first quote alone; ``words`` has the most ARR first. ``first``, ``last``
    and ``step`` are those of ``Timeline``; ``calls`` are those that are quoted.
    """

    theme: Theme
    words: tuple[AccountWords, ...]
    against: tuple[Quote, ...]
    against_n: int
    first: date | None
    last: date | None
    step: Step
    heard: tuple[Heard, ...]
    calls: tuple[QuotedCall, ...] = ()


class Together(Frozen):
    """What themes hold taken together: nobody is counted twice. ``shared_n`` accounts are in more
    than one of them.
    """

    ids: tuple[str, ...]
    accounts_n: int
    shared_n: int
    top_accounts_n: int
    arr_usd: float
    mentions_n: int


def one_theme(library: Library, theme_id: str, filters: Filters) -> OneTheme:
    """Raises ``NotFound`` for an id of no theme that somebody in scope spoke of."""
    with library.read() as connection:
        scope = resolve(connection, filters)
        themes = {t.id: t for t in named_themes(library, connection, scope)}
        coding = code_ledger(library, connection)
        known = theme_id if theme_id in themes else _merged_into(connection, theme_id)
        if known in themes:
            (one,) = (c for c in coding.named if c.code.id == known)
            return _with_calls(connection, _named(themes[known], one, scope))
        for theme in find(library, connection, scope):
            if theme.id == theme_id:
                return _with_calls(connection, _group(theme, scope))
    raise NotFound(f"Nobody in these accounts and calls spoke of a theme {theme_id[:80]!r}.")


def together(library: Library, ids: Sequence[str], filters: Filters) -> Together:
    """Raises ``BadInput`` for fewer than two themes, ``NotFound`` for an id of none that is heard
    in scope.
    """
    wanted = tuple(dict.fromkeys(ids))
    if len(wanted) < 2:
        raise BadInput("Name at least two themes to see them together.")
    with library.read() as connection:
        scope = resolve(connection, filters)
        members = members_of(code_ledger(library, connection), scope)
    for one in wanted:
        if one not in members:
            raise NotFound(f"Nobody in these accounts and calls spoke of a theme {one[:80]!r}.")
    voices = [{e.account_id for e in members[one]} - {None} for one in wanted]
    every = {a for mine in voices for a in mine if a is not None}
    return Together(
        ids=wanted,
        accounts_n=len(every),
        shared_n=sum(sum(a in mine for mine in voices) > 1 for a in every),
        top_accounts_n=len(scope.top_ids & every),
        arr_usd=sum(scope.arr.get(a) or 0.0 for a in every),
        mentions_n=len({(e.spoken.call_id, e.spoken.i) for one in wanted for e in members[one]}),
    )


def _merged_into(connection: sa.Connection, theme_id: str) -> str | None:
    try:
        return get_code(connection, theme_id).id
    except NotFound:
        return None  # a group by likeness, or none at all


def _named(theme: Theme, one: Coded, scope: Scope) -> OneTheme:
    members = [e for e in one.members if e.spoken.call_id in scope.call_ids]
    counter = [e for e in one.counter if e.spoken.call_id in scope.call_ids]
    contrary = [e for e, _ in against(members, counter)]
    by_account: dict[str | None, dict[tuple[str, int], Evidence]] = {}
    for item in ledger.plainest(members, scope):
        mine = by_account.setdefault(item.account_id, {})
        mine.setdefault((item.spoken.call_id, item.spoken.i), item)
    order = sorted(by_account, key=lambda a: (a is None, -(scope.arr.get(a or "") or 0.0), a or ""))
    dealt = _dealt({a: len(by_account[a]) for a in order})
    span = span_of(scope)
    return OneTheme(
        theme=theme.model_copy(update={"evidence": theme.evidence[:1], "counter": ()}),
        words=tuple(_words(a, [*by_account[a].values()], dealt[a], scope) for a in order),
        against=tuple(e.quote() for e in contrary[:_AGAINST]),
        against_n=len(contrary),
        first=span.first,
        last=span.last,
        step=span.step,
        heard=heard(members, span),
    )


def _with_calls(connection: sa.Connection, one: OneTheme) -> OneTheme:
    quotes = [*one.against, *(quote for mine in one.words for quote in mine.quotes)]
    c = calls.c
    query = sa.select(c.call_id, c.title, c.date, sounding())
    rows = connection.execute(query.where(c.call_id.in_({quote.call_id for quote in quotes})))
    told = [
        QuotedCall(call_id=call_id, title=title, date=day, has_audio=heard)
        for call_id, title, day, heard in rows
    ]
    return one.model_copy(update={"calls": tuple(sorted(told, key=lambda call: call.call_id))})


def _words(
    account_id: str | None, items: Sequence[Evidence], quoted: int, scope: Scope
) -> AccountWords:
    days = [e.date for e in items if e.date is not None]
    return AccountWords(
        account_id=account_id,
        arr_usd=scope.arr.get(account_id or ""),
        mentions_n=len(items),
        first_heard=min(days, default=None),
        last_heard=max(days, default=None),
        quotes=tuple(e.quote() for e in items[:quoted]),
    )


def _dealt(there: Mapping[str | None, int]) -> dict[str | None, int]:
    """How many quotes each account gets of ``QUOTES``, dealt in turn."""
    dealt = dict.fromkeys(there, 0)
    for account, _ in zip(_turns(there), range(QUOTES), strict=False):
        dealt[account] += 1
    return dealt


def _turns(there: Mapping[str | None, int]) -> Iterator[str | None]:
    for n in range(max(there.values(), default=0)):
        yield from (account for account, most in there.items() if n < most)


def _group(theme: Theme, scope: Scope) -> OneTheme:
    """A group by likeness, which holds all its quotes itself."""
    dates = {call.call_id: call.date for call in scope.calls}
    by_account: dict[str | None, list[Quote]] = {}
    for quote in theme.evidence:
        by_account.setdefault(quote.account_id, []).append(quote)
    span = span_of(scope)

    def words(account_id: str | None, quotes: Sequence[Quote]) -> AccountWords:
        days = [day for quote in quotes if (day := dates[quote.call_id]) is not None]
        return AccountWords(
            account_id=account_id,
            arr_usd=scope.arr.get(account_id or ""),
            mentions_n=len(quotes),
            first_heard=min(days, default=None),
            last_heard=max(days, default=None),
            quotes=tuple(quotes),
        )

    return OneTheme(
        theme=theme.model_copy(update={"evidence": theme.evidence[:1]}),
        words=tuple(words(a, quotes) for a, quotes in by_account.items()),
        against=(),
        against_n=0,
        first=span.first,
        last=span.last,
        step=span.step,
        heard=(),
    )
