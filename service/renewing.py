"""What customers answer when they are asked whether they will stay.

Those who may leave often do not say so: asked about the renewal they answer with an if, with
somebody else's wish, or that they do not know. And those who will stay say that in so many words,
whatever chance word of leaving they used elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import sqlalchemy as sa

from ingest.store import spoken
from ingest.tables import calls, speakers, utterances
from service.by_call import by_call
from service.ledger import Evidence
from service.pointed import noticed
from service.quotes import Spoken
from service.scope import Scope

ASKED: Final = "asked"  # how ids of such evidence begin

_ASKS = re.compile(
    r"\b(?:the|your|our|that|this) (?:renewal|contract|agreement)\b|\brenew(?:ing|s|al)?\b|"
    r"\byou(?:['’]re| are) up (?:in|for|at)\b|\b(?:look|shop)(?:ing)? (?:around|elsewhere)\b|"
    r"\b(?:stay|stick)(?:ing)? with (?:us|it|the)\b|\bleav(?:e|ing) us\b|\bswitch(?:ing)?\b|"
    r"\b(?:other|another|different) (?:systems?|vendors?|suppliers?|providers?|options?)\b|"
    r"\balternatives?\b|\bmoving (?:off|away)\b",
    re.IGNORECASE,
)
# Parts of words that each of these has, for a first look in the database.
_PARTS = (
    "renew", "contract", "agreement", "up in", "up for", "up at", "look", "shop", "stay", "stick",
    "leav", "switch", "system", "vendor", "supplier", "provider", "option", "alternative", "moving",
)  # fmt: skip
_HEDGES = re.compile(
    r"\bif\b|(?<!thinks i )(?<!think i )\b(?:don['’]t|do not|couldn['’]t) (?:know|say)\b|"
    r"\bnot sure\b|\bdepends\b|\bunless\b|"
    r"\bwe['’]ll see\b|\bmaybe\b|\bperhaps\b|\bmight\b|\bhaven['’]t decided\b|\bboth ways\b|"
    r"\b(?:he|she|they|wife|husband|boss|board|owner|director|\w+ office) wants? to\b|"
    r"\bnot (?:the one|up to me|my (?:call|decision))\b|\bget a (?:vote|say)\b|"
    r"\bthe other (?:one|lot|crowd|firm|fellow|fella|company|outfit)\b",
    re.IGNORECASE,
)
# "I'd have paid you double if": what is past leaves nothing open.
_PAST = re.compile(r"\b\w*(?:['’]d| would) have\b[^.!?]*", re.IGNORECASE)
_STAYS = re.compile(
    r"\b(?:i['’]m|we['’]re|i am|we are) not (?:off|going anywhere|leaving|looking|shopping|moving|"
    r"switching|changing)\b|"
    r"\b(?:i|we)(?:['’]ll| will|['’]d) (?:renew|stay|sign again|buy it again)\b|"
    r"\b(?:i|we) (?:don['’]t|do not) (?:think|want|plan|mean) to (?:change|switch|leave|move)\b|"
    r"\bhappy to (?:renew|stay)\b",
    re.IGNORECASE,
)
_REPLIES = 2  # utterances after the question within which somebody answers
_FEWEST_WORDS = 8


def hedged(connection: sa.Connection, everyone: Scope) -> Iterator[Evidence]:
    """Answers that leave it open, as evidence of risk; they are compared with nothing."""
    for reply in _open(connection, everyone):
        if len(reply.spoken.text.split()) >= _FEWEST_WORDS:
            yield reply


def staying(connection: sa.Connection, everyone: Scope) -> set[str]:
    """Accounts that say they stay, and leave nothing open when asked."""
    open_ = {reply.account_id for reply in _open(connection, everyone)}
    every = by_call(connection, "staying", lambda ids: _saying(connection, ids))
    said = {account for call_id in everyone.call_ids for account in every.get(call_id, ())}
    return {account for account in said - open_ if account is not None}


def _open(connection: sa.Connection, everyone: Scope) -> Iterator[Evidence]:
    """Answers that leave it open, in the order of the calls' ids."""
    every = by_call(connection, "open replies", lambda ids: _replies(connection, ids))
    for call_id in sorted(everyone.call_ids):
        yield from every.get(call_id, ())


def _leaves_open(reply: Spoken) -> bool:
    return _HEDGES.search(_PAST.sub("", reply.text)) is not None


def _replies(connection: sa.Connection, call_ids: Sequence[str]) -> dict[str, list[Evidence]]:
    """The first words of a customer after each question of the vendor's, where they leave it open;
    by call.
    """
    parts = sa.or_(*(utterances.c.text.icontains(part, autoescape=True) for part in _PARTS))
    asking = [
        (row.call_id, row.i)
        for row in connection.execute(_of("internal", call_ids).where(parts))
        if _ASKS.search(row.text)
    ]
    after = spoken(connection, {(c, i + n) for c, i in asking for n in range(1, _REPLIES + 1)})
    replies: dict[tuple[str, int], Spoken] = {}
    for call_id, i in asking:
        turns = (after.get((call_id, i + n)) for n in range(1, _REPLIES + 1))
        reply = next((t for t in turns if t is not None and t.role == "customer"), None)
        if reply is not None:
            replies[reply.call_id, reply.i] = reply
    days = _days(connection, call_ids)
    found: dict[str, list[Evidence]] = {}
    for reply in replies.values():
        if _leaves_open(reply):
            day = days[reply.call_id]
            item = noticed(reply, _HEDGES, mark=ASKED, kind="risk", strength=2, day=day)
            found.setdefault(reply.call_id, []).append(item)
    return found


def _days(connection: sa.Connection, call_ids: Sequence[str]) -> dict[str, date | None]:
    select = sa.select(calls.c.call_id, calls.c.date).where(calls.c.call_id.in_(call_ids))
    return {row.call_id: row.date for row in connection.execute(select)}


def _saying(connection: sa.Connection, call_ids: Sequence[str]) -> dict[str, set[str | None]]:
    """The accounts whose customers say that they stay, by call."""
    parts = sa.or_(*(utterances.c.text.icontains(p) for p in (" not ", "renew", "stay", "again")))
    negated = sa.or_(parts, utterances.c.text.icontains("to change"))
    places = {
        (row.call_id, row.i)
        for row in connection.execute(_of("customer", call_ids).where(negated))
        if _STAYS.search(row.text)
    }
    found: dict[str, set[str | None]] = {}
    for words in spoken(connection, places).values():
        found.setdefault(words.call_id, set()).add(words.account_id)
    return found


def _of(role: str, call_ids: Sequence[str]) -> sa.Select[tuple[str, int, str]]:
    of_speaker = sa.and_(
        speakers.c.call_id == utterances.c.call_id, speakers.c.label == utterances.c.speaker
    )
    return (
        sa.select(utterances.c.call_id, utterances.c.i, utterances.c.text)
        .join(speakers, of_speaker)
        .where(speakers.c.role == role, utterances.c.call_id.in_(call_ids))
        .order_by(utterances.c.call_id, utterances.c.i)
    )
