"""Coming in: the cookies, the line in the log and the answer, whichever way somebody signs in."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from ingest.errors import FirsthandError
from ingest.library import Library
from ingest.models import Frozen
from service.access import users
from service.access.person import Person, Role
from service.access.signing_in import Browser, SignedIn
from service.api.auditing import address_of, note
from service.api.cookies import of_device, of_session
from service.api.door import Caller
from service.api.page import Page
from service.settings import Settings
from service.workspaces import list_workspaces


class Room(Frozen):
    """A workspace that one is in, and as what."""

    name: str
    title: str
    role: Role


class Me(Frozen):
    """``via`` is ``machine`` where nobody signs in: without users, at the machine itself. ``sso``:
    one comes by single sign-on only and has no password here.
    """

    name: str
    role: Role
    via: str
    sso: bool
    workspace: str
    workspaces: tuple[Room, ...]


def sign_in_page(page: Page, settings: Settings, problem: FirsthandError | None = None) -> Response:
    provider = settings.oidc()
    return page(
        "sign-in",
        "Sign in",
        200 if problem is None else problem.status,
        provider=None if provider is None else provider.name,
        told=None if problem is None else str(problem),
    )


def browser_of(settings: Settings, request: Request) -> Browser:
    return Browser(
        address=address_of(request),
        agent=request.headers.get("user-agent", ""),
        device=of_device(settings).read(request),
        session=of_session(settings).read(request),
    )


def enter(
    people: Library, settings: Settings, request: Request, response: Response, signed: SignedIn
) -> Me:
    role = signed.user.role_in(signed.workspace)
    assert role is not None
    person = Person(signed.user.id, signed.user.name, role, "session")
    note(request, person, "enter", "done", library_of(request, signed.workspace))
    # Until the browser is closed: how long it lasts at most is the server's to say.
    of_session(settings).put(response, signed.session)
    of_device(settings).put(response, signed.device)
    return who(people, Caller(person, signed.workspace, signed.session))


def library_of(request: Request, workspace: str) -> Library:
    """Of a workspace that is not the one the request came to. Raises what opening it does."""
    found: Library = request.app.state.library_of(workspace)
    return found


def who(people: Library, caller: Caller) -> Me:
    person = caller.person
    assert person is not None
    there = {one.name: one.title for one in list_workspaces(people)}
    roles: dict[str, Role] = {caller.workspace: person.role}
    sso = False
    if person.user_id is not None:
        with people.read() as connection:
            user = users.get_user(connection, person.user_id)
        roles = {one.workspace: one.role for one in user.memberships}
        sso = user.sso
    return Me(
        name=person.name,
        role=person.role,
        via=person.via,
        sso=sso,
        workspace=caller.workspace,
        workspaces=tuple(
            Room(name=name, title=title, role=roles[name])
            for name, title in there.items()
            if name in roles
        ),
    )
