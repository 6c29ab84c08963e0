"""What is costly is limited for each person, and told with when to go on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from limits.storage import MemoryStorage
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.errors import TooOften
from service.access.person import Person, at_the_machine
from service.api import problems
from service.api.limits import OFTEN, Costly, Limits
from service.api.needs import GuardedRoute, needs

DANA = Person("u1", "Dana", "viewer", "session")
EVE = Person("u2", "Eve", "viewer", "token")
FEW: dict[Costly, int] = {"ask": 3, "export": 1}


class Known:
    """Who is asking stands in a header, as the door would find it out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            name = dict(scope["headers"]).get(b"x-person", b"").decode()
            people = {"dana": DANA, "eve": EVE, "machine": at_the_machine()}
            scope.setdefault("state", {})["person"] = people.get(name)
        await self._app(scope, receive, send)


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI()
    app.state.limits = Limits(FEW)
    problems.install(app)
    app.add_middleware(Known)
    router = APIRouter(route_class=GuardedRoute)

    @router.get("/ask")
    @needs("viewer", costly="ask")
    def ask() -> str:
        return "answered"

    @router.get("/export")
    @needs("viewer", costly="export")
    def export() -> str:
        return "exported"

    app.include_router(router)

    with TestClient(app) as opened:
        yield opened


def statuses(client: TestClient, person: str, n: int, path: str = "/ask") -> list[int]:
    return [client.get(path, headers={"X-Person": person}).status_code for _ in range(n)]


def test_who_asks_too_often_is_told_when_to_go_on(client: TestClient) -> None:
    assert statuses(client, "dana", 4) == [200, 200, 200, 429]
    refused = client.get("/ask", headers={"X-Person": "dana"})
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["detail"].startswith("Questions are limited to 3 a minute and person")
    assert refused.headers["content-type"] == "application/problem+json"


def test_nobody_else_and_nothing_else_is_held_up(client: TestClient) -> None:
    statuses(client, "dana", 4)
    assert statuses(client, "eve", 1) == [200]
    assert statuses(client, "dana", 2, "/export") == [200, 429]


def test_whoever_sits_at_the_machine_is_not_limited(client: TestClient) -> None:
    assert set(statuses(client, "machine", 20)) == {200}


def test_who_has_not_signed_in_gets_nothing(client: TestClient) -> None:
    assert statuses(client, "nobody", 1) == [401]


def test_another_session_or_token_is_the_same_person() -> None:
    limits = Limits({"export": 1})
    limits.hit("export", DANA)
    with pytest.raises(TooOften):
        limits.hit("export", Person("u1", "Dana", "viewer", "token"))


def test_what_is_kept_is_bounded() -> None:
    limits = Limits(FEW)
    for _ in range(1000):
        for person in (DANA, EVE):
            try:
                limits.hit("ask", person)
            except TooOften:
                continue
    held = limits._limiter.storage
    assert isinstance(held, MemoryStorage)
    assert [len(entries) for entries in held.events.values()] == [FEW["ask"]] * 2


def test_every_kind_has_its_limit() -> None:
    limits = Limits()
    for kind in OFTEN:
        limits.hit(kind, DANA)
