"""Private details are masked in every JSON document and every event on its way out.

One place, so that no route can forget it; the core and what it keeps know only originals. Files are
made of masked text by their routes (``deps.RedactionDep``). ``?originals=1`` shows everything as it
is, to admins.
"""

from __future__ import annotations

import re
from typing import Final

from fastapi import FastAPI, Request
from pydantic_core import from_json, to_json
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.database import passing
from ingest.library import Library
from service.access.person import Person
from service.api.problems import problem, told
from service.redaction import shown

# Nobody's words are in them: of people only those with an account, by the name they sign in with.
_OURS = (
    *("/healthz", "/readyz", "/metrics", "/openapi.json", "/static/"),
    *("/api/users", "/api/tokens", "/api/session", "/api/audit", "/api/hooks"),
)
_JSON = ("application/json", "application/problem+json")
_EVENTS = "text/event-stream"
_EVENT_END: Final = re.compile(rb"\r?\n\r?\n")
# Masked for others: names that are to be masked, and whom an admin has mail sent.
_ADMINS_ONLY = ("mask_names", "digest_to")


class Masking:
    def __init__(self, app: ASGIApp, library: Library) -> None:
        self._app = app
        self._library = library

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_OURS):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        person: Person | None = request.state.person
        admin = person is not None and person.may("admin")
        if request.query_params.get("originals", "0") not in ("", "0"):
            if not admin:
                refused = problem(403, "Only admins may see private details as they are.")
                await refused(scope, receive, send)
                return
            request.state.originals = True
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Masked(self._library, send, admin=admin))


class _Masked:
    """Sends on what is sent to it, masked."""

    def __init__(self, library: Library, send: Send, *, admin: bool) -> None:
        self._library = library
        self._send = send
        self._keep = _ADMINS_ONLY if admin else ()
        self._kind = ""
        self._held: Message | None = None  # the beginning of a document, until its length is known
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = Headers(raw=message["headers"]).get("content-type", "")
            self._kind = kind.partition(";")[0].strip()
            if self._kind in _JSON:
                self._held = message
                return
        elif message["type"] == "http.response.body" and self._kind in (*_JSON, _EVENTS):
            self._body += message.get("body", b"")
            more = message.get("more_body", False)
            await (self._document(more) if self._kind in _JSON else self._events(more))
            return
        await self._send(message)

    async def _document(self, more: bool) -> None:
        if more or self._held is None:
            return
        try:
            body = await run_in_threadpool(self._masked, self._body) if self._body else b""
        except SQLAlchemyError as error:
            why = passing(error)
            if why is None:
                raise
            # What cannot be masked is not shown.
            instead = told(why)
            self._held["status"] = instead.status_code
            self._held["headers"] = list(instead.raw_headers)
            body = bytes(instead.body)
        if body != self._body:
            MutableHeaders(scope=self._held)["Content-Length"] = str(len(body))
        await self._send(self._held)
        await self._send({"type": "http.response.body", "body": body})

    async def _events(self, more: bool) -> None:
        """Sends the events that are whole."""
        ends = [end.end() for end in _EVENT_END.finditer(self._body)]
        whole = len(self._body) if not more else ends[-1] if ends else 0
        events, self._body = self._body[:whole], self._body[whole:]
        if events or not more:
            masked = await run_in_threadpool(self._masked_events, events)
            await self._send({"type": "http.response.body", "body": masked, "more_body": more})

    def _masked_events(self, events: bytes) -> bytes:
        lines = events.split(b"\n")
        for n, line in enumerate(lines):
            if line.startswith(b"data:"):
                lines[n] = b"data: " + self._masked(line.removeprefix(b"data:").strip())
        return b"\n".join(lines)

    def _masked(self, document: bytes) -> bytes:
        """The JSON document itself when nothing in it is private."""
        with self._library.read() as connection:
            redaction = shown(self._library, connection)
        read = from_json(document)
        masked = redaction.json(read, keep=self._keep)
        return document if masked is read else to_json(masked)


def install(app: FastAPI, library: Library) -> None:
    app.add_middleware(Masking, library=library)
