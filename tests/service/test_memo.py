from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from ingest.errors import NotFound
from ingest.library import Library
from service import memo
from service.drafting import draft_and_save
from service.erase import erase
from service.gone import gone
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
    own = [q for s in made.internal_ideas for q in s.quotes]
    assert {q for q in quotes_of(made) if q.role != "customer"} == set(own)
    assert made.summary
    for said in (*made.summary, *made.voices, *made.liked, *made.verify, *made.internal_ideas):
        first = " ".join(said.quotes[0].text.split())
        assert said.text.rpartition("“")[2].rstrip("”").removesuffix("…") in first
    assert made.at_risk[0].account_id == "FRZ-2"
    assert [call.account_id for call in made.next_calls if not call.second_voice] == ["FRZ-5"]
    assert made.names["FRZ-5"] == "Sable Genomics"
    assert set(made.calls) == {q.call_id for q in quotes_of(made)}
    assert made.read == ("FC-1", "FC-2", "FC-3", "FC-4")


def test_without_a_confirmed_theme_the_accounts_speak_and_nothing_is_ranked(
    filled: Library,
) -> None:
    made = drafted(filled)
    assert (made.needs, made.pages, made.strengths) == ((), (), ())
    assert [said.accounts for said in made.voices] == [
        ("FRZ-1",),
        ("FRZ-2",),
        ("FRZ-3",),
        ("FRZ-4",),
    ]
    assert {theme.status for theme in made.candidates} <= {"candidate"}
    assert [said.text.split(":")[0] for said in made.summary[:3]] == ["Heard"] * 3
    assert any(said.text.startswith("Protect: Wren Abara") for said in made.summary)
    assert any("No theme is confirmed" in question for question in made.open_questions)


def test_who_may_leave_is_said_by_when_and_in_their_words(filled: Library) -> None:
    made = drafted(filled)
    (first,) = [a for a in made.at_risk if a.threat]
    assert (first.account_id, first.health, first.in_scope) == ("FRZ-2", "yellow", True)
    (said,) = [s for s in made.summary if s.text.startswith("May leave")]
    assert said.text.startswith("May leave by 15 September 2026: Greta Lind (Pinecrest Clinics)")
    assert "we will leave" in said.quotes[0].text


def test_health_that_the_calls_contradict_is_shown_with_their_words(filled: Library) -> None:
    (check,) = drafted(filled).health
    assert (check.account_id, check.health, check.reading) == ("FRZ-4", "red", "content")
    assert "it just works" in check.statements[0].text


def test_hearsay_is_a_lead_and_counts_for_nobody(filled: Library) -> None:
    made = drafted(filled)
    (lead,) = made.verify
    assert lead.quotes[0].hand == "third"
    assert "mobile app" in lead.text
    assert (lead.accounts, lead.arr_usd) == ((), 0.0)
    counted = [s for a in made.at_risk for s in a.statements] + [*made.summary, *made.voices]
    assert not [s for s in counted if "mobile app" in s.text]


def test_our_own_ideas_stand_apart_and_count_for_nothing(filled: Library) -> None:
    made = drafted(filled)
    assert any("hologram" in said.text for said in made.internal_ideas)
    (idea,) = [n for n in made.not_now if n.sort == "idea"]
    assert "unprompted" in idea.reopens
    assert [q.text for q in idea.replies] == ["Sure, sounds neat, send me something."]
    assert {(said.accounts_n, said.arr_usd) for said in made.internal_ideas} == {(0, 0.0)}
    counted = [*made.summary, *made.dissent]
    assert not [s for s in counted if "hologram" in s.text or "mobile app" in s.text]


def test_what_code_cannot_write_is_left_to_the_author(filled: Library) -> None:
    places = [prompt.place for prompt in drafted(filled).prompts]
    assert places == ["bets", "decisions", "decisions", "fit", "horizons"]


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
    assert (made.open_questions, made.voices, made.read) == ((), (), ())


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
    first = drafted(filled)
    vision = "An alarm says which freezer it is. Staff never walk the rooms at night."
    made = memo.draft(filled, Brief(filters=Filters(), as_of=AS_OF, vision=vision, before=first))
    with filled.change() as connection:
        memo.save(connection, made)
        stored = sa.text("SELECT CAST(body AS TEXT) FROM memos")
        assert "three in the morning" in connection.scalar(stored)
        memo.withdraw(connection, gone(connection, "FC-1"))
        body = connection.scalar(stored)
        left = memo.load(connection, made.id)
    assert "FC-1" not in body
    for words in ("three in the morning", "Eleven false alarms", "wonderful", "Noor", "neat"):
        assert words not in body
    for said in (*left.summary, *left.voices):
        assert "FRZ-1" not in said.accounts


def test_a_draft_is_compared_with_the_last_of_the_same_filters(filled: Library) -> None:
    first = draft_and_save(filled, filters=Filters(), today=AS_OF)
    assert first.changes is None
    again = draft_and_save(filled, filters=Filters(), today=AS_OF)
    assert again.changes is not None
    assert (again.changes.memo_id, again.changes.calls, again.changes.risks) == (first.id, {}, ())
    other = draft_and_save(filled, filters=Filters(segment="Health"), today=AS_OF)
    assert other.changes is None


def test_a_new_call_shows_as_what_changed(filled: Library) -> None:
    draft_and_save(filled, filters=Filters(), today=AS_OF)
    erase(filled, "FC-2")
    before = draft_and_save(filled, filters=Filters(), today=AS_OF)
    assert before.changes is not None
    # What was erased is gone from the memo before, too: it cannot be told that it was there.
    assert before.changes.no_longer_at_risk == ()
    with filled.change() as connection:
        connection.execute(sa.text("UPDATE calls SET account_id = 'FRZ-5' WHERE call_id = 'FC-3'"))
    now = draft_and_save(filled, filters=Filters(), today=AS_OF)
    assert now.changes is not None
    assert now.changes.heard == ("FRZ-5",)
