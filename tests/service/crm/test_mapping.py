"""Columns are proposed, confirmed once, and remembered."""

from __future__ import annotations

import pytest

from ingest.errors import BadInput, Conflict, NotFound
from ingest.library import Library
from service.crm.fields import header_key, kind_of, propose
from service.crm.mappings import forget, list_mappings
from service.crm.shapes import CrmPreview
from service.crm.table import read_table
from tests.service.crm.conftest import Load, Look, accounts

FILE = "Company,ARR,Owner,Note\nAlderline Logistics,130000,Ines Kapoor,x\n"


def mapped(found: CrmPreview) -> dict[str, str]:
    return {c.column: c.field for c in found.columns if c.field}


def about(found: CrmPreview) -> list[str]:
    return [question.about for question in found.questions]


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("Renewal_Date__c", "renewal date"),
        ("BillingCountry", "billing country"),
        ("ARR (EUR)", "arr"),
        ("ARR", "arr"),
        ("Kunden-Nr.", "kunden nr"),
        ("  Company   Name ", "company name"),
    ],
)
def test_names_of_columns_are_compared_by_their_words(header: str, key: str) -> None:
    assert header_key(header) == key


def fields(csv: str) -> dict[str, str | None]:
    table = read_table(csv.encode())
    return {c: one.field for c, one in propose(table, kind_of(table)).items()}


def test_what_the_customer_earns_itself_is_not_what_it_pays() -> None:
    found = propose(read_table(b"Name,Annual Revenue\nAcme,48000000\n"), "accounts")
    assert found["Annual Revenue"].field is None
    assert "not what it pays you" in found["Annual Revenue"].why


def test_values_speak_against_a_name_and_for_a_column() -> None:
    assert fields("Name,ARR,Renewal\nAcme,green,soon\n") == {
        "Name": "name",
        "ARR": None,
        "Renewal": None,
    }
    assert fields("Name,Where\nAcme,acme.example\nBirch,www.birch.example\n")["Where"] == "domains"
    assert fields("Name,Ref\nAcme,001Hs00003AbCdE\n")["Ref"] == "account_id"
    assert fields("Name,Account ID\nAcme,006Hs00003AbCdE\n")["Account ID"] is None


def test_of_two_columns_for_a_field_the_surer_name_is_taken() -> None:
    found = fields("Company,Country,Region,Website,Company Domain Name\nA,IE,EMEA,a.example,b.ie\n")
    assert (found["Region"], found["Country"]) == ("region", None)
    assert (found["Website"], found["Company Domain Name"]) == ("domains", "domains")


def test_a_mapping_is_asked_about_once_and_then_remembered(look: Look, load: Load) -> None:
    assert about(look(FILE)) == ["mapping"]
    with pytest.raises(BadInput, match="open"):
        load(FILE, mapping_is_right=False)
    load(FILE, columns={"Owner": "", "Note": "segment"})
    again = look("Note,Company,Owner,ARR\ny,Alderline Logistics,Tom,140000\n")  # another order
    assert again.remembered
    assert about(again) == []
    assert mapped(again) == {"Note": "segment", "Company": "name", "ARR": "arr_usd"}


def test_a_changed_column_is_asked_about_and_the_rest_is_remembered(look: Look, load: Load) -> None:
    load(FILE, columns={"Note": "segment"})
    found = look("Company,Yearly,Owner,Note\nAlderline Logistics,1,Ines,x\n")
    assert not found.remembered
    assert about(found) == ["mapping"]
    assert "Nothing is arr_usd any more" in found.questions[0].text
    assert mapped(found) == {"Company": "name", "Owner": "owner", "Note": "segment"}
    assert found.notes == ("Columns that such files had before are not in it: arr.",)


def test_how_dates_and_amounts_are_meant_is_remembered_too(look: Look, load: Load) -> None:
    csv = "Company;ARR;Renewal date\nAlderline Logistics;1.234;03/04/2027\n"
    assert about(look(csv)) == ["mapping", "dates", "decimal"]
    load(csv, dates="dmy", decimal="comma")
    found = look(csv.replace("1.234", "5.678").replace("03/04", "05/06"))
    assert found.questions == ()
    (change,) = found.difference.changed
    assert {f.field: f.after for f in change.fields} == {
        "arr_usd": 5678.0,
        "renewal_date": "2027-06-05",
    }
    # A file that can only be read otherwise is asked about anew.
    assert about(look(csv.replace("03/04", "05/31"))) == []
    both = csv + "Bramblewick Foods;1,5;31/04/2027\nCopperfin Marine;1.5;04/31/2027\n"
    assert about(look(both))[:2] == ["dates", "decimal"]


def test_columns_that_differ_in_their_currency_only_are_two(look: Look, load: Load) -> None:
    csv = "Company,ARR (USD),ARR (EUR)\nAlderline Logistics,130000,120000\n"
    load(csv, columns={"ARR (EUR)": "arr_usd"}, rates={"EUR": 1.1})
    found = look(csv.replace("130000", "150000"), rates={"EUR": 1.1})
    assert mapped(found) == {"Company": "name", "ARR (EUR)": "arr_usd"}
    assert (found.questions, found.difference.changed) == ((), ())


def test_a_choice_that_fits_nothing_is_refused(look: Look) -> None:
    with pytest.raises(BadInput, match="no column 'Health'"):
        look(FILE, columns={"Health": "health"})
    with pytest.raises(BadInput, match="both to be name"):
        look(FILE, columns={"Note": "name", "Owner": "name"})
    with pytest.raises(BadInput, match="no account in line 9"):
        look(FILE, matches={9: "skip"})
    with pytest.raises(BadInput, match="'ACC-9', which is not here"):
        look(FILE, matches={2: "ACC-9"})


def test_a_column_chosen_takes_the_field_from_the_one_proposed(look: Look) -> None:
    found = look(FILE, columns={"Note": "owner"})
    assert mapped(found)["Note"] == "owner"
    assert "Owner" not in mapped(found)


def test_a_file_that_does_not_say_whose_its_lines_are(look: Look) -> None:
    found = look("Colour,Size\nred,1\n")
    assert about(found) == ["mapping"]
    assert "which account a line is about" in found.questions[0].text
    assert about(look("Colour,Size\nred,1\n", columns={"Colour": "name"}, others="new")) == [
        "mapping"
    ]


def test_mappings_are_listed_and_forgotten(home: Library, look: Look, load: Load) -> None:
    load(FILE)
    with home.change() as connection:
        (kept,) = list_mappings(connection)
        assert kept.columns == {"Company": "name", "ARR": "arr_usd", "Owner": "owner", "Note": None}
        forget(connection, kept.id)
        for wrong in (kept.id, "", "%"):
            with pytest.raises(NotFound):
                forget(connection, wrong)
    assert about(look(FILE)) == ["mapping"]


def test_the_beginning_of_several_ids_forgets_none(home: Library, load: Load) -> None:
    for n in range(17):  # more than there are hexadecimal digits
        load(FILE.replace("Note", f"Note {n}"))
    with home.change() as connection:
        starts = [one.id[0] for one in list_mappings(connection)]
        twice = next(start for start in starts if starts.count(start) > 1)
        with pytest.raises(Conflict, match="More than one"):
            forget(connection, twice)
        assert len(list_mappings(connection)) == 17


def test_a_mapping_says_nothing_of_accounts_that_are_not_in_the_file(
    home: Library, load: Load
) -> None:
    before = accounts(home)
    load(FILE)
    assert {i: a for i, a in accounts(home).items() if i != "ACC-1"} == {
        i: a for i, a in before.items() if i != "ACC-1"
    }
