"""What is not for now, why, and what would put it back on the table.

Loud but small, heard from one account only, only outside the Top N, smaller than the rest,
dismissed, or an idea of the vendor's own people. Loudness is how many voices, smallness is revenue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from ingest import cues
from ingest.store import spoken
from ingest.tables import codes
from service import ledger
from service.gist import Known, lead, one_each
from service.ledger import Evidence, shortened
from service.pointed import sharpest
from service.scope import Scope, measure
from service.shapes import EvidenceKind, NotNow, Quote, Statement, Theme

NEEDS = 8  # ranked in full, with a page each
IDEAS = 2
_LISTED = 8
# A need of this many accounts, or among the first three by accounts or mentions, is loud.
_LOUD_ACCOUNTS, _LOUD_PLACE = 4, 3
_IDEAS: tuple[EvidenceKind, ...] = ("request",)
_SMALL = 0.10  # and small below this part of the revenue heard
_ONE_ACCOUNT = 2 / 3  # a larger part of a need's revenue than this is one account's own matter
_SHORT = 110  # characters of a quote
_FEWEST_WORDS = 4  # of an answer that says something
_QUOTES = 6  # under an idea, one of each call
# A word in capitals that does not merely begin a sentence.
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}")


@dataclass(frozen=True, slots=True)
class Sifted:
    """``needs`` are ranked from 1; ``aside`` says why each other theme is not among them."""

    needs: tuple[Theme, ...]
    aside: tuple[NotNow, ...]


def sift(wanted: Sequence[Theme], everywhere: Sequence[Theme], scope: Scope) -> Sifted:
    """The needs among confirmed themes of the Top N (``wanted``, ranked).

    ``everywhere`` are the same themes, and others, counted over all accounts.
    """
    heard = measure(scope).arr_heard_usd
    whole = {t.id: t for t in everywhere}
    loud = _loud([whole.get(t.id, t) for t in wanted])
    needs: list[Theme] = []
    aside: list[NotNow] = []
    for theme in wanted:
        all_of_it = whole.get(theme.id, theme)
        small = heard > 0 and _resting(theme) < _SMALL * heard
        if theme.pinned:
            needs.append(theme)
        elif small and theme.id in loud:
            aside.append(_loud_but_small(theme, all_of_it, _resting(theme) / heard, scope))
        elif _voices(theme) < 2:
            aside.append(_alone(theme, all_of_it, scope))
        else:
            needs.append(theme)
    inside = {t.id for t in wanted}
    outside = [t for t in everywhere if t.id not in inside and _voices(t) > 1]
    aside += [_outside(t, scope) for t in outside]
    aside += [_later(t, scope) for t in needs[NEEDS:]]
    ranked = (t.model_copy(update={"rank": n}) for n, t in enumerate(needs[:NEEDS], start=1))
    return Sifted(tuple(ranked), tuple(sorted(aside, key=lambda one: one.sort != "loud")[:_LISTED]))


def dismissed(connection: sa.Connection) -> Iterator[NotNow]:
    """The codes that a person dismissed."""
    query = sa.select(codes.c.label, codes.c.code_id).where(codes.c.state == "dismissed")
    for label, code_id in connection.execute(query.order_by(codes.c.label)):
        yield NotNow(
            text=f"{label.rstrip('. ')}.",
            why="dismissed in the codebook",
            reopens="whoever dismissed it takes that back",
            theme_id=code_id,
            sort="dismissed",
        )


def ideas(connection: sa.Connection, scope: Scope) -> Iterator[Statement]:
    """What the vendor's own people proposed in calls. Never counted: no accounts, no revenue."""
    said = ledger.items(connection, scope, role="internal", kinds=_IDEAS)
    floated = [item for item in said if cues.IDEA.search(item.quote().text)]
    for one in _by_name(floated)[:IDEAS]:
        each = {item.spoken.call_id: item.quote() for item in reversed(one)}
        first = one[0].quote()
        quotes = (first, *(q for call, q in each.items() if call != first.call_id))[:_QUOTES]
        text = f"Our own people brought up: “{shortened(first.text, 140)}”"
        yield Statement(text=text, accounts=(), accounts_n=0, arr_usd=0.0, quotes=quotes)


def pet_ideas(connection: sa.Connection, proposed: Sequence[Statement]) -> Iterator[NotNow]:
    """The same ideas as things not to fund on this evidence, with what customers replied."""
    for idea in proposed:
        yield NotNow(
            text=idea.text,
            why="an idea of our own; no customer raised it",
            reopens="customers asking for it unprompted, in words of their own",
            theme_id=None,
            quotes=idea.quotes,
            sort="idea",
            replies=tuple(_replies(connection, idea.quotes)),
        )


def _replies(connection: sa.Connection, quotes: Sequence[Quote]) -> Iterator[Quote]:
    """What a customer said right after, within two turns."""
    after = {(q.call_id, q.utterance + n) for q in quotes for n in (1, 2)}
    said = spoken(connection, after)
    for quote in quotes:
        turns = (said.get((quote.call_id, quote.utterance + n)) for n in (1, 2))
        reply = next((t for t in turns if t is not None and t.role == "customer"), None)
        if reply is not None and len(reply.text.split()) >= _FEWEST_WORDS:
            yield sharpest(reply, 0, len(reply.text), sign=cues.AGREEMENT)


def _voices(theme: Theme) -> int:
    """Accounts behind a theme; calls without account count each for itself."""
    return max(theme.accounts_n, len({q.account_id or q.call_id for q in theme.evidence}))


def _loud(themes: Sequence[Theme]) -> set[str]:
    by_accounts = sorted(themes, key=lambda t: -t.accounts_n)[:_LOUD_PLACE]
    by_mentions = sorted(themes, key=lambda t: -t.mentions_n)[:_LOUD_PLACE]
    first = [t for t in (*by_accounts, *by_mentions) if _voices(t) > 1]
    return {t.id for t in (*first, *(t for t in themes if t.accounts_n >= _LOUD_ACCOUNTS))}


def _resting(theme: Theme) -> float:
    """Its revenue; without the largest account where that one is most of it."""
    largest = max((a.arr_usd or 0.0 for a in theme.accounts), default=0.0)
    alone = theme.accounts_n > 1 and largest > _ONE_ACCOUNT * theme.arr_usd
    return theme.arr_usd - largest if alone else theme.arr_usd


def _loud_but_small(theme: Theme, all_of_it: Theme, part: float, scope: Scope) -> NotNow:
    """``part`` is of the revenue heard, as far as it does not rest on one account."""
    without = ""
    if part * measure(scope).arr_heard_usd < theme.arr_usd - 0.5:
        largest = max(theme.accounts, key=lambda a: a.arr_usd or 0.0).account_id
        without = f" but for {scope.names.get(largest, largest)}"
    return _aside(
        all_of_it,
        scope,
        "loud",
        f"loud but small: {all_of_it.accounts_n} accounts speak of it, and{without} those of them "
        f"among the {_top(scope)} are {part:.0%} of the revenue heard",
        "larger accounts saying the same, or a decision to grow among these",
    )


def _alone(theme: Theme, all_of_it: Theme, scope: Scope) -> NotNow:
    others = _voices(all_of_it) - _voices(theme)
    if others > 0:
        return _outside(all_of_it, scope)
    only = scope.names.get(theme.accounts[0].account_id) if theme.accounts else None
    return _aside(
        theme,
        scope,
        "single",
        f"a single account spoke of it{f', {only}' if only else ''} (${theme.arr_usd:,.0f} a year)",
        "a second account saying the same",
    )


def _outside(theme: Theme, scope: Scope) -> NotNow:
    return _aside(
        theme,
        scope,
        "outside",
        f"{theme.accounts_n} accounts worth ${theme.arr_usd:,.0f} a year in all, at most one of "
        f"them among the {_top(scope)}",
        f"a second account among the {_top(scope)} saying the same",
    )


def _later(theme: Theme, scope: Scope) -> NotNow:
    return _aside(
        theme,
        scope,
        "later",
        f"smaller than the needs above: {theme.accounts_n} accounts, ${theme.arr_usd:,.0f} a year",
        "more accounts or more revenue behind it",
    )


def _top(scope: Scope) -> str:
    return f"Top {len(scope.accounts)}"


def _aside(theme: Theme, scope: Scope, sort: str, why: str, reopens: str) -> NotNow:
    said = lead(theme.evidence[0], Known(scope.names, scope.arr), _SHORT)
    text = f"{theme.label.rstrip('. ')}. {said}"
    return NotNow.model_validate(
        {
            "text": text,
            "why": why,
            "reopens": reopens,
            "theme_id": theme.id,
            "sort": sort,
            "quotes": tuple(one_each(theme.evidence)),
        }
    )


def _by_name(floated: Sequence[Evidence]) -> list[list[Evidence]]:
    """Ideas of one name together, the one brought up in most calls first; the rest by likeness."""
    calls: dict[str, set[str]] = {}
    for item in floated:
        for name in set(_NAME.findall(item.quote().text)):
            calls.setdefault(name, set()).add(item.spoken.call_id)
    left = list(floated)
    together: list[list[Evidence]] = []
    for name in sorted(calls, key=lambda n: (-len(calls[n]), n)):
        mine = [e for e in left if _says(e.quote().text, name)]
        if len({e.spoken.call_id for e in mine}) > 1:
            together.append(sorted(mine, key=lambda e: (-e.weight, e.evidence_id)))
            left = [e for e in left if e not in mine]
    together += [[item] for item in left]
    return sorted(together, key=lambda one: -len({e.spoken.call_id for e in one}))


def _says(text: str, name: str) -> bool:
    """Also where a recogniser wrote the name small, or in two words."""
    return name.casefold() in "".join(text.casefold().split())
