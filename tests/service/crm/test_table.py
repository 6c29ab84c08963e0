"""Files that are no tables, or only half of one, and tables in any dress."""

from __future__ import annotations

import gzip

import pytest

from ingest.errors import BadInput, TooLarge
from service.crm.table import COLUMNS, LARGEST, ROWS, read_table

SMALL = "Name,Id\nAcme,1\nBirch,2\n"


@pytest.mark.parametrize(
    "data",
    [
        SMALL.encode(),
        SMALL.encode("utf-8-sig"),
        SMALL.encode("utf-16"),
        SMALL.encode("utf-16-le"),
        SMALL.replace("\n", "\r\n").encode(),
        SMALL.replace(",", ";").encode(),
        SMALL.replace(",", "\t").encode(),
        ("sep=;\n" + SMALL.replace(",", ";")).encode(),
        ("\n\n" + SMALL + "\n\n").encode(),
        b'"Name","Id"\n"Acme","1"\n"Birch","2"\n',
    ],
)
def test_the_same_table_in_any_dress(data: bytes) -> None:
    table = read_table(data)
    assert table.columns == ("Name", "Id")
    assert [row.cells for row in table.rows] == [("Acme", "1"), ("Birch", "2")]


def test_umlauts_of_an_old_excel() -> None:
    table = read_table("Firma;Ort\nMüller;Köln\n".encode("cp1252"))
    assert table.rows[0].cells == ("Müller", "Köln")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "nothing in the file"),
        (b"  \n ", "nothing in the file"),
        (b"PK\x03\x04rest of an xlsx", "Excel or zip"),
        (b'{"accounts": []}', "no table"),
        (b"<?xml version='1.0'?><a/>", "no table"),
        (gzip.compress(SMALL.encode(), mtime=0), "cannot be read as CSV"),
        (b"Name,Id\n", "no lines below"),
        (b"just some words\nand more\n", "one cell"),
        (b'Name,Id\nAcme,"1\nBirch,2\n', "broken off"),
        ("Name,Id\nAcme,1\n".encode("utf-16")[:-1], "breaks off"),
    ],
)
def test_what_is_no_table(data: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read_table(data)


def test_a_last_line_that_breaks_off_is_faulty_and_shorter_lines_are_not() -> None:
    broken = read_table(b"Name,Id,Owner\nAcme,1\nBirch,2")
    assert [row.cells for row in broken.rows] == [("Acme", "1", "")]
    assert broken.faults == ((3, "line 3 breaks off; export the file again"),)
    assert read_table(b"Name,Id,Owner\nAcme,1\nBirch,2\n").faults == ()


def test_a_line_with_too_many_cells_is_faulty() -> None:
    table = read_table(b"Name,Id\nAcme, Inc.,1\nBirch,2,,\n")
    assert [fault[0] for fault in table.faults] == [2]
    assert [row.cells for row in table.rows] == [("Birch", "2")]


def test_remarks_below_a_report_are_no_accounts() -> None:
    table = read_table(b'Name,Id\nAcme,1\n\n"All accounts"\n"Copyright"\n"By: Ana, today"\n')
    assert (len(table.rows), table.left_out, table.faults) == (1, 3, ())


def test_a_gap_within_the_table_ends_nothing() -> None:
    assert len(read_table(b"Name,Id\nAcme,1\n\nBirch,2\n").rows) == 2


def test_columns_without_a_name_with_the_same_and_with_hostile_ones() -> None:
    table = read_table("Name,,Name,\u202eevil\x1b[2J,<b>\nA,b,c,d,e\n".encode())
    assert table.columns == ("Name", "Column 2", "Name (2)", "evil [2J", "<b>")


def test_a_cell_over_lines_and_one_that_looks_like_a_formula_are_text() -> None:
    table = read_table(b'Name,Id\n"Acme\nInc.","=cmd|\'/C calc\'!A0"\n')
    assert table.rows[0].cells == ("Acme\nInc.", "=cmd|'/C calc'!A0")


def test_limits() -> None:
    with pytest.raises(TooLarge, match="bytes"):
        read_table(b"a" * (LARGEST + 1))
    with pytest.raises(TooLarge, match="columns"):
        read_table(b"a," * COLUMNS + b"a\n" + b"1," * COLUMNS + b"1\n")
    with pytest.raises(TooLarge, match="lines"):
        read_table(b"a,b\n" + b"1,2\n" * (ROWS + 1))
    assert len(read_table(b"a,b\n" + b"1,2\n" * ROWS).rows) == ROWS
    with pytest.raises(BadInput, match="not proper CSV"):
        read_table(b"a,b\n" + b"x" * 200_000 + b",2\n")
