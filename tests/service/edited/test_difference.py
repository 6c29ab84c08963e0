"""What differs between two versions, where one of them has no words at all."""

from __future__ import annotations

import pytest

from service.edited.difference import Op, difference


@pytest.mark.parametrize(
    ("before", "after", "op"), [("# A\n\nWords.", "", "removed"), (" \n", "# A\n\nWords.", "added")]
)
def test_all_of_it_goes_or_comes(before: str, after: str, op: Op) -> None:
    changes = difference(before, after)
    assert [(change.op, change.parts[0].text) for change in changes] == [
        (op, "# A"),
        (op, "Words."),
    ]


def test_nothing_differs_from_nothing() -> None:
    assert difference("", "\n") == []
