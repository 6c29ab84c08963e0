"""Every request gets an id, one line in the log and, where tracing is on, one span.

Told are the template of its route, its status and how long it took: a path may hold what somebody
typed, and a query always does.
"""

from __future__ import annotations

import logging
import time
import uuid

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import logs, tracing

log = logging.getLogger(__name__)

_OFTEN = ("/healthz", "/readyz", "/metrics", "/static")  # asked by machines, again and again


class Requests:
    """The outermost part of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex[:16]
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.monotonic()
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        with logs.about(request_id=request_id, method=method_of(scope)):
            try:
                await self._app(scope, receive, answer)
            finally:
                seconds = time.monotonic() - began
                route = route_of(scope)
                told = {"route": route, "status": status, "ms": round(1000 * seconds, 1)}
                level = logging.DEBUG if route.startswith(_OFTEN) else logging.INFO
                log.log(level, "answered", extra=told)
                tracing.request(method_of(scope), route, status, seconds, request_id)


def route_of(scope: Scope) -> str:
    """The template of the route that answers, a word of ours where none does."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else "unknown"


def method_of(scope: Scope) -> str:
    """A method as HTTP has them; others could be any word."""
    known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    return scope["method"] if scope["method"] in known else "other"


def install(app: FastAPI) -> None:
    app.add_middleware(Requests)
