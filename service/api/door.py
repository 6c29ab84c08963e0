"""The door: finds out who is asking and which workspace they are in, before anything else does.

Routes get the person as ``request.state.person`` (``None`` has not signed in) and check what it may
(``service.api.needs``). While nobody has been added as a user, everybody who reaches this server
sits at the machine it runs on, as long as it answers on no other address; else it is nobody.

Who follows a stream of events is looked up again and again as long as it lasts: it ends when they
are no longer here, or no longer as what they were.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import FastAPI, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ingest.database import passing
from ingest.errors import FirsthandError, NotSignedIn
from ingest.library import Library
from service.access import sessions, tokens, visit
from service.access.person import Person, at_the_machine
from service.access.users import MAIN, any_users
from service.access.visit import Visit
from service.api.cookies import of_session
from service.api.problems import told
from service.settings import Settings

# Answered to anybody, and asked so often that nobody is looked up for it.
_OPEN = ("/static/", "/healthz", "/readyz")
_SAFE = ("GET", "HEAD", "OPTIONS")
AGAIN_S = 1.5  # between two looks at who follows a stream

# The application of a workspace that is not the main one.
Elsewhere = Callable[[str], Awaitable[ASGIApp]]


@dataclass(frozen=True, slots=True)
class Caller:
    """``secret`` is the session's, ``None`` where none is."""

    person: Person | None
    workspace: str = MAIN
    secret: str | None = None


class Door:
    """Sets who is asking, and passes the request on to their workspace."""

    def __init__(
        self, app: ASGIApp, people: Library, settings: Settings, elsewhere: Elsewhere
    ) -> None:
        """``people`` is the main home, where users are kept."""
        self._app = app
        self._people = people
        self._cookie = of_session(settings)
        self._elsewhere = elsewhere
        # Where others reach it, nobody is taken to sit at the machine, also while there is no user.
        self._nobody_known = Caller(None if settings.public else at_the_machine())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            caller = Caller(None)
            if not request.url.path.startswith(_OPEN):
                caller = await run_in_threadpool(self._caller, request)
            request.state.caller = caller
            request.state.person = caller.person
            app = self._app
            if caller.workspace != MAIN:
                app = await self._elsewhere(caller.workspace)
        except FirsthandError as problem:
            await told(problem)(scope, receive, send)
            return
        except SQLAlchemyError as error:
            why = passing(error)
            if why is None:
                raise
            await told(why)(scope, receive, send)
            return
        answer = _Answer(send)
        answering = asyncio.ensure_future(app(scope, receive, answer))
        try:
            while not answering.done():
                await asyncio.wait({answering}, timeout=AGAIN_S)
                if answer.streams and not (answering.done() or await self._still(request, caller)):
                    await answer.end()
                    return
        finally:
            answering.cancel()
        await answering

    async def _still(self, request: Request, caller: Caller) -> bool:
        """Whether they are here as they were. A database that is away just now does not say."""
        try:
            now, _ = await run_in_threadpool(self._look_up, request, datetime.now(UTC))
        except NotSignedIn:
            return False
        except (FirsthandError, SQLAlchemyError) as error:
            if passing(error) is None:
                raise
            return True
        return now == caller

    def _caller(self, request: Request) -> Caller:
        now = datetime.now(UTC)
        caller, found = self._look_up(request, now)
        if found is not None:
            if found.person.via == "session" and request.method not in _SAFE:
                _same_origin(request)
            visit.touch(self._people, found, now)
        return caller

    def _look_up(self, request: Request, now: datetime) -> tuple[Caller, Visit | None]:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        secret = self._cookie.read(request)
        with self._people.read() as connection:
            if not any_users(connection):
                return self._nobody_known, None
            if scheme.lower() == "bearer":
                found = tokens.find(connection, token.strip(), now)
                if found is None:
                    raise NotSignedIn("That token lets nobody in: it is wrong, old or revoked.")
            else:
                found = sessions.find(connection, secret, now) if secret else None
        return Caller(found.person, found.workspace, secret) if found else Caller(None), found


class _Answer:
    """Sends on what is sent to it, until it is ended."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.streams = False  # events, for as long as whoever asked stays
        self._over = False

    async def __call__(self, message: Message) -> None:
        if self._over:
            return
        if message["type"] == "http.response.start":
            kind = Headers(raw=message["headers"]).get("content-type", "")
            self.streams = kind.startswith("text/event-stream")
        await self._send(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._over = True

    async def end(self) -> None:
        if not self._over:
            self._over = True
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})


def _same_origin(request: Request) -> None:
    # ``guard`` has refused every other origin. A browser always names one with such a request, so
    # what comes with a cookie and without an origin is no page of ours.
    if "origin" not in request.headers:
        raise NotSignedIn(
            "A change with a session comes from this server's own page; programs send a token."
        )


def install(app: FastAPI, people: Library, settings: Settings, elsewhere: Elsewhere) -> None:
    app.add_middleware(Door, people=people, settings=settings, elsewhere=elsewhere)
