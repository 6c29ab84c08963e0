"""A team on a home, and clients that come as each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient

from ingest.library import Library
from service.access import tokens, users
from service.access.person import ROLES
from service.access.users import MAIN
from service.api import create_app
from service.api.needs import GuardedRoute
from service.settings import Settings

PASSWORD = "a long walk over the frozen lake"
ADDRESS = "http://127.0.0.1:8400"


@dataclass(frozen=True)
class Team:
    """``ids`` and ``tokens`` by role; each is called like their role, and has the same password."""

    ids: Mapping[str, str]
    tokens: Mapping[str, str]


def make_team(library: Library, workspace: str = MAIN) -> Team:
    """An admin, an editor and a viewer. ``library`` is the main home."""
    now = datetime.now(UTC)
    ids: dict[str, str] = {}
    made: dict[str, str] = {}
    with library.change() as connection:
        for role in reversed(ROLES):  # the first user has to be an admin
            user = users.add_user(
                connection, role, password=PASSWORD, role=role, now=now, workspace=workspace
            )
            ids[role] = user.id
            made[role] = tokens.make(
                connection, user.id, "tests", workspace=workspace, role=role, now=now
            ).token
    return Team(ids, made)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def opened(library: Library) -> Iterator[TestClient]:
    """The application, reached without any sign of who one is."""
    app = create_app(library, Settings(home=library.home))
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        yield client


def routes(client: TestClient) -> dict[str, GuardedRoute]:
    """Every route by ``METHOD path``, as it is reached."""
    app = client.app
    assert isinstance(app, FastAPI)
    found = {}
    for context in iter_route_contexts(app.routes):
        assert isinstance(context.original_route, GuardedRoute), context
        for method in context.methods or ():
            found[f"{method} {context.path}"] = context.original_route
    return found
