"""The room of memos: drafted, read, played, edited under the gate, compared, taken home."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document
from playwright.sync_api import Page, expect

from tests.browser.conftest import Serve, Visits
from tests.browser.visits import Visit
from tests.durability.processes import Web

HOSTILE = "They want <img src=x onerror=alert(1)> ](javascript:alert(2)) {{7*7}}."


@pytest.fixture
def web(serve: Serve, sample_home: Path) -> Web:
    """A server of the test's own: memos are written."""
    return serve(sample_home)


def drafted(one: Visit) -> Page:
    """A memo on the top 20, drafted in the page and open."""
    page = one.page
    page.get_by_role("button", name="Draft the memo").click()
    page.get_by_role("link", name="Read it").click(timeout=90_000)
    expect(page.get_by_role("heading", name="In short")).to_be_visible()
    return page


def edit(page: Page) -> None:
    page.get_by_role("link", name="Edit", exact=True).click()
    expect(page.locator(".memo-findings h2")).to_be_visible()


def write(page: Page, text: str) -> None:
    """At the end of the memo, as somebody types it."""
    field = page.get_by_label("Text of the memo")
    field.focus()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(text)


def test_a_memo_is_drafted_edited_compared_and_taken_home(
    web: Web, visit: Visits, shots: Path
) -> None:
    one = visit(web, "/memos")
    page = drafted(one)
    one.shot(shots, "memo-1280")
    edit(page)
    expect(page.locator(".memo-findings h2")).to_have_text(
        "Every sentence about customers has its evidence."
    )
    write(page, f"\n## Ours\n\nCustomers adore us. We decide on Friday. {HOSTILE}\n")
    expect(page.locator(".memo-findings h2")).to_have_text("2 sentences without evidence")
    expect(page.locator(".memo-mirror mark")).to_have_count(2)
    page.get_by_role("button", name="Customers adore us.").click()
    chosen = page.evaluate(
        "(f => f.value.slice(f.selectionStart, f.selectionEnd))(document.activeElement)"
    )
    assert chosen == "Customers adore us."
    one.shot(shots, "memo-edit-1280")
    page.keyboard.press("Control+s")
    page.get_by_role("link", name="Read it").click()
    expect(page.locator(".memo mark")).to_have_text(["Customers adore us.", HOSTILE])
    expect(page.get_by_text("2 sentences about customers are without evidence.")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Word").click()
    word = Document(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    assert any("Customers adore us. [not evidenced]" in line.text for line in word.paragraphs)
    page.locator(".memo-versions summary").click()
    page.get_by_role("link", name="What you changed in the draft").click()
    expect(page.locator("ins").first).to_have_text("## Ours")
    page.go_back()
    page.locator(".memo-versions summary").click()
    page.get_by_role("button", name="Go back to the draft").click()
    expect(page.get_by_text("version 2, saved")).to_be_visible()
    expect(page.locator(".memo mark")).to_have_count(0)


def test_two_tabs_lose_nothing(web: Web, visit: Visits) -> None:
    one = visit(web, "/memos")
    page = drafted(one)
    edit(page)
    other = one.tab()
    other.goto(page.url)
    expect(other.locator(".memo-findings h2")).to_be_visible()
    write(other, "\nTheirs first.\n")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_text("Saved as version 1.")).to_be_visible()
    write(page, "\nMine second.\n")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Version 1 was saved meanwhile")).to_be_visible()
    assert "Mine second." in page.get_by_label("Text of the memo").input_value()
    page.get_by_role("button", name="Save mine as version 2").click()
    expect(page.get_by_text("Saved as version 2.")).to_be_visible()


def test_a_quote_beside_the_text_plays_that_moment(web: Web, visit: Visits) -> None:
    one = visit(web, "/memos")
    page = drafted(one)
    call = next(c for c in one.api("/api/calls") if c["has_audio"])
    said = one.api(f"/api/calls/{call['call_id']}")["utterances"]
    roles = {s["label"]: s["role"] for s in call["speakers"]}
    line = next(u for u in said if roles[u["speaker"]] == "customer" and len(u["text"]) > 40)
    edit(page)
    write(page, f"\n> {line['text']}\n> — them [^{call['call_id']}:{line['i']}]\n")
    page.keyboard.press("Control+s")
    page.get_by_role("link", name="Read it").click()
    page.locator(".memo-said-quote .play").last.click()
    sound = page.locator("#sound")
    for _ in range(1200):  # waiting within the page would need what its policy forbids
        if not sound.evaluate("(s) => s.paused || s.seeking"):
            break
        page.wait_for_timeout(50)
    at = sound.evaluate("(s) => s.currentTime")
    assert line["start_s"] - 0.3 <= at <= line["end_s"] + 0.3


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nobody_is_kept_out(web: Web, visit: Visits, shots: Path, width: int, dark: bool) -> None:
    one = visit(web, "/memos", width=width, dark=dark)
    page = drafted(one)
    name = f"memo-{width}{'-dark' if dark else ''}"
    one.shot(shots, name)
    assert (one.barriers(), one.sideways()) == ([], 0)
    edit(page)
    write(page, "\nCustomers adore us.\n")
    expect(page.locator(".memo-mirror mark")).to_have_count(1)
    one.shot(shots, f"{name}-edit")
    assert (one.barriers(), one.sideways()) == ([], 0)
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved as version 1.")).to_be_visible()
    page.goto(page.url.split("?")[0] + "?from=0&to=1")
    expect(page.locator("ins")).to_have_count(1)
    assert (one.barriers(), one.sideways()) == ([], 0)
