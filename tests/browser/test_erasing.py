"""Erasing a person and asking for consent, on the page, by an admin who has signed in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Serve, Visits
from tests.browser.people import ADMIN, let_in
from tests.browser.visits import Visit

CALL = "LC-001"
HOSTILE = "<img src=x onerror=alert(1)> Ruiz"


@pytest.fixture
def home(sample_home: Path) -> Path:
    let_in(sample_home)
    return sample_home


def customer_of(call: Any) -> str:
    """A customer's first and last name."""
    names = [s["name"] for s in call["speakers"] if s["role"] == "customer"]
    return str(next(name for name in names if len(name.split()) == 2))


def look(seen: Visit, name: str) -> None:
    seen.page.get_by_label("First and last name").fill(name)
    seen.page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [1280, 390])
def test_what_would_go_is_said_before_a_person_is_erased(
    home: Path, serve: Serve, visit: Visits, width: int
) -> None:
    seen = visit(serve(home), "/settings", width=width, name=ADMIN)
    page = seen.page
    person = customer_of(seen.api(f"/api/calls/{CALL}"))
    going = page.locator("#erase-goes li")
    really = page.get_by_role("button", name="Erase for good")

    look(seen, HOSTILE)
    expect(going.first).to_contain_text(f"Nobody called {HOSTILE} spoke in a call")
    expect(really).to_be_hidden()
    look(seen, person.split()[0])
    expect(page.locator("#erase-said")).to_contain_text("give first and last name")

    look(seen, person)
    expect(going.first).to_be_visible()
    expect(going.filter(has_text="backups made before")).to_be_visible()
    assert seen.barriers() == []
    assert seen.sideways() <= 0
    page.get_by_label("First and last name").fill(f"{person}s")  # about somebody else now
    expect(really).to_be_hidden()
    look(seen, person)
    told = [one["call_id"] for one in seen.api(f"/api/people/erasure?name={person}")["calls"]]
    assert CALL in told
    really.click()
    expect(page.locator("#erase-said")).to_have_text(f"{person} is erased. What went:")
    expect(really).to_be_hidden()
    assert person not in str([seen.api("/api/calls"), seen.api("/api/answers")])
    assert seen.api(f"/api/people/erasure?name={person}")["calls"] == []


def test_calls_wait_for_consent_where_the_home_asks_for_it(
    home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(home), "/settings", name=ADMIN)
    page = seen.page
    page.get_by_label("Only calls with consent count").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#settings-said")).to_contain_text("Saved.")
    calls = len(seen.api("/api/calls"))

    seen.go("/calls")
    waiting = page.get_by_text("waits for consent", exact=True)
    expect(waiting).to_have_count(calls)

    seen.go(f"/calls/{CALL}")
    notice = page.get_by_text("This call waits for consent")
    expect(notice).to_be_visible()
    expect(page.locator("#transcript > li").first).to_be_visible()  # it can still be read
    page.get_by_text("Change title, date, account or consent").click()
    page.get_by_label("Consent to be quoted").select_option("given")
    page.locator("form", has=page.get_by_label("Consent to be quoted")).get_by_role(
        "button", name="Save"
    ).click()
    expect(notice).to_have_count(0)
    expect(page.get_by_text("consent given").first).to_be_visible()
    assert seen.barriers() == []

    seen.go("/calls")
    expect(waiting).to_have_count(calls - 1)
