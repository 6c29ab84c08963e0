"""What the model suite makes of what was noted."""

from __future__ import annotations

from typing import Literal

from eval.costs import dropped, of_usage
from eval.crowd import row
from ingest.library import Library
from ingest.llm.spending import Spent
from ingest.readings import Dropped, Reading, save
from ingest.store import insert_call


def spent(kind: str, subject: str, requests: int, tokens: int) -> Spent:
    return Spent(kind, subject, requests, tokens, 10, None)


def test_requests_and_tokens_by_purpose() -> None:
    usage = [
        spent("call", "a", 1, 4_000),
        spent("call", "b", 2, 9_000),
        spent("themes", "themes", 3, 20_000),
        spent("question", "q", 4, 99_000),
        spent("memo", "m", 2, 5_000),
    ]
    questions = [spent("question", "p", 2, 3_000), spent("question", "q", 3, 13_000)]
    told = {f.name: f for f in of_usage(usage, questions, calls=2)}
    assert told["requests per call, mean"].estimate.value == 1.5
    assert told["requests for themes"].estimate.value == 3
    assert told["requests per question, mean"].estimate.value == 2.5
    assert told["requests per question, most"].estimate.value == 3
    assert told["requests per memo, most"].estimate.value == 2
    most = told["input tokens for one question, most"]
    assert (most.estimate.value, most.target, most.met) == (13_000, 12_000, False)
    assert told["input tokens"].estimate.value == 137_000
    assert told["output tokens"].estimate.value == 50


def test_nothing_was_asked() -> None:
    told = {f.name: f.estimate.value for f in of_usage([], [], calls=0)}
    assert set(told.values()) == {0}


def test_what_was_dropped_by_its_reason(library: Library) -> None:
    lost = [Dropped(what=what, text="x", why=why) for what, why in _LOST]
    with library.change() as connection:
        insert_call(connection, row("C-1", None))
        save(
            connection,
            "C-1",
            Reading(model="m", prompt="", said="", matters=(), dropped=tuple(lost)),
        )
    assert dropped(library) == {"quote: not there": 2, "need: not borne": 1}


_LOST: tuple[tuple[Literal["quote", "need"], str], ...] = (
    ("quote", "not there"),
    ("quote", "not there"),
    ("need", "not borne"),
)
