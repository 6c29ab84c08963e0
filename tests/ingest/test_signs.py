"""Where sentences end, and that looking for it takes no longer than reading."""

from __future__ import annotations

import time

import pytest

from ingest.signs import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rings. We wake.", ["It rings.", "We wake."]),
        ("Dr. Lind called. We ran.", ["Dr. Lind called.", "We ran."]),
        ("He asked Dr... I forget. Well.", ["He asked Dr...", "I forget.", "Well."]),
        ("It rings... we wake?! Yes", ["It rings...", "we wake?!", "Yes"]),
        ('He said "no.". Then left.', ['He said "no.".', "Then left."]),
        ("Version 2.5 is out...now", ["Version 2.5 is out...now"]),
        ("Over!’) Done", ["Over!’)", "Done"]),
    ],
)
def test_sentences_end_at_their_marks(text: str, expected: list[str]) -> None:
    assert [text[a:b] for a, b in sentences(text)] == expected


@pytest.mark.parametrize("unit", [".", "?!", "…", ".'", '."', "Dr.", "' .'"])
def test_runs_of_marks_take_linear_time(unit: str) -> None:
    text = unit * 40_000 + "x"
    started = time.process_time()
    sentences(text)
    assert time.process_time() - started < 1.0
