"""Private details on the page: masked, shown when asked, kept when a line is corrected."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Serve, Visits

CALL, LINE, NUMBER = "LC-001", 48, "919-555-0142"


def test_private_details_are_shown_when_asked_and_stay_when_a_line_is_corrected(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home), f"/calls/{CALL}")
    page = seen.page
    words = page.locator(f"#u{LINE} .words")
    expect(words).to_contain_text("•" * len(NUMBER))
    line = page.locator(f"#u{LINE}")
    line.locator(".more-of").click()
    page.get_by_role("button", name="Correct the words").click()
    field = page.get_by_label(f"The words of line {LINE}")
    field.fill(f"{field.input_value()} Any time.")
    page.get_by_role("button", name="Save").last.click()
    expect(words).to_contain_text("Any time.")
    expect(words).to_contain_text("•" * len(NUMBER))
    page.locator("#unmask").click()
    expect(words).to_contain_text(NUMBER)
    expect(words).to_contain_text("Any time.")
    expect(page.locator("#as-txt")).to_have_attribute("href", f"/api/calls/{CALL}.txt?originals=1")
    page.locator("#unmask").click()
    expect(words).not_to_contain_text(NUMBER)


def test_names_to_mask_are_set_and_taken_back(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home), "/settings")
    page = seen.page
    expect(page.get_by_label("Mask private details")).to_be_checked()
    page.get_by_label("Names to mask as well").fill("Maureen, Tolliver")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#settings-said")).to_contain_text("Saved.")
    assert seen.api("/api/settings")["mask_names"] == ["Maureen", "Tolliver"]
    assert "Maureen" not in str(seen.api(f"/api/calls/{CALL}"))
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Names to mask as well")).to_have_value("")
    assert "Maureen" in str(seen.api(f"/api/calls/{CALL}"))
