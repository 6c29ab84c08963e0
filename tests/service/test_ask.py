"""Asking over the small corpus of tests/corpus.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.corrections import SpeakerFix, correct
from ingest.library import Library, Options
from ingest.store import list_utterances
from service.ask import ask
from service.codebook import NewCode, put_codes
from service.shapes import Answer, Filters


def quoted(answer: Answer) -> list[str]:
    return [quote.text for s in answer.statements for quote in s.quotes]


def test_a_general_question_goes_account_by_account_by_revenue(filled: Library) -> None:
    answer = ask(filled, "What do our top customers need?")
    assert answer.kind == "aggregate"
    assert answer.filters.top == 20
    accounts = [s.accounts[0] for s in answer.statements]
    assert accounts == sorted(accounts, key=["FRZ-1", "FRZ-2", "FRZ-5", "FRZ-3", "FRZ-4"].index)
    assert {"FRZ-1", "FRZ-2", "FRZ-3"} <= set(accounts)
    assert answer.coverage.accounts_silent == ("FRZ-5",)
    assert answer.statements[0].arr_usd == 400_000


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How many false alarms did Marlowe have in March?", "Eleven false alarms in March"),
        ("What does Pinecrest do instead of using the alarm?", "with a clipboard"),
        ("What did Osprey's auditors want?", "signed record"),
    ],
)
def test_a_look_up_finds_the_words(filled: Library, question: str, words: str) -> None:
    answer = ask(filled, question)
    assert len(answer.statements) == 1
    places = [quote.text for s in (*answer.statements, *answer.nearest) for quote in s.quotes]
    assert any(words in text for text in places[:2])


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("What does Sable Genomics need most?", "There is no call with Sable Genomics."),
        ("Which customers asked for a Klingon translation?", "No customer mentioned Klingon"),
        ("Which customers complained about parking permits at headquarters?", "No customer"),
    ],
)
def test_it_says_no(filled: Library, question: str, reason: str) -> None:
    answer = ask(filled, question)
    assert answer.abstained
    assert reason in (answer.reason or "")
    assert answer.statements == ()


def test_what_was_only_said_in_reply_to_us_is_no_answer(filled: Library) -> None:
    answer = ask(filled, "Do customers want the Hologram display?")
    assert answer.abstained
    assert answer.statements == ()


def test_a_code_of_the_codebook_answers_and_is_counted(filled: Library) -> None:
    put_codes(
        filled,
        [
            NewCode(
                label="Alarms that do not say which freezer",
                definition="A false alarm wakes people at night and does not tell which one it is.",
            )
        ],
    )
    answer = ask(filled, "How many accounts have false alarms that do not say which freezer it is?")
    assert (answer.kind, answer.abstained) == ("count", False)
    first = answer.statements[0]
    assert (first.accounts, first.accounts_n, first.arr_usd) == (("FRZ-1", "FRZ-2"), 2, 650_000)
    assert "2 accounts worth $650,000 a year: Marlowe Biobank, Pinecrest Clinics." in first.text
    general = ask(filled, "What do our top customers need?")
    assert general.statements[0].text.startswith("Alarms that do not say which freezer: 2 accounts")
    only = ask(filled, "How many research accounts have false alarms without a freezer's name?")
    assert only.filters.segment == "Research"
    assert {a for s in only.statements for a in s.accounts} == {"FRZ-1"}


def test_people_of_one_account_are_set_beside_each_other(filled: Library) -> None:
    answer = ask(filled, "How do the people at Marlowe differ about the alarm?")
    assert answer.kind == "compare"
    assert {q.speaker for s in answer.statements for q in s.quotes} == {"Noor Haddad"}


def test_crm_health_is_held_against_the_calls_and_not_mistaken_for_them(filled: Library) -> None:
    answer = ask(filled, "Do the calls bear out the CRM health of Pinecrest and Quay?")
    told = {s.accounts[0]: s.text for s in answer.statements}
    assert "CRM health yellow; the calls do not bear it out" in told["FRZ-2"]
    assert "CRM health red; the calls do not bear it out" in told["FRZ-4"]
    for statement in answer.statements:
        assert statement.quotes


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Was sagen unsere Kunden über Gefrierschränke und Rechnungen?", "No customer"),
        ("What do accounts renewing before 2020-01-01 need?", "No account fits"),
    ],
)
def test_an_odd_question_gets_one_sentence(filled: Library, question: str, reason: str) -> None:
    answer = ask(filled, question)
    assert answer.abstained
    assert (answer.reason or "").startswith(reason)
    assert ". " not in (answer.reason or "")


def test_what_only_the_vendor_said_is_kept_apart(filled: Library) -> None:
    answer = ask(filled, "When will the hologram lid ship?")
    assert all(q.role == "customer" for s in answer.statements for q in s.quotes)
    assert any("hologram" in q.text for s in answer.internal for q in s.quotes)
    assert all(q.role == "internal" for s in answer.internal for q in s.quotes)


def test_every_quote_is_a_slice_of_its_utterance(filled: Library) -> None:
    with filled.read() as connection:
        told = {
            (call_id, u.i): u.text
            for call_id in ("FC-1", "FC-2", "FC-3", "FC-4")
            for u in list_utterances(connection, call_id)
        }
    for question in ("What do customers need?", "What do they like?", "Who walks by hand?"):
        answer = ask(filled, question)
        for s in (*answer.statements, *answer.internal, *answer.nearest):
            for quote in s.quotes:
                assert quote.text in told[quote.call_id, quote.utterance]


def test_whom_nobody_heard_is_account_data(filled: Library) -> None:
    answer = ask(filled, "Which customers have we not spoken to?")
    assert (answer.abstained, answer.statements) == (False, ())
    assert "Sable Genomics" in (answer.reason or "")


def test_words_to_machines_are_speech_and_obeyed_by_nobody(filled: Library) -> None:
    answer = ask(filled, "What do customers like?")
    assert not any("ignore all previous" in text for text in quoted(answer))


def test_a_filter_narrows_and_a_corrected_role_takes_words_away(filled: Library) -> None:
    only = ask(filled, "What do customers need?", Filters(segment="Research", region="EMEA"))
    assert {a for s in only.statements for a in s.accounts} <= {"FRZ-1", "FRZ-4"}
    correct(filled, "FC-2", speakers={"Greta Lind": SpeakerFix(role="internal")})
    after = ask(filled, "What do our top customers need?")
    assert "FRZ-2" not in {a for s in after.statements for a in s.accounts}
    assert "FRZ-2" in after.coverage.accounts_silent


def test_an_empty_home_says_what_to_do(library: Library) -> None:
    answer = ask(library, "What do customers need?")
    assert answer.abstained
    assert "There are no calls yet" in (answer.reason or "")


def test_a_home_that_cannot_be_a_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    from ingest.errors import BadInput

    with pytest.raises(BadInput, match="cannot be used as the home folder"):
        Library(tmp_path / "file" / "home", Options(models=tmp_path))
