"""Signing in and out, with a password of this server or by single sign-on; and who one is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field, SecretStr

from ingest.errors import Conflict
from ingest.library import Library
from ingest.models import Frozen
from service.access import sessions, users
from service.access.errors import SignInRefused
from service.access.lockout import Lockout
from service.access.pending import local_path
from service.access.person import Person
from service.access.signing_in import Browser, Credentials, SignedIn, sign_in
from service.api.auditing import note
from service.api.cookies import of_session
from service.api.deps import CallerDep, PeopleDep, SettingsDep
from service.api.door import Caller
from service.api.entering import Me, browser_of, enter, library_of, sign_in_page, who
from service.api.needs import GuardedRoute, needs
from service.api.page import PageDep

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


def _lockout(request: Request) -> Lockout:
    lockout: Lockout = request.app.state.lockout
    return lockout


LockoutDep = Annotated[Lockout, Depends(_lockout)]


@router.get("/sign-in", include_in_schema=False)
@needs(None)
def page(page: PageDep, settings: SettingsDep, caller: CallerDep, next: str = "/") -> Response:
    """Where somebody signs in. Whoever is in already goes on."""
    if caller.person is not None:
        return RedirectResponse(local_path(next), 303)
    return sign_in_page(page, settings)


@router.get("/api/session")
@needs("viewer")
def me(people: PeopleDep, caller: CallerDep) -> Me:
    """Who one is here, and which workspaces one is in."""
    return who(people, caller)


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
    browser = browser_of(settings, request)
    signed = _signed_in(people, lockout, request, browser, given.name, given.password)
    return enter(people, settings, request, response, signed)


@router.patch("/api/session")
@needs("viewer")
def choose(people: PeopleDep, caller: CallerDep, request: Request, chosen: Chosen) -> Me:
    """Go on in another workspace."""
    if caller.secret is None:
        raise Conflict("Only a browser that is signed in goes from one workspace to another.")
    now = datetime.now(UTC)
    with people.change() as connection:
        sessions.choose_workspace(connection, caller.secret, chosen.workspace)
        found = sessions.find(connection, caller.secret, now)
        assert found is not None
        assert caller.person is not None
        if found.workspace != caller.workspace:
            note(request, caller.person, "leave", "done")
            there = library_of(request, found.workspace)
            note(request, found.person, "enter", "done", there)
    return who(people, Caller(found.person, found.workspace, caller.secret))


@router.delete("/api/session", status_code=204)
@needs(None)
def end(people: PeopleDep, settings: SettingsDep, request: Request, caller: CallerDep) -> Response:
    """Sign out."""
    if caller.secret is not None and caller.person is not None:
        with people.change() as connection:
            sessions.end(connection, caller.secret)
        note(request, caller.person, "leave", "done")
    # What the browser keeps of a recording goes as well.
    response = Response(status_code=204, headers={"Clear-Site-Data": '"cache"'})
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
    # If the new one cannot be used, the session goes on.
    browser = replace(browser_of(settings, request), session=None)
    _signed_in(people, lockout, request, browser, person.name, wanted.now)
    with people.change() as connection:
        users.set_password(connection, person.user_id, wanted.new.get_secret_value())
    return Response(status_code=204)


def _signed_in(
    people: Library,
    lockout: Lockout,
    request: Request,
    browser: Browser,
    name: str,
    password: SecretStr,
) -> SignedIn:
    given = Credentials(name, password.get_secret_value())
    try:
        return sign_in(people, lockout, given, browser, datetime.now(UTC))
    except SignInRefused:
        # Not the name: people type their password there. Who has to wait is not written down
        # either: strangers would fill the log.
        note(request, _STRANGER, "enter", "refused")
        raise
