"""All of a file or nothing of it, only what it says, and back again."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from ingest.errors import BadInput, Conflict, NotFound
from ingest.library import Library
from ingest.models import Account
from ingest.store import put_accounts
from ingest.tables import (
    account_signs,
    call_transcripts,
    calls,
    crm_changes,
    crm_imports,
    listeners,
    meetings,
)
from service.crm.applying import apply_crm, preview_crm, undo_crm
from service.crm.shapes import Choices
from service.crm.signs import known_by
from tests.service.crm.conftest import NOW, Load, Look, accounts

HEAD = "Record ID,Company name,ARR,Industry,Health,Renewal date\n"
GOOD = f"{HEAD}1,Alderline Logistics,130000,,,2027-01-31\n9,Zephyr Mills,5000,Textiles,,\n"


def rows(home: Library, table: sa.Table) -> int:
    with home.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_only_what_the_file_says_changes(home: Library, load: Load) -> None:
    before = accounts(home)
    done = load(GOOD)
    assert (done.added, done.changed, done.same) == (1, 1, 0)
    after = accounts(home)
    changed = before["ACC-1"].model_copy(
        update={"arr_usd": 130000.0, "renewal_date": after["ACC-1"].renewal_date}
    )
    assert after["ACC-1"] == changed  # health, tier and name are as they were
    assert str(changed.renewal_date) == "2027-01-31"
    assert after["9"] == Account(
        account_id="9", name="Zephyr Mills", arr_usd=5000.0, segment="Textiles"
    )
    assert {i: after[i] for i in before if i != "ACC-1"} == {
        i: before[i] for i in before if i != "ACC-1"
    }


def test_a_trait_written_in_other_capitals_stays_as_people_filter_by_it(
    home: Library, load: Load
) -> None:
    load("Company,Tier\nAlderline Logistics,ENTERPRISE\n")
    assert accounts(home)["ACC-1"].tier == "enterprise"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("2,Birch,lots,,,", "line 3, amount: 'lots' is no amount"),
        ("2,Birch,5,,,31/31/2027", "line 3, renewal date: there is no such day"),
        (f"2,Birch,5,{'x' * 101},,", "line 3, segment has over 100 characters"),
        (f"2,{'x' * 201},5,,,", "line 3, the account's name:"),
        (f"{'7' * 101},Birch,5,,,", "line 3, the account's id is no id"),
        ("2,Birch,5,,,,9", "line 3 has 7 cells under 6 columns"),
    ],
)
def test_a_faulty_line_keeps_the_whole_file_out_unless_it_is_skipped(
    home: Library, look: Look, load: Load, line: str, says: str
) -> None:
    csv = f"{HEAD}1,Zephyr Mills,5,,,2027-01-31\n{line}\n4,Quill,6,,,2026-12-31\n"
    (fault,) = look(csv).faults
    assert fault.line == 3
    assert says in fault.text
    before = accounts(home)
    with pytest.raises(BadInput, match="Nothing was loaded"):
        load(csv)
    assert accounts(home) == before
    assert (rows(home, crm_imports), rows(home, account_signs)) == (0, 0)
    assert load(csv, matches={3: "skip"}).added == 2


def test_other_currencies_need_a_rate(look: Look, load: Load, home: Library) -> None:
    csv = "Company,ARR,Currency\nAlderline Logistics,1000.50,EUR\nZephyr Mills,€2000,\n"
    found = look(csv, mapping_is_right=True)
    assert [(q.about, q.currency, q.line) for q in found.questions] == [("rate", "EUR", 2)]
    with pytest.raises(BadInput, match="How many dollars is one EUR"):
        load(csv)
    load(csv, rates={"eur": 1.08})
    assert accounts(home)["ACC-1"].arr_usd == 1080.54
    assert [q.about for q in look(csv).questions] == ["rate"]  # rates change; they are not kept
    (fault,) = look("Company,ARR,Currency\nZ,1,Florin\nY,2,USD\nX,2,EUR\n").faults
    assert fault.text == "line 2, currency: 'Florin' is none that is known here"
    assert look("Company,ARR (GBP)\nQuill,1\n").questions[1].currency == "GBP"


DEALS = (
    "Deal Name,Deal Stage,Amount,Associated Company\n"
    "a,Won,1000,Alderline Logistics\nb,Won,500.25,Alderline Logistics\n"
    "c,Lost,9,Alderline Logistics\nd,Lost,7,Zephyr Mills\n"
)


def test_amounts_of_deals_are_summed_only_where_somebody_says_so(
    home: Library, look: Look, load: Load
) -> None:
    asked = look(DEALS, mapping_is_right=True).questions[0]
    assert [(s.stage, s.deals_n) for s in asked.stages] == [("Won", 2), ("Lost", 2)]
    none = look(DEALS, mapping_is_right=True, stages=[])
    assert (none.questions, none.difference.changed) == ((), ())
    everything = look(DEALS, mapping_is_right=True, stages=["*"])
    assert everything.difference.changed[0].fields[0].after == 1509.25
    load(DEALS, stages=["Won"])
    assert accounts(home)["ACC-1"].arr_usd == 1500.25
    # Who bought nothing is no account; and what was said is remembered.
    again = look(DEALS)
    assert (again.questions, again.difference.added) == ((), ())
    assert "Without such a deal, and not added: Zephyr Mills." in again.notes


def test_just_what_was_seen_is_applied(home: Library) -> None:
    choices = Choices(mapping_is_right=True)
    seen = preview_crm(home, GOOD.encode(), choices).seen
    with home.change() as connection:
        changed = Account(account_id="ACC-1", name="Alderline Logistics", arr_usd=7.0)
        put_accounts(connection, [changed])
    with pytest.raises(Conflict, match="Look at it again"):
        apply_crm(home, GOOD.encode(), choices, NOW, seen=seen)
    assert accounts(home)["ACC-1"].arr_usd == 7.0
    seen = preview_crm(home, GOOD.encode(), choices).seen
    assert apply_crm(home, GOOD.encode(), choices, NOW, seen=seen).added == 1


def test_imports_are_taken_back_one_after_the_other(home: Library, load: Load, look: Look) -> None:
    before = accounts(home)
    load(GOOD)
    between = accounts(home)
    load(GOOD.replace("5000", "6000"))
    load(GOOD.replace("5000", "6000"))  # says nothing new, and is nothing to take back
    assert rows(home, crm_imports) == 2
    assert (undo_crm(home).put_back, accounts(home)) == (1, between)
    done = undo_crm(home)
    assert (done.removed, done.put_back, done.file_name) == (1, 1, "export.csv")
    assert accounts(home) == before
    assert [rows(home, t) for t in (crm_imports, crm_changes, account_signs)] == [0, 0, 0]
    assert look(GOOD).remembered  # how the columns are mapped was no mistake
    with pytest.raises(NotFound, match="no import"):
        undo_crm(home)


def test_a_wrong_decision_is_forgotten_with_the_import(
    load: Load, look: Look, home: Library
) -> None:
    csv = f"{HEAD}77,Copperfin,5,,,\n"
    load(csv, matches={2: "ACC-4"})
    assert look(csv).questions == ()
    undo_crm(home)
    assert [c.account_id for c in look(csv).questions[0].candidates] == ["ACC-3"]


def test_an_id_that_went_to_another_account_comes_back_with_undo(
    load: Load, look: Look, home: Library
) -> None:
    def owners() -> dict[str, str]:
        with home.read() as connection:
            return dict(known_by(connection).crm_ids)

    csv = f"{HEAD}77,Copperfin,5,,,\n"
    load(csv, matches={2: "ACC-4"})
    load(csv, matches={2: "ACC-3"})
    assert owners() == {"77": "ACC-3"}
    assert undo_crm(home).put_back == 1  # ACC-3; ACC-4 had only its id back
    assert owners() == {"77": "ACC-4"}
    load("Record ID,Company name\n77,Copperfin\n", matches={2: "ACC-3"})
    assert undo_crm(home).put_back == 0
    assert owners() == {"77": "ACC-4"}
    assert look(csv).questions == ()
    undo_crm(home)
    assert owners() == {}


def test_what_was_changed_since_is_not_taken_back(home: Library, load: Load) -> None:
    load(GOOD)
    with home.change() as connection:
        one = accounts(home)["ACC-1"]
        put_accounts(connection, [one.model_copy(update={"health": "red"})])  # not of the import
    loaded = accounts(home)
    with home.change() as connection:
        put_accounts(connection, [loaded["9"].model_copy(update={"arr_usd": 1.0})])
    with pytest.raises(Conflict, match="Zephyr Mills changed since the import"):
        undo_crm(home)
    with home.change() as connection:
        put_accounts(connection, [loaded["9"]])
    undo_crm(home)
    assert accounts(home)["ACC-1"].health == "red"


def test_an_account_that_got_a_call_is_not_taken_back(filled: Library) -> None:
    csv = b"Company,ARR\nZephyr Mills,5\n"
    apply_crm(filled, csv, Choices(mapping_is_right=True), NOW)
    with filled.change() as connection:
        connection.execute(sa.text("UPDATE calls SET account_id = 'zephyr-mills'"))
    with pytest.raises(Conflict, match="Zephyr Mills got calls"):
        undo_crm(filled)


def test_an_account_with_meetings_or_of_a_file_that_may_be_parted_is_not_taken_back(
    filled: Library,
) -> None:
    def refused() -> None:
        with pytest.raises(Conflict, match="Zephyr Mills got calls or meetings"):
            undo_crm(filled)

    apply_crm(filled, b"Company,ARR\nZephyr Mills,5\n", Choices(mapping_is_right=True), NOW)
    meeting = {
        "key": "bo",
        "meeting_id": "1",
        "sequence": 0,
        "day": NOW.date(),
        "starts": NOW,
        "ends": NOW,
        "domains": [],
        "account_id": "zephyr-mills",
    }
    with filled.change() as connection:
        connection.execute(listeners.insert().values(key="bo", name="Bo"))
        connection.execute(meetings.insert().values(meeting))
    refused()
    with filled.change() as connection:
        connection.execute(meetings.delete())
        call_id = connection.scalars(sa.select(calls.c.call_id).limit(1)).one()
        second = {"media": "m", "file_name": "m", "content_sha256": "0" * 64, "asked": False}
        alone = {"account_id": "zephyr-mills"}
        connection.execute(
            call_transcripts.insert().values(
                call_id=call_id, came_last="transcript", alone=alone, **second
            )
        )
    refused()
    with filled.change() as connection:
        connection.execute(call_transcripts.update().values(words_from="recording"))
    assert undo_crm(filled).removed == 1


def test_only_the_last_few_imports_are_kept(home: Library, load: Load) -> None:
    for n in range(12):
        load(f"Company,ARR\nZephyr Mills,{n + 1}\n")
    assert rows(home, crm_imports) == 10
    for _ in range(10):
        undo_crm(home)
    assert accounts(home)["zephyr-mills"].arr_usd == 2.0


def test_hostile_text_is_only_text(home: Library, load: Load) -> None:
    load(
        "Company,Industry,Owner\n"
        '"=HYPERLINK(""http://x"")",<script>alert(1)</script>,\'; DROP TABLE accounts; --\n'
    )
    (new,) = (a for i, a in accounts(home).items() if not i.startswith("ACC"))
    assert new.name == '=HYPERLINK("http://x")'
    assert new.segment == "<script>alert(1)</script>"
    assert new.owner == "'; DROP TABLE accounts; --"
