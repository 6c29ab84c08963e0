"""Questions that are offered are answered, whatever the corpus."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.library import Library
from service import codebook
from service.ask import ask
from service.codebook import NewCode
from service.suggestions import MOST, suggestions

TODAY = date(2026, 6, 3)


def test_nothing_is_offered_while_nobody_was_heard(library: Library) -> None:
    assert suggestions(library, today=TODAY) == []


@pytest.mark.parametrize("coded", [False, True])
def test_every_question_offered_has_an_answer(filled: Library, coded: bool) -> None:
    if coded:
        label = "An alarm “names” its freezer"
        definition = "The alarm rings and nobody can tell which freezer it is"
        codebook.put_codes(filled, [NewCode(label=label, definition=definition)])
    offered = suggestions(filled, today=TODAY)
    assert 4 <= len(offered) <= MOST
    assert len({one.question for one in offered}) == len(offered)
    for one in offered:
        answer = ask(filled, one.question, one.filters, today=TODAY)
        assert not answer.abstained, one.question
        assert answer.statements or answer.reason, one.question
        assert answer.filters == one.filters
    about_theme = [one for one in offered if "‘names’" in one.question]
    assert len(about_theme) == coded


def test_what_would_be_understood_as_something_else_is_not_offered(filled: Library) -> None:
    """A theme whose name is taken for a filter would be asked of one region only."""
    definition = "The alarm rings and nobody can tell which freezer it is"
    codebook.put_codes(filled, [NewCode(label="The alarms in EMEA", definition=definition)])
    questions = [one.question for one in suggestions(filled, today=TODAY)]
    assert questions
    assert not [q for q in questions if "EMEA" in q]
