from __future__ import annotations

import numpy as np
import pytest

from eval.bootstrap import Draws, Estimate, Row, estimate, macro, ratio

CALLS = ["a", "b", "c", "d"]


def test_every_draw_has_as_many_calls_as_there_are() -> None:
    draws = Draws(CALLS, times=50)
    assert draws.size == 51
    assert np.allclose(sum(draws.of([call]) for call in CALLS), len(CALLS))
    assert [draws.of([call])[0] for call in CALLS] == [1, 1, 1, 1]


def test_the_first_value_is_the_sample_s_own() -> None:
    rows = [Row(("a",), 1, 2), Row(("b",), 3, 4), Row(("c",), 0, 2)]
    assert ratio(Draws(CALLS), rows)[0] == pytest.approx(4 / 8)


def test_what_belongs_to_two_calls_counts_their_mean() -> None:
    draws = Draws(CALLS, times=20)
    both = draws.of(["a", "b"])
    assert np.allclose(both, (draws.of(["a"]) + draws.of(["b"])) / 2)


def test_what_belongs_to_no_call_is_always_there() -> None:
    assert Draws(CALLS, times=20).of(()).tolist() == [1] * 21


def test_an_interval_lies_around_the_value_and_the_seed_decides_it() -> None:
    rows = [Row((call,), hit, 1) for call, hit in zip("abcd", (1, 0, 1, 1), strict=True)]
    first, again = (estimate(ratio(Draws(CALLS), rows)) for _ in range(2))
    assert first == again
    assert first.value == 0.75
    assert first.low is not None
    assert first.high is not None
    # Three of four hit: of 1,000 draws a few miss twice or more, and many hit always.
    assert 0.25 <= first.low < 0.75 < first.high == 1.0


def test_what_never_varies_has_no_width() -> None:
    rows = [Row((call,), 1, 1) for call in CALLS]
    assert estimate(ratio(Draws(CALLS), rows)) == Estimate(1.0, 1.0, 1.0)


def test_a_mean_of_groups_leaves_out_what_has_nothing_to_hit() -> None:
    groups = [[Row(("a",), 1, 1)], [Row(("b",), 1, 4)], [Row(("c",), 0, 0)], []]
    assert macro(Draws(CALLS), groups)[0] == pytest.approx((1 + 0.25) / 2)


def test_nothing_counted_is_no_number() -> None:
    assert estimate(ratio(Draws(CALLS), [])) == Estimate(None, None, None)
    assert estimate(ratio(Draws(CALLS), [Row(("a",), 0, 0)])) == Estimate(None, None, None)
