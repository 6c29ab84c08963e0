"""What is picked for the memo: statements of kept answers, never of whoever asks for it."""

from __future__ import annotations

import pytest

from ingest.errors import BadInput, NotFound
from ingest.library import Library
from service import picks
from service.answer_history import ask
from service.erase import erase
from service.shapes import Filters, Pick


def listed(library: Library) -> list[Pick]:
    with library.read() as connection:
        return picks.listed(connection)


def test_a_statement_is_picked_once_with_its_quotes(filled: Library) -> None:
    answer = ask(filled, "What do customers need?", Filters())
    (one,) = picks.add(filled, answer.id or "", 1)
    assert (one.statement, one.question) == (answer.statements[1], answer.question)
    assert picks.add(filled, answer.id or "", 1) == [one]
    every = picks.add(filled, answer.id or "")
    assert [p.statement for p in every] == [*answer.statements]
    assert next(p.id for p in listed(filled)) == one.id
    assert len(listed(filled)) == len(answer.statements)
    picks.remove(filled, one.id)
    assert one not in listed(filled)
    with pytest.raises(NotFound):
        picks.remove(filled, one.id)


def test_nothing_but_what_is_there_is_picked(filled: Library) -> None:
    answer = ask(filled, "What do customers need?", Filters())
    for n in (-1, len(answer.statements), 10**9):
        with pytest.raises(BadInput, match="no such statement"):
            picks.add(filled, answer.id or "", n)
    with pytest.raises(NotFound):
        picks.add(filled, "answer-none", 0)
    no = ask(filled, "What do customers say about the price of tulips in Haarlem?", Filters())
    assert no.abstained
    with pytest.raises(BadInput, match="no statement that could go"):
        picks.add(filled, no.id or "")
    assert listed(filled) == []


def test_a_pick_without_words_is_gone(filled: Library) -> None:
    answer = ask(filled, "Which customers may leave us?", Filters())
    (n,) = [n for n, s in enumerate(answer.statements) if s.quotes[0].call_id == "FC-2"]
    picks.add(filled, answer.id or "", n)
    erase(filled, "FC-2")
    assert listed(filled) == []
