"""The home's figures for Prometheus: a collector that reads them from the database at each scrape.

A scrape is one reading transaction. No label holds what anybody said, a name or an id.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Lock

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from ingest.library import Library
from ingest.stamps import Stamp, stamp
from ingest.tables import calls, fed, jobs, passages, utterances
from service.jobs import OPEN
from service.stage_totals import BUCKETS, Totals, totals
from service.workers import living


def registry(library: Library) -> CollectorRegistry:
    """What ``/metrics`` shows of this home and this process."""
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    made.register(Home(library))
    return made


class Home(Collector):
    """The figures of one home; safe to share between threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = Lock()
        # Counting these rows takes long where there are millions, and few scrapes find new ones.
        self._counted: tuple[Stamp, int, int] | None = None

    def collect(self) -> Iterator[Metric]:
        with self._library.read() as connection:
            found = [
                *_jobs(connection),
                _gauge("workers", "Workers that gave a sign of life lately.", living(connection)),
                *_stages(totals(connection)),
                *_calls(connection),
                *self._rows(connection),
            ]
        free = shutil.disk_usage(self._library.home).free
        yield from found
        yield _gauge("disk_free_bytes", "Free space where the home folder lies.", free)

    def _rows(self, connection: sa.Connection) -> Iterator[Metric]:
        said, kept = self._count(connection)
        query = sa.select(sa.func.coalesce(sa.func.sum(fed.c.passages), 0)).where(fed.c.done)
        given = int(connection.scalar(query) or 0)
        yield _gauge("utterances", "Utterances of all calls.", said)
        yield _gauge("passages", "Passages that vectors were made of.", kept)
        yield _gauge(
            "vectors_unfed",
            "Passages whose vectors the vector store was not given yet; about, while calls go.",
            max(0, kept - given),
        )

    def _count(self, connection: sa.Connection) -> tuple[int, int]:
        now = stamp(connection, ("passages", "utterances"))
        with self._lock:
            if self._counted is None or self._counted[0] != now:
                said, kept = (_count(connection, table) for table in (utterances, passages))
                self._counted = now, said, kept
            return self._counted[1:]


def _jobs(connection: sa.Connection) -> Iterator[Metric]:
    c = jobs.c
    by_state = _labelled("jobs", "Jobs by state.", "state")
    for state, n in _by(connection, c.state):
        by_state.add_metric([state], n)
    queue = _labelled("queue_jobs", "Open jobs by what they do.", "kind", "state")
    rows = connection.execute(
        sa.select(c.kind, c.state, sa.func.count())
        .where(c.state.in_(OPEN))
        .group_by(c.kind, c.state)
    )
    found = {(kind, state): n for kind, state, n in rows}
    for kind in ("ingest", "read", "memo"):
        for state in OPEN:  # an empty queue is a figure, too
            queue.add_metric([kind, state], found.get((kind, state), 0))
    since = connection.scalar(sa.select(sa.func.min(c.created_at)).where(c.state == "queued"))
    age = 0.0 if since is None else (datetime.now(UTC) - _aware(since)).total_seconds()
    oldest = "How long the oldest job in the queue has waited; 0 when none waits."
    yield by_state
    yield queue
    yield _gauge("queue_oldest_seconds", oldest, max(0.0, age))


def _stages(found: Totals) -> Iterator[Metric]:
    runs = CounterMetricFamily(
        "firsthand_stage_runs",
        "Tries of stages by how they ended: done, failed, cancelled, again (what stopped it may "
        "pass by itself), died (the process did).",
        labels=("stage", "outcome"),
    )
    lasted = HistogramMetricFamily(
        "firsthand_stage_duration_seconds", "How long stages took that were done.", labels=["stage"]
    )
    for (stage, outcome), total in sorted(found.items()):
        runs.add_metric([stage, outcome], total.runs)
        if outcome == "done":
            upto, buckets = 0, []
            for bound, n in zip(BUCKETS, total.counts, strict=True):
                upto += n
                buckets.append(("+Inf" if math.isinf(bound) else str(bound), upto))
            lasted.add_metric([stage], buckets, total.ms / 1000)
    heard = found.get(("transcribe", "done"))
    work = sum(t.ms for (stage, _outcome), t in found.items() if stage == "transcribe")
    yield runs
    yield lasted
    yield CounterMetricFamily(
        "firsthand_audio_seconds", "Sound transcribed.", heard.audio_ms / 1000 if heard else 0.0
    )
    yield CounterMetricFamily(
        "firsthand_transcribe_seconds", "Time that transcribing took, all tries.", work / 1000
    )


def _calls(connection: sa.Connection) -> Iterator[Metric]:
    by_state = _labelled("calls", "Calls by state.", "state")
    for state, n in _by(connection, calls.c.state):
        by_state.add_metric([state], n)
    yield by_state
    recorded = sa.select(sa.func.coalesce(sa.func.sum(calls.c.duration_s), 0.0)).where(
        calls.c.is_recording, calls.c.state == "ready"
    )
    yield _gauge(
        "recorded_seconds", "Length of all recordings ready.", connection.scalar(recorded) or 0.0
    )


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"firsthand_{name}", what, value=value)


def _labelled(name: str, what: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"firsthand_{name}", what, labels=labels)


def _by(connection: sa.Connection, column: sa.ColumnElement[str]) -> list[tuple[str, int]]:
    query = sa.select(column, sa.func.count()).group_by(column).order_by(column)
    return [(state, n) for state, n in connection.execute(query)]


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=moment.tzinfo or UTC)  # SQLite keeps no zone
