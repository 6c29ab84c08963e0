from __future__ import annotations

from pathlib import Path

import pytest

from eval.bootstrap import Draws
from eval.cases import Corpus, read_corpus
from eval.questions import by_words, run
from service.shapes import Answer
from tests.eval import freezers
from tests.eval.said import NOBODY, answer, stated

RIGHT = {
    "q1": answer(stated(("FC-1", 3))),
    "q2": answer(
        stated(("FC-1", 1), ("FC-1", 3)), stated(("FC-2", 1), ("FC-2", 3), account="FRZ-2")
    ),
    "q3": answer(stated(("FC-1", 1))).model_copy(
        update={"coverage": NOBODY.model_copy(update={"accounts_silent": ("FRZ-5",)})}
    ),
    "q4": answer(),
}


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return read_corpus(freezers.write(tmp_path / "freezers"))


def figures(corpus: Corpus, answers: dict[str, Answer]) -> dict[str, float | None]:
    draws = Draws([*corpus.account_of, "q3", "q4"])
    return {f.name: f.estimate.value for f in run(corpus, answers, draws).figures}


def test_all_right(corpus: Corpus) -> None:
    told = figures(corpus, RIGHT)
    assert told["abstention F1"] == 1
    assert told["false abstain"] == 0
    assert told["answered from account data"] == 1
    assert told["accounts named that must not be"] == 0
    scored = run(corpus, RIGHT, Draws([*corpus.account_of, "q3", "q4"]))
    assert [case.id for case in scored.cases if not case.ok] == []


def test_refusing_what_was_said_and_answering_what_was_not(corpus: Corpus) -> None:
    told = figures(corpus, {**RIGHT, "q1": answer(), "q2": answer()})
    assert told["abstention precision"] == pytest.approx(1 / 3)
    assert told["abstention recall"] == 1
    assert told["abstention F1"] == pytest.approx(2 * 1 / (3 + 1))
    assert told["false abstain"] == pytest.approx(2 / 3)
    told = figures(corpus, {**RIGHT, "q4": answer(stated(("FC-1", 1)))})
    assert told["abstention recall"] == 0


def test_an_account_that_must_not_be_named(corpus: Corpus) -> None:
    wrong = answer(stated(("FC-4", 3), account="FRZ-4"), stated(("FC-1", 1)))
    answers = {**RIGHT, "q2": wrong}
    assert figures(corpus, answers)["accounts named that must not be"] == 1
    case = run(corpus, answers, Draws([*corpus.account_of, "q3", "q4"])).cases[1]
    assert not case.ok
    assert case.facts["forbidden"] == ["FRZ-4"]
    told = "\n".join(case.lines)
    assert "+ FC-1#1" in told  # gold
    assert "- FC-4#3" in told  # not gold
    assert "missed   FC-2#1" in told


def test_silent_accounts_have_to_be_told(corpus: Corpus) -> None:
    assert figures(corpus, {**RIGHT, "q3": RIGHT["q1"]})["answered from account data"] == 0


def test_by_words_alone_has_names_of_its_own(corpus: Corpus) -> None:
    scored = by_words(corpus, RIGHT, Draws([*corpus.account_of, "q3", "q4"]))
    assert {f.suite for f in scored.figures} == {"questions, words alone"}
    assert "words alone: look-up hit@1" in {f.name for f in scored.figures}
