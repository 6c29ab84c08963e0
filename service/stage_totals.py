"""What the runs of stages add up to, over the whole life of a home.

Every run is a row for a month; then a worker adds it to totals, a fact of the home, and removes it
in the same transaction. So the sums never fall, not over a restart either, and are the same whoever
asks. Nothing that anybody said is in them.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from ingest.facts import fact, put_fact
from ingest.tables import stage_runs

KEPT = timedelta(days=30)
_DAY = timedelta(days=1)
# Upper bounds of a stage's seconds: from parsing a transcript to hearing six hours of sound.
BUCKETS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, math.inf)
_NAME = "stage_totals"


@dataclass(slots=True)
class Total:
    """Of the runs of one stage with one outcome: how many in each bucket, and how long they and
    their sound were. In whole milliseconds, so that a sum is the same in whatever order.
    """

    counts: list[int]
    ms: int = 0
    audio_ms: int = 0

    @property
    def runs(self) -> int:
        return sum(self.counts)


Totals = dict[tuple[str, str], Total]  # by stage and outcome


def totals(connection: sa.Connection) -> Totals:
    """Of every run there ever was."""
    return _added([*_held(connection), *_sums(connection, sa.true())])


def prune(connection: sa.Connection, now: datetime) -> int:
    """Add rows older than ``KEPT`` to the totals and remove them; how many there were.

    Those of a whole day at once: what is remembered of a home is read anew when a fact changes.
    """
    oldest = connection.scalar(sa.select(sa.func.min(stage_runs.c.ended_at)))
    # SQLite keeps no time zone; everything is written in UTC.
    if oldest is None or oldest.replace(tzinfo=oldest.tzinfo or UTC) > now - KEPT - _DAY:
        return 0
    return fold(connection, stage_runs.c.ended_at < now - KEPT)


def fold(connection: sa.Connection, which: sa.ColumnElement[bool]) -> int:
    """Add the rows that ``which`` holds for to the totals and remove them; how many."""
    sums = _sums(connection, which)
    if not sums:
        return 0
    put_fact(connection, _NAME, _rows(_added([*_held(connection), *sums])))
    return connection.execute(stage_runs.delete().where(which)).rowcount


def _held(connection: sa.Connection) -> list[list[Any]]:
    held = fact(connection, _NAME)
    return held if isinstance(held, list) else []


def _sums(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[list[Any]]:
    """Stage, outcome, upper bound (``None``: without end), runs, their and their sound's ms."""
    c = stage_runs.c
    bucket = sa.case(
        *((c.seconds <= bound, n) for n, bound in enumerate(BUCKETS[:-1])),
        else_=len(BUCKETS) - 1,
    ).label("bucket")
    rows = connection.execute(
        sa.select(c.stage, c.outcome, bucket, sa.func.count(), _ms(c.seconds), _ms(c.audio_s))
        .where(which)
        .group_by(c.stage, c.outcome, bucket)
    )
    return [
        [stage, outcome, _bound(n), runs, int(ms), int(audio_ms)]
        for stage, outcome, n, runs, ms, audio_ms in rows
    ]


def _ms(seconds: sa.Column[float]) -> sa.ColumnElement[int]:
    whole = sa.cast(sa.func.round(seconds * 1000), sa.BigInteger)
    return sa.func.coalesce(sa.func.sum(whole), 0)


def _bound(n: int) -> float | None:
    return None if math.isinf(BUCKETS[n]) else BUCKETS[n]  # JSON has no infinity


def _added(rows: Iterable[Sequence[Any]]) -> Totals:
    found: Totals = {}
    for stage, outcome, bound, runs, ms, audio_ms in rows:
        total = found.setdefault((stage, outcome), Total([0] * len(BUCKETS)))
        # Runs under a bound that is used no more count under the next greater one.
        total.counts[len(BUCKETS) - 1 if bound is None else bisect_left(BUCKETS, bound)] += runs
        total.ms += ms
        total.audio_ms += audio_ms
    return found


def _rows(added: Totals) -> list[list[object]]:
    """What ``_added`` makes the same of; the milliseconds stand in a pair's first row."""
    rows: list[list[object]] = []
    for (stage, outcome), total in sorted(added.items()):
        ms, audio_ms = total.ms, total.audio_ms
        for n, runs in enumerate(total.counts):
            if runs:
                rows.append([stage, outcome, _bound(n), runs, ms, audio_ms])
                ms = audio_ms = 0
    return rows
