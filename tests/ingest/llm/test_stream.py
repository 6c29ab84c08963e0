"""Streaming: elements as they are complete, and one whole answer whatever happens on the way."""

from __future__ import annotations

import threading

import pytest

from ingest.library import Library
from ingest.llm import Llm
from ingest.llm.errors import ModelFailed, ModelRefused, TooLong
from tests.ingest.llm.asked import Word, Words, some_words
from tests.ingest.llm.conftest import Ask
from tests.llm_server import LlmServer, Mode, Reply, dropped, failing, refused, slowly, truncated

A, B, C = (Word(word=word) for word in "abc")
ABC = '{"note": "n", "words": [{"word": "a"}, {"word": "b"}, {"word": "c"}]}'
WHOLE = Words(note="n", words=[A, B, C])
MODES: list[tuple[Mode, ...]] = [
    (),
    ("json_schema",),
    ("json_schema", "tools"),
    ("json_schema", "tools", "json_object"),
]


@pytest.mark.parametrize("refuses", MODES)
def test_an_element_is_here_before_more_is_sent(
    llm: Llm, llm_server: LlmServer, refuses: tuple[Mode, ...]
) -> None:
    gates = [threading.Event() for _ in range(4)]
    llm_server.refuses = frozenset(refuses)
    llm_server.queue.append(
        slowly(
            (0.0, '{"note": "n", "wo'),
            (0.0, 'rds": [{"word": "a"}'),
            (gates[0], ', {"word": "b'),
            (gates[1], '"}, {"word": "c"}'),
            (gates[2], "]"),
            (gates[3], "}"),
        )
    )
    stream = llm.stream(some_words(), items="words", of=Word)
    assert next(stream) == A
    gates[0].set()
    gates[1].set()
    assert next(stream) == B
    assert next(stream) == C
    gates[2].set()
    gates[3].set()
    assert list(stream) == []
    assert stream.answer == WHOLE
    # No gate was waited for in vain: each element was out while the next was held back.
    assert not llm_server.late
    assert llm_server.modes[:-1] == [*refuses]
    assert all(asked.streams for asked in llm_server.history)


@pytest.mark.parametrize("refuses", MODES)
def test_usage_is_what_the_server_counts(
    library: Library, llm: Llm, llm_server: LlmServer, refuses: tuple[Mode, ...]
) -> None:
    from tests.ingest.llm.test_budget import used

    llm_server.refuses = frozenset(refuses)
    llm_server.queue.append(ABC)
    assert llm.stream(some_words(), items="words").answer == WHOLE
    assert used(library) == [(100, 20)]


@pytest.mark.parametrize("refuses", MODES)
def test_what_breaks_off_is_asked_for_as_a_whole_and_goes_on(
    llm: Llm, llm_server: LlmServer, refuses: tuple[Mode, ...]
) -> None:
    llm_server.refuses = frozenset(refuses)
    llm_server.queue.extend([dropped(ABC, after=ABC.index('"b')), ABC])
    stream = llm.stream(some_words(), items="words")
    assert list(stream) == [A, B, C]
    assert stream.answer == WHOLE
    first, second = llm_server.history[-2:]
    assert (first.streams, second.streams) == (True, False)
    assert llm_server.slept == []


def test_an_answer_that_differs_the_second_time_is_the_answer(
    llm: Llm, llm_server: LlmServer
) -> None:
    other = Words(note="other", words=[B, C])
    llm_server.queue.extend([dropped(ABC, after=ABC.index(', {"word": "b')), other.model_dump()])
    stream = llm.stream(some_words(), items="words")
    assert list(stream) == [A, B, C]
    assert stream.answer == other


def test_a_stream_that_ends_in_the_middle_without_a_word(llm: Llm, llm_server: LlmServer) -> None:
    llm_server.queue.extend([slowly((0.0, ABC[:40])), ABC])
    stream = llm.stream(some_words(), items="words")
    assert list(stream) == [A, B, C]
    # Asked for again like any bad answer.
    assert len(llm_server.history[-1].messages) == 4


def test_before_the_first_piece_faults_are_tried_again(llm: Llm, llm_server: LlmServer) -> None:
    llm_server.queue.extend([failing(429, retry_after="3"), dropped(), failing(500), ABC])
    assert list(llm.stream(some_words(), items="words")) == [A, B, C]
    assert len(llm_server.slept) == 3
    assert 3.0 <= llm_server.slept[0] <= 4.0
    assert all(asked.streams for asked in llm_server.history)


def test_a_server_that_does_not_stream_is_asked_for_the_whole(
    llm: Llm, llm_server: LlmServer
) -> None:
    llm_server.queue.extend([failing(400, "stream_options is not permitted"), ABC])
    assert list(llm.stream(some_words(), items="words")) == [A, B, C]
    assert [asked.streams for asked in llm_server.history] == [True, False]


def test_elements_of_another_shape_are_left_out_and_the_whole_asked_for_again(
    llm: Llm, llm_server: LlmServer
) -> None:
    bad = ABC.replace('{"word": "b"}', '{"wort": "b"}')
    llm_server.queue.extend([bad, ABC])
    stream = llm.stream(some_words(), items="words")
    assert list(stream) == [A, C, B]
    assert stream.skipped == 1
    assert stream.answer == WHOLE


def test_equal_elements_stay_as_many_as_they_were(llm: Llm, llm_server: LlmServer) -> None:
    llm_server.queue.append({"note": "", "words": [{"word": "a"}, {"word": "a"}]})
    assert list(llm.stream(some_words(), items="words")) == [A, A]


@pytest.mark.parametrize("refuses", MODES)
def test_a_stream_that_is_cut_off_gives_what_came_and_raises(
    llm: Llm, llm_server: LlmServer, refuses: tuple[Mode, ...]
) -> None:
    llm_server.refuses = frozenset(refuses)
    llm_server.queue.append(truncated(ABC[: ABC.index('"b')]))
    stream = llm.stream(some_words(), items="words")
    assert next(stream) == A
    with pytest.raises(TooLong, match="cut off"):
        next(stream)
    with pytest.raises(RuntimeError, match="before the answer was whole"):
        stream.answer  # noqa: B018 - it raises
    assert len(llm_server.history) == 1 + len(refuses)


@pytest.mark.parametrize("refuses", MODES)
def test_a_refusal_streams_nothing(
    llm: Llm, llm_server: LlmServer, refuses: tuple[Mode, ...]
) -> None:
    llm_server.refuses = frozenset(refuses)
    llm_server.model = lambda *_: refused()
    with pytest.raises(ModelRefused):
        list(llm.stream(some_words(), items="words"))


def test_errors_of_the_first_moment_are_those_of_asking(llm: Llm, llm_server: LlmServer) -> None:
    llm_server.queue.append(failing(418))
    with pytest.raises(ModelFailed, match="refused the request"):
        next(llm.stream(some_words(), items="words"))
    assert len(llm_server.history) == 1


def test_a_closed_stream_lets_the_next_request_in(llm_with: Ask, llm_server: LlmServer) -> None:
    rest = threading.Event()
    llm_server.queue.extend([slowly((0.0, ABC[:40]), (rest, ABC[40:])), ABC])
    llm = llm_with(concurrency=1)
    stream = llm.stream(some_words(), items="words")
    next(stream)
    stream.close()
    rest.set()
    with pytest.raises(RuntimeError, match="closed"):
        stream.answer  # noqa: B018 - it raises
    assert llm.ask(some_words()) == WHOLE


def test_nothing_is_sent_before_somebody_reads(llm: Llm, llm_server: LlmServer) -> None:
    stream = llm.stream(some_words(), items="words")
    stream.close()
    assert llm_server.history == []


def test_a_reader_may_change_threads(llm: Llm, llm_server: LlmServer) -> None:
    """As a web server's does: each step of the loop may be in another."""
    llm_server.queue.append(Reply(ABC))
    stream = llm.stream(some_words(), items="words")
    found: list[object] = []
    for _ in range(4):
        thread = threading.Thread(target=lambda: found.append(next(stream, None)))
        thread.start()
        thread.join()
    assert found == [A, B, C, None]
    assert stream.answer == WHOLE
