"""Single sign-on: off to the provider, and back from there."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from ingest.errors import FirsthandError
from service.access import oidc, users
from service.access.admitting import admit
from service.access.signing_in import open_session
from service.api.auditing import address_of
from service.api.cookies import of_sign_in
from service.api.deps import PeopleDep, SettingsDep
from service.api.entering import browser_of, enter, sign_in_page
from service.api.limits import Limits
from service.api.needs import GuardedRoute, needs
from service.api.page import PageDep

router = APIRouter(include_in_schema=False, route_class=GuardedRoute)


@router.get("/sso")
@needs(None)
def elsewhere(page: PageDep, settings: SettingsDep, request: Request, next: str = "/") -> Response:
    """Off to the provider of single sign-on."""
    now = datetime.now(UTC)
    limits: Limits = request.app.state.limits
    try:
        limits.hit_from("provider", address_of(request))
        address, pending = oidc.begin(settings, next, now)
    except FirsthandError as problem:
        return sign_in_page(page, settings, problem)
    response = RedirectResponse(address, 303)
    of_sign_in(settings).put(response, pending)
    return response


@router.get("/sso/callback")
@needs(None)
def back(people: PeopleDep, page: PageDep, settings: SettingsDep, request: Request) -> Response:
    """Back from there."""
    now = datetime.now(UTC)
    pending = of_sign_in(settings).read(request) or ""
    limits: Limits = request.app.state.limits
    response: Response
    try:
        limits.hit_from("provider", address_of(request))
        identity = oidc.finish(settings, dict(request.query_params), pending, now)
        browser = browser_of(settings, request)
        with people.change() as connection:
            user = users.get_user(connection, admit(connection, identity, settings, now))
            signed = open_session(connection, user, browser, now)
        response = RedirectResponse(oidc.destination(settings, pending, now), 303)
        enter(people, settings, request, response, signed)
    except FirsthandError as problem:
        response = sign_in_page(page, settings, problem)
    of_sign_in(settings).drop(response)
    return response
