"""What the API tells of a language model: what leaves, what waits, what it cost and said."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingest.library import Library
from service.api import create_app
from service.settings import Settings
from tests import contract, reader
from tests.llm_server import LlmServer, failing
from tests.service.api.test_contract import ended
from tests.service.api.test_page import HOSTILE, Reader
from tests.service.modelled import read, unread
from tests.working import working

__all__ = ("read", "unread")  # fixtures

LEAVING = contract.arr(contract.obj(what=contract.STR, where=contract.STR, when=contract.STR))
MACHINE = contract.obj(
    model=contract.nullable(contract.STR), transcriber=contract.STR, leaving=LEAVING
)
ROOMS = ("/", "/ask", "/themes", "/calls", "/memos", "/calls/FC-1", "/calls/none")


@contextmanager
def serving(library: Library, *, work: bool = False, **settings: Any) -> Iterator[TestClient]:
    app = create_app(library, Settings(home=library.home, **settings))
    with ExitStack() as held:
        if work:
            held.enter_context(working(library))
        yield held.enter_context(
            TestClient(app, base_url="http://127.0.0.1:8400", raise_server_exceptions=False)
        )


@pytest.fixture
def client(read: Library) -> Iterator[TestClient]:
    """The page over calls that the model has read."""
    with serving(read, work=True, model="openai:test-model") as opened:
        yield opened


def even(html: str) -> str:
    """The text of a paragraph without its links, on one line."""
    return " ".join(re.sub(r"<[^>]+>", "", html).split())


def test_nothing_leaves_and_every_page_says_so(filled: Library) -> None:
    with serving(filled) as client:
        machine = client.get("/api/machine").json()
        contract.check(machine, MACHINE)
        assert (machine["model"], machine["transcriber"], machine["leaving"]) == (None, "auto", [])
        for room in ROOMS:
            assert "Nothing leaves this machine." in client.get(room).text
        assert "sends" not in Reader(client.get("/").text).text["p"]


def test_what_leaves_is_in_every_page_and_beside_what_sends_it(filled: Library) -> None:
    settings: dict[str, Any] = {
        "model": "openai:gpt-5-mini",
        "model_base_url": "https://user:sk-secret@models.example:8443/v1",
    }
    with serving(filled, **settings) as client:
        machine = client.get("/api/machine")
        contract.check(machine.json(), MACHINE)
        assert {one["where"] for one in machine.json()["leaving"]} == {"models.example:8443"}
        for room in ROOMS:
            page = client.get(room)
            assert "sk-secret" not in page.text + machine.text
            shown = Reader(page.text).text
            assert "Sends to models.example:8443: the whole transcript" in shown["summary"]
            assert "every question, the names of accounts" in shown["li"]
            assert "Nothing leaves this machine" not in page.text
        for room, told in {
            "/ask": "Asking sends every question",
            "/calls": "Adding sends the whole transcript of every call",
            "/memos": "Drafting sends",
        }.items():
            assert told in Reader(client.get(room).text).text["p"]
        assert "They stay on this machine" not in Reader(client.get("/").text).text["p"]
        assert "you confirmed, and those that the model found." in even(client.get("/memos").text)
        assert "What was sent to models.example:8443" in client.get("/calls/FC-1").text


def test_a_hostile_model_name_is_text(filled: Library) -> None:
    with serving(filled, model=f"openai:{HOSTILE.replace(' ', '')}") as client:
        page = client.get("/")
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert page.text.count(";7*7") == 0


def test_a_reading_needs_a_model(filled: Library) -> None:
    with serving(filled) as client:
        assert client.get("/api/reading").json() == {
            "model": None,
            "calls": [],
            "waits": False,
            "job": None,
        }
        refused = client.post("/api/reading")
        assert refused.status_code == 409
        contract.check(refused.json(), contract.PROBLEM)
        assert "FIRSTHAND_MODEL" in refused.json()["detail"]


def test_what_waits_is_read_as_a_job(unread: Library) -> None:
    with serving(unread, work=True) as client:
        waiting = client.get("/api/reading").json()
        assert waiting["calls"] == ["FC-1", "FC-2", "FC-3", "FC-4"]
        assert (waiting["waits"], waiting["job"]) == (True, None)
        started = client.post("/api/reading")
        assert (started.status_code, started.json()["kind"]) == (202, "read")
        assert ended(client, started.json()["job_id"])["state"] == "done"
        after = client.get("/api/reading").json()
        assert (after["calls"], after["waits"], after["job"]["state"]) == ([], False, "done")


def test_a_reading_that_fails_says_why_and_is_tried_again(
    unread: Library, llm_server: LlmServer
) -> None:
    llm_server.model = lambda _prompt, _data: failing(401, "no such key")
    with serving(unread, work=True) as client:
        job = ended(client, client.post("/api/reading").json()["job_id"])
        assert job["state"] == "failed"
        assert "OPENAI_API_KEY" in str(job["error"])
        assert client.get("/api/reading").json()["job"] == job
        llm_server.model = reader.honest
        assert client.post(f"/api/jobs/{job['job_id']}/retry").json()["state"] == "queued"
        assert ended(client, str(job["job_id"]))["state"] == "done"


def readings(client: TestClient) -> list[Any]:
    return [job for job in client.get("/api/jobs").json() if job["kind"] == "read"]


def test_a_new_code_gets_its_matters_and_no_job_is_made_in_vain(read: Library) -> None:
    with serving(read) as client:
        client.get("/api/codes")
        client.post("/api/codes", json={"label": ""})
        assert readings(client) == []
        code = client.post("/api/codes", json={"label": "Alarms that say nothing"}).json()
        (job,) = readings(client)
        assert (job["kind"], job["state"]) == ("read", "queued")
        client.patch(f"/api/codes/{code['id']}", json={"definition": "The alarm rings"})
        assert len(readings(client)) == 1, "the one that is queued sees it"


def test_codes_change_without_a_model_as_ever(filled: Library) -> None:
    with serving(filled) as client:
        client.post("/api/codes", json={"label": "Alarms"})
        assert readings(client) == []


def test_found_themes_are_listed_and_confirmed_under_their_name(client: TestClient) -> None:
    themes = client.get("/api/themes").json()
    contract.check(themes, contract.arr(contract.THEME, least=1))
    found = [t for t in themes if t["by"] == "model"]
    assert found[0]["label"] == "An alarm has to say which freezer it is"
    assert any("not yet confirmed" in note for note in found[0]["notes"])
    made = client.post(f"/api/candidates/{found[0]['id']}/confirm", json={})
    assert made.status_code == 201
    assert made.json()["label"] == found[0]["label"]
    assert made.json()["definition"] == found[0]["definition"]
    aside = client.post(f"/api/candidates/{found[1]['id']}/dismiss")
    assert aside.json()["state"] == "dismissed"


def test_what_a_call_says_of_its_reading(client: TestClient) -> None:
    call = client.get("/api/calls/FC-2").json()
    assert call["read_by"] == "openai:test-model"
    assert (call["suggested"], call["dropped"]) == ([], [])
    items = client.get("/api/calls/FC-2/evidence").json()
    assert {item["by"] for item in items if item["role"] == "customer"} >= {"model"}


def events(text: str) -> list[tuple[str, Any]]:
    blocks = [block.split("\n", 1) for block in text.strip().split("\n\n")]
    return [
        (kind.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for kind, data in blocks
    ]


def test_an_answer_says_who_wrote_it_and_what_was_dropped(
    client: TestClient, llm_server: LlmServer
) -> None:
    def model(prompt: str, data: Any) -> Any:
        given = reader.honest(prompt, data)
        if prompt == "answer_question":
            lie = {"text": f"They pay {HOSTILE} 99 times.", "rests_on": ["T1"], "against": False}
            given["sentences"].append(lie)
        return given

    llm_server.model = model
    body = {"question": "What do customers need?"}
    streamed = client.post("/api/ask", json=body, headers={"Accept": "text/event-stream"})
    *coming, (last, answer) = events(streamed.text)
    assert last == "answer"
    contract.check(answer, contract.ANSWER)
    assert [kind for kind, _ in coming] == ["statement"] * len(answer["statements"])
    assert answer["provenance"]["mode"] == "llm"
    assert answer["provenance"]["model"] == "openai:test-model"
    (dropped,) = answer["provenance"]["dropped"]
    assert dropped["why"]
    assert answer == client.post("/api/ask", json=body).json()


def test_without_its_model_an_answer_says_why(client: TestClient, llm_server: LlmServer) -> None:
    llm_server.model = lambda _prompt, _data: "no JSON at all"
    answer = client.post("/api/ask", json={"question": "What do customers need?"}).json()
    assert answer["provenance"]["mode"] == "extractive"
    assert answer["provenance"]["note"].startswith("Answered without the language model.")
    assert answer["statements"]


def test_spending_names_calls_by_their_titles(client: TestClient) -> None:
    client.post("/api/ask", json={"question": "What do customers need?"})
    told = client.get("/api/spending").json()
    cost = contract.obj(
        kind=contract.STR,
        subject=contract.nullable(contract.STR),
        title=contract.nullable(contract.STR),
        requests=contract.INT,
        input_tokens=contract.INT,
        output_tokens=contract.INT,
        cost_usd=contract.nullable(contract.NUM),
    )
    contract.check(
        told,
        contract.obj(
            spent_usd=contract.NUM,
            budget_usd=contract.nullable(contract.NUM),
            purposes=contract.arr(cost, least=6),
        ),
    )
    titles = {one["subject"]: one["title"] for one in told["purposes"]}
    assert titles["FC-1"] == "FRZ-1 with product"
    asked = [one for one in told["purposes"] if one["kind"] == "question"]
    assert [one["title"] for one in asked] == [None]
    assert told["spent_usd"] == pytest.approx(sum(one["cost_usd"] for one in told["purposes"]))
