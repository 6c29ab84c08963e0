"""Every route of the contract, against the contract's schemas."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from tests import contract


def ended(client: TestClient, job_id: str) -> dict[str, object]:
    """The job once it has ended."""
    for _ in range(2400):
        job: dict[str, object] = client.get(f"/api/jobs/{job_id}").json()
        if job["state"] not in ("queued", "working"):
            return job
        time.sleep(0.05)
    raise AssertionError(f"job {job_id} did not end: {job}")


def upload(client: TestClient, path: Path, **fields: str) -> Response:
    return client.post("/api/calls", files={"file": (path.name, path.read_bytes())}, data=fields)


@pytest.mark.usefixtures("worker")
def test_a_file_goes_in_and_can_be_asked_about(client: TestClient, plain_call: Path) -> None:
    accepted = upload(client, plain_call, account_id="FRZ-5", title="Sable visit")
    assert accepted.status_code == 202
    contract.check(accepted.json(), contract.ACCEPTED)
    call_id = accepted.json()["call_id"]
    assert ended(client, accepted.json()["job_id"])["state"] == "done"

    call = client.get(f"/api/calls/{call_id}").json()
    assert (call["title"], call["date"], call["account_id"]) == (
        "Sable visit",
        "2026-06-03",
        "FRZ-5",
    )
    question = {"question": "Who chips ice out of the freezer by hand?"}
    answer = client.post("/api/ask", json=question).json()
    contract.check(answer, contract.ANSWER)
    assert call_id in {q["call_id"] for s in answer["statements"] for q in s["quotes"]}

    again = upload(client, plain_call)
    assert (again.status_code, again.json()["call_id"]) == (202, call_id)
    assert client.delete(f"/api/calls/{call_id}").status_code == 204
    assert client.get(f"/api/calls/{call_id}").status_code == 404


def test_asking_can_be_streamed(client: TestClient) -> None:
    headers = {"Accept": "text/event-stream"}
    body = {"question": "What do our top customers need?", "filters": {"top": 3}}
    response = client.post("/api/ask", json=body, headers=headers)
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [block.split("\n") for block in response.text.strip().split("\n\n")]
    kinds = [lines[0].removeprefix("event: ") for lines in events]
    assert kinds[-1] == "answer"
    assert set(kinds[:-1]) == {"statement"}
    answer = json.loads(events[-1][1].removeprefix("data: "))
    contract.check(answer, contract.ANSWER)
    assert len(answer["statements"]) == len(kinds) - 1
    assert answer["filters"]["top"] == 3


@pytest.mark.parametrize(
    ("route", "schema"),
    [
        ("/api/themes", contract.arr(contract.THEME, least=1)),
        ("/api/themes?by=top&tier=enterprise", contract.arr(contract.THEME)),
        ("/api/themes?only=groups", contract.arr(contract.THEME)),
        ("/api/themes?quotes=1&only=named", contract.arr(contract.THEME, least=1)),
        ("/api/themes/heatmap?segment=health", contract.HEATMAP),
        ("/api/themes/timeline", contract.TIMELINE),
        ("/api/coverage?start=2026-05-04", contract.COVERAGE),
        ("/api/accounts", contract.arr(contract.obj(account_id=contract.STR), least=5)),
        ("/api/calls", contract.arr(contract.obj(call_id=contract.STR), least=4)),
        ("/healthz", contract.obj(status=contract.STR)),
        ("/readyz", contract.obj(status=contract.STR)),
    ],
)
def test_reading(client: TestClient, route: str, schema: contract.Schema) -> None:
    client.post("/api/codes", json={"label": "False alarms", "definition": "The alarm rings"})
    response = client.get(route)
    assert response.status_code == 200
    contract.check(response.json(), schema)


def test_metrics(client: TestClient) -> None:
    assert 'firsthand_calls{state="ready"} 4' in client.get("/metrics").text


@pytest.mark.usefixtures("worker")
def test_a_memo_is_drafted_in_the_background_and_taken_home(client: TestClient) -> None:
    started = client.post("/api/memos", json={"start": "2026-05-04", "vision": "Calm cold rooms."})
    assert started.status_code == 202
    job = ended(client, started.json()["job_id"])
    assert job["state"] == "done", job
    memo_id = job["memo_id"]
    memo = client.get(f"/api/memos/{memo_id}")
    contract.check(memo.json(), contract.MEMO)
    assert memo_id in [line["id"] for line in client.get("/api/memos").json()]
    for kind, starts in {"md": b"#", "html": b"<", "docx": b"PK", "pdf": b"%PDF"}.items():
        file = client.get(f"/api/memos/{memo_id}.{kind}")
        assert file.status_code == 200
        assert file.content.startswith(starts)
    assert client.get(f"/api/memos/{memo_id}.exe").status_code == 404


def test_a_call_is_corrected(client: TestClient) -> None:
    changes = {
        "title": "A better title",
        "speakers": {"Noor Haddad": {"name": "Noor H."}},
        "utterances": {"1": {"text": "The door alarm, again."}},
    }
    assert client.patch("/api/calls/FC-1", json=changes).status_code == 200
    call = client.get("/api/calls/FC-1").json()
    assert call["title"] == "A better title"
    assert {s["name"] for s in call["speakers"]} == {"Noor H.", "Ida Kern"}
    assert call["utterances"][1]["text"] == "The door alarm, again."
    assert call["utterances"][1]["original"].startswith("The door alarm. It goes off")


def test_accounts_come_as_csv_or_json(client: TestClient) -> None:
    csv = "account_id,name,arr_usd\nFRZ-9,Ninth Lab,1000\n"
    put = client.put("/api/accounts", content=csv, headers={"content-type": "text/csv"})
    assert "FRZ-9" in [a["account_id"] for a in put.json()]
    put = client.put("/api/accounts", json=[{"account_id": "FRZ-9", "name": "Renamed Lab"}])
    assert {"FRZ-9": "Renamed Lab"}.items() <= {
        a["account_id"]: a["name"] for a in put.json()
    }.items()


@pytest.mark.parametrize(
    ("method", "route", "body", "status", "says"),
    [
        ("GET", "/api/calls/nope", None, 404, "There is no call 'nope'"),
        ("GET", "/api/calls/FC-1/audio", None, 404, "no recording to play"),
        ("GET", "/api/calls/..%2F..%2Fetc%2Fpasswd", None, 404, ""),
        ("GET", "/api/jobs/nope", None, 404, "There is no job 'nope'"),
        ("POST", "/api/jobs/nope/cancel", None, 404, "There is no job"),
        ("GET", "/api/memos/nope", None, 404, "no memo"),
        ("POST", "/api/ask", {"question": ""}, 422, "The question is empty"),
        ("POST", "/api/ask", {"question": "x?", "filters": {"tier": "gold"}}, 422, "tier 'gold'"),
        ("POST", "/api/ask", {"question": "x?", "filters": {"since": "soon"}}, 422, "since"),
        ("POST", "/api/ask", {}, 422, "question"),
        ("PATCH", "/api/calls/FC-1", {"account_id": "NOBODY"}, 404, "no account 'NOBODY'"),
        ("PATCH", "/api/calls/FC-1", {"speakers": {"X": {"role": "customer"}}}, 422, "no speaker"),
        ("PUT", "/api/accounts", [{"account_id": "A"}], 422, "name"),
        ("GET", "/nowhere", None, 404, ""),
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


def test_an_upload_that_cannot_be_used_leaves_nothing(client: TestClient, tmp_path: Path) -> None:
    bad = tmp_path / "note.mp3"
    bad.write_text("this is no sound", "utf-8")
    before = client.get("/api/calls").json()
    refused = upload(client, bad)
    assert refused.status_code == 422
    assert "note.mp3" in refused.json()["detail"]
    refused = upload(client, bad, account_id="NOBODY")
    assert refused.status_code == 404
    assert client.get("/api/calls").json() == before


def test_only_its_own_page_may_change_things(client: TestClient) -> None:
    body = {"question": "What do customers need?"}
    foreign = client.post("/api/ask", json=body, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    own = client.post("/api/ask", json=body, headers={"Origin": "http://127.0.0.1:8400"})
    assert own.status_code == 200
    rebound = client.get("/api/calls", headers={"Host": "evil.example"})
    assert rebound.status_code == 421
    for half in ("[", "[::1", "::1]:80"):
        assert client.get("/healthz", headers={"Host": half}).status_code == 421
        assert client.post("/api/ask", headers={"Origin": f"http://{half}"}).status_code == 403
    assert "default-src 'none'" in own.headers["content-security-policy"]
