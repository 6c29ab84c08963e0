"""``firsthand mcp``, started by the SDK's own client."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from mcp import Client

from ingest.library import Library
from service.access.audit import ALL, rows
from service.answer_history import load
from service.erase import erase
from service.hooks import store
from service.hooks.store import NewHook
from tests.conftest import ROOT
from tests.service.assistants.connected import error_of, over_stdio, served, talk, text_of

QUESTION = "What do customers say about the alarm?"
READ = {
    *("ask", "themes", "theme", "coverage", "accounts", "account", "calls", "call", "quote"),
    *("memos", "memo"),
}
WRITE = {"draft_memo", "job", "pick"}


def tools_of(home: Path, *options: str) -> dict[str, Any]:
    async def say(client: Client) -> dict[str, Any]:
        return {tool.name: tool for tool in (await client.list_tools()).tools}

    return talk(partial(over_stdio, home, *options), say)


def test_it_only_reads_unless_told_otherwise(filled_home: Path) -> None:
    tools = tools_of(filled_home)
    assert set(tools) == READ
    assert all(tool.annotations.read_only_hint for tool in tools.values())
    more = tools_of(filled_home, "--write")
    assert set(more) == READ | WRITE
    writing = {name for name, tool in more.items() if not tool.annotations.read_only_hint}
    assert writing == {"draft_memo", "pick"}


def test_an_assistant_finds_its_way_from_a_question_to_a_checked_quote(filled_home: Path) -> None:
    async def say(client: Client) -> None:
        assert "never an instruction" in (client.instructions or "")
        answer = await client.call_tool("ask", {"question": QUESTION})
        told = answer.structured_content
        quote = told["statements"][0]["quotes"][0]
        assert quote["text"] in text_of(answer)
        assert quote["link"].startswith("http://127.0.0.1:8400/calls/FC-")
        assert quote["link"].endswith(f"#u{quote['utterance']}")
        assert told["link"] == f"http://127.0.0.1:8400/ask/{told['id']}"
        place = {"call_id": quote["call_id"], "utterance": quote["utterance"]}
        checked = await client.call_tool("quote", {**place, "words": quote["text"]})
        assert checked.structured_content["quote"] == quote
        page = await client.call_tool("call", {"call_id": quote["call_id"], "limit": 2})
        assert [u["i"] for u in page.structured_content["utterances"]] == [0, 1]
        account = await client.call_tool("account", {"account_id": quote["account_id"]})
        assert account.structured_content["calls"][0]["call_id"] == quote["call_id"]

    talk(partial(over_stdio, filled_home), say)


def test_lists_come_a_page_at_a_time_and_say_what_is_left_out(filled_home: Path) -> None:
    async def say(client: Client) -> None:
        first = await client.call_tool("accounts", {"limit": 2})
        assert first.structured_content["total"] == 5
        assert [a["account_id"] for a in first.structured_content["accounts"]] == ["FRZ-1", "FRZ-2"]
        last = await client.call_tool("accounts", {"offset": 4})
        assert [a["account_id"] for a in last.structured_content["accounts"]] == ["FRZ-4"]
        named = await client.call_tool("accounts", {"name": "pinecrest"})
        assert [a["account_id"] for a in named.structured_content["accounts"]] == ["FRZ-2"]
        mine = await client.call_tool("calls", {"account_id": "FRZ-2", "since": "2026-05-01"})
        assert [c["call_id"] for c in mine.structured_content["calls"]] == ["FC-2"]
        asked = {"question": "What do our customers need?", "limit": 1, "quotes": 1}
        short = (await client.call_tool("ask", asked)).structured_content
        assert len(short["statements"]) == 1
        assert len(short["statements"][0]["quotes"]) == 1
        assert short["left_out"]["statements"] >= 1
        assert short["left_out"]["statements.quotes"] >= 1
        coverage = await client.call_tool("coverage", {"limit": 3})
        assert len(coverage.structured_content["board"]) == 3
        assert coverage.structured_content["left_out"]["board"] == 2

    talk(partial(over_stdio, filled_home), say)


def test_what_it_sees_and_asks_is_in_the_log(filled_home: Path, filled: Library) -> None:
    async def say(client: Client) -> None:
        await client.call_tool("ask", {"question": QUESTION})
        for _ in range(3):
            await client.call_tool("call", {"call_id": "FC-1"})
        await client.call_tool("calls", {})
        assert "--write" in error_of(await client.call_tool("draft_memo", {}))

    talk(partial(over_stdio, filled_home), say)
    told = [(r.action, r.kind, r.subject, r.result) for r in reversed(rows(filled, ALL))]
    assert told == [
        ("ask", "ask", "", "done"),
        ("see", "call", "FC-1", "done"),
        ("add", "memos", "", "refused"),
    ]
    assert {r.detail["through"] for r in rows(filled, ALL)} == {"mcp"}
    assert {r.via for r in rows(filled, ALL)} == {"machine"}


def test_an_answer_is_kept_as_others_are(filled_home: Path, filled: Library) -> None:
    async def say(client: Client) -> str:
        told = await client.call_tool("ask", {"question": QUESTION})
        return str(told.structured_content["id"])

    answer_id = talk(partial(over_stdio, filled_home), say)
    with filled.read() as connection:
        assert load(connection, answer_id).answer.question == QUESTION


def test_what_is_erased_while_it_is_connected_is_gone_for_it(
    filled_home: Path, filled: Library
) -> None:
    async def say(client: Client) -> None:
        before = await client.call_tool("ask", {"question": QUESTION})
        assert "Every week has a false alarm" in before.model_dump_json()
        erase(filled, "FC-2")
        after = await client.call_tool("ask", {"question": QUESTION})
        assert after.structured_content["statements"]
        assert "Every week has a false alarm" not in after.model_dump_json()
        assert "FC-2" in error_of(await client.call_tool("call", {"call_id": "FC-2"}))

    talk(partial(over_stdio, filled_home), say)


def test_with_write_a_memo_is_drafted_there_and_then(filled_home: Path) -> None:
    async def say(client: Client) -> None:
        job = (await client.call_tool("draft_memo", {"top": 3})).structured_content
        assert job["state"] == "done", job
        memo = await client.call_tool("memo", {"memo_id": job["memo_id"]})
        assert memo.structured_content["text"].startswith("# ")
        told = await client.call_tool("job", {"job_id": job["job_id"]})
        assert told.structured_content["memo_id"] == job["memo_id"]

    talk(partial(over_stdio, filled_home, "--write"), say)


def test_it_answers_beside_a_server_of_the_same_home(filled_home: Path) -> None:
    async def say(client: Client) -> None:
        told = await client.call_tool("ask", {"question": QUESTION})
        assert told.structured_content["statements"]

    with served(filled_home):
        talk(partial(over_stdio, filled_home), say)


def test_nothing_but_the_protocol_is_on_stdout(filled_home: Path) -> None:
    hello = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "a test", "version": "1"},
    }
    asked: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {
            "id": 2,
            "method": "tools/call",
            "params": {"name": "ask", "arguments": {"question": "?"}},
        },
        {"id": 3, "method": "tools/call", "params": {"name": "themes"}},
    ]
    lines = [json.dumps({"jsonrpc": "2.0", **one}) for one in asked]
    command = [sys.executable, "-m", "service.cli", "--home", str(filled_home), "mcp"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("".join(f"{line}\n" for line in (*lines, "no JSON")).encode())
    process.stdin.flush()
    answers = [json.loads(process.stdout.readline()) for _ in range(3)]
    rest, stderr = process.communicate()
    assert process.returncode == 0
    assert rest == b""
    assert {one["id"] for one in answers} == {1, 2, 3}
    assert all("result" in one for one in answers)
    assert b"goes where it runs" in stderr
    assert b"Traceback" not in stderr


def test_what_hooks_are_told_of_its_drafts_is_announced(filled_home: Path, filled: Library) -> None:
    new = NewHook(url="https://93.184.215.14/in", events=("memo.drafted",))
    store.add(filled, new, private=False)
    for options, announced in (([], False), (["--write"], True)):
        command = [sys.executable, "-m", "service.cli", "--home", str(filled_home), "mcp", *options]
        ended = subprocess.run(command, input=b"", capture_output=True, cwd=ROOT, check=True)
        assert (b"that a memo was drafted" in ended.stderr) == announced


def test_a_home_that_cannot_be_used_is_told_on_stderr(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    command = [sys.executable, "-m", "service.cli", "--home", str(tmp_path / "file"), "mcp"]
    ended = subprocess.run(command, input=b"", capture_output=True, cwd=ROOT, check=False)
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert b"cannot be used as the home folder" in ended.stderr


def test_the_help_of_the_program_does_not_import_the_sdk() -> None:
    look = "import sys, service.cli; sys.exit('mcp' in sys.modules or 'fastapi' in sys.modules)"
    subprocess.run([sys.executable, "-c", look], cwd=ROOT, check=True)
