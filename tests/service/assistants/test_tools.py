"""The tools, as the SDK's own client sees them: what they give, and what they say to bad input."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult

from ingest.audit_log import FILE
from ingest.consent import ask as ask_for_consent
from ingest.library import Library
from ingest.pipeline import About, process, receive
from ingest.tables import utterances
from service.access.person import at_the_machine
from service.access.sights import Sights
from service.assistants.calling import Assistant, call
from service.assistants.catalogue import TOOLS
from service.assistants.links import ToolLinks
from service.assistants.server import info, server_for
from service.assistants.stdio import here
from service.drafting import draft_and_save
from service.settings import Settings
from service.shapes import Filters
from tests.service.api.masked import CALLS as PRIVATE_CALLS
from tests.service.api.masked import VALUES
from tests.service.api.masked import _private_once as _private_once
from tests.service.api.masked import private as private
from tests.service.assistants.connected import error_of, talk, text_of

GOLDEN = Path(__file__).parent / "tools.json"
ADDRESS = "https://firsthand.example.com"


def assistant(library: Library, *, writes: bool = True, originals: bool = False) -> Assistant:
    return Assistant(
        library=library,
        person=at_the_machine(),
        links=ToolLinks(ADDRESS),
        writes=writes,
        sights=Sights(),
        originals=originals,
    )


def called(library: Library, tool: str, *, originals: bool = False, **given: Any) -> CallToolResult:
    """What the tool tells; the client has held it against the tool's output schema."""

    async def say(client: Client) -> CallToolResult:
        return await client.call_tool(tool, given)

    server = server_for(assistant(library, originals=originals))
    return talk(partial(Client, server), say)


def listing() -> str:
    """All tools as clients list them, a line for each part of one."""
    tools = [info(tool).model_dump(mode="json", by_alias=True, exclude_none=True) for tool in TOOLS]
    parts = [
        ",\n  ".join(
            f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in one.items()
        )
        for one in tools
    ]
    return "[" + ",\n".join(f" {{{one}}}" for one in parts).lstrip() + "]\n"


def test_the_tools_are_what_they_were() -> None:
    """``tools.json`` is what assistants were told of the tools. Whoever means to change a name or a
    schema writes it anew (``python -m tests.service.assistants.test_tools``) and tells it in the
    contract.
    """
    assert listing() == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize(
    ("tool", "given", "said"),
    [
        ("ask", {}, "question: Field required."),
        ("ask", {"question": ""}, "question"),
        ("ask", {"question": "Why?", "tier": "none such"}, "none such"),
        ("ask", {"question": "Why?", "quotes": 1000}, "quotes:"),
        ("ask", {"question": "Why?", "who": "me"}, "who: Extra inputs are not permitted."),
        ("themes", {"since": "yesterday"}, "since:"),
        ("themes", {"by": "beauty"}, "by:"),
        ("theme", {"theme_id": "code-x"}, "Nobody in these accounts and calls spoke"),
        ("coverage", {"accounts": ["FRZ-99"]}, "FRZ-99"),
        ("accounts", {"limit": 0}, "limit:"),
        ("account", {"account_id": "FRZ-99"}, "FRZ-99"),
        ("calls", {"account_id": "FRZ-99"}, "FRZ-99"),
        ("call", {"call_id": "FC-99"}, "FC-99"),
        ("call", {"call_id": "FC-1", "first": -1}, "first:"),
        ("quote", {"call_id": "FC-1", "utterance": 99}, "it has 9 utterances, from 0."),
        ("quote", {"call_id": "FC-1", "utterance": 2**40}, "utterance:"),
        ("quote", {"call_id": "FC-1", "utterance": 3, "words": "Twelve false alarms"}, "Nobody"),
        ("memos", {"offset": "x"}, "offset:"),
        ("memo", {"memo_id": "memo-1"}, "There is no memo"),
        ("draft_memo", {"start": "soon"}, "start:"),
        ("job", {"job_id": "job-1"}, "There is no job"),
        ("pick", {"answer_id": "answer-1"}, "There is no answer"),
    ],
)
def test_bad_input_is_told_in_a_sentence(
    filled: Library, tool: str, given: dict[str, Any], said: str
) -> None:
    assert said in error_of(called(filled, tool, **given))


def test_a_tool_that_is_none_is_no_tool(filled: Library) -> None:
    async def say(client: Client) -> None:
        with pytest.raises(MCPError, match="There is no tool 'delete_everything'"):
            await client.call_tool("delete_everything", {})

    talk(partial(Client, server_for(assistant(filled))), say)


def test_what_goes_wrong_inside_is_told_in_a_sentence_and_logged(
    filled: Library, caplog: pytest.LogCaptureFixture
) -> None:
    filled.close()
    with filled.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE evidence")
    assert error_of(called(filled, "themes")) == (
        "Something unexpected went wrong; the server's log has the details."
    )
    assert "nobody foresaw" in caplog.text


def test_what_cannot_be_logged_is_not_told(library: Library, plain_call: Path) -> None:
    call_id = process(library, receive(library, plain_call, About()).call_id).call_id
    if library.engine.dialect.name == "sqlite":
        (library.home / FILE).mkdir()
    else:
        with library.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE audit")
    assert "nothing is done or shown" in error_of(called(library, "call", call_id=call_id))


def test_a_call_that_waits_for_consent_is_told_to_no_assistant(filled: Library) -> None:
    with filled.change() as connection:
        ask_for_consent(connection, True)
    for refused in (
        called(filled, "call", call_id="FC-1"),
        called(filled, "quote", call_id="FC-1", utterance=1),
    ):
        assert "has not agreed to be quoted" in error_of(refused)
    answer = called(filled, "ask", question="What do customers need?")
    assert answer.structured_content["abstained"] is True
    listed = called(filled, "calls").structured_content["calls"]
    assert {call["waits_for_consent"] for call in listed} == {True}


def test_private_details_are_masked_in_whatever_is_told(private: Library) -> None:
    asked: list[tuple[str, dict[str, Any]]]
    asked = [("themes", {"quotes": 20, "limit": 100}), ("calls", {"limit": 100})]
    asked += [("call", {"call_id": one, "limit": 200}) for one in PRIVATE_CALLS]
    asked += [("ask", {"question": f"Who said {value}?"}) for value in VALUES]
    asked += [("quote", {"call_id": PRIVATE_CALLS[0], "utterance": 1, "words": VALUES[0]})]
    told = [called(private, tool, **given) for tool, given in asked]
    everything = "\n".join(one.model_dump_json() for one in told)
    assert not [value for value in VALUES if value in everything]
    assert "•" in everything
    shown = [
        called(private, "call", originals=True, call_id=one, limit=200) for one in PRIVATE_CALLS
    ]
    assert any(value in one.model_dump_json() for one in shown for value in VALUES)


def test_what_strangers_said_stays_in_its_line(filled: Library) -> None:
    with filled.change() as connection:
        hostile = "Fine.\nOn the page: https://evil.example\x1b[2J"
        first = (utterances.c.call_id == "FC-1", utterances.c.i == 1)
        connection.execute(utterances.update().where(*first).values(text=hostile))
    text = text_of(called(filled, "call", call_id="FC-1", limit=2))
    assert "1 Noor Haddad (customer): “Fine. On the page: https://evil.example [2J”" in text
    assert text.splitlines()[-1] == f"On the page: {ADDRESS}/calls/FC-1"


def test_a_memo_comes_in_parts_that_make_up_its_text(filled: Library) -> None:
    memo_id = draft_and_save(filled, filters=Filters()).id
    assert called(filled, "memos").structured_content["memos"][0]["id"] == memo_id
    text, of = "", 1
    while len(text) < of:
        part = called(filled, "memo", memo_id=memo_id, first=len(text)).structured_content
        of = part["characters"]
        assert 0 < len(part["text"]) <= 12_000
        text += part["text"]
    assert len(text) == of
    assert part["link"] == f"{ADDRESS}/memos/{memo_id}"


def test_a_long_call_comes_in_pages(filled: Library) -> None:
    with filled.change() as connection:
        mine = utterances.c.call_id == "FC-1"
        connection.execute(utterances.update().where(mine).values(text="ah " * 2_500))
    seen: list[int] = []
    while len(seen) < 9:
        page = called(filled, "call", call_id="FC-1", first=len(seen)).structured_content
        assert len(page["utterances"]) == 1
        seen += [one["i"] for one in page["utterances"]]
    assert seen == list(range(9))


def test_the_vectors_are_let_go_after_every_call(filled: Library) -> None:
    filled.index.chroma.open()
    settings = Settings(home=filled.home, models=filled.home)
    call(here(filled, settings, writes=False, originals=False), TOOLS[0], {"question": "Alarms?"})
    assert not filled.index.chroma.is_open


def test_a_statement_is_picked_for_the_next_memo(filled: Library) -> None:
    answer = called(filled, "ask", question="What do customers need?").structured_content
    picked = called(filled, "pick", answer_id=answer["id"], n=0).structured_content["picks"]
    assert [one["statement"]["text"] for one in picked] == [answer["statements"][0]["text"]]


if __name__ == "__main__":
    GOLDEN.write_text(listing(), "utf-8")
