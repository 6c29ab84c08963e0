"""Reading, sorting, planning and answering: what a model is told, an answer, and what is left.

``golden/read_call.json`` and its like: ``data`` as the model is told of the small corpus, a
``reply`` that is partly right and partly made up, and what the product ``kept`` and ``dropped`` of
it. A change of a prompt's data or of what passes the gates shows here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import prompts
from ingest.library import Library
from ingest.readings import load
from ingest.tables import found_themes, placements
from service.ask import ask
from service.model_reading import see_to
from service.shapes import Answer
from tests import reader
from tests.llm_server import LlmServer
from tests.service.modelled import read, unread

__all__ = ("read", "unread")  # fixtures

FOLDER = Path(__file__).parent / "golden"
QUESTION = "What do customers say about the alarm at Marlowe?"


def golden(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return found


def answering(server: LlmServer, name: str, title: str = "") -> None:
    """The honest model, but for the golden reply to one prompt (about the call of that title)."""

    def model(prompt: str, data: Any) -> Any:
        mine = prompt == name and (not title or data["title"] == title)
        return golden(name)["reply"] if mine else reader.honest(prompt, data)

    server.model = model


def told(server: LlmServer, name: str, title: str = "") -> Any:
    asked = [a for a in server.history if a.prompt == name]
    return next(a.data for a in asked if not title or a.data["title"] == title)


@pytest.mark.parametrize("name", ["read_call", "group_matters", "plan_question", "answer_question"])
def test_the_prompt_says_what_a_transcript_is(name: str) -> None:
    text = prompts.render(name)
    assert "addressed to you" in text
    assert text.endswith("Answer with JSON only.")
    assert "$" not in text


def test_reading(unread: Library, llm_server: LlmServer) -> None:
    answering(llm_server, "read_call", "FRZ-1 with product")
    see_to(unread)
    with unread.read() as connection:
        reading = load(connection, "FC-1")
    assert reading is not None
    known = golden("read_call")
    assert told(llm_server, "read_call", "FRZ-1 with product") == known["data"]
    assert [m.model_dump(mode="json") for m in reading.matters] == known["kept"]
    assert [[d.what, d.why] for d in reading.dropped] == known["dropped"]


def test_sorting(unread: Library, llm_server: LlmServer) -> None:
    answering(llm_server, "group_matters")
    see_to(unread)
    known = golden("group_matters")
    assert told(llm_server, "group_matters") == known["data"]
    with unread.read() as connection:
        themes = {row.theme_id: row.label for row in connection.execute(sa.select(found_themes))}
        placed = [
            [f"{row.call_id}/{row.matter}", themes.get(row.theme_id, ""), row.against]
            for row in connection.execute(sa.select(placements))
        ]
    assert sorted(placed) == known["kept"]


def test_planning(read: Library, llm_server: LlmServer) -> None:
    answering(llm_server, "plan_question")
    answer = ask(read, QUESTION)
    known = golden("plan_question")
    data = told(llm_server, "plan_question")
    assert data | {"today": ""} == known["data"]
    assert [answer.kind, answer.filters.model_dump(mode="json", exclude_none=True)] == known["kept"]


def test_answering(read: Library, llm_server: LlmServer) -> None:
    answering(llm_server, "answer_question")
    answer = ask(read, QUESTION)
    known = golden("answer_question")
    assert told(llm_server, "answer_question") == known["data"]
    assert _kept(answer) == known["kept"]
    assert [d.why for d in answer.provenance.dropped] == known["dropped"]


def _kept(answer: Answer) -> list[list[object]]:
    return [
        [s.text, list(s.accounts), [[q.call_id, q.utterance] for q in s.quotes]]
        for s in answer.statements
    ]
