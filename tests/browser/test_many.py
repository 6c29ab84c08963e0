"""Two hundred calls and forty thousand utterances: every room draws what is looked at, not all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from eval.population import Population
from ingest.library import Library, Options
from tests.browser.conftest import Visits, served
from tests.durability.processes import Web

CALLS = 200
MOST_ELEMENTS = 12_000  # of a page; a call of 500 lines has about 8,000


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    home = tmp_path_factory.mktemp("many") / "home"
    library = Library(home, Options(models=home))
    Population(library).grow(CALLS)
    library.close()
    with served(home, "--no-worker") as web:
        yield web


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/", "#board li"),
        ("/calls", "#calls-table tbody tr"),
        ("/accounts", "main table tbody tr"),
        ("/themes", ".ranked"),
        ("/themes?view=accounts", "table.heat"),
        ("/themes?view=time", ".theme-times li"),
        ("/ask?q=What+do+customers+need+most%3F", ".answer:not(.coming) .statements > li"),
    ],
)
def test_a_room_draws_what_is_looked_at(many: Web, visit: Visits, path: str, there: str) -> None:
    seen = visit(many, path)
    expect(seen.page.locator(there).first).to_be_visible(timeout=120_000)
    elements = seen.page.evaluate("document.querySelectorAll('*').length")
    assert elements <= MOST_ELEMENTS
    assert seen.sideways() <= 0


def test_calls_are_found_among_many(many: Web, visit: Visits) -> None:
    page = visit(many, "/calls").page
    expect(page.locator("#calls-n")).to_have_text(f"{CALLS}")
    page.locator("#find-words").fill("check-in 137")
    expect(page.locator("#find-said")).to_have_text(f"1 of {CALLS} calls")
    page.locator("#calls-table tbody").get_by_role("link").first.click()
    expect(page.locator("#transcript > li").first).to_be_visible()


def test_a_long_call_takes_input_while_it_is_scrolled(many: Web, visit: Visits) -> None:
    """Wheel and keys reach the page all the way down: the field has every letter in the end."""
    page = visit(many, "/calls").page
    page.locator("#calls-table tbody").get_by_role("link").first.click()
    lines = page.locator("#transcript > li")
    expect(lines.first).to_be_visible()
    field = page.get_by_label("Find in this call")
    field.focus()
    typed = "never said in any call"
    for letter in typed:
        page.mouse.wheel(0, 900)
        page.keyboard.type(letter)
    expect(field).to_have_value(typed)
