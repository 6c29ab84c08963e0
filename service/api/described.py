"""The description of the API: FastAPI's own, with the problem document and the ways to sign in."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi

from service.api.needs import GuardedRoute, needs

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get("/openapi.json")
@needs("viewer")
def openapi(request: Request) -> dict[str, Any]:
    """What there is, for programs."""
    app: FastAPI = request.app
    return app.openapi()


# RFC 9457.
_PROBLEM = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what is wrong and what to do, for people"},
    },
}
_WAYS_IN = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token, `fh_…`."},
    "session": {"type": "apiKey", "in": "cookie", "name": "firsthand"},
}


def file(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """What a route that answers with a file of one of these media types tells of itself."""
    content: dict[str, Any] = {kind.partition(";")[0]: {} for kind in kinds}
    return {200: {"description": "The file.", "content": content}}


def install(app: FastAPI) -> None:
    """Have the description say both."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title, version=app.version, summary=app.summary, routes=app.routes
            )
            parts = made.setdefault("components", {})
            parts.setdefault("schemas", {})["Problem"] = _PROBLEM
            parts["securitySchemes"] = _WAYS_IN
            made["security"] = [{way: []} for way in _WAYS_IN]
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]
