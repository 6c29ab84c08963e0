"""Reads the customer accounts that the CRM exports as CSV.

Only ``account_id`` and ``name`` are required; columns that are not known are ignored. Cells are
kept as text, also those a spreadsheet would run as a formula ("=cmd|…"): whoever writes CSV or
spreadsheets from accounts has to neutralise them there.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import BadInput
from ingest.models import Account
from ingest.transcripts.clean import clean_name
from ingest.transcripts.dates import parse_date
from ingest.transcripts.decode import decode, read

REQUIRED = ("account_id", "name")
_TEXTS = ("tier", "segment", "region", "health", "owner")
COLUMNS = (*REQUIRED, "arr_usd", "renewal_date", *_TEXTS)
_EXTRA = "\n"  # no column is named so
_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
_MONEY = re.compile(r"(?:US)?[$]?\s*(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?\s*(?:USD)?", re.IGNORECASE)
_DELIMITERS = (",", ";", "\t")
_ROWS_LIMIT = 200_000
_TRAIT_LIMIT = 100  # characters of a tier, segment, region or health


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file holds: its good lines, a sentence for each faulty one, columns it lacks."""

    accounts: tuple[Account, ...]
    faults: tuple[str, ...]
    missing: tuple[str, ...]


def read_accounts(source: Path | str) -> list[Account]:
    """The accounts in a file, or in a text that begins with the line of column names.

    In the order of the file. Comma, semicolon or tab part the cells, whichever the first line has
    most of. BadInput names line and column; nothing is returned of a file with any fault.
    """
    if isinstance(source, str):
        return _accounts(decode(source.encode("utf-8", "replace")) if source else "")
    try:
        return _accounts(read(source))
    except BadInput as problem:
        raise type(problem)(f"{clean_name(source.name[:120])}: {problem}") from problem


def examine_accounts(data: bytes) -> Examined:
    """As ``read_accounts`` reads a file, with every faulty line told instead of the first.

    BadInput where the file as a whole cannot be read: no columns, no lines, no proper CSV.
    """
    return _examined(decode(data) if data else "")


def _accounts(text: str) -> list[Account]:
    found = _examined(text)
    if found.faults:
        raise BadInput(found.faults[0])
    return list(found.accounts)


def _examined(text: str) -> Examined:
    if not text.strip():
        raise BadInput("there is nothing in it; the first line names the columns")
    accounts: list[Account] = []
    faults: list[str] = []
    lines_by_id: dict[str, int] = {}
    columns: tuple[str, ...] = ()
    for line, row in _rows(text):
        columns = tuple(row)
        try:
            account = _account(line, row)
            _once(account, line, lines_by_id)
        except BadInput as problem:
            faults.append(str(problem))
        else:
            accounts.append(account)
    if not accounts and not faults:
        raise BadInput("it has column names and no accounts below them; add a line per account")
    missing = tuple(c for c in COLUMNS if c not in columns)
    return Examined(tuple(accounts), tuple(faults), missing)


def _once(account: Account, line: int, lines_by_id: dict[str, int]) -> None:
    if account.account_id in lines_by_id:
        raise BadInput(
            f"line {line} has the account_id {account.account_id!r} again, which line "
            f"{lines_by_id[account.account_id]} has already; keep one of them"
        )
    lines_by_id[account.account_id] = line


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """``(line, cells by column)`` for every line that has anything in it.

    Cells that stand under no column are by ``_EXTRA``.
    """
    first = next(line for line in text.split("\n") if line.strip())
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(text.split("\n"), delimiter=delimiter, strict=True)
    columns: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = _columns(cells, reader.line_num)
                continue
            if reader.line_num > _ROWS_LIMIT:
                raise BadInput(f"it has over {_ROWS_LIMIT:,} lines; split it")
            padded = [cell.strip() for cell in cells] + [""] * (len(columns) - len(cells))
            row = dict(zip(columns, padded, strict=False))
            if any(padded[len(columns) :]):
                row[_EXTRA] = f"{len(cells)} cells under {len(columns)} columns"
            yield reader.line_num, row
    except csv.Error as problem:
        raise BadInput(
            f"line {reader.line_num} is not proper CSV ({problem}); mend it"
        ) from problem


def _columns(cells: list[str], line: int) -> list[str]:
    columns = [re.sub(r"[\s-]+", "_", cell.strip().lower()) for cell in cells]
    for column in REQUIRED:
        if column not in columns:
            raise BadInput(
                f"line {line} lacks the column {column!r}; needed are {' and '.join(REQUIRED)}, "
                f"found are {', '.join(map(repr, filter(None, columns)))[:200]}"
            )
    known = [c for c in columns if c in COLUMNS]
    for column in known:
        if known.count(column) > 1:
            raise BadInput(f"line {line} has the column {column!r} twice; keep one")
    return columns


def _account(line: int, row: Mapping[str, str]) -> Account:
    def fault(column: str, why: str) -> BadInput:
        return BadInput(f"line {line}, column {column!r}: {why}")

    if _EXTRA in row:
        raise BadInput(
            f"line {line} has {row[_EXTRA]}; put quotes around a cell that has a comma in it"
        )
    account_id = row["account_id"]
    if not _ID.fullmatch(account_id):
        raise fault(
            "account_id",
            f"{clean_name(account_id[:70])!r} is no id; use 1 to 64 of A-Z a-z 0-9 . _ - that do "
            "not begin with a dot",
        )
    texts: dict[str, str] = {}
    for column in ("name", *_TEXTS):
        try:
            texts[column] = clean_name(row.get(column, ""))
        except BadInput as problem:
            raise fault(column, str(problem)) from problem
        if len(texts[column]) > _TRAIT_LIMIT and column not in ("name", "owner"):
            raise fault(column, f"it has over {_TRAIT_LIMIT} characters; shorten it")
    if not texts["name"]:
        raise fault("name", "it is empty; every account needs a name")
    try:
        renewal = parse_date(row["renewal_date"]) if row.get("renewal_date") else None
    except BadInput as problem:
        raise fault("renewal_date", str(problem)) from problem
    try:
        arr = _money(row.get("arr_usd", ""))
    except BadInput as problem:
        raise fault("arr_usd", str(problem)) from problem
    return Account(
        account_id=account_id,
        name=texts["name"],
        arr_usd=arr,
        tier=texts["tier"] or None,
        segment=texts["segment"] or None,
        region=texts["region"] or None,
        renewal_date=renewal,
        health=texts["health"] or None,
        owner=texts["owner"] or None,
    )


def _money(text: str) -> float | None:
    """Dollars a year: 21600, "21600.00", "$21,600"; ``None`` when blank.

    Nothing is guessed: "21.600" with three digits after a point may be twenty-one thousand.
    """
    if not text:
        return None
    found = _MONEY.fullmatch(text)
    if found is None or len(found[2] or "") == 4:
        raise BadInput(
            f"{clean_name(text[:40])!r} is no amount; write dollars as 21600 or 21600.00"
        )
    amount = float(found[1].replace(",", "") + (found[2] or ""))
    if not math.isfinite(amount) or amount > 1e12:
        raise BadInput(f"{text[:20]}… is more than any account pays; check it")
    return amount
