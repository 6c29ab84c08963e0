from __future__ import annotations

from ingest.library import Library
from ingest.llm import open_llm
from tests.ingest.llm.asked import Word, a_word
from tests.llm_server import LlmServer


def test_an_answer_of_the_shape_comes_back(library: Library, llm_server: LlmServer) -> None:
    llm_server.model = lambda prompt, data: {"word": f"{prompt} {data['word']}"}
    llm = open_llm(llm_server.options(), library.engine)
    assert llm.ask(a_word()) == Word(word="probe yes")
    [asked] = llm_server.history
    assert asked.mode == "json_schema"
    assert asked.headers["authorization"] == "Bearer sk-secret-0123456789"
