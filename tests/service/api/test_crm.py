"""A CRM's export over HTTP: looked at, answered, loaded, taken back."""

from __future__ import annotations

import base64

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from ingest.library import Library
from ingest.tables import calls, speakers
from tests import contract

CSV = "Company,ARR,Website,Notes\nMarlowe Biobank,600000,marlowe.example,MB\nNinth Lab,€7,,\n"


def sent(csv: str | bytes, **choices: object) -> dict[str, object]:
    data = csv if isinstance(csv, bytes) else csv.encode()
    return {"file": base64.b64encode(data).decode(), "choices": choices}


def test_looked_at_answered_loaded_and_taken_back(client: TestClient) -> None:
    before = client.get("/api/accounts").json()
    found = client.post("/api/crm/preview", json=sent(CSV)).json()
    contract.check(found, contract.CRM_PREVIEW)
    assert [question["about"] for question in found["questions"]] == ["mapping", "rate"]
    refused = client.post("/api/crm/apply", json=sent(CSV))
    assert refused.status_code == 422
    assert "2 questions are open" in refused.json()["detail"]
    assert client.get("/api/accounts").json() == before

    answered = sent(CSV, mapping_is_right=True, rates={"EUR": 1.5}, columns={"Notes": "aliases"})
    found = client.post("/api/crm/preview", json=answered).json()
    assert found["questions"] == []
    stale = client.post("/api/crm/apply", json={**answered, "seen": "0" * 64})
    assert stale.status_code == 409
    given = {**answered, "seen": found["seen"], "name": "export.csv"}
    done = client.post("/api/crm/apply", json=given).json()
    contract.check(done, contract.CRM_APPLIED)
    assert (done["added"], done["changed"]) == (1, 1)
    rows = {row["account_id"]: row for row in client.get("/api/accounts").json()}
    assert (rows["FRZ-1"]["arr_usd"], rows["ninth-lab"]["arr_usd"]) == (600000.0, 10.5)

    page = client.get("/api/accounts/FRZ-1").json()
    contract.check(page, contract.ACCOUNT_PAGE)
    assert (page["aliases"], page["domains"], page["crm_ids"]) == (["MB"], ["marlowe.example"], [])

    (mapping,) = client.get("/api/crm/mappings").json()
    contract.check(mapping, contract.CRM_MAPPING)
    assert client.delete(f"/api/crm/mappings/{mapping['id']}").status_code == 204
    assert client.delete(f"/api/crm/mappings/{mapping['id']}").status_code == 404

    other = client.post("/api/crm/undo", params={"import_id": done["import_id"] + 1})
    assert other.status_code == 409
    undone = client.post("/api/crm/undo", params={"import_id": done["import_id"]}).json()
    contract.check(undone, contract.CRM_UNDONE)
    assert (undone["file_name"], undone["removed"], undone["put_back"]) == ("export.csv", 1, 1)
    assert client.get("/api/accounts").json() == before
    assert client.post("/api/crm/undo").status_code == 404


def test_what_is_private_is_masked_in_samples_too(client: TestClient) -> None:
    csv = "Company,Phone\nNinth Lab,+1 415 555 0134\n"
    (_, phone) = client.post("/api/crm/preview", json=sent(csv)).json()["columns"]
    assert "0134" not in phone["samples"][0]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"file": "not base64!"},
        {"file": "", "choices": {}},
        sent(b"\x00\x01\x02\x03" * 100),
        sent("Company\n"),
        sent(CSV, columns={"ARR": "colour"}),
        sent(CSV, columns={"No such": "name"}),
        sent(CSV, matches={"9": "new"}),
        sent(CSV, matches={"x": "new"}),
        sent(CSV, rates={"EUR": 0}),
        sent(CSV, rates={"EURO": 1}),
        sent(CSV, dates="ymd"),
        sent(CSV, surprise=1),
    ],
)
def test_bad_input_is_a_sentence(client: TestClient, body: dict[str, object]) -> None:
    for path in ("preview", "apply"):
        answer = client.post(f"/api/crm/{path}", json=body)
        assert answer.status_code == 422, answer.text
        contract.check(answer.json(), contract.PROBLEM)
    assert client.get("/api/crm/mappings").json() == []


def test_a_call_without_an_account_is_offered_one(client: TestClient, filled: Library) -> None:
    done = client.post("/api/crm/apply", json=sent(CSV.replace("€7", "7"), mapping_is_right=True))
    assert done.status_code == 200
    with filled.change() as connection:
        call_id = connection.scalar(sa.select(calls.c.call_id).where(calls.c.account_id == "FRZ-1"))
        mine = speakers.c.call_id == call_id
        where = (mine, speakers.c.role == "customer")
        connection.execute(speakers.update().where(*where).values(email="a@marlowe.example"))
        connection.execute(calls.update().where(calls.c.call_id == call_id).values(account_id=None))
    (match,) = client.get("/api/crm/calls").json()
    contract.check(match, contract.CRM_CALL)
    assert (match["call_id"], match["account_id"]) == (call_id, "FRZ-1")
