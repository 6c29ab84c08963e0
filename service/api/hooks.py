"""Hooks, for admins: who is told what happens here, whether it arrives, and telling it again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, Field

from ingest.models import Frozen
from service.api.auditing import note_made
from service.api.deps import LibraryDep, PersonDep
from service.api.needs import GuardedRoute, needs
from service.hooks import deliveries, postman, store

router = APIRouter(prefix="/api/hooks", tags=["hooks"], route_class=GuardedRoute)


class Switching(Frozen):
    is_on: bool


class Tried(Frozen):
    """``why`` is empty when it arrived."""

    status: int | None
    why: str


class Replaying(Frozen):
    since: AwareDatetime
    hook_id: str | None = Field(default=None, description="only to this one")


class Queued(Frozen):
    queued: int


@router.get("")
@needs("admin")
def every(library: LibraryDep) -> list[store.Hook]:
    """The hooks, in the order in which they were added."""
    with library.read() as connection:
        return store.list_hooks(connection)


@router.post("", status_code=201)
@needs("admin", "add")
def add(
    library: LibraryDep, person: PersonDep, request: Request, new: store.NewHook
) -> store.HookMade:
    """Tell another program; its secret is shown this once. The address has to be a public one,
    unless FIRSTHAND_HOOKS_PRIVATE allows others.
    """
    made = store.add(library, new, private=False)
    note_made(request, person, "add", "hook", made.id)
    return made


@router.get("/deliveries")
@needs("admin")
def told(
    library: LibraryDep,
    hook_id: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = deliveries.PAGE,
) -> list[deliveries.Delivery]:
    """What was sent or waits, of the last 30 days, the newest first."""
    with library.read() as connection:
        return deliveries.list_deliveries(connection, hook_id, limit)


@router.post("/deliveries/{delivery_id}/replay", status_code=202)
@needs("admin", "export")
def again(library: LibraryDep, delivery_id: str) -> deliveries.Delivery:
    """Send it again, under the same id."""
    return deliveries.replay(library, delivery_id)


@router.post("/replay", status_code=202)
@needs("admin", "export")
def all_again(library: LibraryDep, person: PersonDep, request: Request, what: Replaying) -> Queued:
    """Send again all that happened since then, to the hooks that are on."""
    since: datetime = what.since
    queued = deliveries.replay_since(library, since, what.hook_id)
    if what.hook_id is not None:
        note_made(request, person, "export", "hook", what.hook_id)
    return Queued(queued=queued)


@router.patch("/{hook_id}")
@needs("admin", "change")
def switch(library: LibraryDep, hook_id: str, what: Switching) -> store.Hook:
    """Tell it nothing for now, or again."""
    return store.switch(library, hook_id, on=what.is_on)


@router.delete("/{hook_id}", status_code=204)
@needs("admin", "delete")
def remove(library: LibraryDep, hook_id: str) -> Response:
    """With all that is on its way to it."""
    store.remove(library, hook_id)
    return Response(status_code=204)


@router.post("/{hook_id}/test")
@needs("admin", "export")
def test(library: LibraryDep, hook_id: str) -> Tried:
    """Send it a message that says it is a test, now."""
    answer = postman.try_out(library, hook_id)
    return Tried(status=answer.status, why=answer.why)


@router.post("/{hook_id}/secret")
@needs("admin", "change")
def rotate(library: LibraryDep, hook_id: str) -> store.HookMade:
    """Another secret, shown this once."""
    return store.rotate(library, hook_id)
