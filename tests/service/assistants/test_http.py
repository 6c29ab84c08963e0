"""Assistants at ``/mcp`` of a server that really runs, with the SDK's own client."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from ingest.library import Library, Options
from service.access import tokens, users
from service.access.audit import ALL, rows
from service.settings import Settings
from service.workspaces import add, open_library
from tests.service.api.doors import Team, bearer, make_team
from tests.service.assistants.connected import error_of, over_http, served, talk
from tests.service.assistants.test_stdio import QUESTION, READ, WRITE

MESSAGE = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
TAKES = {"Accept": "application/json, text/event-stream"}


@dataclass(frozen=True)
class Office:
    """A server with users; ``library`` is its main home."""

    address: str
    library: Library
    team: Team

    def talk(self, role: str, say: Any, query: str = "") -> Any:
        return talk(partial(over_http, self.address, self.team.tokens[role], query=query), say)


@pytest.fixture(scope="module")
def office(_filled_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """On SQLite whatever the other homes are on: what is new here is before the database."""
    home = copied(_filled_once, tmp_path_factory.mktemp("office"))
    with closing(Library(home, Options(models=home / "models"))) as library:
        team = make_team(library)
        with served(home, database=False) as address:
            yield Office(address, library, team)


def copied(home: Path, folder: Path) -> Path:
    shutil.copytree(home, folder / "home")
    return folder / "home"


def posted(address: str, **headers: str) -> httpx2.Response:
    return httpx2.post(f"{address}/mcp", json=MESSAGE, headers={**TAKES, **headers})


@pytest.mark.parametrize("query", ["", "?write=false"])
@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_it_only_reads_unless_the_address_asks_to_write(
    office: Office, role: str, query: str
) -> None:
    async def say(client: Client) -> None:
        assert {tool.name for tool in (await client.list_tools()).tools} == READ
        for name in WRITE - {"job", "pick"}:
            told = error_of(await client.call_tool(name, {}))
            assert role == "viewer" or "/mcp?write=true" in told

    office.talk(role, say, query)
    newest = rows(office.library, ALL)[0]
    assert (newest.who, newest.action, newest.result) == (role, "add", "refused")


@pytest.mark.parametrize(("role", "tools"), [("viewer", READ), ("editor", READ | WRITE)])
def test_each_role_has_its_tools(office: Office, role: str, tools: set[str]) -> None:
    async def say(client: Client) -> None:
        assert {tool.name for tool in (await client.list_tools()).tools} == tools
        told = await client.call_tool("draft_memo", {})
        if role == "viewer":
            assert error_of(told) == "That is for editors, and you are a viewer here."
        else:
            job = told.structured_content
            assert job["state"] == "queued"  # the worker is somewhere else
            again = await client.call_tool("job", {"job_id": job["job_id"]})
            assert again.structured_content["memo_id"] == job["memo_id"]

    office.talk(role, say, "?write=true")
    newest = rows(office.library, ALL)[0]
    result = "refused" if role == "viewer" else "allowed"
    assert (newest.who, newest.via, newest.action, newest.result) == (role, "token", "add", result)
    assert newest.address == "127.0.0.1"


def test_links_lead_to_the_server_that_was_asked(office: Office) -> None:
    async def say(client: Client) -> str:
        told = await client.call_tool("quote", {"call_id": "FC-2", "utterance": 1})
        return str(told.structured_content["quote"]["link"])

    link = office.talk("viewer", say)
    assert link == f"{office.address}/calls/FC-2?t=3.7#u1"
    page = httpx2.get(link, headers=bearer(office.team.tokens["viewer"]))
    assert page.status_code == 200


def test_an_older_client_is_answered_as_well(office: Office) -> None:
    async def say(client: Client) -> None:
        assert client.protocol_version.startswith("2025-")
        told = await client.call_tool("ask", {"question": QUESTION})
        assert told.structured_content["statements"]

    token = office.team.tokens["viewer"]
    talk(partial(over_http, office.address, token, mode="legacy"), say)


@pytest.mark.parametrize("token", [None, "fh_wrong", "fh_" + "0" * 12 + "_" + "0" * 43])
def test_nobody_gets_in_without_a_token_that_holds(office: Office, token: str | None) -> None:
    answer = posted(office.address, **(bearer(token) if token else {}))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json"
    with pytest.raises((MCPError, BaseExceptionGroup)):
        talk(partial(over_http, office.address, token), Client.list_tools)


def test_a_token_that_is_revoked_is_refused_at_the_next_request(office: Office) -> None:
    now = datetime.now(UTC)
    with office.library.change() as connection:
        user_id = office.team.ids["viewer"]
        token = tokens.make(
            connection, user_id, "to be lost", workspace="main", role="viewer", now=now
        )

    async def say(client: Client) -> None:
        assert not (await client.call_tool("calls", {})).is_error
        with office.library.change() as connection:
            tokens.revoke(connection, token.id, now=now)
        with pytest.raises(MCPError):
            await client.call_tool("calls", {})

    talk(partial(over_http, office.address, token.token), say)
    assert posted(office.address, **bearer(token.token)).status_code == 401


def test_a_token_that_has_expired_is_refused(office: Office) -> None:
    with office.library.change() as connection:
        token = tokens.make(
            connection,
            office.team.ids["viewer"],
            "old",
            workspace="main",
            role="viewer",
            now=datetime(2020, 1, 1, tzinfo=UTC),
        )
    assert posted(office.address, **bearer(token.token)).status_code == 401


def test_two_people_at_once_are_kept_apart(office: Office) -> None:
    async def listed(role: str) -> None:
        tools = READ if role == "viewer" else READ | WRITE
        token = office.team.tokens[role]
        async with over_http(office.address, token, query="?write=true") as client:
            for _ in range(5):
                assert {tool.name for tool in (await client.list_tools()).tools} == tools
                assert not (await client.call_tool("call", {"call_id": "FC-4"})).is_error

    async def main() -> None:
        async with anyio.create_task_group() as together:
            for role in ("viewer", "editor", "viewer", "editor"):
                together.start_soon(listed, role)

    anyio.run(main)
    saw = [row.who for row in rows(office.library, ALL) if row.subject == "FC-4"]
    assert sorted(saw) == ["editor", "viewer"]


def test_only_post_is_answered(office: Office) -> None:
    token = bearer(office.team.tokens["viewer"])
    for method in ("GET", "DELETE"):
        answer = httpx2.request(method, f"{office.address}/mcp", headers={**TAKES, **token})
        assert answer.status_code == 405


def test_what_is_no_message_is_refused(office: Office) -> None:
    token = bearer(office.team.tokens["viewer"])
    for body in (b"", b"no JSON", b"[]", b'{"jsonrpc": "2.0"}', b"[" * 100_000):
        answer = httpx2.post(
            f"{office.address}/mcp",
            content=body,
            headers={**TAKES, **token, "Content-Type": "application/json"},
        )
        assert answer.status_code == 400, answer.text
        assert "Traceback" not in answer.text
    big = httpx2.post(f"{office.address}/mcp", content=b" " * (5 << 20), headers=token)
    assert big.status_code == 413


def test_alone_on_a_laptop_it_only_reads_and_no_other_site_or_host_name_gets_through(
    filled_home: Path,
) -> None:
    async def say(client: Client) -> None:
        assert {tool.name for tool in (await client.list_tools()).tools} == READ
        assert "firsthand mcp --write" in error_of(await client.call_tool("draft_memo", {}))

    with served(filled_home) as address:
        for query in ("", "?write=true"):
            talk(partial(over_http, address, query=query), say)
        assert posted(address, Origin="https://evil.example").status_code == 403
        assert posted(address, Origin=address).status_code == 200
        assert posted(address, Host="evil.example").status_code == 421


def test_questions_are_limited_as_everywhere(office: Office) -> None:
    async def say(client: Client) -> list[bool]:
        asked = {"question": "Who has what?", "accounts": ["FRZ-5"]}
        told = [await client.call_tool("ask", asked) for _ in range(62)]
        assert "Questions are limited to 60 a minute" in error_of(told[-1])
        return [one.is_error for one in told]

    assert office.talk("admin", say).count(True) == 2


def test_a_token_of_one_workspace_is_told_nothing_of_another(filled_home: Path) -> None:
    settings = Settings(home=filled_home, models=filled_home / "models")
    add(settings, "sales")
    now = datetime.now(UTC)
    with closing(open_library(settings)) as main, main.change() as connection:
        users.add_user(connection, "admin", password="a long walk over ice", role="admin", now=now)
        seller = users.add_user(
            connection,
            "seller",
            password="a long walk over ice",
            role="admin",
            now=now,
            workspace="sales",
        )
        token = tokens.make(
            connection, seller.id, "tests", workspace="sales", role="admin", now=now
        ).token

    async def say(client: Client) -> None:
        assert (await client.call_tool("calls", {})).structured_content["total"] == 0
        assert (await client.call_tool("accounts", {})).structured_content["total"] == 0
        assert "FC-1" in error_of(await client.call_tool("call", {"call_id": "FC-1"}))
        answer = await client.call_tool("ask", {"question": QUESTION})
        assert answer.structured_content["abstained"] is True
        link = f"/ask/{answer.structured_content['id']}?workspace=sales"
        assert answer.structured_content["link"].endswith(link)

    with served(filled_home) as address:
        talk(partial(over_http, address, token), say)
    with closing(open_library(settings)) as main:
        assert not [row for row in rows(main, ALL) if row.detail.get("through")]
    with closing(open_library(settings.of("sales"))) as sales:
        assert {row.action for row in rows(sales, ALL)} == {"see", "ask"}
