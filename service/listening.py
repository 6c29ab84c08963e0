"""How long customers themselves spoke: in each call, and in each week from the start.

Hours are first-hand: the time of customers' utterances, by the clock of the recording or
transcript. Where a transcript has no times, the time is estimated from the words and kept apart, so
that no estimate passes for a measurement; against the goal of a week both count. Two customers who
speak at once count twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from ingest.tables import calls, speakers, utterances
from service.by_call import by_call
from service.scope import CallFact
from service.shapes import ListeningWeek

# English conversation, National Center for Voice and Speech. The sample's customers speak 156 to
# 172 words a minute, so the estimate errs a little on the long side.
WORDS_PER_MINUTE = 150
# What a voice is called until somebody says who it is: in two calls that may be two people.
_UNNAMED = re.compile(r"speaker \d+|s\d+")


@dataclass(frozen=True, slots=True)
class Heard:
    """A call in which customers spoke. ``people`` tells them apart; seconds throughout.

    ``estimated_s`` is for the utterances without times. ``length_s`` is the whole call's.
    """

    call_id: str
    date: date | None
    account_id: str | None
    spoken_s: float
    estimated_s: float
    length_s: float | None
    people: frozenset[str]


def listened(connection: sa.Connection, facts: Sequence[CallFact]) -> tuple[Heard, ...]:
    """The calls among ``facts`` in which customers spoke, in their order."""
    voices = by_call(connection, "voices", lambda ids: _voices(connection, ids))
    return tuple(
        Heard(
            call_id=fact.call_id,
            date=fact.date,
            account_id=fact.account_id,
            spoken_s=fact.customer_s,
            estimated_s=voices[fact.call_id].untimed / WORDS_PER_MINUTE * 60,
            length_s=voices[fact.call_id].length_s,
            people=voices[fact.call_id].people,
        )
        for fact in facts
        if fact.customer_utterances
    )


@dataclass(frozen=True, slots=True)
class _Voices:
    """Who of the customers spoke in a call, how many of their words have no times, and the
    call's length in seconds.
    """

    people: frozenset[str]
    untimed: int
    length_s: float | None


def _voices(connection: sa.Connection, call_ids: Sequence[str]) -> dict[str, _Voices]:
    people = _people(connection, call_ids)
    words = _untimed_words(connection, call_ids)
    select = sa.select(calls.c.call_id, calls.c.duration_s).where(calls.c.call_id.in_(call_ids))
    return {
        call_id: _Voices(frozenset(people.get(call_id, ())), words.get(call_id, 0), length_s)
        for call_id, length_s in connection.execute(select)
    }


def weeks(
    heard: Sequence[Heard], start: date, today: date, goal_hours: float
) -> Iterator[ListeningWeek]:
    """Every week from ``start`` to the one of ``today``.

    Calls without a date, from before the start and from weeks to come are in none.
    """
    by_week: dict[int, list[Heard]] = {}
    for call in heard:
        if call.date is not None and call.date >= start:
            by_week.setdefault((call.date - start).days // 7, []).append(call)
    for n in range((today - start).days // 7 + 1):
        yield _week(n, by_week.get(n, ()), start, today, goal_hours)


def _week(
    n: int, heard: Sequence[Heard], start: date, today: date, goal_hours: float
) -> ListeningWeek:
    first = start + timedelta(weeks=n)
    last = first + timedelta(days=6)
    lengths = [call.length_s for call in heard if call.length_s is not None]
    spoken = sum(call.spoken_s for call in heard) / 3600
    estimated = sum(call.estimated_s for call in heard) / 3600
    met = spoken + estimated > goal_hours
    return ListeningWeek(
        week=n + 1,
        first=first,
        last=last,
        calls=len(heard),
        customer_hours=round(spoken, 3),
        estimated_hours=round(estimated, 3),
        call_hours=round(sum(lengths) / 3600, 3) if lengths else None,
        calls_without_length=len(heard) - len(lengths),
        goal_met=met if met or last < today else None,
    )


def _people(connection: sa.Connection, call_ids: Sequence[str]) -> dict[str, set[str]]:
    """Who of the customers spoke, by call. An unnamed voice is somebody else in every call."""
    query = (
        sa.select(speakers.c.call_id, speakers.c.label, speakers.c.name)
        .join(
            utterances,
            sa.and_(
                utterances.c.call_id == speakers.c.call_id,
                utterances.c.speaker == speakers.c.label,
            ),
        )
        .where(speakers.c.role == "customer", speakers.c.call_id.in_(call_ids))
        .distinct()
    )
    found: dict[str, set[str]] = {}
    for call_id, label, name in connection.execute(query):
        known = name.strip().casefold()
        who = f"{call_id}\n{label}" if _UNNAMED.fullmatch(known) else known
        found.setdefault(call_id, set()).add(who)
    return found


def _untimed_words(connection: sa.Connection, call_ids: Sequence[str]) -> dict[str, int]:
    """Words of customers' utterances that have no times, by call."""
    query = (
        sa.select(utterances.c.call_id, utterances.c.text)
        .join(
            speakers,
            sa.and_(
                speakers.c.call_id == utterances.c.call_id,
                speakers.c.label == utterances.c.speaker,
            ),
        )
        .where(
            speakers.c.role == "customer",
            utterances.c.call_id.in_(call_ids),
            sa.or_(utterances.c.start_s.is_(None), utterances.c.end_s.is_(None)),
        )
    )
    found: dict[str, int] = {}
    for call_id, text in connection.execute(query):
        found[call_id] = found.get(call_id, 0) + len(text.split())
    return found
