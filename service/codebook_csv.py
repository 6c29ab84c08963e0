"""The codebook as CSV, a line per code, safe to open in a spreadsheet.

Examples stand in one cell with " | " between them; a bar in an example is written ``\\|``. A cell
that a spreadsheet would run as a formula gets an apostrophe in front, which comes off when it is
read; see service/cells.py.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import TypeAdapter, ValidationError

from ingest.errors import BadInput
from ingest.transcripts.clean import clean_name
from service.cells import FORMULA, harmless
from service.codebook_entry import NewCode
from service.shapes import Code, EvidenceKind

COLUMNS = ("label", "definition", "include", "exclude", "kind", "examples", "counterexamples")

_LISTS = ("examples", "counterexamples")
_BETWEEN = " | "
_DELIMITERS = (",", ";", "\t")
_KIND = TypeAdapter(EvidenceKind)


def write(codes: Sequence[Code]) -> bytes:
    """UTF-8 with a byte order mark, without which Excel takes it for another encoding."""
    sink = io.StringIO(newline="")
    # Every cell in quotes: one with a semicolon would be two where that parts the cells.
    writer = csv.writer(sink, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for code in codes:
        cells = code.model_dump(include=set(COLUMNS))
        for name in _LISTS:
            cells[name] = _BETWEEN.join(re.sub(r"[\\|]", r"\\\g<0>", one) for one in cells[name])
        writer.writerow([harmless(cells[name]) for name in COLUMNS])
    return sink.getvalue().encode("utf-8-sig")


def read(text: str) -> list[tuple[str, NewCode]]:
    """The codes and the line each stands on. Raises ``BadInput`` that names line and column.

    Comma, semicolon or tab part the cells, whichever the first line has most of. Only the column
    ``label`` has to be there; a column that is not there changes nothing in a known code, and
    columns that are not known are left alone.
    """
    return [(f"line {line}", _code(line, cells)) for line, cells in _rows(text)]


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    first = next((line for line in text.split("\n") if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    begin = 1  # a cell may go over several lines; the first is the one to name
    try:
        for cells in reader:
            line, begin = begin, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns(cells, line)
                continue
            if any(cell.strip() for cell in cells[len(columns) :]):
                raise BadInput(
                    f"line {line} has {len(cells)} cells under {len(columns)} columns; "
                    "put quotes around a cell that has a comma in it."
                )
            cells += [""] * (len(columns) - len(cells))
            yield line, dict(zip(columns, cells, strict=False))
    except csv.Error as problem:
        raise BadInput(f"line {begin} is not proper CSV ({problem}); mend it.") from problem


def _columns(cells: Sequence[str], line: int) -> list[str]:
    columns = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in cells]
    if "label" not in columns:
        found = ", ".join(repr(clean_name(c[:40])) for c in columns[:10] if c)
        raise BadInput(
            f"line {line} lacks the column 'label'; the columns are {', '.join(COLUMNS)}, "
            f"found are {found or 'none'}."
        )
    for column in COLUMNS:
        if columns.count(column) > 1:
            raise BadInput(f"line {line} has the column {column!r} twice; keep one.")
    return columns


def _code(line: int, cells: Mapping[str, str]) -> NewCode:
    given: dict[str, object] = {}
    for name in COLUMNS:
        if name in cells:
            cell = _as_written(cells[name])
            given[name] = _examples(cell) if name in _LISTS else cell
    if "kind" in given and not str(given["kind"]).strip():
        del given["kind"]
    if "kind" in given:
        given["kind"] = kind(str(given["kind"]), f"line {line}")
    return NewCode.model_validate(given)


def kind(text: str, where: str) -> EvidenceKind:
    """The kind as people write it. Raises ``BadInput`` that begins with ``where``."""
    try:
        return _KIND.validate_python(text.strip().lower())
    except ValidationError:
        raise BadInput(
            f"{where}, kind: {clean_name(text[:40])!r} is none; it can be pain, request, praise, "
            "risk or competitor."
        ) from None


def _examples(cell: str) -> tuple[str, ...]:
    return tuple(re.sub(r"\\([\\|])", r"\1", one) for one in cell.split(_BETWEEN))


def _as_written(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
