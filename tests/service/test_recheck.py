"""Whatever of a memo carries quotes loses those of a call that is taken away."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.library import Library
from service import author, memo
from service.ledger import shortened
from service.memo import Brief
from service.need_pages import need_pages
from service.quotes import statement
from service.recheck import Verdict, forget, quotes_of, recheck
from service.scope import resolve
from service.shapes import Changes, Filters, FitLine, Memo, ThemeChange
from tests.service.coded import theme

AS_OF = date(2026, 6, 3)


@pytest.fixture
def whole(filled: Library) -> Memo:
    """A memo with a need of two accounts that stands in every field that can hold it."""
    drafted = memo.draft(filled, Brief(filters=Filters(), as_of=AS_OF))
    with filled.read() as connection:
        scope = resolve(connection, Filters())
        said = [("FC-1", 1), ("FC-1", 3), ("FC-1", 6), ("FC-2", 1), ("FC-2", 3)]
        alarm = theme(connection, scope, "An alarm names its freezer", said)
        alarm = alarm.model_copy(
            update={"counter": alarm.evidence[:1], "confidence": "medium", "stable": True}
        )
        pages = tuple(need_pages(connection, [alarm], scope, AS_OF))
    change = ThemeChange(
        theme_id=alarm.id, rank_before=2, rank=1, label=alarm.label, quotes=alarm.evidence
    )
    return drafted.model_copy(
        update={
            "needs": (alarm,),
            "strengths": (alarm,),
            "candidates": (alarm.model_copy(update={"status": "candidate"}),),
            "pages": pages,
            "fit": (FitLine(sentence="S", theme_id=alarm.id, quotes=alarm.evidence[:1]),),
            "changes": Changes(
                memo_id="m",
                as_of=AS_OF,
                calls={"FC-1": "A title, 2026-05-05"},
                heard=(),
                needs=(change,),
                risks=("FRZ-1", "FRZ-2"),
            ),
        }
    )


def without(whole: Memo, *calls: str) -> Memo:
    arr = {"FRZ-1": 400_000.0, "FRZ-2": 250_000.0}
    left = recheck(whole, Verdict(lambda quote: quote.call_id not in calls, arr))
    for call in calls:
        left = forget(left, call)
    return left


def test_no_field_keeps_a_word_of_the_call(whole: Memo) -> None:
    assert any(q.call_id == "FC-1" for q in quotes_of(whole))
    left = without(whole, "FC-1")
    assert not [q for q in quotes_of(left) if q.call_id == "FC-1"]
    body = left.model_dump_json()
    assert "FC-1" not in body
    for words in ("three in the morning", "false alarms in March", "Noor", "A title"):
        assert words not in body


def test_a_smaller_need_is_counted_and_trusted_anew(whole: Memo) -> None:
    left = without(whole, "FC-1")
    (need,) = left.needs
    assert (need.label, need.accounts_n, need.arr_usd) == (
        "An alarm names its freezer",
        1,
        250_000.0,
    )
    assert (need.confidence, need.stable) == ("low", False)
    (page,) = left.pages
    assert page.reason.startswith("1 account in")
    assert {q.account_id for q in page.quotes} == {"FRZ-2"}
    assert page.counter == ()
    (bet,) = [p for p in left.prompts if p.place == "bets"]
    assert "$250,000" in bet.facts
    assert "1 account," in next(s.text for s in left.summary if s.text.startswith("Need 1"))


def test_a_need_without_words_is_gone_with_all_that_speaks_of_it(whole: Memo) -> None:
    left = without(whole, "FC-1", "FC-2")
    assert (left.needs, left.pages, left.candidates) == ((), (), ())
    assert [line.theme_id for line in left.fit] == [None]
    assert left.changes is not None
    assert (left.changes.needs, left.changes.risks) == ((), ())
    actions = [a for week in left.plan for a in week.actions]
    assert not [a for a in actions if "need 1" in a.text]
    assert [p.theme_id for p in left.prompts] == [None] * len(left.prompts)


def test_an_account_goes_on_speaking_with_its_next_words(whole: Memo) -> None:
    first = whole.voices[0].quotes[0]
    left = recheck(whole, Verdict(lambda quote: quote != first, {"FRZ-1": 1.0}))
    voice = left.voices[0]
    assert voice.accounts == ("FRZ-1",)
    assert voice.quotes[0] == whole.voices[0].quotes[1]
    assert voice.text != whole.voices[0].text


def test_what_holds_is_the_very_same_memo(whole: Memo) -> None:
    assert recheck(whole, Verdict(lambda _: True, {})) is whole


def test_prompts_name_what_bears_on_a_bet(whole: Memo) -> None:
    known = author.Known(whole.names, whole.needs, whole.pages, whole.at_risk, whole.coverage)
    bet, *_ = author.prompts(known, vision=False)
    assert bet.facts == "$650,000 a year, 1 renewal in 180 days"
    assert bet.theme_id == whole.needs[0].id


def worded(whole: Memo) -> Memo:
    """The memo with a sentence of a model over both accounts' words, and one over one's."""
    (page,) = whole.pages
    first, second = page.quotes[0], next(q for q in page.quotes if q.account_id == "FRZ-2")
    both = statement("An alarm that names nothing wears people out.", [first, second], {})
    alone = statement("They walk the rooms.", [second], {})
    both, alone = (one.model_copy(update={"by": "model"}) for one in (both, alone))
    page = page.model_copy(update={"behind": (both, *page.behind), "cost": (alone,)})
    bet, *others = whole.prompts
    return whole.model_copy(
        update={
            "pages": (page,),
            "summary": (both,),
            "fit": (whole.fit[0].model_copy(update={"reading": "serves"}),),
            "prompts": (
                bet.model_copy(update={"theme_id": page.theme_id, "proposal": both}),
                *others,
            ),
            "needs": (whole.needs[0].model_copy(update={"by": "model", "definition": "Named."}),),
        }
    )


def test_what_a_model_wrote_rests_on_all_its_quotes(whole: Memo) -> None:
    before = worded(whole)
    assert before.pages[0].behind[0].accounts == ("FRZ-1", "FRZ-2")
    # The second quote of two goes, of another account than the first.
    left = without(before, "FC-2")
    assert "wears people out" not in left.model_dump_json()
    assert "They walk the rooms." not in left.model_dump_json()
    (page,) = left.pages
    texts = [said.text for said in page.behind]
    assert len(texts) == len(set(texts))
    assert all(said.by == "code" for said in (*page.behind, *page.cost, *left.summary))
    assert left.summary[0].text.startswith("Need 1: ")
    assert [p.proposal for p in left.prompts] == [None] * len(left.prompts)
    (need,) = left.needs
    assert need.definition == ""
    assert need.label == shortened(need.evidence[0].text)


def test_what_a_model_wrote_stays_where_nothing_under_it_fell(whole: Memo) -> None:
    before = worded(whole)
    gone = before.voices[-1].quotes[0]
    assert gone.call_id not in ("FC-1", "FC-2")
    left = recheck(before, Verdict(lambda quote: quote != gone, {"FRZ-1": 1.0}))
    assert left.provenance.dropped_quotes == 1
    assert left.summary == before.summary
    assert left.pages[0].behind == before.pages[0].behind
    assert left.fit[0].reading == "serves"


def test_a_reading_goes_with_the_words_beside_it(whole: Memo) -> None:
    before = worded(whole)
    gone = before.fit[0].quotes[0]
    left = recheck(before, Verdict(lambda quote: quote != gone, {}))
    assert left.fit[0].theme_id == before.fit[0].theme_id
    assert left.fit[0].reading is None


def test_the_next_words_speak_where_nothing_else_stands(whole: Memo) -> None:
    before = worded(whole)
    (page,) = before.pages
    both = page.behind[0]
    before = before.model_copy(
        update={"pages": (page.model_copy(update={"behind": (both,), "cost": ()}),)}
    )
    gone = both.quotes[0]
    (left,) = recheck(before, Verdict(lambda quote: quote != gone, {"FRZ-2": 250_000.0})).pages
    (said,) = left.behind
    assert said.quotes == both.quotes[1:]
    assert (said.by, said.accounts, said.arr_usd) == ("code", ("FRZ-2",), 250_000.0)
    assert said.text.startswith("Greta Lind (Pinecrest Clinics): “")
