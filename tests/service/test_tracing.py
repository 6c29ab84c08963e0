"""Traces: one for each job, whoever does its stages, sent only where a collector is named."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ingest.library import Library
from ingest.pipeline import About
from service import tracing
from service.adding import Adding
from service.api import create_app
from service.doctor import leaving
from service.settings import Settings
from tests.conftest import ROOT

MARK = "zanzibar"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """What this process sends meanwhile; complete once tracing has ended."""
    kept = InMemorySpanExporter()
    tracing.start("http://127.0.0.1:1", kept)
    yield kept
    tracing.end()


def sent(kept: InMemorySpanExporter) -> list[ReadableSpan]:
    tracing.end()
    return list(kept.get_finished_spans())


def test_a_job_is_one_trace_with_a_span_for_each_stage(
    library: Library, spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    path = tmp_path / f"{MARK}.md"
    path.write_text(f"# {MARK}\n\nIda Kern: What about {MARK}?\n\nLin Mori: {MARK} it is.\n")
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    adding.receive(path, About(title=MARK))
    adding.finish()
    assert adding.outcome().errors == ()
    found = sent(spans)
    job = next(span for span in found if span.name == "job")
    stages = [span for span in found if span.name.startswith("stage ")]
    names = ["stage store", "stage decode", "stage speakers", "stage evidence", "stage index"]
    assert [span.name for span in stages] == names
    assert job.parent is None
    assert job.context is not None
    for span in stages:
        assert span.parent is not None
        assert span.parent.span_id == job.context.span_id
        assert span.context is not None
        assert span.context.trace_id == job.context.trace_id
        assert span.attributes is not None
        assert span.attributes["outcome"] == "done"
    assert job.attributes is not None
    assert (job.attributes["kind"], job.attributes["outcome"]) == ("ingest", "done")
    assert job.start_time is not None
    assert stages[0].start_time is not None
    assert abs(job.start_time - stages[0].start_time) < 1e9
    assert MARK not in " ".join(span.to_json() for span in found).lower()


def test_attempts_and_processes_join(spans: InMemorySpanExporter) -> None:
    tracing.stage("j", 1, "decode", 2.0, {"outcome": "died", "audio_s": None})
    tracing.stage("j", 2, "decode", 2.0, {"outcome": "done", "audio_s": 60.0})
    tracing.attempt("j", 2, 1_000.0, {"outcome": "done"})
    tracing.stage("other", 1, "decode", 2.0, {"outcome": "done"})
    died, done, attempt, other = sent(spans)
    contexts = [span.context for span in (died, done, attempt, other)]
    traces = [context.trace_id for context in contexts if context is not None]
    assert traces[0] == traces[1] == traces[2] != traces[3]
    assert died.parent is not None
    assert done.parent is not None
    assert attempt.context is not None
    assert done.parent.span_id == attempt.context.span_id != died.parent.span_id
    assert not died.status.is_ok
    assert "audio_s" not in (died.attributes or {})
    assert done.attributes is not None
    assert done.attributes["audio_s"] == 60.0
    assert done.start_time is not None
    assert done.end_time is not None
    assert done.end_time - done.start_time == 2_000_000_000
    assert attempt.start_time == 1_000_000_000_000


def test_a_request_is_told_by_its_route(library: Library, spans: InMemorySpanExporter) -> None:
    app = create_app(library, Settings(home=library.home))
    with TestClient(app, base_url="http://127.0.0.1:8400") as client:
        answer = client.get(f"/api/calls/{MARK}?q={MARK}")
    (span,) = sent(spans)
    assert span.name == "GET /api/calls/{call_id}"
    assert span.attributes is not None
    assert span.attributes["http.response.status_code"] == 404
    assert span.attributes["request_id"] == answer.headers["x-request-id"]
    assert MARK not in span.to_json()


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """A collector of the test's own, on loopback."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.came = threading.Event()

    def Export(
        self,
        request: trace_service_pb2.ExportTraceServiceRequest,
        context: grpc.ServicerContext,  # noqa: ARG002
    ) -> trace_service_pb2.ExportTraceServiceResponse:
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                self.spans.extend(scope.spans)
        self.came.set()
        return trace_service_pb2.ExportTraceServiceResponse()


@pytest.fixture
def collector() -> Iterator[tuple[Collector, str]]:
    one = Collector()
    server = grpc.server(ThreadPoolExecutor(2))
    add = trace_service_pb2_grpc.add_TraceServiceServicer_to_server
    add(one, server)  # type: ignore[no-untyped-call]  # it is generated code
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield one, f"http://127.0.0.1:{port}"
    server.stop(None).wait(5)


def send(environment: dict[str, str]) -> None:
    """Have a process of its own trace a stage, as the settings say."""
    program = (
        "from service import tracing; from service.settings import Settings\n"
        "tracing.start(Settings().otel_endpoint)\n"
        "tracing.stage('j', 1, 'decode', 1.0, {'outcome': 'done'})\n"
        "tracing.end()\n"
    )
    env = {**os.environ, **environment}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=env, check=True, timeout=60)


def test_a_collector_is_sent_the_spans(collector: tuple[Collector, str]) -> None:
    one, address = collector
    send({"OTEL_EXPORTER_OTLP_ENDPOINT": address})
    assert one.came.wait(60)
    (span,) = one.spans
    assert span.name == "stage decode"
    assert {a.key for a in span.attributes} == {"job_id", "attempt", "stage", "outcome"}
    assert len(span.trace_id) == 16


def test_nothing_is_traced_unless_a_collector_is_named() -> None:
    tracing.start(Settings().otel_endpoint)
    assert not tracing.is_on()
    tracing.stage("j", 1, "decode", 1.0, {"outcome": "done"})


def test_a_collector_that_is_away_holds_nobody_up() -> None:
    send({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"})


def test_the_doctor_says_that_it_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    assert leaving(Settings()) == ()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector.example:4317")
    (one,) = leaving(Settings())
    assert one.where == "collector.example:4317"
    assert "no words" in one.what
