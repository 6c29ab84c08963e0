from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from ingest.library import Library
from ingest.tables import stage_runs, utterances, workers
from service.jobs import enqueue, set_fields
from service.metrics import registry
from service.stage_totals import KEPT, prune, totals
from service.workers import DEAD_S, clock

NOW = datetime(2026, 5, 4, tzinfo=UTC)


def ran(
    library: Library,
    stage: str,
    seconds: float,
    outcome: str = "done",
    *,
    audio_s: float | None = None,
    ended_at: datetime = NOW,
) -> None:
    with library.change() as connection:
        connection.execute(
            stage_runs.insert().values(
                job_id="j",
                attempt=1,
                stage=stage,
                executor_id="e",
                outcome=outcome,
                seconds=seconds,
                audio_s=audio_s,
                ended_at=ended_at,
            )
        )


def figures(of: CollectorRegistry) -> dict[tuple[str, ...], float]:
    """By name and label values, these in the order of the labels' names."""
    text = generate_latest(of).decode()
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_queue_and_those_who_work(library: Library) -> None:
    with library.change() as connection:
        old = enqueue(connection, "memo")
        set_fields(connection, old, created_at=datetime.now(UTC) - timedelta(minutes=5))
        busy = enqueue(connection, "read")
        set_fields(connection, busy, state="working")
        broken = enqueue(connection, "memo")
        set_fields(connection, broken, state="failed")
        for name, beat in {"a": 0.0, "b": 2 * DEAD_S}.items():
            connection.execute(
                workers.insert().values(
                    executor_id=name, host="h", pid=1, version="0", beat=clock(connection) - beat
                )
            )
    found = figures(registry(library))
    assert found["firsthand_jobs", "queued"] == 1
    assert found["firsthand_jobs", "failed"] == 1
    assert found["firsthand_queue_jobs", "memo", "queued"] == 1
    assert found["firsthand_queue_jobs", "read", "working"] == 1
    assert found["firsthand_queue_jobs", "ingest", "queued"] == 0
    assert 300 <= found[("firsthand_queue_oldest_seconds",)] < 360
    assert found[("firsthand_workers",)] == 1
    assert found[("firsthand_disk_free_bytes",)] > 0
    assert found[("process_cpu_seconds_total",)] > 0


def test_an_empty_queue_is_no_seconds_old(library: Library) -> None:
    assert figures(registry(library))[("firsthand_queue_oldest_seconds",)] == 0


def test_how_long_stages_take_and_how_they_end(library: Library) -> None:
    ran(library, "decode", 0.3)
    ran(library, "decode", 0.1)
    ran(library, "decode", 90_000.0)
    ran(library, "transcribe", 30.0, audio_s=600.0)
    ran(library, "transcribe", 10.0, "died", audio_s=600.0)
    found = figures(registry(library))
    lasted = "firsthand_stage_duration_seconds"
    assert found[f"{lasted}_bucket", "0.1", "decode"] == 1
    assert found[f"{lasted}_bucket", "0.5", "decode"] == 2
    assert found[f"{lasted}_bucket", "14400.0", "decode"] == 2
    assert found[f"{lasted}_bucket", "+Inf", "decode"] == 3
    assert found[f"{lasted}_count", "decode"] == 3
    assert found[f"{lasted}_sum", "decode"] == pytest.approx(90_000.4)
    assert found["firsthand_stage_runs_total", "done", "transcribe"] == 1
    assert found["firsthand_stage_runs_total", "died", "transcribe"] == 1
    assert found[("firsthand_audio_seconds_total",)] == 600
    assert found[("firsthand_transcribe_seconds_total",)] == 40


def test_no_sum_falls_when_old_runs_go(library: Library) -> None:
    for n in range(40):
        old = NOW - KEPT - timedelta(days=1 + n % 3)
        ran(library, "decode", 0.1 + n / 7, "again" if n % 5 else "done", audio_s=n / 3)
        ran(library, "transcribe", 1e4 * n, audio_s=n / 3, ended_at=old)
        ran(library, "decode", n / 11, audio_s=n / 3, ended_at=old)
    with library.read() as connection:
        before = totals(connection)
    with library.change() as connection:
        assert prune(connection, NOW + timedelta(hours=1)) == 80
        assert prune(connection, NOW + timedelta(hours=1)) == 0
    with library.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(stage_runs)) == 40
        assert totals(connection) == before
    with library.change() as connection:
        assert prune(connection, NOW + 2 * KEPT) == 40
    with library.read() as connection:
        assert totals(connection) == before


def test_what_lies_in_the_home_is_counted_anew_once_it_changes(filled: Library) -> None:
    of = registry(filled)
    before = figures(of)
    assert before["firsthand_calls", "ready"] == 4
    assert before[("firsthand_utterances",)] > 4
    assert before[("firsthand_vectors_unfed",)] == before[("firsthand_passages",)] > 0
    with filled.change() as connection:
        connection.execute(utterances.delete().where(utterances.c.i == 0))
    assert figures(of)[("firsthand_utterances",)] == before[("firsthand_utterances",)] - 4
