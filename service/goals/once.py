"""Each conversation once: which call came of which meeting in a calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from service.goals.meetings import Met
from service.goals.talks import Talk


def same(talks: Iterable[Talk], meetings: Iterable[Met], now: datetime) -> dict[str, Talk]:
    """The call that each meeting became, by the meeting's id; at most one each way, and none of
    those that begin after ``now``.

    A call came of a meeting of the same day with the same account, where both are known. Of several
    pairs that fit, one whose account both name goes first, then the one whose lengths differ least:
    an hour's call is not the short one of the same afternoon. Where the account of either is not
    known the day must do: counted too little is better than the same hour twice.
    """
    by_day: dict[date, list[Talk]] = {}
    for talk in talks:
        by_day.setdefault(talk.day, []).append(talk)
    pairs = [
        (
            talk.account_id is None or talk.account_id != met.account_id,
            abs(talk.seconds - met.seconds),
            met.starts,
            talk.call_id,
            met.meeting_id,
            talk,
        )
        for met in meetings
        if met.starts <= now
        for day in met.days
        for talk in by_day.get(day, ())
        if _may_be_one(talk.account_id, met.account_id)
    ]
    found: dict[str, Talk] = {}
    taken: set[str] = set()
    for *_, call_id, meeting_id, talk in sorted(pairs, key=lambda pair: pair[:5]):
        if call_id not in taken and meeting_id not in found:
            taken.add(call_id)
            found[meeting_id] = talk
    return found


def _may_be_one(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other
