"""No answer of the server holds a private detail, unless an admin asks for it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from ingest.library import Library
from ingest.redaction import MARK
from service.access.person import Role
from service.api import create_app
from service.settings import Settings
from tests.service.api.masked import CALLS, PII, client, done, private_in

# Its events never end; those of one job come out of the same place.
ENDLESS = {"/api/jobs/events"}
# Sound, and the page's own files.
# Sound that is masked has tests of its own: tests/service/test_clips.py.
NO_WORDS = {
    "/api/calls/{call_id}/audio",
    "/api/calls/{call_id}/clips/{utterance}.m4a",
    "/static/{digest}/{name}",
}


def paths(app: FastAPI) -> set[str]:
    """Every address that can be read."""

    def routes(router: Any) -> Iterator[APIRoute]:
        for one in router.routes:
            if isinstance(one, APIRoute):
                yield one
            elif hasattr(one, "original_router"):
                yield from routes(one.original_router)

    return {one.path for one in routes(app) if "GET" in (one.methods or ())}


def known(admin: TestClient, memo_id: str) -> dict[str, list[str]]:
    """What can stand in each place of an address."""

    def ids(path: str, name: str = "id") -> list[str]:
        return [one[name] for one in done(admin.get(path))]

    return {
        "call_id": list(CALLS),
        "account_id": ids("/api/accounts", "account_id")[:8],
        "answer_id": ids("/api/answers"),
        "code_id": ids("/api/codes"),
        "theme_id": ids("/api/themes?only=named"),
        "job_id": ids("/api/jobs?limit=200", "job_id")[:12],
        "memo_id": [memo_id],
        "upload_id": ["none-such"],
        "kind": ["md", "html", "docx"],
        "form": ["csv", "yaml"],
        "n": ["0", "1"],
    }


QUERIES = {
    "/api/memos/{memo_id}/diff": ["from=0&to=1"],
    "/api/memos/{memo_id}/document": ["version=0", "version=1"],
    "/api/memos/{memo_id}.{kind}": ["version=0", "version=1"],
    "/api/codes": ["dismissed=true"],
    "/api/jobs": ["limit=200"],
}


def bodies(
    asks: TestClient, app: FastAPI, memo_id: str, more: str = ""
) -> Iterator[tuple[str, str, str]]:
    """Route, address, and all that was answered, headers too."""
    values = known(client(app.state.library, "admin"), memo_id)
    for path in sorted(paths(app) - ENDLESS - NO_WORDS):
        names = re.findall(r"{(\w+)}", path)
        for chosen in product(*(values[name] for name in names)):
            filled = {n: quote(v) for n, v in zip(names, chosen, strict=True)}
            for query in QUERIES.get(path, [""]):
                address = f"{path.format(**filled)}?{query}{more}"
                answer = asks.get(address)
                assert answer.status_code < 500, (address, answer.text[:200])
                yield path, address, text_of(answer.content) + str(dict(answer.headers))


def text_of(body: bytes) -> str:
    if not body.startswith(b"PK"):
        return body.decode()
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        inside = (parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
        return "\n".join(re.sub(r"<[^>]+>", "", part) for part in inside)


TRACED = {
    *("/api/calls", "/api/calls/{call_id}", "/api/calls/{call_id}.vtt", "/api/calls/{call_id}.txt"),
    *("/api/calls/{call_id}.json", "/api/calls/{call_id}/evidence", "/calls/{call_id}"),
    *("/api/calls/{call_id}/erasure", "/api/codes", "/api/codes/{code_id}", "/ask/{answer_id}"),
    *("/api/codebook.{form}", "/api/codebook/history", "/api/answers", "/api/answers/{answer_id}"),
    *("/api/jobs", "/api/jobs/{job_id}", "/api/jobs/{job_id}/events"),
    *("/api/accounts/{account_id}", "/api/memos/{memo_id}.{kind}", "/api/memos/{memo_id}/diff"),
    *("/api/memos/{memo_id}/document", "/api/memos/{memo_id}/versions"),
    *("/api/memos/{memo_id}/versions/{n}",),
}


def test_no_route_shows_a_private_detail(private: Library, private_memo: str) -> None:
    app = create_app(private, Settings(home=private.home))
    seen = {
        path: private_in(body)
        for path, _, body in bodies(client(private, "admin"), app, private_memo, "&originals=1")
        if private_in(body)
    }
    assert not TRACED - seen.keys(), "the traces are there to be found"
    shown = {
        (address, *private_in(body))
        for _, address, body in bodies(client(private, "viewer"), app, private_memo)
        if private_in(body)
    }
    assert shown == set()


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_only_admins_see_originals(private: Library, role: Role) -> None:
    for address in ("/api/calls/LC-001", "/api/calls/LC-001.txt", "/calls/LC-001", "/api/home"):
        refused = client(private, role).get(f"{address}?originals=1")
        assert (refused.status_code, refused.json()["title"]) == (403, "Forbidden")
        assert client(private, role).get(address).status_code == 200


def test_what_is_masked_is_as_long_as_before(private: Library) -> None:
    admin = client(private, "admin")
    for one in PII:
        call = f"/api/calls/{one['call_id']}"
        true = admin.get(call, params={"originals": "1"}).json()["utterances"]
        shown = admin.get(call).json()["utterances"]
        for a, b in zip(true, shown, strict=True):
            hidden = one["value"] if a["i"] == one["utterance"] else "\0"
            assert b["text"] == a["text"].replace(hidden, MARK * len(hidden))


def test_a_stream_of_an_answer_is_masked(private: Library) -> None:
    asked = {"question": "Which customers can be reached on 919-555-0142?"}
    headers = {"Accept": "text/event-stream"}
    with client(private, "viewer").stream("POST", "/api/ask", json=asked, headers=headers) as told:
        body = told.read().decode()
    assert "event: answer" in body
    assert private_in(body) == []
    last = [line for line in body.splitlines() if line.startswith("data: ")][-1]
    assert json.loads(last.removeprefix("data: "))["question"] == (
        f"Which customers can be reached on {MARK * 12}?"
    )


def test_names_on_request_and_masks_off(private: Library) -> None:
    admin, viewer = client(private, "admin"), client(private, "viewer")
    done(admin.patch("/api/settings", json={"mask_names": ["Tolliver", "Maureen"]}))
    assert done(admin.get("/api/settings"))["mask_names"] == ["Maureen", "Tolliver"]
    assert done(viewer.get("/api/settings"))["mask_names"] == ["•••••••", "••••••••"]
    for address in ("/api/calls/LC-001", "/api/calls/LC-001.vtt", "/api/accounts"):
        body = viewer.get(address).text
        assert not re.search(r"\b(?:maureen|tolliver)", body, re.I), address
    done(admin.patch("/api/settings", json={"mask": False}))
    body = viewer.get("/api/calls/LC-001").text
    assert "919-555-0142" in body
    assert "Maureen" in body
