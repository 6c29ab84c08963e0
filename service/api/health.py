"""Whether the server lives, whether it can work, and what it has done."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from service.api.needs import GuardedRoute, needs
from service.readiness import Readiness, Ready

router = APIRouter(tags=["health"], route_class=GuardedRoute)


def _readiness(request: Request) -> Readiness:
    return cast(Readiness, request.app.state.readiness)


def _registry(request: Request) -> CollectorRegistry:
    return cast(CollectorRegistry, request.app.state.registry)


@router.get("/healthz")
@needs(None)
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
@needs(None)
def ready(readiness: Annotated[Readiness, Depends(_readiness)]) -> Ready:
    """Every part that questions and uploads need works; else a 503 names the one that does not."""
    return readiness.ask()


@router.get("/metrics", response_class=PlainTextResponse)
@needs("viewer")
def metrics(registry: Annotated[CollectorRegistry, Depends(_registry)]) -> PlainTextResponse:
    """Figures in Prometheus' text format."""
    return PlainTextResponse(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)
