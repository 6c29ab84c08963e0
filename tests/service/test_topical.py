"""Questions about a matter over many accounts, over the small corpus of tests/corpus.py."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.corrections import SpeakerFix, correct
from ingest.library import Library
from ingest.models import Account
from ingest.store import put_accounts
from service.ask import ask
from service.codebook import NewCode, judge, put_codes
from service.erase import erase
from service.scope import resolve
from service.shapes import Answer, Filters
from service.topical import Told, counted
from tests.service.spoken import hold, places

ALARMS = NewCode(
    label="Alarms that do not say which freezer",
    definition="A false alarm wakes people at night and does not tell which freezer it is.",
)
EXPORT = NewCode(
    label="Signed temperature records for auditors",
    definition="Temperature data must reach the auditor signed, without retyping.",
    kind="request",
)
HOW_MANY = "How many accounts have false alarms that do not say which freezer it is?"


SAY = "What do customers say about {}?"


def first(answer: Answer) -> tuple[set[str], int, float]:
    one = answer.statements[0]
    return set(one.accounts), one.accounts_n, one.arr_usd


@pytest.mark.parametrize("codes", [(), (ALARMS, EXPORT)])
def test_who_spoke_of_it_is_counted_with_or_without_a_code(
    filled: Library, codes: tuple[NewCode, ...]
) -> None:
    put_codes(filled, codes)
    answer = ask(filled, HOW_MANY)
    assert (answer.kind, answer.abstained) == ("count", False)
    assert first(answer) == ({"FRZ-1", "FRZ-2"}, 2, 650_000)
    text = answer.statements[0].text
    assert text.removeprefix(f"{ALARMS.label}: ").startswith("2 accounts worth $650,000 a year: ")
    assert text.startswith(ALARMS.label) is bool(codes)
    assert text.endswith(": Marlowe Biobank, Pinecrest Clinics.")
    # One quote of each who is counted, then each in its own words, most revenue first.
    assert {q.account_id for q in answer.statements[0].quotes} == {"FRZ-1", "FRZ-2"}
    assert len(answer.statements[0].quotes) == 2
    assert [s.accounts for s in answer.statements[1:]] == [("FRZ-1",), ("FRZ-2",)]


def test_without_a_count_asked_for_and_without_a_code_there_is_none(filled: Library) -> None:
    answer = ask(filled, "Which customers have false alarms?")
    assert answer.kind == "aggregate"
    assert [s.accounts for s in answer.statements] == [("FRZ-1",), ("FRZ-2",)]
    put_codes(filled, [ALARMS, EXPORT])
    assert (
        "2 accounts worth" in ask(filled, "Which customers have false alarms?").statements[0].text
    )


def test_what_is_asked_in_a_scope_is_cut_to_it(filled: Library) -> None:
    put_codes(filled, [ALARMS, EXPORT])
    for filters, accounts in (
        (Filters(region="North America"), {"FRZ-2"}),
        (Filters(segment="Research"), {"FRZ-1"}),
        (Filters(top=1), {"FRZ-1"}),
        (Filters(since=date(2026, 5, 10)), {"FRZ-2"}),
    ):
        answer = ask(filled, HOW_MANY, filters)
        assert first(answer)[0] == accounts
        assert {q.account_id for s in answer.statements for q in s.quotes} == accounts
        assert answer.statements[0].text.startswith(f"{ALARMS.label}: 1 account worth $")
    nobody = ask(filled, HOW_MANY, Filters(tier="smb"))
    assert nobody.abstained
    assert (nobody.reason or "").startswith("No customer")


def test_what_was_not_spoken_of_gets_a_no(filled: Library) -> None:
    put_codes(filled, [ALARMS, EXPORT])
    for question, reason in (
        ("How many accounts want parking for delivery vans?", "spoke of it in the calls in scope."),
        ("Which customers bake sourdough bread?", "spoke of it in the calls in scope."),
        ("Which customers want an app in Klingon?", "mentioned Klingon in the calls in scope."),
    ):
        answer = ask(filled, question)
        assert answer.abstained
        assert answer.statements == ()
        assert answer.reason == f"No customer {reason}"


def test_a_judgement_counts_and_hearsay_and_ours_do_not(filled: Library) -> None:
    code = put_codes(filled, [ALARMS, EXPORT])[0]
    hold(
        filled,
        "N-1",
        "FRZ-5",
        [
            ("v", "The false alarm does not say which freezer it is, we know, and we hate it."),
            ("c", "Other labs I talk to all say the alarm does not say which freezer it is."),
        ],
    )
    answer = ask(filled, HOW_MANY)
    assert "FRZ-5" not in first(answer)[0]
    assert ("N-1", 1) not in places(answer)
    for statement in answer.internal:
        assert (statement.accounts, statement.arr_usd) == ((), 0)
    judge(filled, code.id, "FC-4", 1, "confirm")
    assert "FRZ-4" in first(ask(filled, HOW_MANY))[0]
    judge(filled, code.id, "FC-4", 1, "reject")
    assert "FRZ-4" not in first(ask(filled, HOW_MANY))[0]


@pytest.mark.parametrize("codes", [(), (ALARMS, EXPORT)])
def test_contentment_stands_against_it(filled: Library, codes: tuple[NewCode, ...]) -> None:
    put_codes(filled, codes)
    hold(
        filled,
        "N-1",
        "FRZ-5",
        [
            ("v", "Are false alarms hard on you?"),
            ("c", "No, the alarm is not a problem. Our alarm always says which freezer it is."),
        ],
    )
    answer = ask(filled, HOW_MANY)
    assert "FRZ-5" not in first(answer)[0]
    assert "FRZ-5" in {a for s in answer.counter for a in s.accounts}


def test_two_calls_are_one_account_and_two_of_a_name_are_two(filled: Library) -> None:
    told = [
        ("v", "What is hard?"),
        ("c", "The alarm rings at night and does not say which freezer it is, it is awful."),
        ("v", "How often?"),
        ("c", "A false alarm every week, and nobody can tell which freezer it is."),
    ]
    put_codes(filled, [ALARMS, EXPORT])
    with filled.change() as connection:
        twin = Account(account_id="FRZ-5", name="Marlowe Biobank", arr_usd=None)
        put_accounts(connection, [twin])
    hold(filled, "N-1", "FRZ-1", told)
    hold(filled, "N-2", "FRZ-5", told)
    accounts, count, arr = first(ask(filled, HOW_MANY))
    assert {"FRZ-1", "FRZ-5"} <= accounts
    assert count == len(accounts)
    assert arr == sum({"FRZ-1": 400_000, "FRZ-2": 250_000}.get(a, 0) for a in accounts)


def test_a_call_without_account_is_quoted_and_adds_nothing(filled: Library) -> None:
    code = put_codes(filled, [ALARMS, EXPORT])[0]
    hold(filled, "N-1", None, [("v", "And ice?"), ("c", "We chip the ice off, it is a pain.")])
    for place in (("N-1", 1), ("FC-1", 1), ("FC-2", 1)):
        judge(filled, code.id, *place, "confirm")
    answer = ask(filled, HOW_MANY)
    assert first(answer) == ({"FRZ-1", "FRZ-2"}, 2, 650_000)
    assert ("N-1", 1) in {(q.call_id, q.utterance) for q in answer.statements[0].quotes}
    assert answer.statements[-1].accounts == ()
    assert "(no account)" in answer.statements[-1].text


def test_the_next_answer_knows_of_every_change(filled: Library) -> None:
    put_codes(filled, [ALARMS, EXPORT])
    assert first(ask(filled, HOW_MANY)) == ({"FRZ-1", "FRZ-2"}, 2, 650_000)
    with filled.change() as connection:
        put_accounts(
            connection, [Account(account_id="FRZ-2", name="Pinecrest Group", arr_usd=900_000)]
        )
    answer = ask(filled, HOW_MANY)
    assert first(answer) == ({"FRZ-1", "FRZ-2"}, 2, 1_300_000)
    assert answer.statements[0].text.endswith(": Pinecrest Group, Marlowe Biobank.")
    erase(filled, "FC-1")
    assert first(ask(filled, HOW_MANY))[0] == {"FRZ-2"}
    correct(filled, "FC-2", speakers={"Greta Lind": SpeakerFix(role="internal")})
    assert ask(filled, HOW_MANY).abstained


def test_a_count_has_one_quote_of_each_and_everybodys_revenue(filled: Library) -> None:
    before = ask(filled, "Which customers have false alarms?")
    quotes = [q for s in before.statements for q in s.quotes]
    with filled.read() as connection:
        scope = resolve(connection, Filters())
    told = counted(Told((), (), "Alarms"), quotes, scope)
    assert told.text == (
        "Alarms: 2 accounts worth $650,000 a year: Marlowe Biobank, Pinecrest Clinics."
    )
    assert told.quotes == (quotes[0], next(q for q in quotes if q.account_id == "FRZ-2"))
    alone = counted(Told((), ()), quotes[:1], scope)
    assert alone.text == "1 account worth $400,000 a year: Marlowe Biobank."


def test_of_few_calls_what_was_said_outright_is_enough(library: Library) -> None:
    told = "Every Friday the payroll export drops the overtime lines and it is a nightmare."
    hold(library, "N-1", None, [("v", "What is hardest for you this month?"), ("c", told)])
    assert [q.text for s in ask(library, SAY.format("overtime")).statements for q in s.quotes] == [
        told
    ]
    for matter in ("parking", "overtime in Spain"):
        assert ask(library, SAY.format(matter)).abstained
