"""The applications of a server's workspaces: each made, and begun, when it is first asked for."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from types import TracebackType

from fastapi import FastAPI

from service.api import create_app
from service.spaces import Spaces


class Apps:
    """One application for each workspace that somebody asked for. Of one event loop."""

    def __init__(self, spaces: Spaces) -> None:
        self._spaces = spaces
        self._apps: dict[str, FastAPI] = {}
        self._begun = AsyncExitStack()
        self._lock = asyncio.Lock()  # of making one; who asks for one that is there does not wait

    async def __aenter__(self) -> Apps:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._begun.__aexit__(kind, error, trace)

    async def get(self, name: str) -> FastAPI:
        """The application of the workspace. Raises what ``Spaces.get`` does."""
        found = self._apps.get(name)
        if found is None:
            async with self._lock:
                found = self._apps.get(name) or await self._made(name)
        return found

    def close_feeds(self) -> None:
        """End the streams of jobs, for which a server that is to end would wait."""
        for app in self._apps.values():
            app.state.feed.close()

    async def _made(self, name: str) -> FastAPI:
        space = await asyncio.to_thread(self._spaces.get, name)
        app = create_app(space.library, space.settings)
        await self._begun.enter_async_context(app.router.lifespan_context(app))
        self._apps[name] = app
        return app
