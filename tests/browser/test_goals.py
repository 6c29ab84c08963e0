"""Hours by person on Home, and goals and calendars in Settings, as people use them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Serve, Visits
from tests.service.goals.made import calendar, met

HOSTILE = "Eve <img src=x onerror=alert(1)> Mallory"


def test_a_calendar_is_looked_at_loaded_shown_at_home_and_removed(
    sample_home: Path, serve: Serve, visit: Visits, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    monday = now.date() - timedelta(days=now.weekday() + 7)  # of the week before
    file = tmp_path / "dev.ics"
    file.write_bytes(
        calendar(
            met(f"{monday:%Y%m%d}T0800", 75, "boss@tessavane.example"),
            met(f"{monday:%Y%m%d}T1200", 30, "sales@cloudhost.example"),
            met(f"{now + timedelta(days=1):%Y%m%d}T0800", 30, "x@ambleford.example"),
        ).data
    )
    web = serve(sample_home)
    seen = visit(web, "/settings", width=390)
    page = seen.page
    page.get_by_role("button", name="See what the calendar holds").click()
    said = page.locator("#goals-said")
    expect(said).to_have_text("Say whose calendar it is.")
    page.get_by_label("Person of yours").fill("Dev Parmar")
    page.get_by_label("Calendar (.ics)").set_input_files(
        {"name": "x.ics", "mimeType": "text/calendar", "buffer": b"no calendar"}
    )
    page.get_by_role("button", name="See what the calendar holds").click()
    expect(said).to_contain_text("it is no calendar")
    page.get_by_label("Calendar (.ics)").set_input_files(file)
    page.get_by_role("button", name="See what the calendar holds").press("Enter")
    holds = page.locator("#calendar-holds")
    expect(holds).to_contain_text("3 meetings with customers would be in the calendar of Dev")
    assert seen.api("/api/goals")["weeks"][0]["people"] == [], "nothing is loaded yet"
    load = page.get_by_role("button", name="Load it")
    expect(load).to_be_focused()
    page.keyboard.press("Enter")
    expect(said).to_have_text("Loaded.")
    expect(page.locator("#goals-now")).to_contain_text("Dev Parmar: 1 h a week (as everybody)")
    page.get_by_label("Hours a week").fill("2")
    page.get_by_role("button", name="Set the goal").click()
    expect(said).to_have_text("Dev Parmar: 2 h a week.")
    assert seen.barriers() == []

    seen.go("/")
    row = page.locator("#people-hours tbody tr", has_text="Dev Parmar")
    page.get_by_role("button", name="Week before").click()
    expect(row).to_contain_text("1 h 45 min by the calendar")
    expect(row).to_contain_text("2 h, 15 min missing")
    expect(row.get_by_role("link", name="Tessavane Medical Devices")).to_be_visible()
    expect(page.locator("#people-hours")).to_contain_text("no account: cloudhost.example")
    expect(page.locator("#next")).to_contain_text("in a calendar")
    assert seen.barriers() == []

    seen.go("/settings")
    page.get_by_role("button", name="Remove the calendar of Dev Parmar").click()
    expect(said).to_contain_text("is gone (3 meetings)")
    expect(page.locator("#goals-now")).to_have_text(re.compile("^Dev Parmar: 2 h a week$"))


def test_a_name_that_is_markup_is_text(sample_home: Path, serve: Serve, visit: Visits) -> None:
    seen = visit(serve(sample_home), "/settings")
    page = seen.page
    page.get_by_label("Person of yours").fill(HOSTILE)
    page.get_by_label("Hours a week").fill("3")
    page.get_by_role("button", name="Set the goal").click()
    expect(page.locator("#goals-now")).to_contain_text(HOSTILE)
    seen.go("/")
    expect(page.locator("#people-hours tbody th")).to_have_text(HOSTILE)
    assert page.locator("main img, main script").count() == 0
