"""API tokens: everybody makes and revokes their own, an admin sees and revokes all here."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from ingest.errors import Conflict, Forbidden
from ingest.models import Frozen
from service.access import tokens as core
from service.access.person import Person, Role
from service.api.auditing import note_made
from service.api.deps import CallerDep, PeopleDep
from service.api.door import Caller
from service.api.needs import GuardedRoute, needs

router = APIRouter(prefix="/api/tokens", tags=["users"], route_class=GuardedRoute)


class NewToken(Frozen):
    name: str = Field(min_length=1, max_length=100, description="what it is for")
    role: Role = "viewer"
    days: int = Field(default=core.DAYS, ge=1, le=core.DAYS_MOST)


@router.get("")
@needs("viewer")
def every(people: PeopleDep, caller: CallerDep) -> list[core.ApiToken]:
    """One's own tokens for this workspace; for an admin, everybody's. The newest first."""
    person = _person(caller)
    with people.read() as connection:
        whose = None if person.may("admin") else person.user_id
        return list(core.list_tokens(connection, user_id=whose, workspace=caller.workspace))


@router.post("", status_code=201)
@needs("viewer", "change")
def make(people: PeopleDep, caller: CallerDep, request: Request, wanted: NewToken) -> core.NewToken:
    """A token for this workspace, shown this once. It can do no more than its owner."""
    person = _person(caller)
    if person.user_id is None:
        raise Conflict("Tokens are for users; add one first with `firsthand users add`.")
    # A token that leaked would else make others that outlive it.
    if person.via == "token":
        raise Forbidden("A token makes no tokens; sign in for that.")
    with people.change() as connection:
        made = core.make(
            connection,
            person.user_id,
            wanted.name,
            workspace=caller.workspace,
            role=wanted.role,
            now=datetime.now(UTC),
            days=wanted.days,
        )
        note_made(request, person, "change", "token", made.id, role=made.role, days=wanted.days)
    return made


@router.delete("/{token_id}", status_code=204)
@needs("viewer", "delete")
def revoke(people: PeopleDep, caller: CallerDep, token_id: str) -> Response:
    """End a token for good."""
    person = _person(caller)
    with people.change() as connection:
        whose = None if person.may("admin") else person.user_id
        core.revoke(
            connection,
            token_id,
            now=datetime.now(UTC),
            user_id=whose,
            workspace=caller.workspace,
        )
    return Response(status_code=204)


def _person(caller: Caller) -> Person:
    assert caller.person is not None  # the route needs one
    return caller.person
