"""Home and Settings as people use them: the sample loads, calls are booked, the clock is set."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from playwright.sync_api import expect

from ingest.library import Library, Options
from ingest.models import Account
from ingest.store import put_accounts
from tests.browser.conftest import Serve, Visits
from tests.browser.visits import Visit
from tests.durability.processes import Web

HOSTILE = "\"><img src=x onerror=alert(1)><script>alert('1')</script>{{ 7 * 7 }}"
SILENT = "Tessavane Medical Devices"  # of the sample, and the largest that nobody called


def today() -> date:
    return datetime.now(UTC).date()


def ready(seen: Visit) -> None:
    expect(seen.page.locator("#home-loading")).to_be_hidden()


def test_an_empty_home_says_what_to_do_and_fills_itself_with_the_sample(
    tmp_path: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(tmp_path / "new"))
    page = seen.page
    expect(page.get_by_role("heading", name="Welcome. Nothing has been heard yet.")).to_be_visible()
    assert seen.barriers() == []
    expect(page.get_by_role("link", name="Load the accounts")).to_be_visible()
    page.get_by_role("button", name="Load the sample").click()
    expect(page.get_by_role("heading", name="In progress")).to_be_visible()
    expect(page.locator("#welcome")).to_be_hidden()
    expect(page.locator("#board li")).to_have_count(20)
    # Without a word from anybody: what was read shows.
    heard = page.locator("#reach-now .figure")
    expect(heard).to_have_text(re.compile(r"^[1-9]\d* of 20 accounts heard$"), timeout=120_000)
    expect(page.locator("#needs h3").first).to_be_visible(timeout=120_000)


def test_calls_that_are_nobodys_are_told_of(tmp_path: Path, serve: Serve, visit: Visits) -> None:
    seen = visit(serve(tmp_path / "home"), "/settings")
    said = b"Ida Kern: What is hard?\nLin Mori: We chip ice out of the freezer every morning.\n"
    seen.upload("ice.txt", "text/plain", said)
    seen.go("/")
    lacking = seen.page.locator("#lacking li")
    expect(lacking).to_have_text(
        [re.compile("^1 call has no account: not counted"), re.compile("^1 call has no date")],
        timeout=60_000,
    )
    seen.page.get_by_role("link", name="Set the account").click()
    expect(seen.page.get_by_role("button", name="Set the account of")).to_be_visible()


def test_the_board_has_every_state_and_leads_to_the_account(sample: Web, visit: Visits) -> None:
    seen = visit(sample)
    ready(seen)
    page = seen.page
    board = seen.api("/api/coverage")["board"]
    expect(page.locator("#board .heard")).to_have_count(sum(row["heard"] for row in board))
    expect(page.get_by_role("img", name=re.compile("^Revenue of the board: heard"))).to_be_visible()
    expect(page.locator("#needs .reach")).to_have_count(3)
    expect(page.locator("#risks .quote").first).to_be_visible()
    page.locator("#board a").first.click()
    page.wait_for_url(f"**/accounts/{board[0]['account_id']}")


def test_a_call_is_booked_and_taken_back_by_keyboard_alone(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home))
    ready(seen)
    page = seen.page
    day = today() + timedelta(days=7)
    book = page.get_by_role("button", name=f"Book a call with {SILENT}")
    book.focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Day of the call")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(book).to_be_focused()
    page.keyboard.press("Enter")
    field.fill(day.isoformat())
    page.keyboard.press("Enter")
    said = page.locator("#next-said")
    expect(said).to_contain_text(f"A call with {SILENT} is booked for")
    expect(book).to_have_count(0)
    tile = page.locator("#board li", has_text=SILENT)
    expect(tile.locator(".booked")).to_contain_text("booked")
    assert seen.api("/api/coverage")["accounts_booked"] != []
    page.keyboard.press("Tab")  # from the heading to the answer
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    page.keyboard.press("Enter")
    expect(said).to_contain_text("is taken back")
    expect(tile.locator(".silent")).to_be_visible()
    expect(book).to_be_visible()


def test_the_clock_the_goal_and_the_board_are_set_and_taken_back(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    web = serve(sample_home)
    seen = visit(web, "/settings")
    page = seen.page
    save = page.get_by_role("button", name="Save")
    expect(save).to_be_enabled()
    page.get_by_label("First of the 30 days").fill((today() - timedelta(days=11)).isoformat())
    page.get_by_label("Accounts on the board").fill("5")
    page.get_by_label("Your own e-mail domains").fill("no domain")
    save.click()
    said = page.locator("#settings-said")
    expect(said).to_contain_text("is no e-mail domain")
    assert seen.api("/api/settings")["start"] is None, "all of it or nothing"
    page.get_by_label("Your own e-mail domains").fill("vendor.example")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("Saved.")
    seen.go("/")
    ready(seen)
    expect(page.get_by_role("img", name="Day 11 of 30")).to_be_visible()
    expect(page.locator("#board li")).to_have_count(5)
    expect(page.get_by_role("heading", name="Your 5 largest accounts")).to_be_visible()
    seen.go("/settings")
    expect(page.get_by_label("Accounts on the board")).to_have_value("5")
    page.get_by_label("Accounts on the board").fill("7")
    save.click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Accounts on the board")).to_have_value("5")


def test_names_that_are_markup_are_text(tmp_path: Path, serve: Serve, visit: Visits) -> None:
    library = Library(tmp_path / "hostile", Options(models=tmp_path / "models"))
    with library.change() as connection:
        row = Account(account_id="BAD-1", name=HOSTILE, arr_usd=1000, segment=HOSTILE[:90])
        put_accounts(connection, [row])
    library.close()
    seen = visit(serve(tmp_path / "hostile"), width=390)
    ready(seen)
    expect(seen.page.locator("#board strong")).to_have_text(HOSTILE)
    seen.page.get_by_role("button", name="Book a call with").click()
    seen.page.get_by_label("Day of the call").fill(today().isoformat())
    seen.page.get_by_role("button", name="Save").click()
    expect(seen.page.locator("#next-said")).to_contain_text(HOSTILE)
    assert seen.page.locator("main img, main script").count() == 0
    assert seen.sideways() <= 0
    assert seen.barriers() == []


def test_settings_say_what_leaves(sample: Web, visit: Visits) -> None:
    seen = visit(sample, "/settings")
    expect(seen.page.locator("#leaves")).to_contain_text("Nothing leaves this machine.")
    expect(seen.page.locator("#machine")).to_contain_text("SQLite")
