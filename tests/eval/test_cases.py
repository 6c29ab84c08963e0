from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from eval.cases import Corpus, read_corpus
from eval.gold import GoldQuestion
from service.shapes import Filters
from tests.conftest import ROOT
from tests.eval import freezers


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return read_corpus(freezers.write(tmp_path / "freezers"))


def test_what_was_said_and_by_whom(corpus: Corpus) -> None:
    assert (
        corpus.texts["FC-3", 4] == "I wish the export were signed and went straight to the auditor."
    )
    assert corpus.roles["FC-3", 4] == "customer"
    assert corpus.roles["FC-3", 5] == "internal"
    assert corpus.calls_of == {f"FRZ-{n}": (f"FC-{n}",) for n in (1, 2, 3, 4)}


def test_the_truth_is_of_the_files(corpus: Corpus) -> None:
    assert corpus.top_n == 3
    assert list(corpus.needs) == ["A", "B"]
    assert corpus.needs["A"].allowed - corpus.needs["A"].gold == {("FC-1", 6)}
    # The trap that only the vendor's people voice is not ranked.
    assert corpus.truth.ranking(r"by_top\d*_arr") == ("A", "B")
    assert corpus.truth.ranking("by_mentions") == ()
    assert corpus.hearsay == {("FC-2", 6)}
    assert corpus.injections == {("FC-3", 3)}


@pytest.mark.parametrize(
    ("given", "filters"),
    [
        ({"top3": True, "tier": None}, Filters(top=3)),
        ({"top20": 5}, Filters(top=5)),
        ({"top3": None}, Filters()),
        ({"top3": False}, Filters()),
        ({"accounts": ["FRZ-1"], "speaker_role": "customer"}, Filters(accounts=("FRZ-1",))),
        (
            {"date_from": "2026-05-04", "date_to": "2026-05-05"},
            Filters(since=date(2026, 5, 4), until=date(2026, 5, 5)),
        ),
    ],
)
def test_filters_as_the_product_takes_them(given: dict[str, object], filters: Filters) -> None:
    question = GoldQuestion.model_validate({**freezers.QUESTIONS[0], "filters": given})
    assert question.asked_of(3) == filters


@pytest.mark.parametrize(
    ("filters", "calls"),
    [
        (Filters(), ["FC-1", "FC-2", "FC-3", "FC-4"]),
        (Filters(top=3), ["FC-1", "FC-2"]),  # the third largest was not heard
        (Filters(segment="Health"), ["FC-2", "FC-3"]),
        (Filters(top=2, segment="Health"), ["FC-2"]),
        (Filters(accounts=("FRZ-4",)), ["FC-4"]),
        (Filters(since=date(2026, 5, 12), until=date(2026, 5, 20)), ["FC-2", "FC-3"]),
    ],
)
def test_calls_within_filters(corpus: Corpus, filters: Filters, calls: list[str]) -> None:
    assert list(corpus.calls_within(filters)) == calls


def test_accounts_are_known_by_what_tells_them_apart(corpus: Corpus) -> None:
    named = corpus.named_in(["Marlowe's samples", "the Pinecrest Clinics", "quay", "Ospreys"])
    assert named == {"FRZ-1", "FRZ-2"}


def test_an_ordinary_word_names_nobody() -> None:
    larkspur = read_corpus(ROOT / "eval" / "corpora" / "larkspur")
    two = next(a for a, name in larkspur.names.items() if name.startswith("Two "))
    assert larkspur.named_in(["Two people, nine days"]) == set()
    assert larkspur.named_in(["Two Otters said so"]) == {two}
