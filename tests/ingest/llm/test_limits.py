from __future__ import annotations

import threading

import pytest

from ingest.library import Library
from ingest.llm import open_llm
from ingest.llm.limits import Bucket
from tests.ingest.llm.asked import a_word
from tests.llm_server import LlmServer, Reply


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds


def bucket(per_minute: int | None) -> tuple[Bucket, Clock]:
    clock = Clock()
    return Bucket(per_minute, clock=clock, sleep=clock.sleep), clock


def test_no_minute_has_more_than_a_sixth_over_the_limit() -> None:
    limit, clock = bucket(60)
    times = []
    for _ in range(200):
        limit.take(1)
        times.append(clock.now)
    most = max(sum(start <= at < start + 60 for at in times) for start in times)
    assert 60 <= most <= 70
    assert times[-1] - times[0] == pytest.approx(190.0)


def test_an_amount_over_what_a_bucket_holds_passes_and_is_paid_later() -> None:
    limit, clock = bucket(600)
    limit.take(400)  # of which 100 were there
    assert clock.slept == [pytest.approx(30.0)]
    limit.take(10)
    assert clock.slept[1:] == [pytest.approx(1.0)]


def test_what_was_guessed_too_high_or_too_low_is_made_good() -> None:
    limit, clock = bucket(600)
    limit.take(100)
    limit.correct(-50)
    limit.take(50)
    assert clock.slept == []
    limit.correct(20)
    limit.take(10)
    assert clock.slept == [pytest.approx(3.0)]
    limit.correct(-100_000)  # a bucket holds no more than it can
    limit.take(100)
    limit.take(10)
    assert clock.slept[1:] == [pytest.approx(1.0)]


def test_without_a_limit_nobody_waits() -> None:
    limit, clock = bucket(None)
    limit.take(10**9)
    limit.correct(10**9)
    limit.take(10**9)
    assert clock.slept == []


def test_a_limit_below_one_in_ten_seconds_still_lets_one_pass() -> None:
    limit, clock = bucket(1)
    limit.take(1)
    limit.take(1)
    assert clock.slept == [pytest.approx(60.0)]


def test_requests_wait_for_both_limits(library: Library, llm_server: LlmServer) -> None:
    clock = Clock()
    options = llm_server.options(requests_per_minute=60, tokens_per_minute=6000)
    llm = open_llm(options, library.engine, sleep=clock.sleep, clock=clock)
    llm_server.model = lambda *_: Reply('{"word": "yes"}', usage=(1800, 200))
    llm.ask(a_word({"word": "1"}))
    assert clock.slept == []
    # 2,000 tokens were used of the 1,000 there: ten seconds, and those of the guess.
    llm.ask(a_word({"word": "2"}))
    [slept_s] = clock.slept
    assert 10.0 < slept_s < 13.0
