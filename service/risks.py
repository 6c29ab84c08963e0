"""Who may leave, where the CRM and the calls disagree, and what is only hearsay.

Read from what customers said of leaving and of competitors. A sign too weak to carry a name into
a memo (one chance word) is not enough; hearsay about others is a lead to verify, never a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from ingest import cues
from ingest.library import Library
from ingest.models import Account
from service import ledger, ledger_held
from service.coverage import is_unwell, renews_soon
from service.gist import Known, lead
from service.ledger import Evidence
from service.pointed import pointed, sharpest
from service.quotes import statement
from service.remembering import remembered
from service.renewing import ASKED, hedged, staying
from service.rivals import mentions, real
from service.scope import Scope, resolve
from service.shapes import AtRisk, EvidenceKind, Filters, HealthCheck, Statement, Theme

PER_ACCOUNT = 2  # statements under an account
LEADS = 3
_FEWEST_WORDS = 5
_THREATS: tuple[EvidenceKind, ...] = ("risk", "competitor")
_STRONG = 3
_MEANT = 2  # of a risk that a model read, from which on it is more than a remark
_READ: tuple[EvidenceKind, ...] = ("risk", "competitor", "pain", "praise")
_WELL = frozenset({"green", "healthy", "good", "ok", "happy"})
# A date in somebody's own words: by when they decide matters more than what else they said.
_WHEN = re.compile(
    r"\b(?:january|february|march|april|june|july|august|september|october|november|december|"
    r"in may|of may|by may|this (?:spring|summer|autumn|fall|winter|quarter|month|year)|"
    r"end of|next (?:week|month|quarter|year)|renewal|renew|contract)\b",
    re.IGNORECASE,
)

# Words of leaving that are as often about something else; alone they accuse nobody.
_CHANCE = re.compile(
    r"\b(?:gone|off|bids?|renewal|procurement|trial\w*|a demo|cheaper|alternatives?)$",
    re.IGNORECASE,
)

Said = Mapping[str, Sequence[Evidence]]


@dataclass(frozen=True, slots=True)
class _Home:
    """What all customers said that tells who may leave."""

    items: tuple[Evidence, ...]


def by_account(
    library: Library, connection: sa.Connection, scope: Scope
) -> dict[str, list[Evidence]]:
    """What customers of each account said of leaving, competitors, trouble and liking."""
    home = remembered(
        library,
        connection,
        ("risks", _Home),
        ledger_held.RESTS_ON,
        lambda: _Home(tuple(_home(library, connection))),
    )
    said: dict[str, list[Evidence]] = {}
    stays, calls = staying(connection, scope), scope.call_ids
    for item in home.items:
        account_id = item.account_id
        if account_id is None or item.spoken.call_id not in calls:
            continue
        if not (account_id in stays and _is_weak(item)):
            said.setdefault(account_id, []).append(item)
    return said


def _home(library: Library, connection: sa.Connection) -> Iterator[Evidence]:
    everyone = resolve(connection, Filters())
    items = ledger_held.items(library, connection, everyone, _READ)
    # What follows is for who goes by words; where a model has read, it told the one from the other.
    read = {e.spoken.call_id for e in items if e.matter is not None}
    named = [e for e in items if e.kind == "competitor"]
    competing = real(connection, [e for e in named if e.matter is None])
    known = {(e.spoken.call_id, e.spoken.i) for e in items if e.kind in _THREATS}
    asked = [e for e in hedged(connection, everyone) if (e.spoken.call_id, e.spoken.i) not in known]
    noticed = [*mentions(connection, everyone, competing), *asked]
    yield from (e for e in items if e.kind != "competitor" or e.matter is not None)
    yield from competing
    yield from (e for e in noticed if e.spoken.call_id not in read)


def at_risk(
    said: Said, everyone: Scope, scope: Scope, needs: Sequence[Theme], as_of: date
) -> Iterator[AtRisk]:
    """Who speaks of leaving or of a competitor, then who renews soon and complains hard.

    The first also outside the Top N, after those within; each with the most ARR first.
    """
    inside = {a.account_id for a in scope.accounts}
    accounts = sorted(everyone.accounts, key=lambda a: a.account_id not in inside)
    threatened = [a for a in accounts if threats(said.get(a.account_id, ()))]
    hard = [
        a
        for a in scope.accounts
        if a not in threatened and renews_soon(a, as_of) and _hard(said.get(a.account_id, ()))
    ]
    known = Known(everyone.names, everyone.arr)
    for account in (*threatened, *hard):
        mine = said[account.account_id]
        worries = threats(mine)
        yield AtRisk(
            account_id=account.account_id,
            arr_usd=account.arr_usd,
            renewal_date=account.renewal_date,
            statements=tuple(
                _statements(worries, known) if worries else _statements(_hard(mine), known, 1)
            ),
            health=account.health,
            threat=bool(worries),
            in_scope=account.account_id in inside,
            needs=tuple(
                t.id for t in needs if account.account_id in {a.account_id for a in t.accounts}
            ),
        )


def health(said: Said, scope: Scope) -> Iterator[HealthCheck]:
    """Green accounts that speak of leaving, and red ones that like it and do not."""
    known = Known(scope.names, scope.arr)
    for account in scope.accounts:
        mine = said.get(account.account_id, ())
        worries = [e for e in threats(mine) if e.strength >= 2]
        praise = [e for e in mine if e.kind == "praise"]
        if _is_well(account) and worries:
            yield _check(account, "threatened", worries, known)
        elif is_unwell(account) and praise and not any(e.kind in _THREATS for e in mine):
            yield _check(account, "content", praise, known)


def verify(connection: sa.Connection, everyone: Scope) -> Iterator[Statement]:
    """Hearsay, what it says of other accounts first. Counted for nobody: no accounts, no ARR."""
    heard = ledger.items(connection, everyone, hand="third")
    named = {e.evidence_id for e in heard if _names_another(e, everyone.names)}
    known = Known(everyone.names, {})
    for item in sorted(
        heard, key=lambda e: (e.evidence_id not in named, e.kind not in _THREATS, -e.weight)
    )[:LEADS]:
        quote = item.quote()
        yield Statement(
            text=lead(quote, known, 130), accounts=(), accounts_n=0, arr_usd=0.0, quotes=(quote,)
        )


def threats(mine: Iterable[Evidence]) -> list[Evidence]:
    """What is said of leaving or of a competitor, all of it once any of it is plain enough."""
    found = [e for e in mine if e.kind in _THREATS and not e.content]
    if any(e.matter is not None and e.strength >= _MEANT for e in found):
        return found  # a model read it in its place and weighed it
    if any(e.kind == "competitor" or _was_asked(e) for e in found):
        return found
    signs = {m.group().lower() for e in found for m in cues.LEAVING.finditer(e.quote().text)}
    plain = len(signs) > 1 or any(not _CHANCE.search(s) for s in signs)
    return found if plain else []


def _was_asked(item: Evidence) -> bool:
    return item.evidence_id.startswith(ASKED)


def _is_weak(item: Evidence) -> bool:
    """A sign of leaving that a plain word of staying outweighs."""
    return item.kind in _THREATS and item.strength < _STRONG


def _by_chance(item: Evidence) -> bool:
    if _was_asked(item):
        return False
    signs = [m.group() for m in cues.LEAVING.finditer(item.quote().text)]
    return item.kind == "risk" and all(_CHANCE.search(sign) for sign in signs)


def _hard(mine: Iterable[Evidence]) -> list[Evidence]:
    return [e for e in mine if e.kind == "pain" and e.strength == 3]


def _is_well(account: Account) -> bool:
    return (account.health or "").strip().casefold() in _WELL


def _check(account: Account, reading: str, items: Sequence[Evidence], known: Known) -> HealthCheck:
    return HealthCheck.model_validate(
        {
            "account_id": account.account_id,
            "arr_usd": account.arr_usd,
            "renewal_date": account.renewal_date,
            "health": account.health,
            "reading": reading,
            "statements": tuple(
                _liked(items, known) if reading == "content" else _statements(items, known)
            ),
        }
    )


def _statements(
    items: Sequence[Evidence], known: Known, most: int = PER_ACCOUNT
) -> Iterator[Statement]:
    """The telling ones, those with a date in them first and chance words last."""
    strong = [e for e in items if e.strength > 1 or e.kind == "competitor"]
    told = ledger.telling(strong or items, most)
    order = sorted(told, key=lambda e: (_by_chance(e), _is_short(e), not _is_plain(e)))
    for item in order:
        quote = pointed(item)
        yield statement(lead(quote, known), [quote], known.arr)


def _is_plain(item: Evidence) -> bool:
    """With a date in it, or in answer to the question itself."""
    return _was_asked(item) or _WHEN.search(item.quote().text) is not None


def _is_short(item: Evidence) -> bool:
    """A name alone, or little more, is the last thing to lead with."""
    return len(item.quote().text.split()) < _FEWEST_WORDS


def _liked(items: Sequence[Evidence], known: Known) -> Iterator[Statement]:
    """The words of liking themselves."""
    for item in ledger.telling(items, PER_ACCOUNT):
        quote = sharpest(item.spoken, item.first_char, item.end_char, sign=cues.LIKING)
        yield statement(lead(quote, known), [quote], known.arr)


def _names_another(item: Evidence, names: Mapping[str, str]) -> bool:
    """Whether it speaks of another account by the first word of its name."""
    words = set(re.findall(r"\w+", item.quote().text.casefold()))
    firsts = (n.split()[0].casefold() for a, n in names.items() if a != item.account_id and n)
    return any(len(first) > 4 and first in words for first in firsts)
