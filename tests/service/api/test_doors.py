"""Who gets through the door, and what each may do once inside."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import APIRouter
from fastapi.testclient import TestClient

from ingest.library import Library
from service.access.person import ROLES
from service.api.needs import GuardedRoute
from service.settings import Settings
from tests.service.api.doors import ADDRESS, PASSWORD, Team, bearer, make_team, opened, routes

# What each route needs. Somebody decided each line: a new route is added here as well.
NOBODY = """
DELETE /api/session
GET /healthz
GET /readyz
GET /sign-in
GET /sso
GET /sso/callback
GET /static/{digest}/{name}
POST /api/session
"""
EDITORS = """
DELETE /api/answers/{answer_id}
DELETE /api/codes/{code_id}
DELETE /api/evidence/{evidence_id}
DELETE /api/jobs/{job_id}
DELETE /api/picks/{pick_id}
DELETE /api/uploads/{upload_id}
GET /api/uploads/{upload_id}
HEAD /api/uploads/{upload_id}
OPTIONS /api/uploads
PATCH /api/calls/{call_id}
PATCH /api/codes/{code_id}
PATCH /api/evidence/{evidence_id}
PATCH /api/uploads/{upload_id}
POST /api/calls
POST /api/calls/{call_id}/evidence
POST /api/calls/{call_id}/undo
POST /api/candidates/{candidate_id}/confirm
POST /api/candidates/{candidate_id}/dismiss
POST /api/codebook/undo
POST /api/codes
POST /api/codes/{code_id}/attach
POST /api/codes/{code_id}/judge
POST /api/codes/{code_id}/merge
POST /api/codes/{code_id}/split
POST /api/evidence/{evidence_id}/restore
POST /api/jobs/{job_id}/cancel
POST /api/jobs/{job_id}/retry
POST /api/loop/{entry_id}/dismiss
POST /api/loop/{entry_id}/restore
POST /api/loop/{entry_id}/sent
POST /api/memos
POST /api/memos/{memo_id}/check
POST /api/memos/{memo_id}/versions
POST /api/memos/{memo_id}/versions/{n}/restore
POST /api/picks
POST /api/reading
POST /api/sample
POST /api/uploads
POST /api/uploads/{upload_id}
PUT /api/accounts/{account_id}/booked
PUT /api/codebook
"""
ADMINS = """
DELETE /api/calls/{call_id}
DELETE /api/hooks/{hook_id}
DELETE /api/crm/mappings/{mapping_id}
DELETE /api/goals/people/{person}/calendar
DELETE /api/users/{user_id}
GET /api/audit
GET /api/audit/export
GET /api/calls/{call_id}/erasure
GET /api/hooks
GET /api/hooks/deliveries
GET /api/crm/mappings
GET /api/people/erasure
GET /api/users
PATCH /api/hooks/{hook_id}
PATCH /api/settings
PATCH /api/users/{user_id}
POST /api/accounts/preview
POST /api/hooks
POST /api/hooks/deliveries/{delivery_id}/replay
POST /api/hooks/replay
POST /api/hooks/{hook_id}/secret
POST /api/hooks/{hook_id}/test
POST /api/crm/apply
POST /api/crm/preview
POST /api/crm/undo
POST /api/people/erasure
POST /api/users
PUT /api/accounts
PUT /api/goals/people/{person}
PUT /api/goals/people/{person}/calendar
"""
# Whatever is not above only looks or asks: viewers may. Changes among it are of one's own things.
VIEWERS_CHANGE = """
DELETE /api/tokens/{token_id}
PATCH /api/session
POST /api/ask
POST /api/reels
POST /api/tokens
POST /mcp
PUT /api/session/password
"""


def lines(text: str) -> set[str]:
    return set(text.strip().splitlines())


@pytest.fixture
def team(filled: Library) -> Team:
    return make_team(filled)


@pytest.fixture
def stranger(filled: Library, team: Team) -> Iterator[TestClient]:
    """A client without any sign of who it is, of a home with users."""
    del team
    with opened(filled) as client:
        yield client


def test_a_route_that_says_nothing_of_its_needs_cannot_be_added() -> None:
    router = APIRouter(route_class=GuardedRoute)
    with pytest.raises(TypeError, match="does not say what it needs"):

        @router.get("/open")
        def unguarded() -> None: ...


def test_every_route_is_guarded_and_needs_what_was_decided(stranger: TestClient) -> None:
    found = routes(stranger)
    needs = {name: route.need.role for name, route in found.items()}
    assert {n for n, role in needs.items() if role is None} == lines(NOBODY)
    assert {n for n, role in needs.items() if role == "editor"} == lines(EDITORS)
    assert {n for n, role in needs.items() if role == "admin"} == lines(ADMINS)
    viewers = {n for n, role in needs.items() if role == "viewer" and not n.startswith("GET ")}
    assert viewers == lines(VIEWERS_CHANGE)


# Changes that are no line of the log by themselves: the first two write theirs, the others look.
UNSAID = """
DELETE /api/session
PATCH /api/session
POST /api/session
POST /api/accounts/preview
POST /api/crm/preview
POST /api/memos/{memo_id}/check
POST /mcp
"""


def test_every_change_is_a_line_of_the_audit_log(stranger: TestClient) -> None:
    unsaid = {
        name
        for name, route in routes(stranger).items()
        if route.need.action is None and not name.startswith(("GET ", "HEAD ", "OPTIONS "))
    }
    assert unsaid == lines(UNSAID)


def test_each_role_gets_through_to_its_routes_and_no_further(
    stranger: TestClient, team: Team
) -> None:
    for name, route in routes(stranger).items():
        method, _, template = name.partition(" ")
        if template.endswith("/events"):
            continue  # they never end; the next test asks for them
        path = re.sub(r"\{(\w+)\}", "1", template)
        nobody = stranger.request(method, path, follow_redirects=False)
        need = route.need.role
        if need is None:
            assert nobody.status_code != 403, name
            continue
        if template.startswith(("/api/", "/openapi.json", "/metrics", "/mcp")):
            assert nobody.status_code == 401, name
        else:
            assert nobody.headers["location"].startswith("/sign-in"), name
        for role in ROLES:
            if method not in ("GET", "HEAD") and ROLES.index(role) >= ROLES.index(need):
                continue  # what they may do would be done; the last test has some of it
            answer = stranger.request(
                method, path, headers=bearer(team.tokens[role]), follow_redirects=False
            )
            may = ROLES.index(role) >= ROLES.index(need)
            assert (answer.status_code not in (401, 403)) == may, (name, role, answer.text)


@pytest.mark.parametrize("path", ["/api/jobs/events", "/api/jobs/1/events"])
def test_nobody_follows_jobs_without_signing_in(stranger: TestClient, path: str) -> None:
    assert stranger.get(path).status_code == 401


def test_without_users_whoever_is_at_the_machine_may_do_everything(client: TestClient) -> None:
    me = client.get("/api/session").json()
    assert (me["role"], me["via"]) == ("admin", "machine")
    assert client.get("/api/users").json() == []
    assert client.get("/api/machine").json()["home"]


def sign_in(client: TestClient, name: str, password: str = PASSWORD) -> int:
    given = {"name": name, "password": password}
    return client.post("/api/session", json=given, headers=ORIGIN).status_code


ORIGIN = {"Origin": ADDRESS}


def test_signing_in_and_out_with_a_browser(stranger: TestClient) -> None:
    assert sign_in(stranger, "editor", "wrong") == 401
    assert stranger.get("/api/calls").status_code == 401
    entered = stranger.post("/api/session", json={"name": "Editor", "password": PASSWORD})
    assert entered.status_code == 201
    assert entered.json()["role"] == "editor"
    cookies = entered.headers.get_list("set-cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
    assert stranger.get("/api/calls").status_code == 200
    assert stranger.get("/sign-in", follow_redirects=False).status_code == 303
    left = stranger.delete("/api/session", headers=ORIGIN)
    assert (left.status_code, left.headers["clear-site-data"]) == (204, '"cache"')
    assert stranger.get("/api/calls").status_code == 401


def test_the_secret_of_a_session_that_was_ended_lets_nobody_in(stranger: TestClient) -> None:
    assert sign_in(stranger, "viewer") == 201
    kept = stranger.cookies["firsthand"]
    stranger.delete("/api/session", headers=ORIGIN)
    answer = stranger.get("/api/calls", headers={"Cookie": f"firsthand={kept}"})
    assert answer.status_code == 401


def test_signing_in_again_ends_the_session_that_the_browser_had(stranger: TestClient) -> None:
    assert sign_in(stranger, "editor") == 201
    kept = {"Cookie": f"firsthand={stranger.cookies['firsthand']}"}
    assert sign_in(stranger, "viewer", "wrong") == 401
    assert stranger.get("/api/calls").status_code == 200  # nobody came in meanwhile
    assert sign_in(stranger, "viewer") == 201
    assert stranger.get("/api/session").json()["role"] == "viewer"
    assert stranger.get("/api/calls", headers=kept).status_code == 401


def test_a_new_password_that_cannot_be_used_ends_no_session(stranger: TestClient) -> None:
    assert sign_in(stranger, "editor") == 201
    wanted = {"now": PASSWORD, "new": "short"}
    refused = stranger.put("/api/session/password", json=wanted, headers=ORIGIN)
    assert refused.status_code == 422, refused.text
    assert stranger.get("/api/calls").status_code == 200


def test_a_change_with_a_session_comes_from_our_own_page(stranger: TestClient) -> None:
    assert sign_in(stranger, "editor") == 201
    path, body = "/api/codes", {"label": "Ice", "kind": "pain"}
    assert stranger.post(path, json=body).status_code == 401
    assert (
        stranger.post(path, json=body, headers={"Origin": "https://evil.test"}).status_code == 403
    )
    assert stranger.post(path, json=body, headers={"Origin": "null"}).status_code == 403
    assert stranger.post(path, json=body, headers=ORIGIN).status_code == 201


def test_by_https_the_cookies_are_secure_and_of_this_host(filled: Library, team: Team) -> None:
    del team
    from service.api import create_app

    settings = Settings(home=filled.home, url="https://firsthand.example")
    with TestClient(create_app(filled, settings), base_url="https://firsthand.example") as client:
        entered = client.post("/api/session", json={"name": "viewer", "password": PASSWORD})
        for cookie in entered.headers.get_list("set-cookie"):
            assert cookie.startswith("__Host-")
            assert "Secure" in cookie
        assert "max-age" in entered.headers["strict-transport-security"]
        assert client.get("/api/calls").status_code == 200


def test_too_many_wrong_passwords_wait_but_not_who_signed_in_here_before(
    filled: Library, stranger: TestClient
) -> None:
    with opened(filled) as known:
        known.app = stranger.app  # one server
        assert sign_in(known, "viewer") == 201
        for _ in range(10):
            assert sign_in(stranger, "viewer", "wrong") == 401
        refused = stranger.post("/api/session", json={"name": "viewer", "password": PASSWORD})
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert known.delete("/api/session", headers=ORIGIN).status_code == 204
        assert sign_in(known, "viewer") == 201


def test_people_of_the_server_are_shown_as_they_sign_in(stranger: TestClient, team: Team) -> None:
    del team
    assert sign_in(stranger, "admin") == 201
    admin = ORIGIN
    name = "dana.ruiz@vendor.example"  # an e-mail address, and no private detail of a customer
    wanted = {"name": name, "password": PASSWORD, "role": "viewer"}
    made = stranger.post("/api/users", json=wanted, headers=admin)
    assert (made.status_code, made.json()["name"]) == (201, name)
    assert name in {one["name"] for one in stranger.get("/api/users", headers=admin).json()}
    signed = stranger.post(
        "/api/session", json={"name": name, "password": PASSWORD}, headers=ORIGIN
    )
    assert signed.json()["name"] == name
    assert sign_in(stranger, "admin") == 201
    log = stranger.get("/api/audit").json()
    assert name in {row["who"] for row in log}


def test_without_users_a_server_that_others_reach_answers_nobody(filled: Library) -> None:
    """As with a proxy on the same machine: it comes from 127.0.0.1, under the public name."""
    from service.api import create_app

    settings = Settings(home=filled.home, url="https://firsthand.example")
    with TestClient(create_app(filled, settings), base_url="https://firsthand.example") as client:
        assert client.get("/api/calls").status_code == 401
        new = {"name": "evil", "role": "admin", "password": PASSWORD}
        assert client.post("/api/users", json=new).status_code == 401


def test_a_token_makes_no_people(stranger: TestClient, team: Team) -> None:
    new = {"name": "evil", "role": "admin", "password": PASSWORD}
    headers = bearer(team.tokens["admin"])
    assert stranger.post("/api/users", json=new, headers=headers).status_code == 403
    its = f"/api/users/{team.ids['viewer']}"
    assert stranger.patch(its, json={"role": "admin"}, headers=headers).status_code == 403
    assert stranger.delete(its, headers=headers).status_code == 403


def test_where_the_home_lies_is_told_at_the_machine_only(
    stranger: TestClient, team: Team, filled: Library
) -> None:
    for role in ROLES:
        told = stranger.get("/api/machine", headers=bearer(team.tokens[role])).json()
        assert told["home"] is None
        assert str(filled.home) not in str(told)


def test_nothing_that_was_shown_is_kept_for_the_next_person(
    stranger: TestClient, team: Team
) -> None:
    for path in ("/api/calls", "/api/calls/FC-2", "/api/calls/FC-2.txt", "/metrics", "/calls/FC-2"):
        kept = stranger.get(path, headers=bearer(team.tokens["viewer"])).headers["cache-control"]
        assert kept == "no-store", path


def test_strangers_who_have_to_wait_do_not_fill_the_log(
    filled: Library, stranger: TestClient
) -> None:
    for _ in range(15):
        sign_in(stranger, "viewer", "wrong")
    assert len(list(filled.audit.rows())) == 10
