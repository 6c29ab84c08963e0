from __future__ import annotations

from pathlib import Path

import pytest

from eval.bootstrap import Draws
from eval.cases import Corpus, read_corpus
from eval.covering import covered
from eval.covering import run as pairs
from eval.need_cases import Found, of_groups
from eval.needs import candidates, confirmed, matched, score
from eval.observed import Lists, Observed
from ingest.library import Library
from service.shapes import Theme
from tests.eval import freezers
from tests.eval.said import answer, stated, theme

ALARMS = theme("a", ["FRZ-1", "FRZ-2"], ("FC-1", 1), ("FC-2", 3), counter=[("FC-4", 1)])
RECORD = theme("b", ["FRZ-3", "FRZ-4"], ("FC-3", 1), ("FC-3", 5), kind="request")
DRAWERS = theme("p", ["FRZ-4"], ("FC-4", 3), kind="praise")
HOLOGRAM = theme("x", ["FRZ-1"], ("FC-1", 5), kind="request")
CODES = {"a": "A", "b": "B", "p": "P", "x": "X"}


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return read_corpus(freezers.write(tmp_path / "freezers"))


def draws(corpus: Corpus) -> Draws:
    return Draws([*corpus.account_of, "q3", "q4"])


def observed(corpus: Corpus, library: Library, *listed: Theme, codebook: bool) -> Observed:
    lists = Lists(listed, listed, listed)
    return Observed(
        library=library,
        corpus=corpus,
        answers={},
        everyone=answer(),
        candidates=lists,
        confirmed=lists if codebook else None,
        codes=CODES if codebook else {},
    )


def test_needs_of_the_codebook(corpus: Corpus, library: Library) -> None:
    seen = observed(corpus, library, ALARMS, RECORD, DRAWERS, codebook=True)
    scored = confirmed(corpus, seen, draws(corpus))
    told = {f.name: f.estimate.value for f in scored.figures}
    assert told["codebook need recall"] == 1  # of B, precision is exactly enough
    assert told["codebook account precision"] == 3 / 4
    assert told["codebook account precision, mean of needs"] == (1 + 1 / 2) / 2
    assert told["codebook account recall"] == 1
    assert told["codebook quote precision"] == 3 / 4
    assert told["codebook quote recall"] == 3 / 6
    assert told["codebook tau by ARR of the top"] == 1
    assert told["codebook counter-evidence surfaced"] == 1
    assert told["codes that should be empty and are not"] == 0
    assert told["codebook praise and competitor recall"] == 1


def test_a_need_missing_an_order_turned_and_a_trap_filled(corpus: Corpus, library: Library) -> None:
    turned = confirmed(
        corpus, observed(corpus, library, RECORD, ALARMS, codebook=True), draws(corpus)
    )
    assert {f.name: f.estimate.value for f in turned.figures}["codebook tau by accounts"] == -1
    seen = observed(corpus, library, ALARMS, HOLOGRAM, codebook=True)
    told = {f.name: f.estimate.value for f in confirmed(corpus, seen, draws(corpus)).figures}
    assert told["codebook need recall"] == 0.5
    assert told["codebook need present"] == 0.5
    assert told["codebook account recall"] == 2 / 3
    assert told["codes that should be empty and are not"] == 1


def test_without_codebook_there_is_nothing_to_score(corpus: Corpus, library: Library) -> None:
    seen = observed(corpus, library, ALARMS, codebook=False)
    assert confirmed(corpus, seen, draws(corpus)).figures == ()


def test_candidates_stand_for_what_most_of_their_quotes_are(
    corpus: Corpus, library: Library
) -> None:
    seen = observed(corpus, library, DRAWERS, HOLOGRAM, ALARMS, RECORD, codebook=False)
    told = {f.name: f.estimate.value for f in candidates(corpus, seen, draws(corpus)).figures}
    assert told["candidate@10 need present"] == 1
    assert told["candidate@10 account precision"] == 3 / 4
    assert told["candidate tau by accounts"] == 1


def test_groups_of_one_need_are_taken_together(corpus: Corpus) -> None:
    one = Found(frozenset({"FRZ-1"}), frozenset({("FC-1", 1)}))
    two = Found(frozenset({"FRZ-2"}), frozenset({("FC-2", 1), ("FC-2", 2)}))
    other = Found(frozenset({"FRZ-4"}), frozenset({("FC-4", 1)}))
    held = matched(corpus, [one, two, other])
    assert held == {"A": Found(one.accounts | two.accounts, one.places | two.places)}


def test_a_group_says_what_each_of_its_quotes_is(corpus: Corpus) -> None:
    mixed = theme("m", ["FRZ-1"], ("FC-1", 1), ("FC-1", 3), ("FC-1", 8))
    right, wrong = of_groups("candidates", corpus, [mixed, DRAWERS])
    assert (right.ok, right.facts["match"]) == (True, "A")
    assert [line.split()[:2] for line in right.lines[1:]] == [
        ["A", "FC-1#1"],
        ["A", "FC-1#3"],
        ["-", "FC-1#8"],
    ]
    assert "stands for no need" in wrong.lines[0]
    assert not wrong.ok


def test_nothing_found_is_no_precision_and_no_recall(corpus: Corpus) -> None:
    told = {f.name: f.estimate.value for f in score("", "codebook", corpus, {}, draws(corpus))}
    assert told["codebook need recall"] == 0
    assert told["codebook account recall"] == 0
    assert told["codebook account precision"] is None


def test_only_the_first_three_quotes_of_an_account_cover_its_needs(corpus: Corpus) -> None:
    late = [("FC-1", 2), ("FC-1", 4), ("FC-1", 5), ("FC-1", 1)]
    shown = {"FRZ-1": late, "FRZ-2": [("FC-2", 1)]}
    assert list(covered(corpus, shown)) == [
        ("A", "FRZ-1", False),
        ("A", "FRZ-2", True),
        ("B", "FRZ-3", False),
    ]
    given = answer(stated(("FC-1", 6)), stated(("FC-2", 1), account="FRZ-2"))
    scored = pairs(corpus, given, draws(corpus))
    assert scored.figures[0].estimate.value == pytest.approx(2 / 3)
    assert "A signed record" in scored.cases[0].lines[1]
