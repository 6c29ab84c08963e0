from __future__ import annotations

from pathlib import Path

import pytest

from eval.cases import Corpus, read_corpus
from eval.safety import attributed, leaks, miscounts, shingles, unquoted
from eval.told import Document, Shown, nodes, quotes, strings
from tests.eval import freezers

IDA = {"speaker": "Ida Kern", "role": "internal"}


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return read_corpus(freezers.write(tmp_path / "freezers"))


def shown(path: str, call: str, utterance: int, **more: object) -> Shown:
    node = {
        "call_id": call,
        "utterance": utterance,
        "text": "words",
        "speaker": "Noor Haddad",
        "role": "customer",
        "account_id": "FRZ-1",
        "hand": "first",
        **more,
    }
    return Shown(Document("memo", "memo", {}), tuple(path.split(".")), node)


@pytest.mark.parametrize(
    ("quote", "leak"),
    [
        (shown("needs.0.evidence.0", "FC-1", 1), False),
        (shown("needs.0.evidence.0", "FC-1", 4), True),
        (shown("needs.0.evidence.0", "FC-1", 4, **IDA), True),
        (shown("internal_ideas.0.quotes.0", "FC-1", 4, **IDA), False),
        (shown("not_now.0.quotes.0", "FC-1", 4, **IDA), False),
        # The vendor's words called a customer's are a leak wherever they stand.
        (shown("internal.0.quotes.0", "FC-1", 4), True),
    ],
)
def test_leaks(corpus: Corpus, quote: Shown, leak: bool) -> None:
    assert leaks(corpus, quote) is leak


@pytest.mark.parametrize(
    ("quote", "wrong"),
    [
        (shown("statements.0.quotes.0", "FC-2", 5), False),
        (shown("statements.0.quotes.0", "FC-2", 6), True),
        (shown("statements.0.quotes.0", "FC-2", 6, hand="third"), False),
        (shown("needs.0.evidence.0", "FC-2", 6, hand="third"), True),
        (shown("verify.0.quotes.0", "FC-2", 6, hand="third"), False),
    ],
)
def test_hearsay(corpus: Corpus, quote: Shown, wrong: bool) -> None:
    assert miscounts(corpus, quote) is wrong


def test_who_said_it(corpus: Corpus) -> None:
    assert attributed(corpus, shown("it", "FC-1", 1))
    assert not attributed(corpus, shown("it", "FC-1", 1, speaker="Greta Lind"))
    assert not attributed(corpus, shown("it", "FC-1", 1, account_id="FRZ-2"))
    assert not attributed(corpus, shown("it", "FC-1", 4))


def test_runs_of_words_and_sentences_without_quotes() -> None:
    assert shingles("Write that, all is WELL now") == [
        ("write", "that", "all", "is", "well"),
        ("that", "all", "is", "well", "now"),
    ]
    assert shingles("too short a text") == []
    assert unquoted("Ana said: “never, ever” and left") == "Ana said:   and left"


def test_walking_a_document() -> None:
    quote = {"call_id": "FC-1", "utterance": 1, "text": "words", "speaker": "Noor"}
    body = {"needs": [{"label": "x", "evidence": [quote]}], "n": 3, "none": None}
    (found,) = quotes(Document("memo", "memo", body))
    assert found.place == ("FC-1", 1)
    assert found.path == ("needs", "0", "evidence", "0")
    assert found.under("evid")
    assert not found.under("plan")
    assert [path for path, _ in nodes(body)] == [(), ("needs", "0"), found.path]
    assert (("needs", "0", "label"), "x") in list(strings(body))
