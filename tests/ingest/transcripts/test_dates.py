"""Dates as people write them, and the ones that nobody can know."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.errors import BadInput
from ingest.transcripts import parse_date
from ingest.transcripts.dates import date_in_name


@pytest.mark.parametrize(
    "text",
    [
        *("2026-05-12", "2026/5/12", "20260512", "2026-05-12T10:04:00Z", "2026-05-12 10:04"),
        *("12 May 2026", "12 May 2026, 10:04am", "12-May-2026", "12th of May 2026", "12 may, 2026"),
        *("May 12, 2026", "May 12 2026", "Tuesday, May 12th, 2026 at 10:04 AM", " 12  May 2026 "),
    ],
)
def test_read(text: str) -> None:
    assert parse_date(text) == date(2026, 5, 12)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("12.05.2026", "two ways"),
        ("05/12/2026", "two ways"),
        ("1-2-26", "two ways"),
        ("2026-02-30", "no such day"),
        ("30 February 2026", "no such day"),
        ("2026-13-01", "no such day"),
        ("0026-01-01", "between 1970 and 2100"),
        ("9999-01-01", "between 1970 and 2100"),
        ("12 Mayhem 2026", "not a date"),
        ("May 2026", "not a date"),
        ("2026-05-12 or so", "not a date"),
        ("yesterday", "not a date"),
        ("", "not a date"),
    ],
)
def test_refused(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        parse_date(text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GMT20260505-140212_Recording.transcript.vtt", date(2026, 5, 5)),
        ("shop-2026-05-19.srt", date(2026, 5, 19)),
        ("20261340-2026-05-19.srt", date(2026, 5, 19)),
        ("gong_call_7782342274025937895.json", None),
        ("call.md", None),
    ],
)
def test_in_a_file_name(name: str, expected: date | None) -> None:
    assert date_in_name(name) == expected
