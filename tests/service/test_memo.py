from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from ingest.errors import NotFound
from ingest.library import Library
from service import memo
from service.memo import Brief
from service.recheck import quotes_of
from service.shapes import Filters, Memo

AS_OF = date(2026, 6, 3)


def drafted(library: Library) -> Memo:
    return memo.draft(
        library, Brief(filters=Filters(), as_of=AS_OF, start=date(2026, 5, 4), vision=None)
    )


def test_a_memo_says_what_was_heard_and_rests_on_it(filled: Library) -> None:
    made = drafted(filled)
    assert (made.day, made.filters.top, made.coverage.accounts_heard) == (30, 20, 4)
    assert [q for q in quotes_of(made) if q.role != "customer"] == [
        q for s in made.internal_ideas for q in s.quotes
    ]
    assert made.summary
    for said in (*made.summary, *made.dissent, *made.internal_ideas):
        first = " ".join(said.quotes[0].text.split())
        assert said.text.rpartition("“")[2].rstrip("”").removesuffix("…") in first
    for item in made.not_now:
        assert item.quotes
    assert made.at_risk[0].account_id == "FRZ-2"
    assert [call.account_id for call in made.next_calls] == ["FRZ-5"]
    assert made.names["FRZ-5"] == "Sable Genomics"
    assert set(made.calls) == {q.call_id for q in quotes_of(made)}


def test_needs_are_shared_and_what_one_account_says_is_not_now(filled: Library) -> None:
    made = drafted(filled)
    assert all(theme.accounts_n > 1 for theme in made.needs)
    assert any("single account" in item.why for item in made.not_now)


def test_our_own_ideas_stand_apart_and_count_for_nothing(filled: Library) -> None:
    made = drafted(filled)
    assert any("hologram" in said.text for said in made.internal_ideas)
    assert {(said.accounts_n, said.arr_usd) for said in made.internal_ideas} == {(0, 0.0)}
    counted = [*made.summary, *made.dissent]
    assert not [s for s in counted if "hologram" in s.text or "mobile app" in s.text]


def test_what_code_cannot_write_is_left_to_the_author(filled: Library) -> None:
    prompts = [q for q in drafted(filled).open_questions if q.startswith("To be written by you")]
    assert len(prompts) >= 3


def test_the_plan_names_accounts_and_quotes_nobody(filled: Library) -> None:
    made = drafted(filled)
    assert [week.week for week in made.plan] == [1, 2, 3, 4]
    assert [horizon.months for horizon in made.horizons] == [3, 6, 9, 12]
    actions = [a for week in made.plan for a in week.actions]
    actions += [a for horizon in made.horizons for a in horizon.bets]
    assert not [a for a in actions if "“" in a.text]
    known = {theme.id for theme in made.needs}
    assert {a.theme_id for a in actions} - {None} <= known
    assert any("Sable Genomics" in a.text for a in actions)


def test_an_empty_home_makes_an_empty_memo(library: Library) -> None:
    made = memo.draft(library, Brief(filters=Filters(), as_of=AS_OF))
    assert (made.summary, made.needs, made.at_risk, made.day) == ((), (), (), 0)
    assert "none found in 0 calls" in made.open_questions[0]


def test_a_memo_is_kept_as_it_was(filled: Library) -> None:
    made = drafted(filled)
    with filled.change() as connection:
        memo.save(connection, made)
        memo.save(connection, made)
    with filled.read() as connection:
        assert memo.load(connection, made.id) == made
        (line,) = memo.list_memos(connection)
        assert (line.id, line.title, line.as_of) == (made.id, made.title, AS_OF)
        with pytest.raises(NotFound):
            memo.load(connection, "memo-none")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE utterances SET text = 'Something else.' WHERE call_id = 'FC-2'",
        "UPDATE speakers SET role = 'internal' WHERE call_id = 'FC-2'",
        "UPDATE calls SET account_id = 'FRZ-5' WHERE call_id = 'FC-2'",
        "UPDATE calls SET state = 'working' WHERE call_id = 'FC-2'",
    ],
    ids=["words", "role", "account", "state"],
)
def test_what_no_longer_holds_is_dropped_on_loading(filled: Library, change: str) -> None:
    made = drafted(filled)
    cited = {(q.utterance, q.text) for q in quotes_of(made) if q.call_id == "FC-2"}
    with filled.change() as connection:
        memo.save(connection, made)
        connection.execute(sa.text(change))
        left = memo.load(connection, made.id)
    assert cited
    assert left.provenance.dropped_quotes == len(cited)
    assert not [q for q in quotes_of(left) if q.call_id == "FC-2"]
    assert "FRZ-2" not in [account.account_id for account in left.at_risk]


def test_a_withdrawn_call_leaves_no_word_behind(filled: Library) -> None:
    made = drafted(filled)
    with filled.change() as connection:
        memo.save(connection, made)
        memo.withdraw(connection, "FC-1")
        body = connection.scalar(sa.text("SELECT body FROM memos"))
        left = memo.load(connection, made.id)
    assert "FC-1" not in body
    for words in ("three in the morning", "Eleven false alarms", "wonderful", "Noor"):
        assert words not in body
    for said in left.summary:
        assert "FRZ-1" not in said.accounts
