"""Accounts over HTTP: looked at before they are loaded, and one with all that is known of it."""

from __future__ import annotations

import gzip
import json

from fastapi.testclient import TestClient

from tests import contract

CSV = "account_id,name,arr_usd\nFRZ-1,Marlowe Biobank,500000\nFRZ-9,Ninth Lab,1000\n"
AS_CSV = {"content-type": "text/csv"}


def test_a_preview_is_what_loading_then_does(client: TestClient) -> None:
    before = client.get("/api/accounts").json()
    found = client.post("/api/accounts/preview", content=CSV, headers=AS_CSV).json()
    contract.check(found, contract.IMPORT_PREVIEW)
    assert client.get("/api/accounts").json() == before
    assert [a["account_id"] for a in found["added"]] == ["FRZ-9"]
    (changed,) = found["changed"]
    fields = {f["field"]: f["after"] for f in changed["fields"]}
    loaded = client.put("/api/accounts", content=CSV, headers=AS_CSV).json()
    (row,) = (a for a in loaded if a["account_id"] == "FRZ-1")
    assert fields == {name: row[name] for name in fields}
    assert fields["arr_usd"] == 500_000
    assert client.post("/api/accounts/preview", content=CSV, headers=AS_CSV).json()["same"] == 2


def test_a_faulty_file_is_previewed_and_not_loaded(client: TestClient) -> None:
    csv = "account_id,name\nno id,X\nA,\n"
    found = client.post("/api/accounts/preview", content=csv, headers=AS_CSV).json()
    assert len(found["faults"]) == 2
    refused = client.put("/api/accounts", content=csv, headers=AS_CSV)
    assert (refused.status_code, refused.json()["detail"]) == (422, found["faults"][0])
    unread = client.post("/api/accounts/preview", content="x\n1\n", headers=AS_CSV)
    contract.check(unread.json(), contract.PROBLEM)
    assert unread.status_code == 422


def test_what_was_read_can_be_sent_back(client: TestClient) -> None:
    rows = client.get("/api/accounts").json()
    contract.check(rows, contract.arr(contract.ACCOUNT, least=5))
    rows[0]["owner"] = "Somebody"
    rows[0]["calls_n"] = 99  # computed: not taken over
    back = client.put("/api/accounts", json=rows).json()
    assert back[0] == {**rows[0], "calls_n": 1}
    assert client.put("/api/accounts", json=[{**rows[0], "typo": 1}]).status_code == 422


def test_one_account(client: TestClient) -> None:
    page = client.get("/api/accounts/FRZ-2")
    contract.check(page.json(), contract.ACCOUNT_PAGE)
    assert page.json()["timeline"]
    assert client.get("/api/accounts/NOBODY").status_code == 404


def test_long_answers_are_packed(client: TestClient) -> None:
    packed = {"accept-encoding": "gzip"}
    with client.stream("GET", "/api/calls", headers=packed) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) == len(raw)
    assert json.loads(gzip.decompress(raw)) == client.get("/api/calls").json()
    assert "content-encoding" not in client.get("/healthz", headers=packed).headers
    assert (
        "content-encoding" not in client.get("/api/calls", headers={"accept-encoding": "x"}).headers
    )
