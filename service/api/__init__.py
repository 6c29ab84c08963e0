"""The HTTP service: the contract's routes under /api and the page, over one open library.

Routes are plain ``def``: they parse, call one verb of the core and return its model; FastAPI runs
them in threads. Only streams of jobs wait in the event loop. Errors are RFC 9457 problem documents.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from ingest.errors import NotFound
from ingest.library import Library
from service import retention
from service.access.lockout import Lockout
from service.access.sights import Sights
from service.api import (
    accounts,
    answers,
    asking,
    assistants,
    audit,
    call_files,
    calls,
    clips,
    codebook,
    corrections,
    crm,
    described,
    digest,
    door,
    erasing,
    evidence,
    goals,
    guard,
    health,
    home,
    hooks,
    jobs,
    loop,
    machine,
    masking,
    memo_versions,
    memos,
    page,
    problems,
    reading,
    requests,
    session,
    sso,
    themes,
    tokens,
    uploads,
    users,
)
from service.api.job_feed import JobFeed
from service.api.limits import Limits
from service.api.needs import GuardedRoute
from service.digest.sending import send_due
from service.metrics import registry
from service.readiness import Readiness
from service.settings import MAIN, Settings
from service.spaces import Spaces
from service.uploads import Uploads

# Sound and streams are left as they are by Starlette itself. These are packed already, and the
# last is a recording of an unknown kind.
_PACKED = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/octet-stream",
)


def create_app(library: Library, settings: Settings, spaces: Spaces | None = None) -> FastAPI:
    """The application over the main workspace, the door in front of it, and the others behind.

    It does no jobs: workers do (``service.serving``). Without ``spaces`` there are no others.
    """
    lockout, of = Lockout(), partial(_library_of, library, spaces)
    app = rooms(library, settings, library, lockout, of)
    elsewhere = Elsewhere(spaces, partial(rooms, people=library, lockout=lockout, library_of=of))
    own = app.router.lifespan_context
    # Of all workspaces, for many are entered seldom.
    erase_due = spaces.sweep if spaces is not None else partial(retention.sweep, library)
    tell_due = spaces.tell if spaces is not None else partial(send_due, library, settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with own(app), elsewhere:
            due = [
                asyncio.create_task(erasing.sweeping(erase_due)),
                asyncio.create_task(digest.sending(tell_due)),
            ]
            yield
            for task in due:
                task.cancel()

    app.router.lifespan_context = lifespan
    app.state.apps = lambda: [app, *elsewhere.apps]
    door.install(app, library, settings, elsewhere)
    guard.install(app, settings)
    requests.install(app)
    return app


class Elsewhere:
    """The applications of the other workspaces, each made when somebody is first in it."""

    def __init__(self, spaces: Spaces | None, make: Callable[[Library, Settings], FastAPI]) -> None:
        self._spaces, self._make = spaces, make
        self._apps: dict[str, FastAPI] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._held = AsyncExitStack()

    @property
    def apps(self) -> list[FastAPI]:
        return list(self._apps.values())

    async def __call__(self, name: str) -> FastAPI:
        """Raises ``NotFound`` when there is none, and what opening it does."""
        if name in self._apps:  # whoever is in an open one does not wait for another to open
            return self._apps[name]
        async with self._opening.setdefault(name, asyncio.Lock()):
            if name not in self._apps:
                if self._spaces is None:
                    raise NotFound(f"There is no workspace {name!r} here.")
                space = await run_in_threadpool(self._spaces.get, name)
                app = self._make(space.library, space.settings)
                await self._held.enter_async_context(app.router.lifespan_context(app))
                self._apps[name] = app
        return self._apps[name]

    async def __aenter__(self) -> Elsewhere:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._held.aclose()
        self._apps.clear()


def _library_of(main: Library, spaces: Spaces | None, name: str) -> Library:
    if name == MAIN:
        return main
    if spaces is None:
        raise NotFound(f"There is no workspace {name!r} here.")
    return spaces.get(name).library


def rooms(
    library: Library,
    settings: Settings,
    people: Library,
    lockout: Lockout,
    library_of: Callable[[str], Library],
) -> FastAPI:
    """All routes over one workspace. They take the word of the door for who is asking, so nothing
    but the door may pass requests on to it. ``people`` is the main workspace, where users are kept;
    ``library_of`` gives any.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        sweep = asyncio.create_task(uploads.sweeping(Uploads(library, settings)))
        yield
        app.state.feed.close()
        sweep.cancel()

    app = FastAPI(
        title="Firsthand",
        version=version("firsthand"),
        lifespan=lifespan,
        summary="Customer calls in; answers and a strategy memo out, in the customers' own words.",
        # The documentation page would fetch its scripts from elsewhere; the page serves its own.
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # which is a route like the others here
    )
    app.state.library = library
    app.state.people = people
    app.state.library_of = library_of
    app.state.settings = settings
    app.state.feed = JobFeed(library)
    app.state.readiness = Readiness(library)
    app.state.limits = Limits()
    app.state.registry = registry(library)
    app.state.lockout = lockout
    app.state.sights = Sights()
    problems.install(app)
    described.install(app)
    masking.install(app, library)
    app.add_middleware(
        GZipMiddleware,
        minimum_size=1000,
        compresslevel=5,
        exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, *_PACKED),
    )
    for module in (
        call_files,
        calls,
        clips,
        corrections,
        erasing,
        uploads,
        jobs,
        asking,
        themes,
        answers,
        accounts,
        crm,
        codebook,
        evidence,
        loop,
        hooks,
        memos,
        memo_versions,
        reading,
        machine,
        home,
        goals,
        digest,
        session,
        sso,
        users,
        tokens,
        assistants,
        described,
        audit,
        health,
        page,
    ):
        app.include_router(module.router)
    for context in iter_route_contexts(app.routes):
        if not isinstance(context.original_route, GuardedRoute):
            raise TypeError(f"{context.path} is not guarded")
    return app
