"""People of several workspaces behind one door: each reaches their own, and the others are not
even told to be there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ingest.accounts import read_accounts
from ingest.feeding import feed
from ingest.library import Library
from ingest.pipeline import About, process, receive
from ingest.store import put_accounts
from service.access import tokens, users
from service.access.person import Role
from service.access.users import MAIN
from service.api import create_app
from service.settings import Settings
from service.spaces import Spaces
from service.workspaces import add
from tests import corpus
from tests.service.api.doors import ADDRESS, PASSWORD, bearer

SALES = "sales"
CALL = "FC-1"
ORIGIN = {"Origin": ADDRESS}
# Who is in which workspace, as what; the first user has to be an admin of the main one.
PEOPLE: dict[str, dict[str, Role]] = {
    "admin": {MAIN: "admin"},
    "home": {MAIN: "viewer"},
    "seller": {SALES: "viewer"},
    "chief": {SALES: "admin"},
    "both": {MAIN: "editor", SALES: "viewer"},
}


@dataclass(frozen=True)
class Building:
    """``ids`` by name; ``tokens`` and ``token_ids`` by name and workspace."""

    client: TestClient
    main: Library
    sales: Library
    ids: dict[str, str]
    tokens: dict[tuple[str, str], str]
    token_ids: dict[tuple[str, str], str]


@pytest.fixture
def building(tmp_path: Path) -> Iterator[Building]:
    """One call under one id in both workspaces, each with a title of its own."""
    settings = Settings(home=tmp_path / "home", models=tmp_path / "none", min_free_mb=0)
    files = corpus.write(tmp_path / "corpus")
    now = datetime.now(UTC)
    ids: dict[str, str] = {}
    made: dict[tuple[str, str], str] = {}
    made_ids: dict[tuple[str, str], str] = {}
    with Spaces(settings) as spaces:
        main = spaces.get(MAIN).library
        add(settings, SALES)
        for name in (MAIN, SALES):
            library = spaces.get(name).library
            with library.change() as connection:
                put_accounts(connection, read_accounts(files / "accounts.csv"))
            path = files / "calls" / f"{CALL}.json"
            process(library, receive(library, path, About(title=f"As {name} has it")).call_id)
            feed(library)
        with main.change() as connection:
            for name, roles in PEOPLE.items():
                for workspace, role in roles.items():
                    if name in ids:
                        users.set_role(connection, ids[name], role, workspace=workspace)
                    else:
                        ids[name] = users.add_user(
                            connection,
                            name,
                            password=PASSWORD,
                            role=role,
                            now=now,
                            workspace=workspace,
                        ).id
                    token = tokens.make(
                        connection, ids[name], "tests", workspace=workspace, role=role, now=now
                    )
                    made[name, workspace] = token.token
                    made_ids[name, workspace] = token.id
        app = create_app(main, settings, spaces)
        with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
            yield Building(client, main, spaces.get(SALES).library, ids, made, made_ids)


@pytest.fixture
def client(building: Building) -> TestClient:
    return building.client


def sign_in(client: TestClient, name: str) -> dict[str, object]:
    answer = client.post("/api/session", json={"name": name, "password": PASSWORD}, headers=ORIGIN)
    assert answer.status_code == 201, answer.text
    told: dict[str, object] = answer.json()
    return told


def choose(client: TestClient, workspace: str) -> int:
    answer = client.patch("/api/session", json={"workspace": workspace}, headers=ORIGIN)
    return answer.status_code


def title(client: TestClient, token: str | None = None) -> str:
    headers = bearer(token) if token else {}
    answer = client.get(f"/api/calls/{CALL}", headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["title"])


def test_who_is_in_one_workspace_cannot_choose_another(client: TestClient) -> None:
    sign_in(client, "home")
    # That there is one, and that there is none, is told in the same words.
    refused = [
        client.patch("/api/session", json={"workspace": name}, headers=ORIGIN)
        for name in (SALES, "none-such", "../sales", "")
    ]
    assert {one.status_code for one in refused} == {404}
    assert len({one.text for one in refused}) == 1
    assert title(client) == f"As {MAIN} has it"
    assert SALES not in client.get("/api/session").text


def test_signing_in_leads_to_ones_own_workspace(client: TestClient) -> None:
    sign_in(client, "seller")
    assert title(client) == f"As {SALES} has it"
    assert choose(client, MAIN) == 404
    assert title(client) == f"As {SALES} has it"


def test_who_is_in_both_goes_from_one_to_the_other_with_the_role_they_have_there(
    client: TestClient,
) -> None:
    sign_in(client, "both")
    for workspace, role, status in ((SALES, "viewer", 403), (MAIN, "editor", 201)):
        assert choose(client, workspace) == 200
        assert client.get("/api/session").json()["role"] == role
        assert title(client) == f"As {workspace} has it"
        code = {"label": "Ice", "kind": "pain"}
        assert client.post("/api/codes", json=code, headers=ORIGIN).status_code == status
    assert choose(client, SALES) == 200
    assert client.get("/api/codes").json() == []


def test_a_token_is_for_its_workspace_only(building: Building) -> None:
    for (_name, workspace), token in building.tokens.items():
        assert title(building.client, token) == f"As {workspace} has it"
        headers = bearer(token)
        answer = building.client.patch("/api/session", json={"workspace": SALES}, headers=headers)
        assert answer.status_code == 409
        assert title(building.client, token) == f"As {workspace} has it"


def test_what_is_done_in_one_is_not_done_in_the_other(building: Building) -> None:
    client = building.client
    chief = bearer(building.tokens["chief", SALES])
    assert client.delete(f"/api/calls/{CALL}", headers=chief).status_code == 204
    assert client.get(f"/api/calls/{CALL}", headers=chief).status_code == 404
    assert title(client, building.tokens["home", MAIN]) == f"As {MAIN} has it"


def test_admins_see_and_change_the_people_of_their_own_only(building: Building) -> None:
    client, ids = building.client, building.ids
    sign_in(client, "chief")
    chief = {"Origin": ADDRESS}
    seen = {one["name"] for one in client.get("/api/users", headers=chief).json()}
    assert seen == {"seller", "chief", "both"}
    patches: list[dict[str, object]] = [
        {"role": "admin"},
        {"password": "another long walk over it"},
        {"disabled": True},
    ]
    for stranger in ("admin", "home"):
        path = f"/api/users/{ids[stranger]}"
        for patch in patches:
            status = 404 if "role" in patch else 403  # whoever it is about
            assert client.patch(path, json=patch, headers=chief).status_code == status
        assert client.delete(path, headers=chief).status_code == 404
    # Of somebody who is here as well they change what that person may do here, and no more.
    path = f"/api/users/{ids['both']}"
    for patch in patches[1:]:
        assert client.patch(path, json=patch, headers=chief).status_code == 403
    assert client.patch(path, json={"role": "editor"}, headers=chief).status_code == 200
    assert client.delete(path, headers=chief).status_code == 204
    new = {"name": "planted", "password": "another long walk over it"}
    assert client.post("/api/users", json=new, headers=chief).status_code == 403
    sign_in(client, "both")
    assert client.get("/api/session").json()["role"] == "editor"
    assert choose(client, SALES) == 404


def test_admins_see_and_revoke_the_tokens_of_their_own_only(building: Building) -> None:
    client = building.client
    chief = bearer(building.tokens["chief", SALES])
    listed = {one["id"] for one in client.get("/api/tokens", headers=chief).json()}
    ours = {one for (_, where), one in building.token_ids.items() if where == SALES}
    assert listed == ours
    for (name, where), token_id in building.token_ids.items():
        if where == MAIN:
            assert client.delete(f"/api/tokens/{token_id}", headers=chief).status_code == 404
            assert title(client, building.tokens[name, where]) == f"As {MAIN} has it"
    seller = building.token_ids["seller", SALES]
    assert client.delete(f"/api/tokens/{seller}", headers=chief).status_code == 204


def told(library: Library) -> list[tuple[str, str, str]]:
    found = [row for row in library.audit.rows() if row.action in ("enter", "leave")]
    return [(row.action, row.who, row.result) for row in found]


def test_who_comes_in_and_goes_is_told_where_they_are(building: Building) -> None:
    client, main, sales = building.client, building.main, building.sales
    sign_in(client, "seller")  # who is in one only
    assert (told(main), told(sales)) == ([], [("enter", "seller", "done")])
    sign_in(client, "both")
    assert choose(client, MAIN) == 200  # where they are already
    assert choose(client, SALES) == 200
    assert choose(client, MAIN) == 200
    assert client.delete("/api/session", headers=ORIGIN).status_code == 204
    assert told(main) == [
        ("enter", "both", "done"),
        ("leave", "both", "done"),
        ("enter", "both", "done"),
        ("leave", "both", "done"),
    ]
    assert told(sales)[1:] == [("enter", "both", "done"), ("leave", "both", "done")]


def test_whom_an_admin_lets_in_and_changes_is_told_by_id(building: Building) -> None:
    client = building.client
    sign_in(client, "chief")
    made = client.post("/api/users", json={"name": "new", "role": "editor"}, headers=ORIGIN).json()
    path = f"/api/users/{made['id']}"
    assert client.patch(path, json={"role": "viewer"}, headers=ORIGIN).status_code == 200
    assert client.delete(path, headers=ORIGIN).status_code == 204
    token = client.post("/api/tokens", json={"name": "report"}, headers=ORIGIN).json()
    rows = [row for row in building.sales.audit.rows() if row.kind in ("user", "token")]
    assert [(row.action, row.subject, dict(row.detail)) for row in rows] == [
        ("change", made["id"], {"role": "editor"}),
        ("change", made["id"], {}),
        ("change", made["id"], {"role": "viewer"}),
        ("delete", made["id"], {}),
        ("change", token["id"], {"role": "viewer", "days": 90}),
    ]


def test_the_audit_log_of_one_tells_nothing_of_the_other(building: Building) -> None:
    client = building.client
    title(client, building.tokens["home", MAIN])
    title(client, building.tokens["seller", SALES])
    for name, where, other in (("admin", MAIN, "seller"), ("chief", SALES, "home")):
        rows = client.get("/api/audit", headers=bearer(building.tokens[name, where])).json()
        assert rows
        assert other not in {row["who"] for row in rows}
