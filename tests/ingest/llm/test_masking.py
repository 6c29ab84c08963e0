"""What is masked on the way out is there again on the way back, and never reaches the server."""

from __future__ import annotations

import json

import pytest
from pydantic import JsonValue

from ingest.llm import Llm
from tests.ingest.llm.asked import Word, a_word, some_words
from tests.ingest.llm.conftest import Ask
from tests.llm_server import Data, LlmServer, Said

MAIL = "ida.kern@sable.example"
SAID: JsonValue = {"said": [f"Write to {MAIL}.", "No, to somebody else."], "again": MAIL}


def repeats(_prompt: str, data: Data) -> Said:
    return {"word": data["said"][0], "note": data["again"], "words": [{"word": data["said"][0]}]}


def test_there_and_back(llm: Llm, llm_server: LlmServer) -> None:
    llm_server.model = repeats
    assert llm.ask(a_word(SAID)) == Word(word=f"Write to {MAIL}.")
    # A kept reply is the one that was restored.
    assert llm.ask(a_word(SAID)) == Word(word=f"Write to {MAIL}.")
    [asked] = llm_server.history
    assert MAIL not in json.dumps(asked.body)
    assert asked.data["again"] in asked.data["said"][0]


def test_streamed(llm: Llm, llm_server: LlmServer) -> None:
    llm_server.model = repeats
    stream = llm.stream(some_words(SAID), items="words")
    assert list(stream) == [Word(word=f"Write to {MAIL}.")]
    assert stream.answer.note == MAIL
    assert MAIL not in json.dumps(llm_server.history[0].body)


def test_no_private_detail_in_what_is_asked_again(llm: Llm, llm_server: LlmServer) -> None:
    llm_server.queue.append(f'{{"word": ["{MAIL[:4]}"]}}')
    llm_server.model = repeats
    llm.ask(a_word(SAID))
    assert all(MAIL not in json.dumps(asked.body) for asked in llm_server.history)


@pytest.mark.parametrize("mask", [True, False])
def test_it_is_a_setting_and_the_replies_are_the_same(
    llm_with: Ask, llm_server: LlmServer, *, mask: bool
) -> None:
    llm_server.model = repeats
    llm_with(mask=mask).ask(a_word(SAID))
    assert (MAIL in llm_server.history[0].document) is not mask
    llm_with(mask=not mask).ask(a_word(SAID))
    assert len(llm_server.history) == 1
