"""What hooks are told of an event: a sentence, figures, links and, where wanted, customers' words.

Put together when it is sent, of what is there then: what was erased, withdrawn or refused meanwhile
is told to nobody, nor what a person struck out or judged away, and private details are masked as
everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from pydantic import JsonValue

from ingest.errors import NotFound
from ingest.library import Library
from ingest.models import Account
from ingest.outbox import Event
from ingest.store import get_account, get_call
from ingest.tables import evidence
from service import kept, ledger
from service.codebook_store import get_code
from service.export.words import counted, money
from service.ledger import Evidence
from service.links import Links, links
from service.noticing import risks_heard, voices_of
from service.recheck import quotes_of
from service.redaction import shown
from service.scope import resolve
from service.shapes import CodeStatus, Filters, Quote

About = Mapping[str, JsonValue]
_QUOTES = 3
TEST = "hook.test"
_STANDS: dict[CodeStatus, str] = {
    "open": "nothing decided",
    "planned": "planned",
    "shipped": "shipped",
    "declined": "declined",
}


@dataclass(frozen=True, slots=True)
class Said:
    """Words of a customer, masked; ``link`` leads to the moment they were said."""

    quote: Quote
    link: str


@dataclass(frozen=True, slots=True)
class Told:
    """``data`` is for programs, the others are for people; ``facts`` are short."""

    sentence: str
    link: str
    data: dict[str, JsonValue]
    facts: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class _Teller:
    library: Library
    connection: sa.Connection
    mask: Callable[[str], str]
    links: Links
    with_words: bool

    # --- the events ------------------------------------------------------------------------------

    def call(self, about: About) -> Told:
        call = get_call(self.connection, str(about["call_id"]))
        items = self._items(call.call_id)
        kinds = Counter(item.kind for item in items)
        title, account = self.mask(call.title), self._account(call.account_id)
        facts = [account["account"] or "no account", _day(call.date)]
        facts += [f"{n} × {kind}" for kind, n in sorted(kinds.items())]
        data: dict[str, JsonValue] = {
            "call_id": call.call_id,
            "title": title,
            "date": _day(call.date),
            **account,
            "duration_s": call.duration_s,
            "utterances_n": call.utterances_n,
            "evidence": {str(kind): n for kind, n in sorted(kinds.items())},
        }
        quotes = [item.quote() for item in ledger.telling(items, _QUOTES)]
        link = self.links.one("calls", call.call_id)
        return self._told(f"A call is ready: “{title}”", link, data, facts, quotes)

    def gained(self, about: About) -> Told:
        code = get_code(self.connection, str(about["theme_id"]))
        if code.state == "dismissed":
            raise NotFound("The theme is put aside.")
        account_id = str(about["account_id"])
        account = self._account(account_id)
        voices = voices_of(self.library, self.connection, code.id)
        quotes = self._standing(about, voices.get(account_id, []))
        label, n, arr = self.mask(code.label), _number(about, "accounts_n"), about["arr_usd"]
        data: dict[str, JsonValue] = {
            "theme_id": code.id,
            "label": label,
            "kind": code.kind,
            "status": code.status,
            **account,
            "accounts_n": n,
            "arr_usd": arr,
        }
        facts = [counted(n, "account"), f"{money(_number(about, 'arr_usd'))} a year"]
        facts.append(_STANDS[code.status])
        sentence = f"{account['account']} speaks of “{label}” for the first time"
        link = self.links.themes(code.id)
        return self._told(sentence, link, data, facts, quotes)

    def risk(self, about: About) -> Told:
        call = get_call(self.connection, str(about["call_id"]))
        account_id = str(about["account_id"])
        account, known = self._account(account_id), get_account(self.connection, account_id)
        everyone = resolve(self.connection, Filters())
        heard = dict(risks_heard(self.library, self.connection, everyone))
        quotes = self._standing(about, heard.get((call.call_id, account_id), []))
        title = self.mask(call.title)
        renewal = _day(known.renewal_date)
        data: dict[str, JsonValue] = {
            "call_id": call.call_id,
            "title": title,
            "date": _day(call.date),
            **account,
            "renewal_date": renewal,
            "health": known.health,
            "risks_n": about["risks_n"],
        }
        facts = [f"{money(known.arr_usd)} a year", renewal and f"renews {renewal}"]
        facts.append(known.health and f"CRM: {self.mask(known.health)}")
        link = self._moment(quotes[0])
        sentence = f"{account['account']} speaks of leaving, in “{title}”"
        return self._told(sentence, link, data, facts, quotes)

    def memo(self, about: About) -> Told:
        memo = kept.load(self.connection, str(about["memo_id"]))
        title = self.mask(memo.title)
        heard, scope = memo.coverage.accounts_heard, memo.coverage.accounts_in_scope
        at_risk = sum(one.threat for one in memo.at_risk)
        data: dict[str, JsonValue] = {
            "memo_id": memo.id,
            "title": title,
            "as_of": memo.as_of.isoformat(),
            "needs_n": len(memo.needs),
            "at_risk_n": at_risk,
            "accounts_heard": heard,
            "accounts_in_scope": scope,
        }
        facts = [counted(len(memo.needs), "need"), f"{at_risk} may leave"]
        facts.append(f"{heard} of {scope} accounts heard")
        quotes = [q for q in quotes_of(memo) if q.role == "customer"][:_QUOTES]
        link = self.links.one("memos", memo.id)
        return self._told(f"A memo is drafted: “{title}”", link, data, facts, quotes)

    # --- within ----------------------------------------------------------------------------------

    def _told(
        self,
        sentence: str,
        link: str,
        data: dict[str, JsonValue],
        facts: Sequence[object],
        quotes: Sequence[Quote],
    ) -> Told:
        said = tuple(Said(self._masked(q), self._moment(q)) for q in quotes)
        known = tuple(str(fact) for fact in facts if fact)
        return Told(sentence, link, data, known, said if self.with_words else ())

    def _account(self, account_id: str | None) -> dict[str, JsonValue]:
        if account_id is None:
            return {"account_id": None, "account": None, "account_arr_usd": None}
        account: Account = get_account(self.connection, account_id)
        return {
            "account_id": account_id,
            "account": self.mask(account.name),
            "account_arr_usd": account.arr_usd,
        }

    def _items(self, call_id: str) -> list[Evidence]:
        e = evidence.c
        which = sa.and_(e.role == "customer", e.hand == "first", e.missed.is_(False))
        return ledger.of_calls(self.connection, [call_id], which).get(call_id, [])

    def _standing(self, about: About, items: Sequence[Evidence]) -> list[Quote]:
        """The words it was told by, as far as they are among ``items``, which hold now; else the
        most telling of these. Raises ``NotFound`` when there are none.
        """
        told = about["places"]
        assert isinstance(told, list)
        found: dict[tuple[str, int], Evidence] = {}
        for item in items:
            found.setdefault((item.spoken.call_id, item.spoken.i), item)
        places = [(str(one[0]), int(str(one[1]))) for one in told if isinstance(one, list)]
        standing = [found[place] for place in places if place in found]
        if not items:
            raise NotFound("What was said is not there any more.")
        return [item.quote() for item in standing or ledger.telling(items, _QUOTES)]

    def _masked(self, quote: Quote) -> Quote:
        changes = {"text": self.mask(quote.text), "speaker": self.mask(quote.speaker)}
        return quote.model_copy(update=changes)

    def _moment(self, quote: Quote) -> str:
        return self.links.moment(quote.call_id, quote.utterance, quote.start_s)


def tell(
    library: Library, connection: sa.Connection, event: Event, about: About, *, with_words: bool
) -> Told:
    """What is told of it now. Raises ``NotFound`` when what it tells of is gone."""
    mask = shown(library, connection).text
    teller = _Teller(library, connection, mask, links(library, connection), with_words)
    by_event: dict[Event, Callable[[About], Told]] = {
        "call.ready": teller.call,
        "theme.gained_account": teller.gained,
        "risk.heard": teller.risk,
        "memo.drafted": teller.memo,
    }
    return by_event[event](about)


def of_a_test(library: Library, connection: sa.Connection) -> Told:
    """What is told to try a hook out."""
    sentence = "Firsthand reaches you here: this is a test, and nothing happened."
    return Told(sentence, links(library, connection).front(), {"message": sentence})


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _number(about: About, name: str) -> int:
    value = about[name]
    return int(value) if isinstance(value, int | float) else 0
