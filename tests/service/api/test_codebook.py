from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from service.codebook_files import LARGEST
from tests import contract

CODE = contract.obj(
    id=contract.STR,
    label=contract.STR,
    definition=contract.STR,
    include=contract.STR,
    exclude=contract.STR,
    kind=contract.KIND,
    state={"enum": ["active", "dismissed"]},
    pinned=contract.BOOL,
    examples=contract.arr(contract.STR),
    counterexamples=contract.arr(contract.STR),
)
ITEM = contract.obj(
    id=contract.STR,
    call_id=contract.STR,
    utterance=contract.nullable(contract.INT),
    quote=contract.STR,
    speaker=contract.STR,
    role=contract.ROLE,
    kind=contract.KIND,
    strength=contract.INT,
    hand=contract.HAND,
    status={"enum": ["read", "added", "changed", "rejected", "lost"]},
)
CSV = {"content-type": "text/csv"}
YAML = {"content-type": "application/yaml"}


def test_codes_are_written_changed_and_removed(client: TestClient) -> None:
    made = client.post("/api/codes", json={"label": "<b>Alarms</b>", "examples": ["It rings"]})
    assert made.status_code == 201
    contract.check(made.json(), CODE)
    at = f"/api/codes/{made.json()['id']}"
    patched = client.patch(at, json={"label": "Alarms", "pinned": True, "kind": "risk"}).json()
    assert (patched["label"], patched["pinned"], patched["kind"]) == ("Alarms", True, "risk")
    assert client.patch(at, json={"state": "dismissed"}).json()["state"] == "dismissed"
    assert client.get("/api/codes").json() == []
    assert len(client.get("/api/codes?dismissed=true").json()) == 1
    assert client.delete(at).status_code == 204
    assert client.get(at).status_code == 404
    changes = client.get("/api/codebook/history").json()
    assert [change["what"] for change in changes][:2] == ["removed “Alarms”", "dismissed “Alarms”"]
    assert client.post("/api/codebook/undo").json() == {"undone": "removed “Alarms”"}
    assert client.get(at).json()["state"] == "dismissed"


def test_what_is_judged(client: TestClient) -> None:
    one, two = (client.post("/api/codes", json={"label": n}).json()["id"] for n in ("One", "Two"))
    place = {"call_id": "FC-2", "utterance": 1}
    judged = client.post(f"/api/codes/{one}/judge", json={**place, "verdict": "confirm"}).json()
    assert len(judged["examples"]) == 1
    moved = client.post(f"/api/codes/{two}/attach", json={**place, "from_code": one}).json()
    assert moved["examples"] == judged["examples"]
    split = client.post(f"/api/codes/{two}/split", json={"label": "Three", "places": [place]})
    assert split.status_code == 201
    merged = client.post(f"/api/codes/{one}/merge", json={"ids": [two, split.json()["id"]]}).json()
    assert merged["examples"] == judged["examples"]
    assert client.get(f"/api/codes/{two}").json()["id"] == one


def test_candidates_are_decided_on(client: TestClient) -> None:
    # Only what was said in earnest is grouped.
    for call in ("FC-1", "FC-2", "FC-3"):
        for item in client.get(f"/api/calls/{call}/evidence").json():
            if item["role"] == "customer" and item["strength"] == 1:
                kind = {"kind": item["kind"], "strength": 2}
                client.patch(f"/api/evidence/{item['id']}", json=kind)

    def candidate() -> str:
        themes = client.get("/api/themes").json()
        return next(str(t["id"]) for t in themes if t["status"] == "candidate")

    made = client.post(f"/api/candidates/{candidate()}/confirm", json={"label": "Alarms"})
    assert made.status_code == 201
    contract.check(made.json(), CODE)
    client.post("/api/codebook/undo")
    aside = client.post(f"/api/candidates/{candidate()}/dismiss")
    assert aside.status_code == 201
    assert aside.json()["state"] == "dismissed"


def test_a_theme_is_read_and_what_two_would_be_together(client: TestClient) -> None:
    told = {"Alarms": "False alarms ring at night", "Records": "Signed records for auditors"}
    ids = [
        client.post("/api/codes", json={"label": label, "definition": meant}).json()["id"]
        for label, meant in told.items()
    ]
    one = client.get(f"/api/themes/{ids[0]}")
    contract.check(one.json(), contract.ONE_THEME)
    alone = client.get(f"/api/themes/{ids[0]}?account=FRZ-2").json()
    assert [mine["account_id"] for mine in alone["words"]] == ["FRZ-2"]
    at = f"/api/themes/together?id={ids[0]}&id={ids[1]}"
    contract.check(client.get(at).json(), contract.TOGETHER)
    assert client.get(f"/api/themes/together?id={ids[0]}").status_code == 422
    unknown = client.get("/api/themes/%3Cscript%3E")
    assert (unknown.status_code, unknown.headers["content-type"]) == (
        404,
        "application/problem+json",
    )


@pytest.mark.parametrize(("form", "kind"), [("csv", "text/csv"), ("yaml", "application/yaml")])
def test_the_codebook_is_taken_home_and_loaded(client: TestClient, form: str, kind: str) -> None:
    client.post("/api/codes", json={"label": "=Alarms", "examples": ["a | b", "-1"]})
    before = client.get("/api/codes").json()
    file = client.get(f"/api/codebook.{form}")
    assert file.headers["content-type"].startswith(kind)
    assert "attachment" in file.headers["content-disposition"]
    client.delete(f"/api/codes/{before[0]['id']}")
    loaded = client.put("/api/codebook", content=file.content, headers={"content-type": kind})
    assert loaded.status_code == 200
    assert [{**code, "id": ""} for code in loaded.json()] == [{**code, "id": ""} for code in before]


def test_evidence_is_corrected(client: TestClient) -> None:
    items = client.get("/api/calls/FC-2/evidence").json()
    contract.check(items, contract.arr(ITEM, least=1))
    at = f"/api/evidence/{items[0]['id']}"
    assert client.patch(at, json={"kind": "praise"}).json()["status"] == "changed"
    assert client.delete(at).json()["status"] == "rejected"
    assert client.post(f"{at}/restore").json()["kind"] == "praise"
    assert client.post(f"{at}/restore").json() == items[0]
    new = {"utterance": 1, "kind": "risk", "words": "my night staff have started"}
    added = client.post("/api/calls/FC-2/evidence", json=new)
    assert added.status_code == 201
    contract.check(added.json(), ITEM)
    assert client.post(f"/api/evidence/{added.json()['id']}/restore").json() is None


@pytest.mark.parametrize(
    ("method", "route", "body", "status", "says"),
    [
        ("GET", "/api/codes/nope", None, 404, "There is no code 'nope'"),
        ("POST", "/api/codes", {"label": ""}, 422, "the label is empty"),
        ("POST", "/api/codes", {"label": "x", "kind": "anger"}, 422, "kind"),
        ("POST", "/api/codes", {"label": "x", "colour": "red"}, 422, "colour"),
        ("POST", "/api/codes", {"label": "x", "definition": "y" * 100_000}, 422, "may have 5,000"),
        ("PATCH", "/api/codes/nope", {"label": "x"}, 404, "There is no code"),
        ("POST", "/api/codes/nope/merge", {"ids": []}, 404, "There is no code"),
        ("POST", "/api/codebook/undo", None, 422, "nothing to undo"),
        ("GET", "/api/codebook.exe", None, 422, "form"),
        ("POST", "/api/candidates/nope/confirm", {"label": "x"}, 404, "no candidate"),
        ("POST", "/api/candidates/nope/dismiss", None, 404, "no candidate"),
        ("GET", "/api/calls/nope/evidence", None, 404, "There is no call"),
        (
            "POST",
            "/api/calls/FC-1/evidence",
            {"utterance": 99, "kind": "pain"},
            422,
            "utterance 99",
        ),
        ("PATCH", "/api/evidence/nope", {"kind": "pain"}, 404, "There is no evidence"),
        ("DELETE", "/api/evidence/FC-1:0:0-1", None, 404, "There is no evidence"),
    ],
)
def test_errors_are_problem_documents(
    client: TestClient, method: str, route: str, body: object, status: int, says: str
) -> None:
    response = client.request(method, route, json=body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    contract.check(response.json(), contract.PROBLEM)
    assert says.lower() in response.json()["detail"].lower()


@pytest.mark.parametrize(
    ("content", "headers", "status", "says"),
    [
        (b"", CSV, 422, "nothing in it"),
        (b"label\nA\na\n", CSV, 422, "line 3 has the label 'a', which line 2"),
        (b"- label: x\n  kind: no\n", YAML, 422, "entry 1, kind: 'no'"),
        (b"x" * (LARGEST + 1), CSV, 413, "over 4,000,000 bytes"),
    ],
)
def test_a_codebook_that_cannot_be_loaded(
    client: TestClient, content: bytes, headers: dict[str, str], status: int, says: str
) -> None:
    refused = client.put("/api/codebook", content=content, headers=headers)
    assert refused.status_code == status
    assert says in refused.json()["detail"]
    assert client.get("/api/codes").json() == []


def test_a_label_that_is_taken_is_a_conflict(client: TestClient) -> None:
    client.post("/api/codes", json={"label": "x"})
    assert client.post("/api/codes", json={"label": " X "}).status_code == 409


def test_strangers_change_nothing(client: TestClient) -> None:
    foreign = {"Origin": "https://evil.example"}
    for method, route in (
        ("POST", "/api/codes"),
        ("PUT", "/api/codebook"),
        ("DELETE", "/api/evidence/x"),
    ):
        assert client.request(method, route, headers=foreign, json={}).status_code == 403
