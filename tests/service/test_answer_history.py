"""Answers are kept as they were given, less what no longer holds."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.erasures import Erasures
from ingest.errors import NotFound
from ingest.library import Library
from ingest.tables import answers, calls, speakers
from service import answer_history, codebook, picks
from service.answer_history import ask, keep, list_answers, load
from service.answer_recheck import quotes_of, recheck
from service.codebook import NewCode
from service.erase import erase
from service.gist import Known
from service.quotes import Spoken, cut, statement
from service.shapes import Answer, Filters, Provenance, Quote
from tests.conftest import ON_POSTGRESQL

NEEDS = "What do customers need?"
# As it stands in FC-2 (tests/corpus.py).
SAID = "my night staff have started to switch it off"


def lines(library: Library, limit: int = 50, before: str | None = None) -> list[str]:
    with library.read() as connection:
        return [one.id for one in list_answers(connection, limit, before)]


def given(library: Library, question: str = NEEDS, filters: Filters | None = None) -> Answer:
    answer = ask(library, question, filters or Filters())
    assert answer.id is not None
    return answer


def again(library: Library, answer: Answer) -> Answer:
    with library.read() as connection:
        return load(connection, answer.id or "").answer


def test_an_answer_is_given_back_as_it_was(filled: Library) -> None:
    answer = given(filled, NEEDS, Filters(top=3))
    with filled.read() as connection:
        found = load(connection, answer.id or "")
    assert found.answer == answer
    assert (found.asked, found.withdrawn, found.calls_since) == (Filters(top=3), 0, 0)
    with filled.change() as connection:  # as if the call had come in later
        connection.execute(
            calls.update().where(calls.c.call_id == "FC-1").values(created_at=found.asked_at.max)
        )
    with filled.read() as connection:
        assert load(connection, answer.id or "").calls_since == 1


def test_the_same_again_is_kept_once_and_is_the_newest(filled: Library) -> None:
    first, other = given(filled), given(filled, "Which customers may leave us?")
    assert lines(filled) == [other.id, first.id]
    assert given(filled).id == first.id
    assert lines(filled) == [first.id, other.id]
    narrower = given(filled, NEEDS, Filters(top=2))
    assert narrower.id not in (first.id, other.id)
    erase(filled, "FC-4")
    assert given(filled).id not in (first.id, other.id, narrower.id)


def test_the_list_is_paged(filled: Library) -> None:
    asked = [given(filled, f"What do customers say about alarm {n}?").id for n in range(5)]
    assert lines(filled, 2) == [asked[4], asked[3]]
    assert lines(filled, 2, asked[3]) == [asked[2], asked[1]]
    assert lines(filled, 2, asked[1]) == [asked[0]]
    with pytest.raises(NotFound, match="There is no answer 'none'"):
        lines(filled, 2, "none")


def test_deleting_one_leaves_the_others_and_the_picks(filled: Library) -> None:
    one, other = given(filled), given(filled, "Which customers may leave us?")
    (pick, *_) = picks.add(filled, one.id or "", 0)
    answer_history.remove(filled, one.id or "")
    assert lines(filled) == [other.id]
    with filled.read() as connection:
        (kept,) = picks.listed(connection)
        with pytest.raises(NotFound):
            load(connection, one.id or "")
    assert (kept.id, kept.answer_id) == (pick.id, None)
    with pytest.raises(NotFound):
        answer_history.remove(filled, one.id or "")


def test_a_corrected_role_withdraws_the_quotes(filled: Library) -> None:
    answer = given(filled)
    assert any(q.call_id == "FC-2" for q in quotes_of(answer))
    with filled.change() as connection:
        connection.execute(
            speakers.update().where(speakers.c.call_id == "FC-2").values(role="internal")
        )
    with filled.read() as connection:
        found = load(connection, answer.id or "")
    assert found.withdrawn > 0
    assert not [q for s in found.answer.statements for q in s.quotes if q.call_id == "FC-2"]


def test_an_erased_call_leaves_no_word_in_answers_and_picks(
    filled: Library, filled_home: Path
) -> None:
    code = NewCode(label="An alarm names its freezer", examples=(SAID,))
    codebook.put_codes(filled, [code])
    asked = [NEEDS, "Which customers may leave us?", f"Who said that {SAID} and why?"]
    answers_given = [given(filled, question) for question in asked]
    for answer in answers_given:
        if answer.statements:
            picks.add(filled, answer.id or "")
    files = [p for p in filled_home.rglob("*") if p.is_file()]
    words = (b"staff have started to switch", b"walking the rooms by hand", b"Boreal")
    for sought in words:
        assert any(sought in p.read_bytes() for p in files), "else the test could not fail"

    erase(filled, "FC-2")

    for answer in answers_given:
        left = again(filled, answer)
        assert not [q for q in quotes_of(left) if q.call_id == "FC-2"]
    with filled.read() as connection:
        assert not [
            q for p in picks.listed(connection) for q in p.statement.quotes if q.call_id == "FC-2"
        ]
        bodies = str(connection.execute(sa.select(answers)).all())
    assert "night staff" not in bodies
    filled.close()
    for sought in words:
        assert not [p for p in filled_home.rglob("*") if p.is_file() and sought in p.read_bytes()]


def test_an_answer_that_lost_its_call_while_it_was_made_keeps_none_of_it(filled: Library) -> None:
    from service.ask import ask as only_ask

    made = only_ask(filled, NEEDS)
    dropped = {
        "dropped_quotes": 1,
        "dropped": ({"text": f"They said {SAID}.", "why": "no"},),
    }
    made = made.model_copy(update={"provenance": Provenance.model_validate(dropped)})
    erase(filled, "FC-2")
    kept = keep(filled, Filters(), made, Erasures(0, 0))
    assert kept.statements
    with filled.read() as connection:
        found = load(connection, kept.id or "")
    assert found.withdrawn == kept.provenance.dropped_quotes - 1
    assert "night staff" not in kept.model_dump_json()
    assert "night staff" not in again(filled, kept).model_dump_json()


@pytest.mark.skipif(ON_POSTGRESQL, reason="how a database is full differs; SQLite's is quick")
def test_an_answer_is_not_lost_when_it_cannot_be_kept(filled: Library) -> None:
    filled.engine.dispose()

    @sa.event.listens_for(filled.engine, "checkout")
    def fill_up(raw: sqlite3.Connection, *_: object) -> None:
        raw.execute("PRAGMA max_page_count = 1")  # no page more than there are

    many = [ask(filled, NEEDS, Filters(top=n)) for n in range(1, 30)]
    assert all(answer.question == NEEDS for answer in many)
    assert many[-1].id is None


# --- what is left of a statement -----------------------------------------------------------------

KNOWN = Known(
    names={"A": "Ashgrove", "B": "Birch", "C": "Cedar"}, arr={"A": 100.0, "B": 30.0, "C": 5.0}
)


def quotes() -> list[Quote]:
    said = [(f"C-{a}", f"Words of {a}.", a) for a in "ABC"]
    return [
        cut(Spoken(call, 0, words, "Speaker", "customer", 0.0, account, 1.0, 2.0))
        for call, words, account in said
    ]


def of(*statements: object) -> Answer:
    empty = Answer.model_validate(
        {
            "question": "Q",
            "kind": "aggregate",
            "filters": Filters(),
            "coverage": {
                "accounts_in_scope": 3,
                "accounts_heard": 3,
                "accounts_silent": (),
                "calls_read": 3,
                "arr_in_scope_usd": 135.0,
                "arr_heard_usd": 135.0,
            },
            "abstained": False,
            "reason": None,
            "statements": (),
        }
    )
    return empty.model_copy(update={"statements": statements})


def test_a_count_is_counted_anew() -> None:
    a, b, c = quotes()
    text = "Late: again: 4 accounts worth $635 a year, 2 of the Top 20. The rankings disagree."
    whole = statement(text, [a, b, c], KNOWN.arr)
    whole = whole.model_copy(update={"accounts": ("A", "B", "C", "D"), "accounts_n": 4})
    (left,) = recheck(of(whole), lambda q: q != b, KNOWN).statements
    assert left.text == "Late: again: 3 accounts worth $105 a year."
    assert (left.accounts, left.accounts_n, left.arr_usd) == (("A", "C", "D"), 3, 105.0)
    assert left.quotes == (a, c)


def test_a_model_s_sentence_goes_with_any_of_its_quotes() -> None:
    a, b, c = quotes()
    whole = statement("All of them are late.", [a, b, c], KNOWN.arr)
    whole = whole.model_copy(update={"by": "model"})
    left = recheck(of(whole), lambda q: q != a, KNOWN)
    assert [s.text for s in left.statements] == [
        "Speaker (Birch): “Words of B.”",
        "Speaker (Cedar): “Words of C.”",
    ]
    assert [s.by for s in left.statements] == ["code", "code"]
    assert left.provenance.dropped_quotes == 1


def test_one_account_speaks_on_with_its_next_words() -> None:
    a, _, _ = quotes()
    other = a.model_copy(update={"utterance": 9, "text": "More of A."})
    whole = statement("Speaker (Ashgrove): “Words of A.”", [a, other], KNOWN.arr)
    (still,) = recheck(of(whole), lambda q: q != other, KNOWN).statements
    assert (still.text, still.quotes) == (whole.text, (a,))
    (anew,) = recheck(of(whole), lambda q: q != a, KNOWN).statements
    assert (anew.text, anew.quotes) == ("Speaker (Ashgrove): “More of A.”", (other,))
    assert recheck(of(whole), lambda _: False, KNOWN).statements == ()


def test_what_holds_is_the_very_same() -> None:
    whole = of(statement("Words.", quotes(), KNOWN.arr))
    assert recheck(whole, lambda _: True, KNOWN) is whole
