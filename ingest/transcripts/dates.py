"""Reads a calendar date as people and tools write it, refusing the ones that can be misread."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

from ingest.errors import BadInput

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_ISO = re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})(?![\d-])|(?P<compact>\d{8})\b")
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+)?"
_WRITTEN = (
    re.compile(
        rf"{_WEEKDAY}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ -]+(?:of )?{_MONTH},?[ -]+(?P<y>\d{{4}})\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_WEEKDAY}{_MONTH}[ -]+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?[ -]+(?P<y>\d{{4}})\b",
        re.IGNORECASE,
    ),
)
_AMBIGUOUS = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")
_TIME = re.compile(
    r"(?:[T ,]|at\b)*\d{1,2}[:.]?\d{2}(?:[:.]?\d{2})?(?:\.\d+)?\s*(?:[ap]\.?m\.?)?\s*"
    r"(?:Z|[+-]\d\d:?\d\d|[A-Z]{2,5})?",
    re.IGNORECASE,
)
_IN_NAME = re.compile(r"(?<!\d)(20\d\d)(-?)(\d\d)\2(\d\d)(?!\d)")


def parse_date(text: str) -> date:
    """The date in ``text``: 2026-05-12, 12 May 2026, May 12, 2026; a time after it is ignored.

    BadInput for anything else, also for 12.05.2026 and 05/12/2026, whose order nobody can know,
    and for years before 1970 or after 2100.
    """
    text = " ".join(text.split())
    shown = text[:40]
    for pattern in (_ISO, *_WRITTEN):
        found = pattern.match(text)
        if found is None or not _only_time(text[found.end() :]):
            continue
        parts = found.groupdict()
        if compact := parts.get("compact"):
            return _date(compact[:4], compact[4:6], compact[6:], shown)
        month = parts.get("m") or _month(parts["month"])
        if month is not None:
            return _date(parts["y"], month, parts["d"], shown)
    if _AMBIGUOUS.match(text):
        raise BadInput(f"the date {shown!r} can be read in two ways; write it as YYYY-MM-DD")
    raise BadInput(f"{shown!r} is not a date; write it as YYYY-MM-DD")


def date_in_name(name: str) -> date | None:
    """The date in a file's name (GMT20260505-140212, call-2026-05-19), ``None`` without one."""
    for found in _IN_NAME.finditer(name):
        with suppress(BadInput):
            return _date(found[1], found[3], found[4], name)
    return None


def _date(year: str, month: str, day: str, shown: str) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError as problem:
        raise BadInput(f"there is no such day as {shown!r}; write it as YYYY-MM-DD") from problem
    if not 1970 <= found.year <= 2100:
        raise BadInput(f"the year of {shown!r} is not between 1970 and 2100; check the date")
    return found


def _month(word: str) -> str | None:
    word = word.lower()
    for number, name in enumerate(_MONTHS, start=1):
        if word in (name, name[:3], name[:4]):
            return str(number)
    return None


def _only_time(rest: str) -> bool:
    return not rest.strip(" ,.") or _TIME.fullmatch(rest) is not None
