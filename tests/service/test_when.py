from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.when import span

LATEST = date(2026, 6, 3)


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("text", "since", "until", "said"),
    [
        ("who called between 18 and 22 May?", "2026-05-18", "2026-05-22", "between 18 and 22 May"),
        ("from 20 to 24 April", "2026-04-20", "2026-04-24", "from 20 to 24 April"),
        ("from 28 April to 3 May", "2026-04-28", "2026-05-03", "from 28 April to 3 May"),
        ("from March to May", "2026-03-01", "2026-05-31", "from March to May"),
        ("between 2025-11-30 and 2026-01-02", "2025-11-30", "2026-01-02", None),
        ("from the 1st of May until the 3rd of May", "2026-05-01", "2026-05-03", None),
        ("since 5 May", "2026-05-05", None, "since 5 May"),
        ("after May 5th", "2026-05-05", None, "after May 5th"),
        ("from 5 May onwards", "2026-05-05", None, "from 5 May onwards"),
        ("before June", None, "2026-05-31", "before June"),
        ("before 2026-03-01", None, "2026-02-28", "before 2026-03-01"),
        ("until 3 March 2024", None, "2024-03-03", "until 3 March 2024"),
        ("by the 3rd of March, 2024", None, "2024-03-03", None),
        ("in May", "2026-05-01", "2026-05-31", "in May"),
        ("DURING FEBRUARY", "2026-02-01", "2026-02-28", "DURING FEBRUARY"),
        ("on 2026-05-05", "2026-05-05", "2026-05-05", "on 2026-05-05"),
        ("on 29 February 2024", "2024-02-29", "2024-02-29", None),
    ],
)
def test_words_for_days(text: str, since: str | None, until: str | None, said: str | None) -> None:
    found = span(text, LATEST)
    assert found is not None
    assert (found.since, found.until) == (day(since), day(until))
    assert found.said == said or (said is None and found.said in text)


@pytest.mark.parametrize(
    ("text", "since"),
    [("in June", "2026-06-01"), ("in July", "2025-07-01"), ("in December", "2025-12-01")],
)
def test_a_month_without_a_year_is_not_after_the_last_call(text: str, since: str) -> None:
    found = span(text, LATEST)
    assert found is not None
    assert found.since == day(since)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "What may customers want?",
        "on 5",
        "since 12",
        "from 5 to 3 May",
        "between 30 May and 2 May",
        "on 31 February 2026",
        "on 2026-13-01",
        "between 2026-02-30 and 2026-03-01",
        "from A to B",
        "version 5 in 3 steps",
    ],
)
def test_what_is_no_span_of_days(text: str) -> None:
    assert span(text, LATEST) is None


WORDS = st.sampled_from(
    """between from since after until before by in on during and to - – , the of May may Sept. sep
    January 1 12 22nd 31 32 99 2026 1900 2099 2024-02-29 2026-02-30 1999-12-31 9999-12-31 ٣ ² \x00
    İ ſeptember calls""".split()
)
TEXTS = st.one_of(st.text(), st.lists(WORDS, max_size=12).map(" ".join))


@given(TEXTS, st.dates(date(1901, 1, 1), date(2100, 1, 1)))
def test_no_text_breaks_it_and_spans_run_forward(text: str, latest: date) -> None:
    found = span(text, latest)
    if found is not None:
        assert found.said
        assert found.said in text
        assert found.since is not None or found.until is not None
        if found.since is not None and found.until is not None:
            assert found.since <= found.until
