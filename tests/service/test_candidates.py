from __future__ import annotations

import numpy as np

from service.candidates import groups, voices
from service.ledger import Evidence
from service.said import Said
from tests.service.test_ledger import item

NEEDS = (frozenset({"pain", "request"}),)


def said_of(vectors: list[list[float]], voice: list[int]) -> Said:
    """Passages of one utterance each, a call per voice; words that tell nothing."""
    from scipy.sparse import csr_matrix

    rows = np.array(vectors, np.float64)
    count = len(voice)
    position = [voice[:n].count(v) for n, v in enumerate(voice)]
    # Far apart, so that no passage is read with its neighbour.
    place = np.array([1000 * p for p in position], np.int64)
    names = sorted(set(voice))
    return Said(
        call_ids=tuple(f"C{v}" for v in names),
        call=np.array([names.index(v) for v in voice], np.int64),
        first=place,
        last=place,
        voice=np.array([names.index(v) for v in voice], np.int64),
        voices=tuple(f"A{v}" for v in names),
        vectors=rows / np.linalg.norm(rows, axis=1, keepdims=True),
        terms=csr_matrix(np.eye(count)),
        words=np.full(count, 40.0),
        vocabulary={f"w{n}": n for n in range(count)},
    )


def evidence(voice: int, at: int, strength: int = 2) -> Evidence:
    text = "word " * 20
    return item(text, call=f"C{voice}", account=f"A{voice}", i=1000 * at, strength=strength)


def scattered(n: int) -> list[float]:
    return [float(x) for x in np.random.default_rng(n).normal(size=12)]


def shared(n: int) -> list[float]:
    """Close to one direction, as two accounts are that speak of one matter."""
    return [8.0 if k == 0 else x for k, x in enumerate(scattered(n))]


def test_two_accounts_on_one_matter_are_found_among_others() -> None:
    voice = [0, 1, *range(2, 12)]
    vectors = [shared(100), shared(101), *(scattered(n) for n in range(10))]
    found = groups(said_of(vectors, voice), [evidence(v, 0) for v in voice], NEEDS)
    assert {"A0", "A1"} in [voices(group) for group in found]
    assert all(len(voices(group)) > 1 for group in found)
    assert 0 < found[0].agreement <= 1


def test_remarks_and_single_accounts_make_no_group() -> None:
    vectors, voice = [shared(1), shared(2), scattered(3), scattered(4)], [0, 1, 2, 3]
    said = said_of(vectors, voice)
    assert groups(said, [evidence(v, 0, strength=1) for v in voice], NEEDS) == []
    alone = said_of([shared(1), shared(2)], [0, 0])
    assert groups(alone, [evidence(0, 0), evidence(0, 1)], NEEDS) == []
    assert groups(said, [], NEEDS) == []


def test_kinds_of_different_sorts_are_apart() -> None:
    voice = [0, 1, 2, 3]
    said = said_of([shared(n) for n in range(4)], voice)
    items = [evidence(v, 0) for v in voice]
    praise = item("good " * 20, call="C3", account="A3", i=0, kind="praise", strength=2)
    found = groups(said, [*items[:3], praise], (*NEEDS, frozenset({"praise"})))
    for group in found:
        assert "A3" not in voices(group)
