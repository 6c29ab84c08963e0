"""The neighbourhood a passage is read with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.laid import kernel
from service.said import Rows


@dataclass(frozen=True)
class Passages:
    call: Rows
    first: Rows
    last: Rows


def laid_out(*placed: tuple[int, int, int]) -> Passages:
    call, first, last = np.array(placed, np.int64).T
    return Passages(call, first, last)


def test_neighbours_weigh_by_how_far_apart_they_were_said() -> None:
    weights = kernel(laid_out((0, 0, 0), (0, 2, 2), (0, 40, 40), (1, 2, 2)), 2.0).toarray()
    near = np.exp(-0.5)
    expected = np.eye(4)
    expected[0, 1] = expected[1, 0] = near
    assert np.allclose(weights, expected)


def test_passages_of_one_endless_utterance_are_no_square() -> None:
    n = 3000
    weights = kernel(laid_out(*((0, 7, 7) for _ in range(n)), (0, 8, 8)), 2.0)
    assert weights.shape == (n + 1, n + 1)
    assert np.diff(weights.indptr).max() <= 201
    assert weights[0, 0] == weights[0, 100] == 1.0
    assert weights[0, 101] == 0.0
    # What was said next is among them still.
    assert weights[n - 1, n] == np.exp(-0.125)
