"""A large home: answers are as those of a small one where the sample holds all of it, and what is
kept from question to question is what a fresh process would read.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eval.population import Population, name
from ingest.corrections import SpeakerFix, UtteranceFix, correct
from ingest.library import Library, Options
from service.ask import ask
from service.codebook import judge
from service.codebook_store import list_codes
from service.coding import code_ledger
from service.erase import erase
from service.large import reading, said
from service.large.reading import large_said
from service.ledger import Evidence
from service.shapes import Filters
from service.themes import themes
from tests.service.large_homes import CALLS, seeds
from tests.service.large_homes import _made_once as _made_once
from tests.service.large_homes import made_up as made_up

QUESTIONS = (
    ("What do our top customers need?", Filters()),
    ("What do our customers need?", Filters(tier="SMB")),
    ("What do customers say about invoices and parking?", Filters()),
    ("How many customers complain about the tablet freezing?", Filters()),
    ("Which customers lose work without signal?", Filters()),
    ("Which customers might leave us?", Filters()),
    ("Who has to wait for the drivers in the yard?", Filters()),
)


def coded(library: Library) -> dict[str, tuple[set[str], set[str]]]:
    """The evidence for and against each code."""

    def ids(items: tuple[Evidence, ...]) -> set[str]:
        return {e.evidence_id for e in items}

    with library.read() as connection:
        coding = code_ledger(library, connection)
    return {one.code.id: (ids(one.members), ids(one.counter)) for one in coding.coded}


def told(library: Library) -> list[object]:
    """All that questions see."""
    answers = [ask(library, text, filters).model_dump() for text, filters in QUESTIONS]
    return [coded(library), *answers, [t.model_dump() for t in themes(library, Filters())]]


def afresh(library: Library) -> list[object]:
    """The same, by a process that has just been started."""
    other = Library(library.home, Options(models=library.home / "models"))
    found = told(other)
    other.close()
    return found


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "EXACT", 0)


@pytest.mark.usefixtures("large")
def test_without_a_codebook_nothing_is_coded_and_questions_are_answered(filled: Library) -> None:
    with filled.read() as connection:
        assert list_codes(connection, dismissed=True) == []
    assert coded(filled) == {}
    assert [
        theme.status for theme in themes(filled, Filters()) if theme.status != "candidate"
    ] == []
    assert ask(filled, "What do customers say about false alarms?", Filters()).statements


def test_where_the_sample_is_everything_codes_are_those_of_a_small_home(
    made_up: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with made_up.read() as connection:
        assert large_said(made_up, connection) is None
    exact = coded(made_up)
    assert any(members for members, _ in exact.values())
    monkeypatch.setattr(reading, "EXACT", 0)
    other = Library(made_up.home, Options(models=made_up.home / "models"))
    with other.read() as connection:
        assert large_said(other, connection) is not None
    assert coded(other) == exact
    other.close()


@pytest.mark.usefixtures("large")
def test_where_the_sample_is_everything_a_topic_is_told_of_as_in_a_small_home(
    made_up: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [ask(made_up, text, filters).statements for text, filters in QUESTIONS]
    monkeypatch.setattr(reading, "EXACT", 10**9)
    other = Library(made_up.home, Options(models=made_up.home / "models"))
    assert [ask(other, text, filters).statements for text, filters in QUESTIONS] == found
    other.close()


def add(library: Library) -> None:
    Population(library, seeds(library.home)).grow(CALLS + 1)


def rename(library: Library) -> None:
    correct(library, name(3), speakers={"S1": SpeakerFix(role="internal")})


def rewrite(library: Library) -> None:
    words = "We lost a whole morning of work without signal, it is awful."
    correct(library, name(4), utterances={7: UtteranceFix(text=words)})


def reject(library: Library) -> None:
    with library.read() as connection:
        coding = code_ledger(library, connection)
    one = next(c for c in coding.coded if c.members)
    item = one.members[-1]
    judge(library, one.code.id, item.spoken.call_id, item.spoken.i, "reject")


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(
    "change", [add, rename, rewrite, reject, lambda library: erase(library, name(5))]
)
def test_after_a_change_what_is_kept_is_what_a_fresh_process_reads(
    made_up: Library, monkeypatch: pytest.MonkeyPatch, change: Callable[[Library], object]
) -> None:
    monkeypatch.setattr(said, "SAMPLE", 300)
    before = told(made_up)
    change(made_up)
    after = told(made_up)
    assert after != before
    assert after == afresh(made_up)
