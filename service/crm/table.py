"""A CSV file of unknown make as columns and rows of text.

Whatever a cell begins with, it is text: nothing is worked out here. What is written from accounts
into CSV files is made harmless there.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from ingest.errors import BadInput, TooLarge
from ingest.transcripts.clean import clean_title
from ingest.transcripts.decode import decode

LARGEST = 12 << 20  # bytes; base64 of it is still a body that is taken
ROWS = 100_000
COLUMNS = 500
_HEADER = 120  # characters
_DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR = re.compile(r"sep=([,;\t|])[ \t]*(?=\n)", re.IGNORECASE)  # Excel's first line


@dataclass(frozen=True, slots=True)
class Row:
    """``line`` is the last one of the file that it stands on; a cell for each column."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """``columns`` are all different. ``left_out`` counts the lines below the table, where reports
    have their remarks. ``faults`` are of single lines: ``(line, sentence)``.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: int
    faults: tuple[tuple[int, str], ...]

    def values(self, column: str) -> Iterator[str]:
        """Those that are not empty, from above."""
        at = self.columns.index(column)
        return (row.cells[at] for row in self.rows if row.cells[at])


def read_table(data: bytes) -> Table:
    """Raises ``BadInput`` for what is no table with a line of column names and lines below it,
    ``TooLarge`` for one over the limits.
    """
    if len(data) > LARGEST:
        raise TooLarge(
            f"The file has {len(data):,} bytes and may have {LARGEST:,}; export fewer columns, or "
            "part it."
        )
    text = _text(data)
    sep = _SEPARATOR.match(text)
    if sep is not None:
        text = text[sep.end() :]
    first = text.lstrip("\n").partition("\n")[0]
    delimiter = sep[1] if sep else max(_DELIMITERS, key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return _table(reader, whole=text.endswith("\n"))
    except csv.Error as problem:
        raise BadInput(
            f"Line {reader.line_num} is not proper CSV ({problem}). The file may have broken off; "
            "export it again."
        ) from problem


def _text(data: bytes) -> str:
    if not data.strip():
        raise BadInput("There is nothing in the file; export it again.")
    if data.startswith(b"PK\x03\x04"):
        raise BadInput("That is an Excel or zip file; save it as CSV and choose that.")
    if data.lstrip()[:1] in (b"{", b"[") or data.lstrip()[:5].lower() in (b"<?xml", b"<html"):
        raise BadInput("That is no table; export the accounts as CSV.")
    try:
        return decode(data)
    except BadInput as problem:
        raise type(problem)(f"The file cannot be read as CSV: {problem}.") from problem


class _Lines:
    """The cells of each line that has any, told whether an empty line stands before it."""

    def __init__(self, reader: Iterator[list[str]]) -> None:
        self.gap = False
        self._reader = reader

    def __iter__(self) -> Iterator[list[str]]:
        for cells in self._reader:
            told = [cell.strip() for cell in cells]
            if not any(told):
                self.gap = True
                continue
            yield told
            self.gap = False


def _table(reader: csv._reader, *, whole: bool) -> Table:  # type: ignore[name-defined]
    columns: tuple[str, ...] = ()
    rows: list[Row] = []
    faults: list[tuple[int, str]] = []
    left_out = 0
    lines = _Lines(reader)
    short = False
    for cells in lines:
        if not columns:
            columns = _columns(cells, reader.line_num)
            continue
        # A report's remarks stand below an empty line, and not in columns.
        if left_out or (lines.gap and rows and sum(map(bool, cells)) == 1 and len(columns) > 1):
            left_out += 1
            continue
        if len(rows) == ROWS:
            raise TooLarge(f"The file has over {ROWS:,} lines; part it.")
        short = len(cells) < len(columns)
        if any(cells[len(columns) :]):
            faults.append(
                (
                    reader.line_num,
                    f"line {reader.line_num} has {len(cells)} cells under {len(columns)} columns; "
                    "a cell with the separator in it needs quotes around it",
                )
            )
            continue
        padded = (*cells, *[""] * (len(columns) - len(cells)))[: len(columns)]
        rows.append(Row(reader.line_num, padded))
    if not columns or not (rows or faults):
        raise BadInput("The file has column names and no lines below them; export it again.")
    if rows and short and not whole and not left_out:
        last = rows.pop()
        faults.append((last.line, f"line {last.line} breaks off; export the file again"))
    return Table(columns, tuple(rows), left_out, tuple(faults))


def _columns(cells: Sequence[str], line: int) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    if len(cells) > COLUMNS:
        raise TooLarge(f"The file has {len(cells):,} columns and may have {COLUMNS}.")
    if len(cells) < 2:
        raise BadInput(
            f"Line {line} has one cell, and it should have the columns' names; is it a CSV file "
            "with a line of names on top?"
        )
    named: list[str] = []
    for n, cell in enumerate(cells, start=1):
        name = clean_title(cell, _HEADER) or f"Column {n}"
        again = 1
        plain = name
        while name in named:
            again += 1
            name = f"{plain} ({again})"
        named.append(name)
    return tuple(named)
