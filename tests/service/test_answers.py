"""The frame of answers, and that every answer keeps to the contract, whatever is asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import BadInput
from ingest.library import Library, Options
from ingest.search import Hit
from service.answers import (
    PER_ACCOUNT,
    abstain,
    answer,
    by_account,
    each,
    places_of,
    quotes_at,
    voiced,
)
from service.ask import ask
from service.codebook import NewCode, put_codes
from service.question import Known, Understood, understand
from service.scope import Scope, resolve
from service.shapes import Answer, Filters, Quote
from tests import contract
from tests.service.spoken import hold, places

TODAY = date(2026, 6, 10)


@pytest.fixture(scope="module")
def home(_filled_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("answers") / "home"
    shutil.copytree(_filled_once, folder)
    library = Library(folder, Options(models=folder / "models"))
    hold(library, "N-1", None, [("v", "And ice?"), ("c", "We chip the ice off, it is a pain.")])
    put_codes(
        library,
        [
            NewCode(
                label="Alarms that do not say which freezer",
                definition="A false alarm at night does not tell which freezer it is.",
            )
        ],
    )
    yield library
    library.close()


def everywhere(library: Library) -> Scope:
    with library.read() as connection:
        return resolve(connection, Filters())


def quotes(library: Library, *at: tuple[str, int]) -> list[Quote]:
    with library.read() as connection:
        return quotes_at(connection, at, ("alarm",))


def sound(found: Answer) -> None:
    """What holds of every answer."""
    contract.check(found.model_dump(mode="json"), contract.ANSWER)
    told = (*found.statements, *found.counter, *found.nearest)
    for statement in told:
        assert {q.role for q in statement.quotes} == {"customer"}
        assert {q.account_id for q in statement.quotes} - {None} <= set(statement.accounts)
        assert statement.accounts_n == len(set(statement.accounts)) == len(statement.accounts)
    for statement in found.internal:
        assert (statement.accounts_n, statement.arr_usd) == (0, 0)
        assert {q.role for q in statement.quotes} == {"internal"}
    if found.abstained:
        assert found.statements == ()
        assert found.reason


# --- the frame --------------------------------------------------------------------------------


def test_quotes_keep_their_order_come_once_and_hearsay_comes_last(home: Library) -> None:
    asked = [("FC-2", 6), ("FC-3", 1), ("FC-1", 1), ("FC-3", 1), ("FC-9", 0), ("FC-1", 99)]
    found = quotes(home, *asked)
    assert [(q.call_id, q.utterance, q.hand) for q in found] == [
        ("FC-3", 1, "first"),
        ("FC-1", 1, "first"),
        ("FC-2", 6, "third"),
    ]
    assert quotes(home) == []


def test_a_long_utterance_found_twice_is_one_place() -> None:
    hits = [
        Hit(call_id, i, score=0.9, first=i, last=i, keyword=0.5, cosine=0.5)
        for call_id, i in (("C1", 3), ("C2", 1), ("C1", 3))
    ]
    assert places_of(hits) == [("C1", 3), ("C2", 1)]


def test_statements_by_account_come_by_revenue_with_a_few_quotes_each(home: Library) -> None:
    scope = everywhere(home)
    found = by_account(
        quotes(home, ("N-1", 1), ("FC-4", 1), *(("FC-1", i) for i in (8, 6, 3, 1)), ("FC-3", 1)),
        scope,
    )
    assert [s.accounts for s in found] == [("FRZ-1",), ("FRZ-3",), ("FRZ-4",), ()]
    assert [s.arr_usd for s in found] == [400_000, 90_000, 30_000, 0]
    assert [q.utterance for q in found[0].quotes] == [8, 6, 3]
    assert len(found[0].quotes) == PER_ACCOUNT
    assert found[0].text.startswith("Noor Haddad (Marlowe Biobank): “")
    assert found[-1].text.startswith("Ada Moss (no account): “")


def test_each_quote_may_stand_alone(home: Library) -> None:
    scope = everywhere(home)
    told = quotes(home, ("FC-1", 1), ("FC-1", 3))
    assert [s.quotes for s in each(told, scope)] == [(told[0],), (told[1],)]
    assert voiced(told, scope).quotes == tuple(told)
    assert voiced(told, scope).arr_usd == 400_000


def test_an_answer_and_a_no(home: Library) -> None:
    scope = everywhere(home)
    asked = understand("Who has alarms?", Known(()), Filters())
    told = each(quotes(home, ("FC-1", 1)), scope)
    yes = answer(asked, scope, iter(told), nearest=iter(told))
    assert (yes.abstained, yes.reason) == (False, None)
    assert yes.statements == yes.nearest == tuple(told)
    no = abstain(asked, scope, "Nobody did.", nearest=iter(told), internal=())
    assert (no.abstained, no.reason, no.statements) == (True, "Nobody did.", ())
    assert no.nearest == tuple(told)
    for found in (yes, no):
        assert found.question == "Who has alarms?"
        assert found.coverage.accounts_silent == ("FRZ-5",)
        assert (found.coverage.accounts_heard, found.coverage.calls_read) == (4, 5)
        sound(found)


# --- whatever is asked ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "What do our top customers need?",
        "What do customers like?",
        "Which customers are at risk, and why?",
        "Which competitors came up?",
        "How many accounts have false alarms that do not say which freezer it is?",
        "Do enterprise and smb customers differ about the false alarm?",
        "How do the people at Marlowe differ?",
        "Do the calls bear out the CRM health of Marlowe and Quay?",
        "Which customers have we not spoken to?",
        "Who walks the rooms by hand, and how often?",
        "When will the hologram lid ship?",
        "Which customers asked for a Klingon translation?",
        "What do accounts renewing in the next three months need?",
        "What do at-risk customers need?",
        "Who chips off ice?",
        # Odd ones.
        "alarm " * 333,
        "Was sagen unsere Kunden über Gefrierschränke?",
        "冷凍庫の警報はどうですか",
        "ما رأيكم في الإنذار؟",
        'alarm AND freezer OR NOT "door" NEAR(alarm door, 2) * ^ : { } + -',
        "' OR 1=1 --", "alarm*", "NEAR", "AND", "text:alarm", "_",
        "alarm\x00freezer", "\x00alarm", "alarm\ud800", "a\u202ealarm",
        "{{question}} ${home} %s", "<script>alert(1)</script>", "\u0301\u0301 é ﬁ ß İ",
    ],
)  # fmt: skip
def test_every_answer_keeps_to_the_contract(home: Library, question: str) -> None:
    sound(ask(home, question, today=TODAY))


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("alarm freezer* AND NOT (which)", ("FC-2", 1)),
        ('"signed" record NEAR auditors', ("FC-3", 1)),
        ("auditors\x00signed\nrecord", ("FC-3", 1)),
    ],
)
def test_operators_are_words(home: Library, question: str, place: tuple[str, int]) -> None:
    found = ask(home, question, today=TODAY)
    near = [(q.call_id, q.utterance) for s in found.nearest for q in s.quotes]
    assert place in {*places(found), *near[:2]}


@pytest.mark.parametrize("question", ["x" * 2000, "alarm " * 333 + "ab"])
def test_two_thousand_characters_are_a_question_and_one_more_is_none(
    home: Library, question: str
) -> None:
    assert len(question) == 2000
    sound(ask(home, question, today=TODAY))
    with pytest.raises(BadInput, match="2,001 characters"):
        ask(home, question + "y")


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(
                """which how many customers accounts alarm freezer since May between 3 and 5 June
                top 20 enterprise smb differ health crm Marlowe Quay Noor Boreal renew before calls
                not spoken like love leave competitors ice AND OR NEAR( * " ' at-risk""".split()
            ),
        ),
        max_size=10,
    ).map(" ".join)
)
def test_no_question_breaks_it(home: Library, question: str) -> None:
    try:
        found = ask(home, question, today=TODAY)
    except BadInput as problem:
        assert "question" in str(problem)  # noqa: PT017 - empty ones are refused
    else:
        sound(found)


@pytest.mark.parametrize(
    ("question", "filters", "reason"),
    [
        ("What do customers need?", Filters(accounts=()), "No account fits"),
        ("What do customers need?", Filters(tier="smb", region="APAC"), "No account lies within"),
        ("What do customers need?", Filters(top=1, tier="smb"), "No account lies within"),
        ("What do customers need?", Filters(since=date(2030, 1, 1)), "No call lies within"),
        ("Who has alarms?", Filters(until=date(2020, 1, 1)), "No call lies within"),
        ("How many accounts have alarms?", Filters(until=date(2020, 1, 1)), "No call lies within"),
        ("What do customers need?", Filters(accounts=("FRZ-5",)), "There is no call with Sable"),
        ("What do customers need?", Filters(region="APAC"), "No call lies within"),
    ],
)
def test_filters_that_leave_nothing_get_one_sentence(
    home: Library, question: str, filters: Filters, reason: str
) -> None:
    found = ask(home, question, filters, today=TODAY)
    sound(found)
    assert found.abstained
    assert (found.reason or "").startswith(reason)
    assert (found.reason or "").count(".") == 1
    assert (found.internal, found.nearest) == ((), ())


@pytest.mark.parametrize(
    "filters",
    [
        Filters(tier="gold"),
        Filters(region="Mars"),
        Filters(accounts=("NO-1",)),
        Filters(since=date(2026, 2, 1), until=date(2026, 1, 1)),
    ],
)
def test_a_filter_that_names_nothing_is_refused(home: Library, filters: Filters) -> None:
    with pytest.raises(BadInput):
        ask(home, "What do customers need?", filters)


def test_what_was_asked_stands_in_the_answer(home: Library) -> None:
    found = ask(home, "  What do\tour top\n5 customers need? ", Filters(region="EMEA"))
    assert found.question == "What do our top 5 customers need?"
    assert (found.filters.top, found.filters.region) == (5, "EMEA")
    assert found.coverage.accounts_in_scope == 3


@pytest.mark.parametrize("question", ["🔥🔥🔥 🧊", '"', "*", '""', "(((", "%", "?", "…"])
def test_a_question_without_words_is_refused(home: Library, question: str) -> None:
    with pytest.raises(BadInput, match="has no words"):
        ask(home, question)


def as_understood(question: str) -> Understood:
    return understand(question, Known(()), Filters())


@given(st.text(max_size=60))
def test_understanding_never_fails_but_on_nothing(question: str) -> None:
    try:
        asked = as_understood(question)
    except BadInput:
        assert not any(c.isalnum() or c == "_" for c in question if c.isprintable())
    else:
        assert asked.text
        assert asked.text.isprintable()
        assert as_understood(asked.text) == asked
