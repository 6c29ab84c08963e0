"""The ways to the provider of single sign-on and back, through the door."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from ingest.errors import Unavailable
from ingest.library import Library
from service.access import oidc, users
from service.access.errors import SignInRefused
from service.access.identity import Identity
from service.api import create_app
from service.settings import Settings
from tests.service.api.doors import ADDRESS, make_team

DANA = Identity("https://id.example", "subject-1", "dana@example.com", "Dana")


@pytest.fixture
def client(filled: Library) -> Iterator[TestClient]:
    make_team(filled)
    with filled.change() as connection:
        users.add_user(
            connection, "dana@example.com", password=None, role="viewer", now=datetime.now(UTC)
        )
    settings = Settings(
        home=filled.home,
        url=ADDRESS,
        oidc_issuer="https://id.example",
        oidc_client_id="firsthand",
        oidc_client_secret="a secret of the provider's",
        oidc_name="Acme <b>ID</b>",
    )
    with TestClient(create_app(filled, settings), base_url=ADDRESS) as opened:
        yield opened


def test_the_page_offers_it_and_its_name_is_text(client: TestClient) -> None:
    page = client.get("/sign-in").text
    assert 'href="/sso"' in page
    assert "Acme &lt;b&gt;ID&lt;/b&gt;" in page


def test_whom_the_provider_vouches_for_comes_in_and_goes_where_they_wanted(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "begin", lambda *_: ("https://id.example/authorize?x=1", "pending"))
    off = client.get("/sso?next=/calls/FC-2", follow_redirects=False)
    assert off.headers["location"] == "https://id.example/authorize?x=1"
    assert "HttpOnly" in off.headers["set-cookie"]
    seen = []

    def finish(
        _settings: Settings, query: dict[str, str], pending: str, _now: datetime
    ) -> Identity:
        seen.append((query, pending))
        return DANA

    monkeypatch.setattr(oidc, "finish", finish)
    monkeypatch.setattr(oidc, "destination", lambda *_: "/calls/FC-2")
    back = client.get("/sso/callback?code=c&state=s", follow_redirects=False)
    assert (back.status_code, back.headers["location"]) == (303, "/calls/FC-2")
    assert seen == [({"code": "c", "state": "s"}, "pending")]
    assert client.get("/api/session").json()["name"] == "dana@example.com"
    assert "firsthand-sso" not in client.cookies


@pytest.mark.parametrize(
    ("problem", "status"),
    [(SignInRefused("That was somebody else."), 401), (Unavailable("It is away."), 503)],
)
def test_who_is_refused_is_told_on_the_page_and_is_not_in(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, problem: Exception, status: int
) -> None:
    def refuse(*_: object) -> None:
        raise problem

    monkeypatch.setattr(oidc, "finish", refuse)
    back = client.get("/sso/callback?code=c&state=s", follow_redirects=False)
    assert back.status_code == status
    assert str(problem) in back.text
    assert client.get("/api/session").status_code == 401


def test_the_provider_is_not_asked_without_end(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def begin(*_: object) -> tuple[str, str]:
        asked.append(1)
        return "https://id.example/", "pending"

    monkeypatch.setattr(oidc, "begin", begin)
    for _ in range(31):
        last = client.get("/sso", follow_redirects=False)
    assert last.status_code == 429
    assert len(asked) == 30
