from __future__ import annotations

from pathlib import Path

import pytest

from eval.bootstrap import Draws
from eval.cases import Corpus, read_corpus
from eval.citing import Cited, accounts, citations, cited, hit, score
from tests.eval import freezers
from tests.eval.said import answer, stated


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return read_corpus(freezers.write(tmp_path / "freezers"))


def test_places_are_ranked_once_and_the_nearest_come_last() -> None:
    found = cited(
        answer(
            stated(("FC-1", 1), ("FC-1", 3)),
            stated(("FC-1", 1)),
            nearest=(stated(("FC-1", 8)),),
        )
    )
    assert [sorted(one)[0][1] for one in found.ranked] == [1, 3, 8]
    assert found.places == {("FC-1", 1), ("FC-1", 3)}


def test_what_is_only_nearest_can_be_hit_and_is_not_cited() -> None:
    found = cited(answer(nearest=(stated(("FC-1", 8)), stated(("FC-1", 3)))))
    assert hit(found, {("FC-1", 3)}) == 2
    assert found.places == set()
    assert hit(found, {("FC-2", 1)}) is None


def test_a_chunk_is_hit_by_any_of_its_utterances() -> None:
    found = Cited((frozenset({("FC-1", 1), ("FC-1", 3)}),), frozenset(), frozenset())
    assert hit(found, {("FC-1", 3)}) == 1


def test_what_the_truth_calls_acceptable_counts_neither_way(corpus: Corpus) -> None:
    broad = corpus.questions[1]
    found = cited(answer(stated(("FC-1", 1), ("FC-1", 6), ("FC-1", 8))))
    laid = citations(corpus, broad, found)
    assert (laid.hits, laid.extra, laid.missed) == (1, 1, 3)
    named = accounts(corpus, broad, found)
    assert (named.precision, named.recall) == (1, 0.5)


def test_figures_are_those_of_the_questions_of_their_kind(corpus: Corpus) -> None:
    nothing = Cited((), frozenset(), frozenset())
    found = {q.id: nothing for q in corpus.questions}
    found["q1"] = cited(answer(stated(("FC-1", 1)), stated(("FC-1", 3))))
    found["q2"] = cited(answer(stated(("FC-1", 1), ("FC-1", 3))))
    draws = Draws([*corpus.account_of, "q3", "q4"])
    told = {f.name: f.estimate.value for f in score("questions", corpus, found, draws)}
    assert told["look-up hit@1"] == 0
    assert told["look-up hit@3"] == 1
    assert told["look-up citation precision"] == 0.5
    assert told["look-up citation recall"] == 1
    assert told["aggregate citation precision"] == 1
    assert told["aggregate citation recall"] == 0.5
    assert told["aggregate account recall"] == 0.5
    assert told["comparative citation recall"] is None  # there is no such question
