"""An assistant on this machine that has started us: the protocol is spoken over stdin and stdout.

It works for whoever sits here. It opens the home as a command does, also beside a server.
"""

from __future__ import annotations

from contextlib import suppress

import anyio
from mcp.server.stdio import stdio_server

from ingest.library import Library
from ingest.models import Frozen
from service.access.person import at_the_machine
from service.access.sights import Sights
from service.assistants.calling import Assistant
from service.assistants.links import ToolLinks
from service.assistants.server import server_for
from service.following import see_through
from service.jobs import get_job
from service.links import workspace_named
from service.settings import Settings
from service.shapes import Job


def serve(library: Library, settings: Settings, *, writes: bool, originals: bool) -> None:
    """Answer until stdin ends."""
    with suppress(KeyboardInterrupt):
        anyio.run(_serve, here(library, settings, writes=writes, originals=originals))


def here(library: Library, settings: Settings, *, writes: bool, originals: bool) -> Assistant:
    """An assistant of whoever sits here. It may be connected for days: a server that is started
    meanwhile can have what one process at a time can have.
    """
    with library.read() as connection:
        workspace = workspace_named(library, connection)
    return Assistant(
        library=library,
        person=at_the_machine(),
        links=ToolLinks(settings.page, workspace),
        writes=writes,
        sights=Sights(),
        originals=originals,
        then=_done,
        after=Library.let_go,
        refusal="This assistant may only read; `firsthand mcp --write` lets it change things.",
    )


async def _serve(assistant: Assistant) -> None:
    server = server_for(assistant)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


def _done(library: Library, told: Frozen) -> Frozen:
    """A job once it has ended: where no worker is, this process does it meanwhile."""
    if not isinstance(told, Job):
        return told
    see_through(library, [told.job_id], lambda _job: None)
    with library.read() as connection:
        return get_job(connection, told.job_id)
