from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from ingest.errors import Cancelled
from ingest.llm import Llm, Request
from ingest.llm.errors import BudgetSpent, ModelFailed
from tests.ingest.llm.asked import Word, a_word
from tests.ingest.llm.conftest import Ask
from tests.llm_server import Data, LlmServer, Said, failing


def numbered(count: int) -> list[Request[Word]]:
    return [a_word({"word": str(n)}) for n in range(count)]


def echo(_prompt: str, data: Data) -> Said:
    return {"word": data["word"]}


def holding(barrier: threading.Barrier) -> Callable[[str, Data], Said]:
    def model(prompt: str, data: Data) -> Said:
        barrier.wait(60)
        return echo(prompt, data)

    return model


def test_as_many_at_once_as_the_settings_allow_and_no_more(
    llm_with: Ask, llm_server: LlmServer
) -> None:
    # Three have to be there before any is answered.
    llm_server.model = holding(threading.Barrier(3))
    found = dict(llm_with(concurrency=3).ask_all(numbered(9)))
    assert found == {n: Word(word=str(n)) for n in range(9)}
    assert llm_server.most_at_once == 3


def test_the_limit_is_of_all_callers_together(llm_with: Ask, llm_server: LlmServer) -> None:
    llm_server.model = holding(threading.Barrier(2))
    llm = llm_with(concurrency=2)
    threads = [
        threading.Thread(
            target=lambda n=n: list(llm.ask_all([a_word({"word": f"{n}{m}"}) for m in range(4)]))
        )
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(llm_server.history) == 12
    assert llm_server.most_at_once == 2


def test_one_that_fails_stops_no_other(llm: Llm, llm_server: LlmServer) -> None:
    def model(prompt: str, data: Data) -> Said:
        return failing(418) if data["word"] == "1" else echo(prompt, data)

    llm_server.model = model
    found = dict(llm.ask_all(numbered(4)))
    assert isinstance(found.pop(1), ModelFailed)
    assert found == {n: Word(word=str(n)) for n in (0, 2, 3)}


def test_what_is_done_first_comes_first(llm_with: Ask, llm_server: LlmServer) -> None:
    taken = threading.Event()

    def model(prompt: str, data: Data) -> Said:
        assert data["word"] != "0" or taken.wait(60)
        return echo(prompt, data)

    llm_server.model = model
    outcomes = llm_with(concurrency=2).ask_all(numbered(2))
    assert next(outcomes)[0] == 1
    taken.set()
    assert next(outcomes)[0] == 0


def test_once_the_budget_is_spent_only_kept_answers_come(
    llm_with: Ask, llm_server: LlmServer
) -> None:
    llm_server.model = echo
    requests = numbered(4)
    llm_with().ask(requests[3])
    found = dict(llm_with(budget_usd=0.001, concurrency=1).ask_all(requests))
    assert found.pop(3) == Word(word="3")
    assert all(isinstance(outcome, BudgetSpent) for outcome in found.values())
    assert len(llm_server.history) == 1


def test_what_is_stopped_is_not_begun(llm_with: Ask, llm_server: LlmServer) -> None:
    llm_server.model = echo
    found = dict(
        llm_with(concurrency=1).ask_all(numbered(5), cancelled=lambda: bool(llm_server.history))
    )
    assert found.pop(0) == Word(word="0")
    assert [type(outcome) for outcome in found.values()] == [Cancelled] * 4
    assert len(llm_server.history) == 1


def test_a_loop_that_is_left_begins_no_more(llm_with: Ask, llm_server: LlmServer) -> None:
    llm_server.model = echo
    outcomes = llm_with(concurrency=1).ask_all(numbered(50))
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]  # as the end of a loop's function does
    sent = len(llm_server.history)
    assert sent < 50
    with pytest.raises(StopIteration):
        next(outcomes)
    assert len(llm_server.history) == sent
