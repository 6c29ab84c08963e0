"""A home with the corpus's private details in every place that can hold words, and who looks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ingest.accounts import read_accounts
from ingest.library import Library, Options
from ingest.pipeline import About
from ingest.store import put_accounts
from service import codebook_files, sample
from service.access import tokens, users
from service.access.person import Role
from service.adding import Adding
from service.api import create_app
from service.drafting import draft_and_save
from service.edited.versions import save, version
from service.jobs import enqueue, set_fields
from service.settings import Settings
from service.shapes import Filters
from tests.conftest import ROOT
from tests.service.api.doors import ADDRESS, bearer, make_team

LARKSPUR = ROOT / "eval" / "corpora" / "larkspur"
PII = json.loads((LARKSPUR / "truth.json").read_text("utf-8"))["pii"]
VALUES = tuple(one["value"] for one in PII)
CALLS = tuple(one["call_id"] for one in PII)


@pytest.fixture(scope="session")
def _private_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
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
    """The application as somebody of that role sees it, with a token of theirs."""
    now = datetime.now(UTC)
    with library.read() as connection:
        there = users.find_named(connection, role)
    if there is None:
        make_team(library)
    with library.change() as connection:
        user = users.named(connection, role)
        made = tokens.make(connection, user.id, "look", workspace=users.MAIN, role=role, now=now)
    return TestClient(
        create_app(library, Settings(home=library.home)),
        base_url=ADDRESS,
        headers=bearer(made.token),
        raise_server_exceptions=False,
    )


@pytest.fixture
def private(_private_once: Path, tmp_path: Path) -> Iterator[Library]:
    home = tmp_path / "home"
    shutil.copytree(_private_once, home)
    opened = Library(home, Options(models=home / "models"))
    yield opened
    opened.close()


@pytest.fixture
def private_memo(private: Library) -> str:
    """A memo with a version of its own that quotes every detail."""
    made = draft_and_save(private, filters=Filters(top=20), today=date(2026, 6, 1))
    with private.read() as connection:
        text = version(private, connection, made.id).text
    cited = [f"They can be reached: {o['value']} [^{o['call_id']}:{o['utterance']}]" for o in PII]
    save(private, made.id, "\n\n".join([text, *cited]), 0, f"with {VALUES[0]}")
    return made.id


def private_in(text: str) -> list[str]:
    plain = text.replace("%20", " ").replace("%40", "@").replace("\\", "")
    return [value for value in VALUES if value in plain]
