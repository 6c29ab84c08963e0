"""Assistants over HTTP: the Model Context Protocol at /mcp, each request by itself.

It goes through the door, the guard and the masks as any other route does: who asks, with which
token and in which workspace, is found out anew for every request, and nothing of one is left for
the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from service.access.person import Person
from service.api.auditing import address_of
from service.api.deps import LibraryDep, PersonDep, SettingsDep
from service.api.limits import Limits
from service.api.needs import GuardedRoute, needs
from service.links import workspace_named

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from service.assistants.tool import Tool

_ALONE = "Without users this address only reads; `firsthand mcp --write` changes things."
_READS = "This address only reads; with /mcp?write=true the assistant may change things."

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


class Exchange(Response):
    """What the SDK answers to one request."""

    def __init__(self, manager: StreamableHTTPSessionManager) -> None:
        super().__init__()
        self._manager = manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._manager.run():
            await self._manager.handle_request(scope, receive, send)


@router.post("/mcp")
@needs("viewer")
async def mcp(
    library: LibraryDep,
    settings: SettingsDep,
    person: PersonDep,
    request: Request,
    *,
    write: bool = False,
) -> Response:
    """One message of an assistant, which only reads unless its address asks to ``write``. What a
    tool needs, and the log's line, is the tool's own.
    """
    return await run_in_threadpool(_exchange, library, settings, person, request, writes=write)


def _exchange(
    library: LibraryDep, settings: SettingsDep, person: Person, request: Request, *, writes: bool
) -> Exchange:
    # The SDK is dear to import, and many servers never need it.
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from service.assistants.calling import Assistant
    from service.assistants.links import ToolLinks
    from service.assistants.server import server_for

    limits: Limits = request.app.state.limits

    def limit(tool: Tool, whose: Person) -> None:
        if tool.costly is not None:
            limits.hit(tool.costly, whose)

    # Where nobody had to say who they are, nobody said that it may write either.
    alone = person.via == "machine"
    with library.read() as connection:
        workspace = workspace_named(library, connection)
    assistant = Assistant(
        library=library,
        person=person,
        links=ToolLinks(settings.url or str(request.base_url).rstrip("/"), workspace),
        writes=writes and not alone,
        sights=request.app.state.sights,
        address=address_of(request),
        originals=getattr(request.state, "originals", False),
        limit=limit,
        refusal=_ALONE if alone else _READS,
    )
    server = server_for(assistant)
    return Exchange(StreamableHTTPSessionManager(server, json_response=True, stateless=True))
