"""A CRM's export on the page: its columns, the questions, the difference, the load and the undo."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Serve, Visits
from tests.browser.visits import Visit

HOSTILE = "<img src=x onerror=alert(1)>"


def choose(seen: Visit, name: str, csv: str) -> Locator:
    file = {"name": name, "mimeType": "text/csv", "buffer": csv.encode()}
    seen.page.get_by_label("Accounts CSV").set_input_files(file)  # type: ignore[arg-type]
    return seen.page.get_by_role("dialog")


def one(seen: Visit, account_id: str) -> dict[str, object]:
    found: dict[str, object] = seen.api(f"/api/accounts/{account_id}")
    return found


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_an_export_is_mapped_asked_about_loaded_and_taken_back(
    sample_home: Path, serve: Serve, visit: Visits, width: int, dark: bool
) -> None:
    seen = visit(serve(sample_home), "/accounts", width=width, dark=dark)
    account = seen.api("/api/accounts")[0]
    before = one(seen, account["account_id"])
    csv = (
        f"Record ID,Company name,ARR,Renewal date,Industry,{HOSTILE}\n"
        f"1,{account['name']} Inc.,€10,03/04/2030,Rivers,x\n"
        f"2,{account['name']} Overseas,7,05/06/2030,{HOSTILE},x\n"
        f"3,{HOSTILE},seven,05/06/2030,,x\n"
    )
    dialog = choose(seen, "crm.csv", csv)
    expect(dialog.get_by_text("Is it right which column is what?")).to_be_visible()
    assert seen.barriers() == []
    assert seen.sideways() <= 0
    dialog.get_by_label("What Industry is", exact=True).select_option("owner")
    dialog.get_by_label("Which comes first").select_option("dmy")
    dialog.get_by_label("Dollars for one EUR").fill("2")
    dialog.get_by_role("button", name="This is right, go on").press("Enter")

    # Nothing is decided for a person: whose a line is, and what becomes of a faulty one.
    whose = dialog.get_by_role("combobox", name=f"Line 3: {account['name']} Overseas")
    expect(whose).to_be_focused()
    expect(dialog).to_contain_text("'seven' is no amount")
    expect(dialog.get_by_role("button", name="Load")).to_have_count(0)
    whose.select_option("new")
    dialog.get_by_label("leave it out").check()
    assert seen.barriers() == []
    dialog.get_by_role("button", name="Go on").press("Enter")

    load = dialog.get_by_role("button", name="Load 2 accounts")
    expect(load).to_be_focused()
    change = dialog.get_by_role("group", name="What would change")
    expect(change).to_contain_text("$20")
    expect(change).to_contain_text("3 Apr 2030")
    assert one(seen, account["account_id"]) == before
    assert seen.sideways() <= 0
    load.press("Enter")

    said = seen.page.locator("#accounts-said")
    expect(said).to_contain_text("Loaded crm.csv: 1 new, 1 changed.")
    after = one(seen, account["account_id"])
    assert (after["arr_usd"], after["owner"], after["health"]) == (20.0, "Rivers", before["health"])
    expect(seen.page.locator("#accounts-table")).to_contain_text(HOSTILE)  # as text

    # The same columns again are known; then all of it is taken back.
    dialog = choose(seen, "crm.csv", csv.replace("€10", "€11").replace("seven", "8"))
    expect(dialog).to_contain_text("Its columns are known from last time.")
    expect(dialog.get_by_label("Dollars for one EUR")).to_be_focused()
    seen.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    said.get_by_role("button", name="Undo").press("Enter")
    expect(said).to_have_text("crm.csv is taken back: 1 removed, 1 as before.")
    assert one(seen, account["account_id"]) == before


def test_what_cannot_be_read_is_said_and_our_own_format_is_loaded_as_ever(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home), "/accounts")
    dialog = choose(seen, "book.csv", "PK\x03\x04 an Excel file")
    expect(dialog.get_by_role("alert")).to_contain_text("save it as CSV")
    dialog.get_by_role("button", name="Close").press("Enter")

    account = seen.api("/api/accounts")[0]
    csv = f"account_id,name\n{account['account_id']},{account['name']}\n"
    dialog = choose(seen, "accounts.csv", csv)
    expect(dialog).to_contain_text("would be empty")
    dialog.get_by_role("button", name="Cancel").press("Enter")
    expect(dialog).to_have_count(0)


def test_an_answer_can_be_asked_again(sample_home: Path, serve: Serve, visit: Visits) -> None:
    seen = visit(serve(sample_home), "/accounts")
    names = [account["name"] for account in seen.api("/api/accounts")[:2]]
    dialog = choose(seen, "x.csv", f"Company,Industry\n{names[0]} Overseas,Rivers\n")
    dialog.get_by_role("button", name="This is right, go on").press("Enter")
    whose = dialog.get_by_role("combobox", name="Line 2")
    whose.select_option("another account …")
    whose.select_option(names[1])
    dialog.get_by_role("button", name="Go on").press("Enter")
    expect(dialog.get_by_role("group", name="What would change")).to_contain_text(names[1])
    dialog.get_by_text("You answered for 1 line").click()
    dialog.get_by_role("button", name="Ask again about line 2").click()
    expect(whose).to_be_focused()
    expect(dialog.get_by_role("button", name="Load")).to_have_count(0)


def test_a_call_without_an_account_is_offered_one_and_keeps_none_until_it_is_taken(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home), "/calls")
    account = seen.api("/api/accounts")[0]
    call = (
        '{"title": "Out of the blue", "date": "2026-06-03", "source": "x", "participants": '
        '[{"name": "Di Moss", "role": "customer", "title": null, "email": "di@moss.example"}, '
        '{"name": "Us", "role": "internal", "title": null, "email": null}], "utterances": ['
        '{"i": 0, "speaker": "Us", "start_s": 0, "end_s": 2, "text": "What is hard?"}, '
        '{"i": 1, "speaker": "Di Moss", "start_s": 2, "end_s": 6, "text": "The ice is hard."}]}'
    )
    seen.upload("blue.json", "application/json", call.encode())
    file = f"Company,Website\n{account['name']},moss.example\n".encode()
    choices = {"mapping_is_right": True, "matches": {"2": account["account_id"]}}
    for _ in range(600):
        if not seen.api("/api/jobs?state=queued") and not seen.api("/api/jobs?state=working"):
            break
        seen.page.wait_for_timeout(200)
    seen.api("/api/crm/apply", "POST", {"file": b64encode(file).decode(), "choices": choices})
    seen.go("/calls")
    row = seen.page.get_by_role("row").filter(has_text="Out of the blue")
    expect(row).to_contain_text("no account")
    offer = row.get_by_role("button", name=f"Out of the blue is with {account['name']}")
    expect(offer).to_be_visible()
    assert seen.barriers() == []
    (listed,) = (c for c in seen.api("/api/calls") if c["title"] == "Out of the blue")
    assert listed["account_id"] is None
    offer.press("Enter")
    expect(seen.page.locator("#calls-said")).to_contain_text("Out of the blue is with")
    expect(row.get_by_role("link", name=account["name"])).to_be_visible()
