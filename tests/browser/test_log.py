"""The audit log in the settings: who did what, chosen and paged; names in it are text."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from ingest.library import Library, Options
from service.access.audit import Entry, write
from service.access.person import Person
from tests.browser.conftest import Serve, Visits

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_log_is_read_chosen_and_paged(
    tmp_path: Path, serve: Serve, visit: Visits, width: int
) -> None:
    library = Library(tmp_path / "home", Options(models=tmp_path / "models"))
    calls = [f"call-{i:012x}" for i in range(60)]
    for one in calls:
        write(library, Entry(Person("u1", HOSTILE, "viewer", "session"), "see", "call", one))
    other = Person("u2", "Eve", "editor", "token")
    write(library, Entry(other, "delete", "call", calls[7], "refused", address="10.0.0.7"))
    library.close()
    seen = visit(serve(tmp_path / "home"), "/settings", width=width)
    page = seen.page
    rows = page.locator("#log-rows tr")
    expect(rows.filter(has_text=calls[7])).to_contain_text(f"deleted call {calls[7]} refused")
    expect(rows.filter(has_text=calls[59])).to_contain_text(HOSTILE)
    assert seen.sideways() <= 0
    assert seen.barriers() == []

    page.get_by_label("Who").fill("u1")
    page.keyboard.press("Enter")
    expect(rows.filter(has_text=f"{calls[7]} ")).to_have_count(0)
    expect(rows).to_have_count(50)
    page.get_by_role("button", name="Show older").click()
    expect(rows).to_have_count(60)
    expect(page.get_by_role("button", name="Show older")).to_be_hidden()

    page.locator("#log-filter [name=action]").select_option("deleted")
    expect(page.locator("#log-said")).to_have_text("Nothing in the log fits.")
    page.get_by_label("Who").fill("")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)

    with page.expect_download() as file:
        page.get_by_role("link", name="as a table (.csv)").click()
    assert file.value.suggested_filename == "audit-log.csv"
    assert calls[59] in file.value.path().read_text("utf-8-sig")
