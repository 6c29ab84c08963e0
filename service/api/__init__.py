"""The HTTP service: the contract's routes under /api and the page, over one open library.

Routes are plain ``def``: they parse, call one verb of the core and return its model; FastAPI runs
them in threads. Only streams of jobs wait in the event loop. Errors are RFC 9457 problem documents.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from ingest.library import Library
from service.api import (
    accounts,
    answers,
    asking,
    call_files,
    calls,
    codebook,
    corrections,
    erasing,
    evidence,
    guard,
    health,
    home,
    jobs,
    machine,
    memo_versions,
    memos,
    page,
    problems,
    reading,
    requests,
    themes,
    uploads,
)
from service.api.job_feed import JobFeed
from service.metrics import registry
from service.readiness import Readiness
from service.settings import Settings
from service.uploads import Uploads

# Sound and streams are left as they are by Starlette itself. These are packed already, and the
# last is a recording of an unknown kind.
_PACKED = (
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/octet-stream",
)


def create_app(library: Library, settings: Settings) -> FastAPI:
    """The application. It does no jobs: a worker does (``service.serving``)."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        sweeps = [
            asyncio.create_task(uploads.sweeping(Uploads(library, settings))),
            asyncio.create_task(erasing.sweeping(library)),
        ]
        yield
        app.state.feed.close()
        for sweep in sweeps:
            sweep.cancel()

    app = FastAPI(
        title="Firsthand",
        version=version("firsthand"),
        lifespan=lifespan,
        summary="Customer calls in; answers and a strategy memo out, in the customers' own words.",
        # The documentation page would fetch its scripts from elsewhere; the page serves its own.
        docs_url=None,
        redoc_url=None,
    )
    app.state.library = library
    app.state.settings = settings
    app.state.feed = JobFeed(library)
    app.state.readiness = Readiness(library)
    app.state.registry = registry(library)
    problems.install(app)
    app.add_middleware(
        GZipMiddleware,
        minimum_size=1000,
        compresslevel=5,
        exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, *_PACKED),
    )
    guard.install(app, settings)
    requests.install(app)
    for module in (
        call_files,
        calls,
        corrections,
        erasing,
        uploads,
        jobs,
        asking,
        themes,
        answers,
        accounts,
        codebook,
        evidence,
        memos,
        memo_versions,
        reading,
        machine,
        home,
        health,
        page,
    ):
        app.include_router(module.router)
    return app
