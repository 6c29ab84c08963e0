"""The server goes and comes back under an open page."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Serve, Visits
from tests.durability.processes import Web


def test_a_page_says_that_the_server_is_away_and_goes_on_when_it_is_back(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    web = serve(sample_home)
    seen = visit(web, "/ask")
    field = seen.page.get_by_role("searchbox", name="Your question")
    field.fill("What do our top customers need?")
    seen.away = True
    web.end()
    field.press("Enter")
    banner = seen.page.locator("#connection")
    expect(banner).to_contain_text("The server does not answer")
    expect(banner).to_have_class(re.compile("bad"))
    expect(field).to_have_value("What do our top customers need?")
    serve(sample_home, port=web.port)
    expect(banner).to_contain_text("Connected again")
    seen.away = False
    field.press("Enter")
    expect(seen.page.locator(".statements").first).to_be_visible()
    expect(banner).to_be_hidden()


def test_an_idle_page_notices_by_itself(sample_home: Path, serve: Serve, visit: Visits) -> None:
    web = serve(sample_home)
    seen = visit(web, "/accounts")
    seen.page.wait_for_load_state("networkidle")
    seen.away = True
    web.end()
    expect(seen.page.locator("#connection")).to_contain_text("does not answer")
    serve(sample_home, port=web.port)
    expect(seen.page.locator("#connection")).to_contain_text("Connected again")


def test_on_a_slow_network_the_page_says_what_it_does(sample: Web, visit: Visits) -> None:
    seen = visit(sample, "/ask")
    seen.page.wait_for_load_state("networkidle")
    # An answer that is long in coming.
    seen.page.route("**/api/ask", lambda _route: None)
    field = seen.page.get_by_role("searchbox", name="Your question")
    field.fill("What do our top customers need?")
    field.press("Enter")
    expect(seen.page.locator("#answer-said")).to_contain_text("Reading what they said")
    # The page is not frozen meanwhile: another question takes the place of the first.
    field.fill("Who may leave us?")
    expect(field).to_have_value("Who may leave us?")
    seen.page.unroute("**/api/ask")
    field.press("Enter")
    expect(seen.page.locator(".answer")).to_contain_text("Who may leave us?")
