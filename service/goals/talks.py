"""Conversations that were heard: how long each call was, and who of ours took part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from ingest.tables import calls, speakers, utterances
from service.by_call import by_call
from service.goals.people import key_of
from service.listening import WORDS_PER_MINUTE
from service.scope import Scope


@dataclass(frozen=True, slots=True)
class Talk:
    """A call that counts and in which customers spoke. ``people`` are keys of ours who spoke.

    ``estimated``: neither the recording nor the transcript says how long it was, its words do.
    """

    call_id: str
    day: dt.date
    account_id: str | None
    seconds: float
    estimated: bool
    people: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Length:
    seconds: float
    estimated: bool
    people: frozenset[str]


def talks(connection: sa.Connection, scope: Scope, first: dt.date, last: dt.date) -> list[Talk]:
    """Those of these days. Calls without a date are of no week."""
    lengths = by_call(connection, "talks", lambda ids: _lengths(connection, ids))
    found = []
    for fact in scope.calls:
        if fact.date is None or not first <= fact.date <= last or not fact.customer_utterances:
            continue
        of = lengths[fact.call_id]
        found.append(
            Talk(fact.call_id, fact.date, fact.account_id, of.seconds, of.estimated, of.people)
        )
    return found


def _lengths(connection: sa.Connection, call_ids: Sequence[str]) -> Mapping[str, _Length]:
    people: dict[str, set[str]] = {}
    for call_id, name in connection.execute(_who().where(speakers.c.call_id.in_(call_ids))):
        people.setdefault(call_id, set()).add(key_of(name))
    words: dict[str, int] = {}
    lasted: dict[str, float] = {}
    u = utterances.c
    timed = sa.select(u.call_id, sa.func.max(u.end_s) - sa.func.min(u.start_s))
    for call_id, seconds in connection.execute(
        timed.where(u.call_id.in_(call_ids)).group_by(u.call_id)
    ):
        lasted[call_id] = seconds or 0.0
    untimed = [call_id for call_id in call_ids if not lasted.get(call_id)]
    for call_id, text in connection.execute(
        sa.select(u.call_id, u.text).where(u.call_id.in_(untimed))
    ):
        words[call_id] = words.get(call_id, 0) + len(text.split())
    known = sa.select(calls.c.call_id, calls.c.duration_s).where(calls.c.call_id.in_(call_ids))
    found = {}
    for call_id, duration_s in connection.execute(known):
        seconds = duration_s or lasted.get(call_id) or 0.0
        estimate = words.get(call_id, 0) / WORDS_PER_MINUTE * 60
        who = frozenset(people.get(call_id, set()) - {""})
        found[call_id] = _Length(seconds or estimate, not seconds, who)
    return found


def _who() -> sa.Select[str, str]:
    s, u = speakers.c, utterances.c
    return (
        sa.select(s.call_id, s.name)
        .join(utterances, sa.and_(u.call_id == s.call_id, u.speaker == s.label))
        .where(s.role == "internal")
        .distinct()
    )
