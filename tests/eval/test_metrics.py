from __future__ import annotations

import numpy as np
import pytest

from eval.metrics import Overlap, best_match, first_hit, overlap, tau_b


@pytest.mark.parametrize(
    ("found", "gold", "neutral", "counts", "precision", "recall", "f1"),
    [
        ([3, 5, 9], [5, 7], [9], (1, 1, 1), 1 / 2, 1 / 2, 1 / 2),
        ([5, 5, 5], [5], [], (1, 0, 0), 1, 1, 1),
        ([], [5, 7], [], (0, 0, 2), 1, 0, 0),
        ([3], [], [], (0, 1, 0), 0, 1, 0),
        ([], [], [], (0, 0, 0), 1, 1, 1),
        # What is gold counts, also when it is called neutral.
        ([5], [5], [5], (1, 0, 0), 1, 1, 1),
        ([1, 2, 3, 4], [1, 2, 3, 5, 6, 7], [], (3, 1, 3), 3 / 4, 1 / 2, 6 / 10),
    ],
)
def test_overlap(
    found: list[int],
    gold: list[int],
    neutral: list[int],
    counts: tuple[int, int, int],
    precision: float,
    recall: float,
    f1: float,
) -> None:
    laid = overlap(found, gold, neutral)
    assert laid == Overlap(*counts)
    assert (laid.precision, laid.recall, laid.f1) == pytest.approx((precision, recall, f1))


@pytest.mark.parametrize(
    ("ranked", "gold", "rank"),
    [("abc", "a", 1), ("abc", "cb", 2), ("abc", "x", None), ("", "a", None)],
)
def test_first_hit(ranked: str, gold: str, rank: int | None) -> None:
    assert first_hit(list(ranked), set(gold)) == rank


@pytest.mark.parametrize(
    ("quoted", "match"),
    [
        ({1, 2}, "odd"),  # half is enough, and a tie goes to the first
        ({1, 3, 2}, "odd"),
        ({2, 4, 1}, "even"),
        ({1, 20, 21}, None),  # a third is not
        (set(), None),
    ],
)
def test_best_match(quoted: set[int], match: str | None) -> None:
    assert best_match(quoted, {"odd": {1, 3, 5}, "even": {2, 4, 6}}) == match


@pytest.mark.parametrize(
    ("ours", "gold", "tau"),
    [
        ([4, 3, 2, 1], [4, 3, 2, 1], 1),
        ([1, 2, 3, 4], [4, 3, 2, 1], -1),
        ([3, 4, 2, 1], [4, 3, 2, 1], 4 / 6),  # five pairs agree, one does not
        ([4, 3, 1, 1], [4, 3, 2, 1], 5 / np.sqrt(5 * 6)),  # a tie on one side
        ([1, 1, 1], [3, 2, 1], 0),
    ],
)
def test_tau_b(ours: list[float], gold: list[float], tau: float) -> None:
    assert tau_b(ours, gold) == pytest.approx(tau)


def test_tau_b_of_many_draws_at_once() -> None:
    assert tau_b([[3, 2, 1], [1, 2, 3]], [[3, 2, 1], [3, 2, 1]]).tolist() == [1, -1]
