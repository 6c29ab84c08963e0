"""What a route needs: every route says which role it is for, and what the audit log says of it.

A route that says nothing cannot be added: the application does not start.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from ingest.errors import Forbidden
from service.access.audit import Action, Result
from service.access.person import CALLED, Person, Role, require
from service.api.auditing import failed, note
from service.api.limits import Costly, Limits

_MARK = "__firsthand_needs__"
# Of a body in JSON or of a table in a form; what is larger comes in pieces. In bytes.
BODY_LIMIT = 16 << 20

_ONLY_LOOKS = ("see", "ask", "export")

_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Need:
    """``role`` is ``None`` where also somebody who has not signed in is answered. ``action`` is the
    audit log's word for it; ``None`` is not worth a line. ``costly`` is what a person may ask for
    only so often. With ``any_size`` the endpoint limits the body itself.
    """

    role: Role | None
    action: Action | None = None
    costly: Costly | None = None
    any_size: bool = False


def needs(
    role: Role | None,
    action: Action | None = None,
    *,
    costly: Costly | None = None,
    any_size: bool = False,
) -> Callable[[_Endpoint], _Endpoint]:
    """Say what the endpoint below needs."""

    def mark(endpoint: _Endpoint) -> _Endpoint:
        setattr(endpoint, _MARK, Need(role, action, costly, any_size))
        return endpoint

    return mark


def need_of(endpoint: Callable[..., Any]) -> Need:
    """What the endpoint said it needs. Raises ``TypeError`` when it said nothing."""
    need = getattr(endpoint, _MARK, None)
    if need is None:
        raise TypeError(f"{endpoint.__module__}.{endpoint.__qualname__} does not say what it needs")
    return cast(Need, need)


def person_of(request: Request) -> Person | None:
    """Who is asking, as the door found out; ``None`` has not signed in."""
    return cast("Person | None", request.state.person)


class GuardedRoute(APIRoute):
    """Checks the person before anything of the request is read."""

    body_limit: int | None = BODY_LIMIT

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.need = need_of(endpoint)
        options["max_body_size"] = None if self.need.any_size else self.body_limit
        options["responses"] = {**_problems(self.need), **(options.get("responses") or {})}
        super().__init__(path, endpoint, **options)

    def answering(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers whoever may ask."""
        return super().get_route_handler()

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = self.answering()

        async def handle(request: Request) -> Response:
            person = person_of(request)
            action = self.need.action
            if action is None and getattr(request.state, "originals", False):
                action = "see"
            try:
                check(self.need, person)
            except Forbidden:
                if person is not None:
                    await run_in_threadpool(note, request, person, action or "see", "refused")
                raise
            if self.need.costly is not None and person is not None:
                limits: Limits = request.app.state.limits
                limits.hit(self.need.costly, person)
            if action is None or person is None:
                return await answer(request)
            changes = action not in _ONLY_LOOKS
            result: Result = "allowed" if changes else "done"
            written = await run_in_threadpool(note, request, person, action, result)
            worked = False
            try:
                response = await answer(request)
                worked = response.status_code < 400
            finally:
                if changes and written is not None and not worked:
                    await run_in_threadpool(failed, request, written)
            return response

        return handle


def check(need: Need, person: Person | None) -> None:
    """Raises ``NotSignedIn`` or ``Forbidden``."""
    if need.role is not None:
        require(person, need.role)


def _problems(need: Need) -> dict[int | str, dict[str, Any]]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    told = {"default": {"description": "What is wrong, in a sentence.", "content": content}}
    if need.role is not None:
        told["401"] = {"description": "Not signed in.", "content": content}
        told["403"] = {"description": f"Not {CALLED[need.role]}.", "content": content}
    return cast("dict[int | str, dict[str, Any]]", told)
