"""Kept answers, picks and suggestions over HTTP, as the contract has them."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient

from tests import contract

NEEDS = {"question": "What do customers need?", "filters": {"top": 3}}


def ask(client: TestClient, question: str = "What do customers need?") -> str:
    answer = client.post("/api/ask", json={"question": question}).json()
    return str(answer["id"])


def test_an_answer_is_kept_and_shown_as_it_was(client: TestClient) -> None:
    answer = client.post("/api/ask", json=NEEDS).json()
    contract.check(answer, contract.ANSWER)
    kept = client.get(f"/api/answers/{answer['id']}").json()
    contract.check(kept, contract.KEPT_ANSWER)
    assert kept["answer"] == answer
    assert kept["asked"]["top"] == 3
    assert client.get(f"/ask/{answer['id']}").status_code == 200


def test_a_streamed_answer_is_kept_as_well(client: TestClient) -> None:
    told = client.post("/api/ask", json=NEEDS, headers={"Accept": "text/event-stream"}).text
    *_, last = [line for line in told.splitlines() if line.startswith("data: ")]
    answer = json.loads(last.removeprefix("data: "))
    assert client.get(f"/api/answers/{answer['id']}").json()["answer"] == answer


def test_the_list_is_paged_and_bounded(client: TestClient) -> None:
    ids = [ask(client, f"What do customers say about alarm {n}?") for n in range(3)]
    first = client.get("/api/answers?limit=2").json()
    for line in first:
        contract.check(line, contract.ANSWER_LINE)
    assert [line["id"] for line in first] == [ids[2], ids[1]]
    rest = client.get(f"/api/answers?limit=2&before={ids[1]}").json()
    assert [line["id"] for line in rest] == [ids[0]]
    assert client.get("/api/answers?before=none").status_code == 404
    for limit in (0, 501, "x"):
        assert client.get(f"/api/answers?limit={limit}").status_code == 422


def test_a_deleted_answer_is_not_there(client: TestClient) -> None:
    answer_id = ask(client)
    assert client.delete(f"/api/answers/{answer_id}").status_code == 204
    for gone in (client.get, client.delete):
        response = gone(f"/api/answers/{answer_id}")
        assert response.status_code == 404
        assert response.json()["detail"] == f"There is no answer '{answer_id}'."
    assert client.get(f"/ask/{answer_id}").status_code == 404


def test_statements_are_picked_and_put_back(client: TestClient) -> None:
    answer_id = ask(client)
    (one,) = client.post("/api/picks", json={"answer_id": answer_id, "n": 0}).json()
    contract.check(one, contract.PICK)
    assert client.get("/api/picks").json() == [one]
    assert client.delete(f"/api/picks/{one['id']}").status_code == 204
    assert client.delete(f"/api/picks/{one['id']}").status_code == 404
    assert client.get("/api/picks").json() == []


@pytest.mark.parametrize(
    ("picked", "status"),
    [
        ({"answer_id": "none", "n": 0}, 404),
        ({"n": 0}, 422),
        ({"answer_id": "", "part": "internal"}, 422),
        ({"answer_id": "none", "text": "They love us."}, 422),
    ],
)
def test_nothing_is_picked_that_no_answer_says(
    client: TestClient, picked: object, status: int
) -> None:
    assert client.post("/api/picks", json=picked).status_code == status


def test_a_number_beyond_the_answer_is_refused(client: TestClient) -> None:
    for n in (-1, 10**6):
        refused = client.post("/api/picks", json={"answer_id": ask(client), "n": n})
        assert refused.status_code == 422
        assert "no such statement" in refused.json()["detail"]


def test_suggestions_can_be_asked_as_they_are(client: TestClient) -> None:
    found = client.get("/api/ask/suggestions").json()
    assert found
    for one in found:
        contract.check(one, contract.SUGGESTION)
        asked = {"question": one["question"], "filters": one["filters"]}
        assert client.post("/api/ask", json=asked).json()["abstained"] is False
