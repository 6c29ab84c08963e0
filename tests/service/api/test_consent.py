"""A call that nobody agreed to is in no room and on no route; it can still be read by itself."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date

import pytest
from fastapi.testclient import TestClient

from ingest.library import Library
from service import answer_history, codebook, picks
from service.codebook import NewCode
from service.drafting import draft_and_save
from service.edited import versions
from service.shapes import Filters
from tests.service.spoken import hold

WORDS = "The alarm of the qwobbleplex is broken and we need it mended, it costs us every night."
ASKED = "Whose alarm is broken and costs every night?"
MARKS = ("qwobblep", "wilfrux")
# What is about calls one by one shows every call, and jobs name files.
_BY_ITSELF = (
    "/api/calls",
    "/api/jobs",
    "/api/uploads",
    "/metrics",
    "/api/people",
    "/api/retention",
)


@pytest.fixture
def ids(filled: Library) -> dict[str, str]:
    hold(
        filled,
        "NC-1",
        "FRZ-5",
        [("v", "What is hard?"), ("c", WORDS), ("v", "Thanks, Wilfrux.")],
        customer="Wilfrux Obzimer",
    )
    (code,) = codebook.put_codes(filled, [NewCode(label="Alarms that are broken")])
    for call, n in (("NC-1", 1), ("FC-1", 1)):
        codebook.judge(filled, code.id, call, n, "confirm")
    given = answer_history.ask(filled, ASKED, Filters())
    assert given.id is not None
    picks.add(filled, given.id)
    memo = draft_and_save(filled, filters=Filters(), today=date(2026, 6, 1))
    versions.save(filled, memo.id, f"# T\n\n> {WORDS}\n> — Wilfrux Obzimer [^NC-1:1]\n", 0)
    return {
        "memo_id": memo.id,
        "answer_id": given.id,
        "code_id": code.id,
        "theme_id": code.id,
        "account_id": "FRZ-5",
        "n": "1",
        "kind": "csv",
        "room": "home",
    }


def routes(client: TestClient, ids: dict[str, str]) -> Iterator[str]:
    """Every route that gives something, with ids of what there is."""
    for template, verbs in client.get("/openapi.json").json()["paths"].items():
        if "get" not in verbs:
            continue
        path = re.sub(r"\{(\w+)\}", lambda m: ids.get(m[1], "none"), template)
        if not path.startswith(_BY_ITSELF) and "events" not in path:
            yield path
    memo = f"/api/memos/{ids['memo_id']}"
    yield from (f"{memo}.{kind}" for kind in ("md", "html", "docx"))
    yield f"{memo}/diff?from=0&to=1"
    yield "/api/themes?quotes=50"
    yield "/api/heatmap"


def telling(client: TestClient, ids: dict[str, str]) -> dict[str, str]:
    """Each route that has something of the call, with the mark that is there."""
    found = {}
    for path in routes(client, ids):
        answer = client.get(path)
        assert answer.status_code < 500, path
        body = answer.content
        if body.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(body)) as held:
                body = b"".join(held.read(name) for name in held.namelist())
        for mark in MARKS:
            if mark.encode() in body.lower():
                found[path] = mark
    asked = client.post("/api/ask", json={"question": ASKED})
    if any(mark in asked.text.lower() for mark in MARKS):
        found["ask"] = asked.text
    return found


def test_without_consent_a_call_is_on_no_route(client: TestClient, ids: dict[str, str]) -> None:
    before = telling(client, ids)
    assert {"ask", "/api/picks", "/api/themes", "/api/accounts/FRZ-5"} <= before.keys()
    assert f"/api/memos/{ids['memo_id']}.docx" in before
    assert f"/api/answers/{ids['answer_id']}" in before
    assert client.get("/api/home").json()["coverage"]["accounts_heard"] == 5

    assert client.patch("/api/settings", json={"ask_consent": True}).json()["ask_consent"]
    for call in ("FC-1", "FC-2", "FC-3", "FC-4"):
        assert client.patch(f"/api/calls/{call}", json={"consent": "given"}).status_code == 200
    assert telling(client, ids) == {}
    coverage = client.get("/api/coverage").json()
    assert coverage["calls_without_consent"] == ["NC-1"]
    assert any("waits for consent" in note for note in coverage["notes"])
    assert client.get("/api/home").json()["coverage"]["accounts_heard"] == 4
    kept = client.get(f"/api/memos/{ids['memo_id']}/versions/1").json()
    assert kept["text"] == "# T\n\n> […] [^withdrawn]\n"
    # By itself it can be read.
    one = client.get("/api/calls/NC-1").json()
    assert one["consent"] is None
    assert one["utterances"][1]["text"] == WORDS

    # Once it is given, all of it is there again; refused, it is gone again.
    client.patch("/api/calls/NC-1", json={"consent": "given"})
    assert telling(client, ids).keys() == before.keys()
    client.patch("/api/calls/NC-1", json={"consent": "refused"})
    assert telling(client, ids) == {}
    client.patch("/api/settings", json={"ask_consent": None})
    assert telling(client, ids).keys() == before.keys()


def test_consent_is_told_with_the_file(client: TestClient) -> None:
    body = b"Ida Kern: How is it?\n\nLin Mori: We chip ice out of the freezer by hand.\n"
    sent = client.post("/api/calls", files={"file": ("ice.txt", body)}, data={"consent": "refused"})
    assert sent.status_code == 202
    assert client.get(f"/api/calls/{sent.json()['call_id']}").json()["consent"] == "refused"
    again = client.post("/api/calls", files={"file": ("ice.txt", body)}, data={"consent": "given"})
    assert client.get(f"/api/calls/{again.json()['call_id']}").json()["consent"] == "given"
    wrong = client.post("/api/calls", files={"file": ("ice.txt", body)}, data={"consent": "maybe"})
    assert wrong.status_code == 422
    assert "given or refused" in wrong.json()["detail"]
