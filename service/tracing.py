"""Traces by OpenTelemetry, sent only when ``OTEL_EXPORTER_OTLP_ENDPOINT`` names a collector.

A job is one trace: a span for each attempt at it and below that one for each try of a stage. The
ids of trace and attempt are made from the job's, so that processes which know nothing of each other
add to the same trace. Requests are spans of their own. Ids and figures go out, no words.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from contextvars import ContextVar
from importlib.metadata import version
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import SpanContext, Tracer

_END_S = 3.0  # for what is not sent yet when the process ends

_provider: TracerProvider | None = None
_tracer: Tracer | None = None
_ids: ContextVar[tuple[int, int] | None] = ContextVar("ids", default=None)  # of trace and span

Fields = Mapping[str, str | int | float | None]


def start(endpoint: str | None, exporter: SpanExporter | None = None) -> None:
    """Trace from now on in this process, if there is somewhere to send it; ``end`` it at last."""
    global _provider, _tracer
    if not endpoint:
        return
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class Ids(RandomIdGenerator):
        """The ids that were chosen, else any."""

        def generate_trace_id(self) -> int:
            chosen = _ids.get()
            return chosen[0] if chosen else super().generate_trace_id()

        def generate_span_id(self) -> int:
            chosen = _ids.get()
            return chosen[1] if chosen else super().generate_span_id()

    if exporter is None:
        # Certificates, headers and timeouts come from the usual OTEL_* variables.
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter(endpoint=endpoint)
    resource = Resource.create({"service.name": "firsthand", "service.version": _version()})
    _provider = TracerProvider(resource=resource, id_generator=Ids(), shutdown_on_exit=False)
    _provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = _provider.get_tracer("firsthand", _version())


def end() -> None:
    """Send what is not sent yet, within seconds, and trace no more."""
    global _provider, _tracer
    if _provider is None:
        return
    sending = Thread(target=_provider.shutdown, name="last spans", daemon=True)
    _provider = _tracer = None
    sending.start()
    sending.join(_END_S)  # a collector that is away does not hold the process up


def is_on() -> bool:
    return _tracer is not None


def stage(job_id: str, attempt: int, name: str, seconds: float, fields: Fields) -> None:
    """A try of a stage that has just ended, ``outcome`` among its fields."""
    if _tracer is None:
        return
    from opentelemetry.trace import NonRecordingSpan, set_span_in_context

    parent = set_span_in_context(NonRecordingSpan(_attempt(job_id, attempt)))
    now = time.time_ns()
    known = {"job_id": job_id, "attempt": attempt, "stage": name, **fields}
    span = _tracer.start_span(
        f"stage {name}", context=parent, start_time=now - _ns(seconds), attributes=_there(known)
    )
    _judge(span, failed=fields.get("outcome") not in ("done", "cancelled"))
    span.end(now)


def attempt(job_id: str, number: int, began: float, fields: Fields) -> None:
    """An attempt at a job that has just ended, ``outcome`` among its fields.

    ``began`` is in seconds since 1970.
    """
    if _tracer is None:
        return
    from opentelemetry.context import Context

    context = _attempt(job_id, number)
    known = {"job_id": job_id, "attempt": number, **fields}
    token = _ids.set((context.trace_id, context.span_id))
    try:
        span = _tracer.start_span(
            "job", context=Context(), start_time=_ns(began), attributes=_there(known)
        )
    finally:
        _ids.reset(token)
    _judge(span, failed=fields.get("outcome") == "failed")
    span.end()


def request(method: str, route: str, status: int, seconds: float, request_id: str) -> None:
    """A request that has just been answered; ``route`` is the template of its path."""
    if _tracer is None:
        return
    from opentelemetry.context import Context
    from opentelemetry.trace import SpanKind

    now = time.time_ns()
    span = _tracer.start_span(
        f"{method} {route}",
        context=Context(),
        kind=SpanKind.SERVER,
        start_time=now - _ns(seconds),
        attributes={
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
            "request_id": request_id,
        },
    )
    _judge(span, failed=status >= 500)
    span.end(now)


def _attempt(job_id: str, number: int) -> SpanContext:
    """The same in every process."""
    from opentelemetry.trace import SpanContext, TraceFlags

    return SpanContext(
        trace_id=_id(job_id, 16),
        span_id=_id(f"{job_id}.{number}", 8),
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )


def _id(text: str, size: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:size]) or 1  # 0 is no id


def _judge(span: object, *, failed: bool) -> None:
    from opentelemetry.trace import Span, StatusCode

    if failed and isinstance(span, Span):
        span.set_status(StatusCode.ERROR)


def _there(fields: Fields) -> dict[str, str | int | float]:
    return {name: value for name, value in fields.items() if value is not None}


def _ns(seconds: float) -> int:
    return int(seconds * 1e9)


def _version() -> str:
    return version("firsthand")
