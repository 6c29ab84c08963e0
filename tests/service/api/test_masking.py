"""No answer of the server holds a private detail, unless an admin asks for it."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from ingest.accounts import read_accounts
from ingest.library import Library, Options
from ingest.pipeline import About
from ingest.redaction import MARK
from ingest.store import put_accounts
from service import codebook_files, sample
from service.access.person import Person, Role
from service.adding import Adding
from service.api import create_app
from service.jobs import enqueue, set_fields
from service.settings import Settings
from tests.conftest import ROOT

LARKSPUR = ROOT / "eval" / "corpora" / "larkspur"
PII = json.loads((LARKSPUR / "truth.json").read_text("utf-8"))["pii"]
VALUES = tuple(one["value"] for one in PII)
CALLS = tuple(one["call_id"] for one in PII)
# Its events never end; those of one job come out of the same place.
ENDLESS = {"/api/jobs/events"}
# Sound, and the page's own files.
NO_WORDS = {"/api/calls/{call_id}/audio", "/static/{digest}/{name}"}


class As:
    """What stands before the application later: it says who is asking."""

    def __init__(self, app: ASGIApp, role: Role) -> None:
        self._app = app
        self._person = Person("u-1", "Ada", role, "session")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope.setdefault("state", {})["person"] = self._person
        await self._app(scope, receive, send)


@pytest.fixture(scope="module")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus's calls that have private details in them, with traces of those everywhere."""
    home = tmp_path_factory.mktemp("private") / "home"
    library = Library(home, Options(models=home / "models"))
    with library.change() as connection:
        put_accounts(connection, read_accounts(LARKSPUR / "accounts.csv"))
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    for path in sorted((LARKSPUR / "calls").iterdir()):
        if path.stem in CALLS:
            adding.receive(path, About())
    adding.finish()
    assert adding.outcome().errors == ()
    codebook_files.import_file(library, sample.codebook())
    admin = client(library, "admin")
    for one in PII:
        _leave_traces(admin, library, **one)
    library.close()
    return home


def _leave_traces(
    admin: TestClient, library: Library, *, call_id: str, utterance: int, value: str, **_: object
) -> None:
    """The value as evidence, in names, a title, a correction, a code, a question and a job."""
    call, true = f"/api/calls/{call_id}", {"originals": "1"}
    said = admin.get(call, params=true).json()["utterances"][utterance]
    evidence = {"utterance": utterance, "kind": "request", "words": value}
    done(admin.post(f"{call}/evidence", json=evidence))
    corrected = {"utterances": {utterance: {"text": f"{said['text']} Yes, {value}."}}}
    done(admin.patch(call, json=corrected))
    label = said["speaker"]
    done(admin.patch(call, json={"speakers": {label: {"name": f"Pat ({value})"}}}))
    done(admin.patch(call, json={"title": f"With Pat, {value}"}))
    code = {
        "label": f"Reach {call_id} on {value}",
        "definition": value,
        "examples": [f"Mine: {value}"],
    }
    done(admin.post("/api/codes", json=code))
    done(admin.post("/api/ask", json={"question": f"Who can be reached on {value}?"}))
    with library.change() as connection:
        job = enqueue(connection, "ingest", call_id=call_id)
        set_fields(connection, job, state="failed", error=f"{value}: it cannot be read.")


def done(response: Any) -> Any:
    assert response.status_code < 300, response.text
    return response.json()


def client(library: Library, role: Role) -> TestClient:
    app = create_app(library, Settings(home=library.home))
    return TestClient(
        As(app, role), base_url="http://127.0.0.1:8400", raise_server_exceptions=False
    )


@pytest.fixture
def library(_home: Path, tmp_path: Path) -> Iterator[Library]:
    home = tmp_path / "home"
    shutil.copytree(_home, home)
    opened = Library(home, Options(models=home / "models"))
    yield opened
    opened.close()


@pytest.fixture
def memo_id(library: Library) -> str:
    """A memo with a version of its own that quotes every detail."""
    from datetime import date

    from service.drafting import draft_and_save
    from service.edited.versions import save, version
    from service.shapes import Filters

    made = draft_and_save(library, filters=Filters(top=20), today=date(2026, 6, 1))
    with library.read() as connection:
        text = version(library, connection, made.id).text
    cited = [f"They can be reached: {o['value']} [^{o['call_id']}:{o['utterance']}]" for o in PII]
    save(library, made.id, "\n\n".join([text, *cited]), 0, f"with {VALUES[0]}")
    return made.id


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


def private_in(text: str) -> list[str]:
    plain = text.replace("%20", " ").replace("%40", "@").replace("\\", "")
    return [value for value in VALUES if value in plain]


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


def test_no_route_shows_a_private_detail(library: Library, memo_id: str) -> None:
    app = create_app(library, Settings(home=library.home))
    seen = {
        path: private_in(body)
        for path, _, body in bodies(client(library, "admin"), app, memo_id, "&originals=1")
        if private_in(body)
    }
    assert not TRACED - seen.keys(), "the traces are there to be found"
    shown = {
        (address, *private_in(body))
        for _, address, body in bodies(client(library, "viewer"), app, memo_id)
        if private_in(body)
    }
    assert shown == set()


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_only_admins_see_originals(library: Library, role: Role) -> None:
    for address in ("/api/calls/LC-001", "/api/calls/LC-001.txt", "/calls/LC-001", "/api/home"):
        refused = client(library, role).get(f"{address}?originals=1")
        assert (refused.status_code, refused.json()["title"]) == (403, "Forbidden")
        assert client(library, role).get(address).status_code == 200


def test_what_is_masked_is_as_long_as_before(library: Library) -> None:
    admin = client(library, "admin")
    for one in PII:
        call = f"/api/calls/{one['call_id']}"
        true = admin.get(call, params={"originals": "1"}).json()["utterances"]
        shown = admin.get(call).json()["utterances"]
        for a, b in zip(true, shown, strict=True):
            private = one["value"] if a["i"] == one["utterance"] else "\0"
            assert b["text"] == a["text"].replace(private, MARK * len(private))


def test_a_stream_of_an_answer_is_masked(library: Library) -> None:
    asked = {"question": "Which customers can be reached on 919-555-0142?"}
    headers = {"Accept": "text/event-stream"}
    with client(library, "viewer").stream("POST", "/api/ask", json=asked, headers=headers) as told:
        body = told.read().decode()
    assert "event: answer" in body
    assert private_in(body) == []
    last = [line for line in body.splitlines() if line.startswith("data: ")][-1]
    assert json.loads(last.removeprefix("data: "))["question"] == (
        f"Which customers can be reached on {MARK * 12}?"
    )


def test_names_on_request_and_masks_off(library: Library) -> None:
    admin, viewer = client(library, "admin"), client(library, "viewer")
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


def test_correcting_a_masked_line_keeps_what_is_masked(library: Library) -> None:
    editor, admin = client(library, "editor"), client(library, "admin")
    call = "/api/calls/LC-014"
    shown = done(editor.get(call))["utterances"][55]["text"]
    done(editor.patch(call, json={"utterances": {55: {"text": shown.replace("Yes", "Oh yes")}}}))
    true = done(admin.get(call, params={"originals": "1"}))["utterances"][55]["text"]
    assert true.count("614-555-0178") == 2
    assert "Oh yes, 614-555-0178." in true
    gone = editor.patch(call, json={"utterances": {55: {"text": "Lonnie: ••••••••"}}})
    assert (gone.status_code, "cannot be told which one" in gone.text) == (422, True)
    # "Ticket" before a number says that it is none: nobody gets to see one by writing that.
    opened = shown.replace("Yes, ", "Ticket ")
    refused = editor.patch(call, json={"utterances": {55: {"text": opened}}})
    assert (refused.status_code, "everybody would see it" in refused.text) == (422, True)


def test_masked_names_titles_and_evidence_are_put_back(library: Library) -> None:
    editor, admin = client(library, "editor"), client(library, "admin")
    call, true = "/api/calls/LC-007", {"originals": "1"}
    before = done(admin.get(call, params=true))
    shown = done(editor.get(call))
    label = shown["utterances"][44]["speaker"]
    name = next(s["name"] for s in shown["speakers"] if s["label"] == label)
    done(editor.patch(call, json={"title": f"{shown['title']}!"}))
    done(editor.patch(call, json={"speakers": {label: {"name": name.replace("Pat", "Patrick")}}}))
    after = done(admin.get(call, params=true))
    assert after["title"] == f"{before['title']}!"
    assert f"Patrick ({VALUES[2]})" in {s["name"] for s in after["speakers"]}
    words = {"utterance": 44, "kind": "praise", "words": shown["utterances"][44]["text"]}
    item = done(editor.post(f"{call}/evidence", json=words))
    assert MARK in item["quote"]
    items = done(admin.get(f"{call}/evidence", params=true))
    assert VALUES[2] in next(one["quote"] for one in items if one["id"] == item["id"])


def test_a_masked_memo_is_saved_as_it_was(library: Library, memo_id: str) -> None:
    editor, admin = client(library, "editor"), client(library, "admin")
    memo, true = f"/api/memos/{memo_id}", {"originals": "1"}
    original = done(admin.get(f"{memo}/versions/1", params=true))["text"]
    text = done(editor.get(f"{memo}/versions/1"))["text"]
    assert private_in(text) == []
    assert private_in(original) == list(VALUES)
    found = done(editor.post(f"{memo}/check", json={"text": text}))
    assert [one["failing"] for one in found["sentences"]] == [
        one["failing"]
        for one in done(admin.post(f"{memo}/check", json={"text": original}))["sentences"]
    ]
    assert done(editor.post(f"{memo}/versions", json={"text": text, "base": 1}))["n"] == 1
    mine = text.replace("They can be reached", "Their people can be reached")
    cited = "\n\n“I don't read email past about two o'clock. It's ••••••••••••.” [^LC-001:48]\n"
    made = done(editor.post(f"{memo}/versions", json={"text": mine + cited, "base": 1}))
    kept = done(admin.get(f"{memo}/versions/{made['n']}", params=true))["text"]
    mine = original.replace("They can be reached", "Their people can be reached")
    assert kept == mine + cited.replace("•" * 12, "919-555-0142")


def test_a_masked_codebook_is_loaded_as_it_was(library: Library) -> None:
    editor, admin = client(library, "editor"), client(library, "admin")
    before = done(admin.get("/api/codes", params={"originals": "1"}))
    for form, kind in (("csv", "text/csv"), ("yaml", "application/yaml")):
        body = editor.get(f"/api/codebook.{form}").content
        assert MARK in body.decode()
        done(editor.put("/api/codebook", content=body, headers={"Content-Type": kind}))
        assert done(admin.get("/api/codes", params={"originals": "1"})) == before
