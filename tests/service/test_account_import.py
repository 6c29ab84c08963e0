"""What loading accounts would change is told before, and nothing is written by telling it."""

from __future__ import annotations

import pytest

from ingest.accounts import examine_accounts
from ingest.errors import BadInput
from ingest.library import Library
from ingest.models import Account
from ingest.store import list_accounts, put_accounts
from service.account_import import FieldChange, ImportPreview, preview

HEAD = "account_id,name,arr_usd,tier,segment,region,renewal_date,health,owner"


@pytest.fixture
def home(library: Library) -> Library:
    with library.change() as connection:
        put_accounts(
            connection,
            [
                Account(account_id="A-1", name="Ashgrove", arr_usd=1000.0, tier="smb"),
                Account(account_id="A-2", name="Birch", health="green"),
                Account(account_id="A-3", name="Cedar"),
            ],
        )
    return library


def previewed(home: Library, csv: str) -> ImportPreview:
    with home.read() as connection:
        return preview(connection, examine_accounts(csv.encode()))


def test_added_changed_and_same(home: Library) -> None:
    found = previewed(
        home, f"{HEAD}\nA-1,Ashgrove,1500,smb\nA-2,Birch,,,,,,green\nA-9,New,5,,,,2027-01-31\n"
    )
    assert [a.account_id for a in found.added] == ["A-9"]
    (changed,) = found.changed
    assert (changed.account_id, changed.name) == ("A-1", "Ashgrove")
    assert changed.fields == (FieldChange(field="arr_usd", before=1000.0, after=1500.0),)
    assert (found.same, found.untouched, found.emptied) == (1, 1, 0)
    assert (found.faults, found.missing) == ((), ())
    with home.read() as connection:
        assert {a.account_id for a in list_accounts(connection)} == {"A-1", "A-2", "A-3"}


def test_what_the_file_leaves_out_is_said_to_be_emptied_and_is(home: Library) -> None:
    csv = "account_id,name\nA-1,Ashgrove\n"
    found = previewed(home, csv)
    assert {(f.field, f.after) for f in found.changed[0].fields} == {
        ("arr_usd", None),
        ("tier", None),
    }
    assert found.emptied == 2
    assert {"arr_usd", "tier", "owner"} <= set(found.missing)
    with home.change() as connection:
        put_accounts(connection, examine_accounts(csv.encode()).accounts)
        (loaded,) = (a for a in list_accounts(connection) if a.account_id == "A-1")
    assert loaded == Account(account_id="A-1", name="Ashgrove")


def test_after_loading_nothing_would_change(home: Library) -> None:
    csv = f'{HEAD}\nA-1,"Ash, ""Grove""","$1,500",smb,=cmd|x,,31 Jan 2027,,Ana\nA-9,New\n'
    assert len(previewed(home, csv).changed) == 1
    with home.change() as connection:
        put_accounts(connection, examine_accounts(csv.encode()).accounts)
    again = previewed(home, csv)
    assert (again.added, again.changed, again.same) == ((), (), 2)


def test_every_faulty_line_is_told_and_the_good_ones_are_counted(home: Library) -> None:
    found = previewed(
        home, f"{HEAD}\nA-9,New\nno id,X\nA-9,Again\nA-8,,5\nA-7,Y,lots\nA-6,Z,1,2,3,4,,6,7,8\n"
    )
    assert [fault.split(":")[0].split(" has")[0] for fault in found.faults] == [
        "line 3, column 'account_id'",
        "line 4",
        "line 5, column 'name'",
        "line 6, column 'arr_usd'",
        "line 7",
    ]
    assert [a.account_id for a in found.added] == ["A-9"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "nothing in it"),
        (b"name\nx\n", "lacks the column 'account_id'"),
        (HEAD.encode(), "no accounts below"),
        (b'account_id,name\nA,"open', "not proper CSV"),
        (b"\x00\x01\x02\x03" * 100, "no text"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(data: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        examine_accounts(data)


def test_a_file_as_a_spreadsheet_saves_it() -> None:
    found = examine_accounts("account_id;name\nA;Müller\n".encode("cp1252"))
    assert found.accounts == (Account(account_id="A", name="Müller"),)
