from __future__ import annotations

import numpy as np
import pytest

from ingest.transcribe.beam import END, Search, loops


def step(search: Search, *rows: dict[int, float]) -> None:
    """One step in which each open hypothesis is offered these tokens with these chances."""
    ranked = [sorted(row.items(), key=lambda pair: -pair[1]) for row in rows]
    tokens = np.array([[t for t, _ in row] for row in ranked])
    chances = np.array([[c for _, c in row] for row in ranked], np.float32)
    search.advance(tokens, chances, np.zeros((len(rows), 3), np.float32))


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        ([7] * 5, False),
        ([7] * 6, True),
        ([7, 8] * 5, False),
        ([7, 8] * 6, True),
        ([1, 2, 3, 4] * 3, True),
        ([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3], False),
        ([], False),
    ],
)
def test_what_goes_round_in_circles(tokens: list[int], *, expected: bool) -> None:
    assert loops(tokens) is expected


def test_the_likelier_whole_beats_the_likelier_beginning() -> None:
    search = Search(limit=10, beams=2)
    step(search, {5: 0.6, 6: 0.4})
    step(search, {7: 0.3, END: 0.1}, {8: 0.9, END: 0.05})
    # 6 8 (0.36) now leads 5 7 (0.18), and its row comes first.
    step(search, {END: 0.9, 9: 0.05}, {END: 0.9, 9: 0.05})
    assert search.done
    found = search.best()
    assert found.tokens == (6, 8)
    assert found.complete
    assert found.attention.shape == (2, 3)
    assert found.chances == pytest.approx([0.4, 0.9])


def test_it_stops_at_the_limit_and_says_that_it_did_not_end() -> None:
    search = Search(limit=2, beams=1)
    ended = []
    for offered in ({5: 0.9, 6: 0.1}, {6: 0.9, 7: 0.1}):
        step(search, offered)
        ended.append(search.done)
    assert ended == [False, True]
    assert search.best().tokens == (5, 6)
    assert not search.best().complete
