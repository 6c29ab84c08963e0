"""The door: finds out who is asking and which workspace they are in, before anything else does.

Routes get the person as ``request.state.person`` (``None`` has not signed in) and check what it may
(``service.api.needs``). While nobody has been added as a user, everybody who reaches this server
sits at the machine it runs on, since it then answers on no other address.
"""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from service.access.person import at_the_machine

# Asked by machines and by every page, and answered to anybody.
OPEN = ("/static/", "/healthz", "/readyz")


class Door:
    """Sets who is asking."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._machine = at_the_machine()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope.setdefault("state", {})["person"] = self._machine
        await self._app(scope, receive, send)


def install(app: FastAPI) -> None:
    app.add_middleware(Door)
