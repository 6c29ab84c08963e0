"""Whose a line is: sure, in doubt, or new; doubts are asked and the answers remembered."""

from __future__ import annotations

import pytest

from ingest.library import Library
from ingest.models import Account
from ingest.store import put_accounts
from service.crm.known import known_account
from service.crm.shapes import CrmPreview
from tests.service.crm.conftest import Load, Look, accounts

HEAD = "Record ID,Company name,Company Domain Name,Industry\n"


def asked(found: CrmPreview) -> dict[int, list[tuple[str, str]]]:
    """The accounts offered for each line that is asked about, and why."""
    return {
        q.line: [(c.account_id, c.why) for c in q.candidates]
        for q in found.questions
        if q.line is not None
    }


def test_the_same_name_is_sure_and_no_name_like_it_is_new(look: Look) -> None:
    found = look(f"{HEAD}1,ALDERLINE LOGISTICS Inc.,,x\n2,Zephyr Mills,,x\n", mapping_is_right=True)
    assert found.questions == ()
    assert [c.account_id for c in found.difference.changed] == ["ACC-1"]
    assert [a.name for a in found.difference.added] == ["Zephyr Mills"]


@pytest.mark.parametrize(
    "name", ["Copperfin", "Coperfin Marine", "Copperfin Marine Europe", "Copperfin Overseas"]
)
def test_a_name_like_one_here_is_asked(look: Look, name: str) -> None:
    assert asked(look(f"{HEAD}3,{name},,x\n")) == {2: [("ACC-3", "has a name like it")]}


def test_a_first_word_that_many_have_tells_nothing(home: Library, look: Look) -> None:
    with home.change() as connection:
        many = [Account(account_id=f"N-{n}", name=f"National {n} Works") for n in range(4)]
        put_accounts(connection, many)
    assert asked(look(f"{HEAD}3,National Express,,x\n")) == {}


def test_a_decision_is_remembered_by_id_and_by_name(home: Library, look: Look, load: Load) -> None:
    csv = f"{HEAD}77,Copperfin,,x\n"
    load(csv, matches={2: "ACC-3"})
    assert accounts(home)["ACC-3"].name == "Copperfin Marine"
    assert look(csv).questions == ()
    by_name = look("Firma,Branche\nCopperfin Ltd,y\n", mapping_is_right=True)
    assert (by_name.questions, by_name.difference.changed[0].account_id) == ((), "ACC-3")
    # Renamed in the CRM: its id says so, and the name it had is not forgotten.
    load(f"{HEAD}77,Tidewater Marine,,x\n")
    assert accounts(home)["ACC-3"].name == "Tidewater Marine"
    with home.read() as connection:
        for words in ("77", "ACC-3", "copperfin marine", "Copperfin", "TIDEWATER MARINE GmbH"):
            found = known_account(connection, words)
            assert isinstance(found, Account), words
            assert found.account_id == "ACC-3"
        assert known_account(connection, "Tidewater") is None


def test_a_domain_and_another_name_is_asked(look: Look, load: Load) -> None:
    load(f"{HEAD}1,Alderline Logistics,alderline.example,x\n")
    found = look(f"{HEAD}9,Harrow Freight,eu.alderline.example,x\n")
    assert asked(found) == {2: [("ACC-1", "is at alderline.example, but named otherwise")]}


def test_the_same_name_at_another_domain_or_with_another_id_is_asked(
    look: Look, load: Load
) -> None:
    load(f"{HEAD}1,Alderline Logistics,alderline.example,x\n")
    elsewhere = look("Company,Website,Industry\nAlderline Logistics,alderline.test,x\n")
    assert asked(elsewhere) == {2: [("ACC-1", "has the same name, but is at alderline.example")]}
    other = look(f"{HEAD}2,Alderline Logistics,alderline.example,x\n")
    assert asked(other) == {2: [("ACC-1", "has the same name, but another id in the CRM")]}
    # Another CRM counts otherwise: its ids say nothing against it.
    moved = look("Account ID,Account Name\n001Hs00003AbCdE,Alderline Logistics\n")
    assert asked(moved) == {}


def test_two_accounts_of_one_name_or_domain_are_asked(home: Library, look: Look) -> None:
    with home.change() as connection:
        put_accounts(connection, [Account(account_id="ACC-6", name="Copperfin Marine, Inc.")])
        found = known_account(connection, "Copperfin Marine")
        assert isinstance(found, tuple)
        assert [a.account_id for a in found] == ["ACC-3", "ACC-6"]
    assert asked(look(f"{HEAD}1,Copperfin Marine,,x\n")) == {
        2: [("ACC-3", "has the same name"), ("ACC-6", "has the same name")]
    }


def test_an_id_of_ours_under_another_name_is_asked(look: Look) -> None:
    csv = "Account ID,Account Name\nACC-1,Bramblewick Foods\nACC-3,Copperfin Marine\n"
    assert asked(look(csv)) == {
        2: [("ACC-1", "has this id, but another name"), ("ACC-2", "has this name")]
    }


def test_lines_about_the_same_account_are_asked_and_can_be_left_out(look: Look) -> None:
    csv = f"{HEAD}1,Zephyr Mills,,x\n2,Zephyr Mills Ltd,,y\n3,Alderline Logistics,,x\n3,Other,,y\n"
    found = look(csv, mapping_is_right=True)
    assert [(q.about, q.line) for q in found.questions] == [("twice", 3), ("twice", 5)]
    assert "same account as line 2" in found.questions[0].text
    apart = look(csv, mapping_is_right=True, matches={3: "new", 5: "skip"})
    assert apart.questions == ()
    assert [a.name for a in apart.difference.added] == ["Zephyr Mills", "Zephyr Mills Ltd"]
    # An id is one account's.
    assert [q.line for q in look(csv, matches={3: "new", 5: "new"}).questions] == [None, 5]
    rest = look(csv, mapping_is_right=True, others="skip")
    assert (rest.questions, rest.skipped) == ((), 2)


def test_all_other_doubts_can_be_new_or_skipped_at_once(look: Look) -> None:
    csv = f"{HEAD}1,Copperfin,,x\n2,Alderline,,x\n"
    assert set(asked(look(csv))) == {2, 3}
    new = look(csv, mapping_is_right=True, others="new", matches={3: "ACC-1"})
    assert [a.name for a in new.difference.added] == ["Copperfin"]
    assert [c.account_id for c in new.difference.changed] == ["ACC-1"]
    assert look(csv, mapping_is_right=True, others="skip").skipped == 2


def test_a_line_without_an_id_or_without_a_name(look: Look) -> None:
    found = look(f"{HEAD},Zephyr Mills,,x\n5,,,x\n,,,x\n", mapping_is_right=True)
    assert [a.account_id for a in found.difference.added] == ["zephyr-mills"]
    assert [(q.line, q.may_be_new) for q in found.questions] == [(3, False)]
    assert [f.text for f in found.faults] == [
        "line 4, no id and no name says which account it is about"
    ]


def test_ids_that_cannot_be_an_accounts_or_are_taken(home: Library, load: Load) -> None:
    with home.change() as connection:
        put_accounts(connection, [Account(account_id="zephyr-mills", name="Somebody Else")])
    load(f"{HEAD}../../etc,Zephyr Mills,,x\n")
    assert accounts(home)["zephyr-mills-2"].name == "Zephyr Mills"


def test_a_deal_of_several_companies_is_asked(look: Look, load: Load) -> None:
    load(f"{HEAD}1,Alderline Logistics,,x\n2,Bramblewick Foods,,x\n")
    found = look(
        "Deal Name,Associated Company IDs,Associated Company,Renewal date\n"
        "Joint,1;2,Alderline Logistics;Bramblewick Foods,2027-01-31\n"
    )
    assert asked(found) == {
        2: [
            ("ACC-1", "has the id 1, one of several"),
            ("ACC-2", "has the id 2, one of several"),
        ]
    }


@pytest.mark.parametrize("words", ["", " ", "nobody", "ACC", "%", "Inc."])
def test_words_that_are_no_account(home: Library, words: str) -> None:
    with home.read() as connection:
        assert known_account(connection, words) is None
