"""The same is not asked twice; what is kept goes with the call whose words it holds."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from ingest.library import Library
from ingest.llm import Llm, Request, open_llm
from ingest.llm.spending import by_purpose
from ingest.store import list_calls
from ingest.tables import model_replies
from service.erase import erase
from tests.ingest.llm.asked import PURPOSE, Word, Words, a_word, some_words
from tests.ingest.llm.conftest import Ask
from tests.llm_server import LlmServer

YES = {"word": "yes"}


class Longer(Word):
    more: int = 0


def rows(library: Library) -> int:
    with library.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(model_replies)) or 0


def test_the_second_time_is_free(library: Library, llm: Llm, llm_server: LlmServer) -> None:
    llm_server.queue.append(YES)
    assert llm.ask(a_word()) == llm.ask(a_word()) == Word(word="yes")
    again = open_llm(llm.options, library.engine)
    assert again.ask(a_word()) == Word(word="yes")
    assert len(llm_server.history) == 1
    with library.read() as connection:
        [found] = by_purpose(connection)
    assert found.requests == 1


def test_what_was_streamed_is_kept_and_streams_from_there(llm: Llm, llm_server: LlmServer) -> None:
    llm_server.queue.append({"note": "n", "words": [{"word": "a"}, {"word": "b"}]})
    first = llm.stream(some_words(), items="words")
    second = llm.stream(some_words(), items="words")
    assert list(first) == list(second) == [Word(word="a"), Word(word="b")]
    assert first.answer == second.answer == llm.ask(some_words())
    assert len(llm_server.history) == 1


@pytest.mark.parametrize(
    "request_",
    [
        a_word({"word": "no"}),
        a_word({"word": "yes", "more": 1}),
        some_words(),
        Request("probe", {"word": "yes"}, Longer, PURPOSE),
    ],
)
def test_whatever_the_reply_depends_on_makes_another(
    llm: Llm, llm_server: LlmServer, request_: Request[Word] | Request[Words]
) -> None:
    llm_server.model = lambda *_: {**YES, "note": "", "words": [], "more": 1}
    llm.ask(a_word())
    llm.ask(request_)  # type: ignore[misc]  # of one type or the other
    assert len(llm_server.history) == 2


def test_another_model_and_another_server_are_asked(
    llm: Llm, llm_with: Ask, llm_server: LlmServer
) -> None:
    llm_server.model = lambda *_: YES
    llm.ask(a_word())
    llm_with(name="openai:other").ask(a_word())
    llm_with(base_url=llm_server.base_url + "/").ask(a_word())
    assert len(llm_server.history) == 3


def test_a_kept_reply_that_no_longer_passes_is_asked_for_again(
    library: Library, llm: Llm, llm_server: LlmServer
) -> None:
    llm_server.queue.extend([YES, {"word": "no"}])
    llm.ask(a_word())
    with library.change() as connection:
        connection.execute(model_replies.update().values(reply='{"wort": 1}'))
    assert llm.ask(a_word()) == Word(word="no")
    assert rows(library) == 1


def test_a_reply_goes_with_its_call(filled: Library, llm_server: LlmServer) -> None:
    with filled.read() as connection:
        one, other, *_ = (call.call_id for call in list_calls(connection))
    llm_server.model = lambda *_: YES
    llm = open_llm(llm_server.options(), filled.engine)
    requests = [
        a_word({"word": "of one"}, calls=(one,)),
        a_word({"word": "of both"}, calls=(other, one)),
        a_word({"word": "of the other"}, calls=(other,)),
        a_word({"word": "of none"}),
    ]
    assert all(isinstance(outcome, Word) for _, outcome in llm.ask_all(requests))
    assert rows(filled) == 4
    erase(filled, one)
    assert rows(filled) == 2
    for request in requests[2:]:
        llm.ask(request)
    assert len(llm_server.history) == 4
    # What was under way when its call was erased is answered, and not kept.
    llm.ask(replace(requests[0]))
    assert rows(filled) == 2


def test_words_are_a_list(llm: Llm) -> None:
    for wrong in ("word", "note", "nothing"):
        with pytest.raises(ValueError, match=r"Words\..* is no list"):
            llm.stream(some_words(), items=wrong)
    with pytest.raises(ValueError, match="is no list of"):
        llm.stream(some_words(), items="words", of=Words)
