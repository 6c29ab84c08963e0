"""Streams end with the right to them: nobody follows jobs or an answer after they were let go."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from ingest.library import Library
from service.access import tokens, users
from service.jobs import enqueue, set_fields
from tests import reader
from tests.durability.processes import Web
from tests.llm_server import LlmServer, slowly
from tests.service.api.doors import PASSWORD, Team, bearer, make_team
from tests.service.modelled import read, unread

__all__ = ("read", "unread")  # fixtures

PINGS = 6  # of a stream that has nothing to tell: by then it had to end
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def team(filled: Library) -> Team:
    return make_team(filled)


@pytest.fixture
def web(filled: Library, team: Team, tmp_path: Path) -> Iterator[Web]:
    del team
    with Web(filled.home, "--no-worker", env={}, log=tmp_path / "log") as one:
        assert one.ready(), (tmp_path / "log").read_text()
        yield one


@contextmanager
def signed_in(web: Web, name: str) -> Iterator[httpx2.Client]:
    headers = {"Origin": web.address}
    with httpx2.Client(base_url=web.address, timeout=120, headers=headers) as client:
        entered = client.post("/api/session", json={"name": name, "password": PASSWORD})
        assert entered.status_code == 201, entered.text
        yield client


@contextmanager
def followed(client: httpx2.Client, path: str, **headers: str) -> Iterator[Iterator[str]]:
    """The lines of a stream, once the first of an event has come."""
    with client.stream("GET", path, headers=headers) as response:
        assert response.status_code == 200
        lines = response.iter_lines()
        assert next(line for line in lines if line.startswith("data:"))
        yield lines


def ends(lines: Iterator[str]) -> bool:
    pings = 0
    for line in lines:
        pings += line.startswith(":")
        if pings > PINGS:
            return False
    return True


def sign_out(_library: Library, _team: Team, client: httpx2.Client) -> None:
    assert client.delete("/api/session").status_code == 204


def disable(library: Library, team: Team, _client: httpx2.Client) -> None:
    with library.change() as connection:
        users.disable(connection, team.ids["editor"], now=NOW)


def change_role(library: Library, team: Team, _client: httpx2.Client) -> None:
    with library.change() as connection:
        users.set_role(connection, team.ids["editor"], "viewer")


@pytest.mark.parametrize("let_go", [sign_out, disable, change_role])
def test_who_is_let_go_follows_jobs_no_longer(
    filled: Library,
    team: Team,
    web: Web,
    let_go: Callable[[Library, Team, httpx2.Client], None],
) -> None:
    with filled.change() as connection:
        job_id = enqueue(connection, "memo")
    with (
        signed_in(web, "editor") as editor,
        signed_in(web, "viewer") as viewer,
        followed(editor, "/api/jobs/events") as every,
        followed(editor, f"/api/jobs/{job_id}/events") as one,
        followed(viewer, "/api/jobs/events") as other,
    ):
        let_go(filled, team, editor)
        assert ends(every)
        assert ends(one)
        # Of everybody else they go on.
        with filled.change() as connection:
            set_fields(connection, job_id, state="working", stage="memo")
        assert next(line for line in other if '"working"' in line)


def test_a_revoked_token_follows_jobs_no_longer(filled: Library, team: Team, web: Web) -> None:
    with filled.change() as connection:
        enqueue(connection, "memo")
    headers = bearer(team.tokens["viewer"])
    with (
        httpx2.Client(base_url=web.address, timeout=120) as client,
        followed(client, "/api/jobs/events", **headers) as lines,
    ):
        with filled.change() as connection:
            tokens.revoke_all(connection, team.ids["viewer"], now=NOW)
        assert ends(lines)


def test_an_answer_that_is_coming_ends_with_the_session(
    read: Library, llm_server: LlmServer, tmp_path: Path
) -> None:
    make_team(read)
    out = threading.Event()

    def model(prompt: str, data: Any) -> Any:
        given = reader.honest(prompt, data)
        if prompt != "answer_question":
            return given
        first = {**given["sentences"][0], "against": False}
        text = json.dumps({"sentences": [first, {**first, "text": "Then."}], "ours": []})
        cut = text.index("Then.")
        return slowly((0.0, text[:cut]), (out, text[cut:]))

    llm_server.model = model
    env = {
        "FIRSTHAND_MODEL": "openai:test-model",
        "FIRSTHAND_MODEL_BASE_URL": llm_server.base_url,
        "OPENAI_API_KEY": "sk-test",
    }
    log = tmp_path / "log"
    with Web(read.home, "--no-worker", env=env, log=log) as web:
        assert web.ready(), log.read_text()
        with signed_in(web, "viewer") as client:
            asked = {"question": "What do customers need?"}
            accept = {"Accept": "text/event-stream"}
            with client.stream("POST", "/api/ask", json=asked, headers=accept) as response:
                lines = response.iter_lines()
                assert next(line for line in lines if line.startswith("event: statement"))
                sign_out(read, Team({}, {}), client)
                rest = list(lines)  # ends while the model still thinks
                out.set()
    assert not [line for line in rest if line.startswith("event: answer")]
    assert not llm_server.late
