from __future__ import annotations

from ingest.library import Library
from service import ledger
from service.fit import fit, untouched
from service.scope import resolve
from service.shapes import Filters, FitLine
from tests.service.coded import theme

ALARM = [("FC-1", 1), ("FC-1", 3), ("FC-1", 6), ("FC-2", 1)]
VISION = """# Our vision

When an alarm rings, it says which freezer it is.
- We will run a loyalty programme for airline pilots.
"""


def lines_of(library: Library, vision: str) -> tuple[tuple[FitLine, ...], tuple[str, ...]]:
    with library.read() as connection:
        scope = resolve(connection, Filters())
        needs = [
            theme(connection, scope, "An alarm names its freezer", ALARM),
            theme(connection, scope, "Export records that are signed", [("FC-3", 1)]),
        ]
        items = ledger.items(connection, scope)
    lines = fit(library, vision, needs, items)
    return lines, untouched(needs, lines)


def test_a_sentence_meets_the_need_it_is_near_with_their_words(filled: Library) -> None:
    lines, far = lines_of(filled, VISION)
    assert [line.theme_id for line in lines] == ["code-an", None]
    assert lines[0].sentence == "When an alarm rings, it says which freezer it is."
    assert "alarm" in lines[0].quotes[0].text
    assert far == ("code-export",)


def test_what_nobody_spoke_of_stands_alone(filled: Library) -> None:
    lines, _ = lines_of(filled, VISION)
    assert lines[1].quotes == ()


def test_headings_and_empty_lines_are_no_aims(filled: Library) -> None:
    assert lines_of(filled, "# Vision\n\n--\n")[0] == ()


def test_without_a_call_every_sentence_stands_alone(library: Library) -> None:
    (line,) = fit(library, "We keep every sample cold.", [], [])
    assert (line.theme_id, line.quotes) == (None, ())
