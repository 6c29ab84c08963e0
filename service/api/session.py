"""Signing in and out, with a password of this server or by single sign-on; and who one is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field, SecretStr

from ingest.errors import Conflict, FirsthandError
from ingest.library import Library
from ingest.models import Frozen
from service.access import oidc, sessions, users
from service.access.admitting import admit
from service.access.lockout import Lockout
from service.access.person import Person, Role
from service.access.signing_in import sign_in
from service.api.deps import CallerDep, PeopleDep, SettingsDep
from service.api.door import Caller, Cookie
from service.api.needs import GuardedRoute, needs
from service.api.page import UNSHARED, PageDep
from service.workspaces import list_workspaces

router = APIRouter(tags=["session"], route_class=GuardedRoute)

_PENDING = "firsthand-sso"  # the sign-in that is under way at the provider
_PENDING_S = 600
_KNOWN = "firsthand-device"  # a browser that has signed in before
_KNOWN_S = 180 * 24 * 3600


class Credentials(Frozen):
    name: str = Field(max_length=254)
    password: SecretStr = Field(max_length=1024)


class NewPassword(Frozen):
    now: SecretStr = Field(max_length=1024)
    new: SecretStr = Field(max_length=1024)


class Chosen(Frozen):
    workspace: str


class Room(Frozen):
    """A workspace that one is in, and as what."""

    name: str
    title: str
    role: Role


class Me(Frozen):
    """``via`` is ``machine`` where nobody signs in: without users, at the machine itself."""

    name: str
    role: Role
    via: str
    workspace: str
    workspaces: tuple[Room, ...]


def _lockout(request: Request) -> Lockout:
    lockout: Lockout = request.app.state.lockout
    return lockout


LockoutDep = Annotated[Lockout, Depends(_lockout)]


@router.get("/sign-in", include_in_schema=False)
@needs(None)
def page(page: PageDep, settings: SettingsDep, caller: CallerDep) -> Response:
    """Where somebody signs in. Whoever is in already goes on."""
    if caller.person is not None:
        return RedirectResponse("/", 303, headers=UNSHARED)
    return _sign_in_page(page, settings)


@router.get("/api/session")
@needs("viewer")
def me(people: PeopleDep, caller: CallerDep) -> Me:
    """Who one is here, and which workspaces one is in."""
    return _me(people, caller)


@router.post("/api/session", status_code=201)
@needs(None)
def begin(
    people: PeopleDep,
    settings: SettingsDep,
    lockout: LockoutDep,
    request: Request,
    response: Response,
    given: Credentials,
) -> Me:
    """Sign in with a name and a password; the cookie that comes back is the session."""
    now = datetime.now(UTC)
    signed = sign_in(
        people,
        lockout,
        given.name,
        given.password.get_secret_value(),
        address=_address(request),
        device=request.cookies.get(_KNOWN),
        now=now,
    )
    visit = _open(people, settings, request, response, signed.user_id, now)
    response.set_cookie(_KNOWN, signed.device, max_age=_KNOWN_S, **Cookie(settings).options())
    return visit


@router.patch("/api/session")
@needs("viewer")
def choose(people: PeopleDep, caller: CallerDep, chosen: Chosen) -> Me:
    """Go on in another workspace."""
    if caller.secret is None:
        raise Conflict("Only a browser that is signed in goes from one workspace to another.")
    now = datetime.now(UTC)
    with people.change() as connection:
        sessions.choose_workspace(connection, caller.secret, chosen.workspace)
        found = sessions.find(connection, caller.secret, now)
    assert found is not None
    return _me(people, Caller(found.person, found.workspace, caller.secret))


@router.delete("/api/session", status_code=204)
@needs(None)
def end(people: PeopleDep, settings: SettingsDep, caller: CallerDep) -> Response:
    """Sign out."""
    if caller.secret is not None:
        with people.change() as connection:
            sessions.end(connection, caller.secret)
    cookie = Cookie(settings)
    response = Response(status_code=204)
    response.delete_cookie(cookie.name, **cookie.options())
    return response


@router.put("/api/session/password", status_code=204)
@needs("viewer", "change")
def password(
    people: PeopleDep,
    lockout: LockoutDep,
    request: Request,
    caller: CallerDep,
    wanted: NewPassword,
) -> Response:
    """Change one's own password, which ends all of one's sessions: sign in anew."""
    person = caller.person
    if person is None or person.via != "session" or person.user_id is None:
        raise Conflict("Only somebody who is signed in changes their password.")
    signed = sign_in(
        people,
        lockout,
        person.name,
        wanted.now.get_secret_value(),
        address=_address(request),
        device=request.cookies.get(_KNOWN),
        now=datetime.now(UTC),
    )
    with people.change() as connection:
        users.set_password(connection, signed.user_id, wanted.new.get_secret_value())
    return Response(status_code=204)


@router.get("/sso", include_in_schema=False)
@needs(None)
def elsewhere(page: PageDep, settings: SettingsDep, next: str = "/") -> Response:
    """Off to the provider of single sign-on."""
    now = datetime.now(UTC)
    try:
        address, pending = oidc.begin(settings, next, now)
    except FirsthandError as problem:
        return _sign_in_page(page, settings, problem)
    response = RedirectResponse(address, 303, headers=UNSHARED)
    response.set_cookie(_PENDING, pending, max_age=_PENDING_S, **Cookie(settings).options())
    return response


@router.get("/sso/callback", include_in_schema=False)
@needs(None)
def back(people: PeopleDep, page: PageDep, settings: SettingsDep, request: Request) -> Response:
    """Back from there."""
    now = datetime.now(UTC)
    cookie = Cookie(settings)
    pending = request.cookies.get(_PENDING, "")
    response: Response
    try:
        identity = oidc.finish(settings, dict(request.query_params), pending, now)
        with people.change() as connection:
            user_id = admit(connection, identity, settings)
        response = RedirectResponse(oidc.destination(settings, pending, now), 303, headers=UNSHARED)
        _open(people, settings, request, response, user_id, now)
    except FirsthandError as problem:
        response = _sign_in_page(page, settings, problem)
    response.delete_cookie(_PENDING, **cookie.options())
    return response


def _sign_in_page(
    page: PageDep, settings: SettingsDep, problem: FirsthandError | None = None
) -> Response:
    provider = settings.oidc()
    return page(
        "sign-in",
        "Sign in",
        200 if problem is None else problem.status,
        provider=None if provider is None else provider.name,
        told=None if problem is None else str(problem),
    )


def _open(
    people: Library,
    settings: SettingsDep,
    request: Request,
    response: Response,
    user_id: str,
    now: datetime,
) -> Me:
    with people.change() as connection:
        user = users.get_user(connection, user_id)
        # The main one where they are in it, else the first.
        first = min(user.memberships, key=lambda one: (one.workspace != users.MAIN, one.workspace))
        secret = sessions.begin(
            connection,
            user_id,
            first.workspace,
            now=now,
            address=_address(request),
            agent=request.headers.get("user-agent", ""),
        )
    cookie = Cookie(settings)
    # Until the browser is closed: how long it lasts at most is the server's to say.
    response.set_cookie(cookie.name, secret, **cookie.options())
    person = Person(user_id, user.name, first.role, "session")
    return _me(people, Caller(person, first.workspace, secret))


def _me(people: Library, caller: Caller) -> Me:
    person = caller.person
    assert person is not None
    there = {one.name: one.title for one in list_workspaces(people)}
    roles: dict[str, Role] = {caller.workspace: person.role}
    if person.user_id is not None:
        with people.read() as connection:
            user = users.get_user(connection, person.user_id)
        roles = {one.workspace: one.role for one in user.memberships}
    return Me(
        name=person.name,
        role=person.role,
        via=person.via,
        workspace=caller.workspace,
        workspaces=tuple(
            Room(name=name, title=title, role=roles[name])
            for name, title in there.items()
            if name in roles
        ),
    )


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""
