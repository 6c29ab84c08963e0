"""The whole way of somebody new: from an empty home to a memo that opens in Word."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import quote

from docx import Document
from playwright.sync_api import expect

from tests.browser.conftest import Serve, Visits
from tests.durability.clips import clips

HEARING_MS = 900_000  # the recordings of the sample are heard for real


def test_from_an_empty_home_to_a_memo_in_word(tmp_path: Path, serve: Serve, visit: Visits) -> None:
    seen = visit(serve(tmp_path / "new"))
    page = seen.page

    # The sample.
    page.get_by_role("button", name="Load the sample").click()
    expect(page.get_by_role("heading", name="In progress")).to_be_visible()
    expect(page.locator("#reach-now .figure")).to_contain_text("16 of 20", timeout=HEARING_MS)

    # A recording of one's own, watched while it is heard.
    (clip,) = clips(tmp_path / "mine", 1, seconds=30.0)
    account = seen.api("/api/accounts")[0]
    page.get_by_role("link", name="Calls", exact=True).click()
    page.locator("#add-account").select_option(label=account["name"])
    page.locator("#files").set_input_files(clip)
    line = page.locator("#work li", has_text=clip.name)
    expect(line.get_by_role("progressbar")).to_be_visible()
    expect(line).to_have_class("done", timeout=HEARING_MS)
    line.get_by_role("link").click()

    # Who is who in it is put right.
    people = page.locator("#speakers > li")
    expect(people.first).to_be_visible()
    people.first.get_by_role("button", name="Correct").click()
    page.get_by_label("Name", exact=True).fill("Ada Quill")
    people.first.get_by_role("combobox", name="Role").select_option("customer")
    page.keyboard.press("Enter")
    expect(people.first.locator("strong")).to_have_text("Ada Quill")

    # A question, and the moment that an answer rests on.
    with_sound = next(
        call
        for call in seen.api("/api/calls")
        if call["has_audio"] and call["account_id"] not in (None, account["account_id"])
    )
    seen.go(f"/ask?q={quote('What do they need?')}&account={quote(with_sound['account_id'])}")
    play = page.locator(".answer:not(.coming) .play").first
    play.click()
    at = seen.heard_at()
    link = play.locator("xpath=..").locator("figcaption a").last.get_attribute("href") or ""
    call_id = link.removeprefix("/calls/").split("?")[0].split("#")[0]
    said = seen.api(f"/api/calls/{call_id}")["utterances"][int(link.rsplit("#u", 1)[1])]
    assert said["start_s"] <= at <= said["end_s"] + 0.1

    # Two themes that are one.
    page.get_by_role("link", name="Themes", exact=True).click()
    themes = page.locator("#ranking .opens")
    expect(themes.first).to_be_visible()
    first, second = themes.all_inner_texts()[:2]
    page.get_by_role("button", name=first, exact=True).click()
    page.get_by_role("dialog", name=first).get_by_role("button", name="Merge …").click()
    asked = page.locator("#theme-edit")
    asked.get_by_label("The other theme").select_option(label=second)
    asked.get_by_label(second).check()
    asked.get_by_role("button", name="Merge").click()
    expect(page.locator("#changed-said")).to_have_text(f"Both are “{second}” now.")

    # The memo: drafted, edited, taken home.
    seen.go("/memos")
    page.get_by_role("button", name="Draft the memo").click()
    page.get_by_role("link", name="Read it").click(timeout=HEARING_MS)
    expect(page.get_by_role("heading", name="In short")).to_be_visible()
    page.get_by_role("link", name="Edit", exact=True).click()
    field = page.get_by_label("Text of the memo")
    expect(field).to_be_visible()
    field.focus()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text("\n## What I take from it\n\nWe start on Monday.\n")
    page.keyboard.press("Control+s")
    page.get_by_role("link", name="Read it").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Word").click()
    word = Document(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    told = [paragraph.text for paragraph in word.paragraphs]
    assert "We start on Monday." in told
    assert any(second in text for text in told)
