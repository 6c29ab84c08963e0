"""What requests cost is noted with what they were for, and the limit is kept."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import astuple

import pytest
import sqlalchemy as sa

from ingest.library import Library
from ingest.llm import Llm, Purpose, Request
from ingest.llm.budget import OUTPUT_TOKENS, Purse
from ingest.llm.errors import BudgetSpent, ModelFailed, ModelRefused, TooLong
from ingest.llm.spending import Spent, by_purpose, spent
from ingest.tables import model_usage
from tests.ingest.llm.asked import PURPOSE, Word, a_word, some_words
from tests.ingest.llm.conftest import Ask
from tests.llm_server import LlmServer, Reply, Said, dropped, refused, slowly, truncated

YES = {"word": "yes"}
# At the test server's prices, 1 and 10 dollars for a million tokens, 100 in and 20 out.
ONE = 0.0003


def used(library: Library) -> list[tuple[int, int]]:
    with library.read() as connection:
        rows = connection.execute(
            sa.select(model_usage.c.input_tokens, model_usage.c.output_tokens)
        ).all()
    return [(row[0], row[1]) for row in rows]


def rows(found: list[Spent]) -> list[tuple[object, ...]]:
    """As they are, and the cost as if it were exact."""
    return [(*astuple(one)[:-1], round(one.cost_usd or 0.0, 9)) for one in found]


def total(library: Library) -> float:
    with library.read() as connection:
        return spent(connection)


def test_a_request_is_noted_with_its_purpose(
    library: Library, llm: Llm, llm_server: LlmServer
) -> None:
    llm_server.model = lambda *_: YES
    for kind, subject, word in (("call", "c-1", "a"), ("call", "c-2", "b"), ("memo", "m-1", "c")):
        llm.ask(Request("probe", {"word": word}, Word, Purpose(kind, subject)))  # type: ignore[arg-type]  # literals in a table
    llm.ask(Request("probe", {"word": "d"}, Word, Purpose("call", "c-2")))
    with library.read() as connection:
        assert rows(by_purpose(connection)) == [
            ("call", "c-1", 1, 100, 20, ONE),
            ("call", "c-2", 2, 200, 40, 2 * ONE),
            ("memo", "m-1", 1, 100, 20, ONE),
        ]
        assert spent(connection) == pytest.approx(4 * ONE)
        row = connection.execute(sa.select(model_usage)).mappings().first()
    assert row is not None
    assert (row["model"], row["prompt"]) == ("openai:test-model", "probe")


def test_without_prices_tokens_are_noted_and_no_cost(
    library: Library, llm_with: Ask, llm_server: LlmServer
) -> None:
    llm_server.model = lambda *_: YES
    llm_with(prices=None).ask(a_word())
    with library.read() as connection:
        [found] = by_purpose(connection)
        assert (found.input_tokens, found.output_tokens, found.cost_usd) == (100, 20, None)
        assert spent(connection) == 0.0


def test_a_budget_without_prices_would_never_be_spent(llm_with: Ask) -> None:
    with pytest.raises(ValueError, match="needs prices"):
        llm_with(budget_usd=1.0, prices=None)


@pytest.mark.parametrize("stream", [False, True])
def test_a_server_that_does_not_count_is_estimated(
    library: Library, llm: Llm, llm_server: LlmServer, *, stream: bool
) -> None:
    text = '{"note": "", "words": [{"word": "%s"}]}' % ("y" * 360)
    llm_server.model = lambda *_: Reply(text, usage=None)
    request = some_words()
    assert llm.stream(request, items="words").answer if stream else llm.ask(request)
    [(tokens_in, tokens_out)] = used(library)
    assert 60 < tokens_in < 200
    assert 105 <= tokens_out <= 125


@pytest.mark.parametrize(
    ("replies", "requests"),
    [
        (["prose", YES], 2),
        (["prose"] * 3, 3),
        ([refused(), refused()], 2),
        ([truncated()], 1),
        ([Reply("{}", finish="content_filter"), YES], 2),
    ],
)
def test_what_was_answered_badly_is_billed_as_well(
    library: Library, llm: Llm, llm_server: LlmServer, replies: list[Said], requests: int
) -> None:
    llm_server.queue.extend(replies)
    with suppress(ModelFailed, ModelRefused, TooLong):
        llm.ask(a_word())
    assert used(library) == [(100, 20)] * requests


def test_what_broke_off_may_have_been_billed(
    library: Library, llm_with: Ask, llm_server: LlmServer
) -> None:
    llm_server.queue.extend([dropped(), YES])
    llm_with().ask(a_word())
    (guessed_in, guessed_out), known = used(library)
    assert guessed_in > 0
    assert guessed_out == 0
    assert known == (100, 20)
    # What never left has cost nothing.
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ModelFailed):
        llm_with(base_url=f"http://127.0.0.1:{port}/v1").ask(a_word())
    assert len(used(library)) == 2


def test_the_limit_ends_requests_before_they_are_sent(
    library: Library, llm_with: Ask, llm_server: LlmServer
) -> None:
    llm_server.model = lambda *_: Reply('{"word": "yes"}', usage=(10_000, 4_000))  # 5 cents
    llm = llm_with(budget_usd=0.12)
    llm.ask(a_word({"word": "1"}))
    llm.ask(a_word({"word": "2"}))
    with pytest.raises(BudgetSpent) as caught:
        llm.ask(a_word({"word": "3"}))
    assert str(caught.value) == (
        "The spending limit of $0.12 (FIRSTHAND_MODEL_BUDGET_USD) is reached: $0.10 spent; nothing"
        " is lost, raise it and go on."
    )
    assert len(llm_server.history) == 2
    # What is known already is still given.
    assert llm.ask(a_word({"word": "1"})) == Word(word="yes")
    assert llm_with(budget_usd=0.20).ask(a_word({"word": "3"})) == Word(word="yes")
    assert total(library) == pytest.approx(0.15)


def test_requests_under_way_count_as_spent(
    library: Library, llm_with: Ask, llm_server: LlmServer
) -> None:
    """Of eight requests at once that may take 4 cents each, ten cents let two begin."""
    answered = threading.Event()

    def model(_prompt: str, _data: object) -> Said:
        assert answered.wait(60)
        return YES

    llm_server.model = model
    llm = llm_with(budget_usd=0.10, concurrency=8)
    requests = [a_word({"word": str(n)}) for n in range(8)]
    outcomes = []
    for _, outcome in llm.ask_all(requests):
        outcomes.append(outcome)
        if len(outcomes) == 6:
            answered.set()
    assert [type(outcome) for outcome in outcomes] == [BudgetSpent] * 6 + [Word] * 2
    assert len(llm_server.history) == 2
    # What was held and not used is free again.
    assert total(library) == pytest.approx(2 * ONE)
    assert llm.ask(a_word({"word": "more"})) == Word(word="yes")


def test_a_purse_gives_back_what_was_not_used(library: Library, llm_server: LlmServer) -> None:
    enough = OUTPUT_TOKENS * 10 / 1e6
    purse = Purse(llm_server.options(budget_usd=enough), library.engine)
    for _ in range(3):
        with purse.charge("probe", PURPOSE, 0):  # noqa: SIM117 - the inner one is what raises
            with pytest.raises(BudgetSpent), purse.charge("probe", PURPOSE, 0):
                pass
        with suppress(ModelFailed), purse.charge("probe", PURPOSE, 0):
            raise ModelFailed
    assert used(library) == []


def test_a_stream_left_early_is_billed_for_what_came(
    library: Library, llm: Llm, llm_server: LlmServer
) -> None:
    rest = threading.Event()
    llm_server.queue.append(slowly((0.0, '{"words": [{"word": "yes"}'), (rest, "]}")))
    stream = llm.stream(some_words(), items="words")
    next(stream)
    assert used(library) == []
    stream.close()
    rest.set()
    [(tokens_in, tokens_out)] = used(library)
    assert tokens_in > 0
    assert tokens_out == 8  # 26 bytes
