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
from service.access.signing_in import Browser, Credentials, SignedIn, open_session, sign_in
from service.api.auditing import address_of, note
from service.api.cookies import of_device, of_session, of_sign_in
from service.api.deps import CallerDep, PeopleDep, SettingsDep
from service.api.door import Caller
from service.api.needs import GuardedRoute, needs
from service.api.page import UNSHARED, PageDep
from service.workspaces import list_workspaces

router = APIRouter(tags=["session"], route_class=GuardedRoute)


# Of somebody who tries to come in it is not known who they are.
_STRANGER = Person(None, "unknown", "viewer", "session")


class SignIn(Frozen):
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
    given: SignIn,
) -> Me:
    """Sign in with a name and a password; the cookie that comes back is the session."""
    signed = _signed_in(people, settings, lockout, request, given.name, given.password)
    return _enter(people, settings, request, response, signed)


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
def end(people: PeopleDep, settings: SettingsDep, request: Request, caller: CallerDep) -> Response:
    """Sign out."""
    if caller.secret is not None and caller.person is not None:
        note(request, caller.person, "leave", "done")
        with people.change() as connection:
            sessions.end(connection, caller.secret)
    response = Response(status_code=204)
    of_session(settings).drop(response)
    return response


@router.put("/api/session/password", status_code=204)
@needs("viewer", "change")
def password(
    people: PeopleDep,
    settings: SettingsDep,
    lockout: LockoutDep,
    request: Request,
    caller: CallerDep,
    wanted: NewPassword,
) -> Response:
    """Change one's own password, which ends all of one's sessions: sign in anew."""
    person = caller.person
    if person is None or person.via != "session" or person.user_id is None:
        raise Conflict("Only somebody who is signed in changes their password.")
    _signed_in(people, settings, lockout, request, person.name, wanted.now)
    with people.change() as connection:
        users.set_password(connection, person.user_id, wanted.new.get_secret_value())
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
    of_sign_in(settings).put(response, pending)
    return response


@router.get("/sso/callback", include_in_schema=False)
@needs(None)
def back(people: PeopleDep, page: PageDep, settings: SettingsDep, request: Request) -> Response:
    """Back from there."""
    now = datetime.now(UTC)
    pending = of_sign_in(settings).read(request) or ""
    response: Response
    try:
        identity = oidc.finish(settings, dict(request.query_params), pending, now)
        browser = _browser(settings, request)
        with people.change() as connection:
            user = users.get_user(connection, admit(connection, identity, settings))
            signed = open_session(connection, user, browser, now)
        response = RedirectResponse(oidc.destination(settings, pending, now), 303, headers=UNSHARED)
        _enter(people, settings, request, response, signed)
    except FirsthandError as problem:
        response = _sign_in_page(page, settings, problem)
    of_sign_in(settings).drop(response)
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


def _browser(settings: SettingsDep, request: Request) -> Browser:
    return Browser(
        address=address_of(request),
        agent=request.headers.get("user-agent", ""),
        device=of_device(settings).read(request),
    )


def _signed_in(
    people: Library,
    settings: SettingsDep,
    lockout: Lockout,
    request: Request,
    name: str,
    password: SecretStr,
) -> SignedIn:
    given = Credentials(name, password.get_secret_value())
    try:
        return sign_in(people, lockout, given, _browser(settings, request), datetime.now(UTC))
    except FirsthandError:
        # Not the name: people type their password there.
        note(request, _STRANGER, "enter", "refused")
        raise


def _enter(
    people: Library, settings: SettingsDep, request: Request, response: Response, signed: SignedIn
) -> Me:
    role = signed.user.role_in(signed.workspace)
    assert role is not None
    person = Person(signed.user.id, signed.user.name, role, "session")
    note(request, person, "enter", "done")
    # Until the browser is closed: how long it lasts at most is the server's to say.
    of_session(settings).put(response, signed.session)
    of_device(settings).put(response, signed.device)
    return _me(people, Caller(person, signed.workspace, signed.session))


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
