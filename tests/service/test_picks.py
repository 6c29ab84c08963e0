"""What is picked for the memo: statements of kept answers, never of whoever asks for it."""

from __future__ import annotations

import pytest

from ingest.errors import BadInput, NotFound
from ingest.library import Library
from service import picks
from service.answer_history import ask
from service.answer_recheck import recheck_one
from service.erase import erase
from service.gist import Known
from service.quotes import Spoken, cut, statement
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


def test_a_pick_keeps_the_words_of_all_that_are_left() -> None:
    said = [(f"C-{a}", f"Words of {a}.", a) for a in "ABC"]
    a, b, c = (
        cut(Spoken(call, 0, words, "Speaker", "customer", 0.0, account, 1.0, 2.0))
        for call, words, account in said
    )
    known = Known(names={"A": "Ash", "B": "Birch", "C": "Cedar"}, arr={"B": 30.0, "C": 5.0})
    whole = statement("All are late.", [a, b, c], known.arr).model_copy(update={"by": "model"})
    left = recheck_one(whole, lambda quote: quote != a, known)
    assert left is not None
    assert (left.text, left.by) == ("Speaker (Birch): “Words of B.”", "code")
    assert (left.quotes, left.accounts, left.arr_usd) == ((b, c), ("B", "C"), 35.0)
    ours = whole.model_copy(update={"accounts": (), "accounts_n": 0, "arr_usd": 0.0})
    left = recheck_one(ours, lambda quote: quote != a, known)
    assert left is not None
    assert (left.quotes, left.accounts, left.arr_usd) == ((b, c), (), 0.0)
