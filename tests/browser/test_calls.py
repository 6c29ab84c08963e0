"""Calls and accounts in a browser: taking files in from anywhere, finding, one account."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Serve, Visits
from tests.durability.processes import Web

HOSTILE = "<img src=x onerror=alert(1)>"
DROP = """
([files, folder]) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files) transfer.items.add(new File([text], name));
  // Chromium gives no folder to scripts: this stands in for what a person drags.
  const entry = (name, kept) => ({
    isDirectory: kept !== null, isFile: kept === null, name,
    file: (take) => take([...transfer.files].find((file) => file.name === name)),
    createReader: () => {
      let left = kept;
      return { readEntries: (take) => { take(left.slice(0, 100)); left = left.slice(100); } };
    },
  });
  if (folder) {
    const inside = files.map(([name]) => entry(name, null));
    const nested = entry("inner", inside.slice(1));
    const top = entry("calls", [inside[0], nested].filter(Boolean));
    Object.defineProperty(DataTransfer.prototype, "items", {
      configurable: true, get: () => [{ webkitGetAsEntry: () => top }],
    });
  }
  const give = (kind) => document.body.dispatchEvent(
    new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  give("dragover");
  const shown = document.body.classList.contains("dropping");
  give("drop");
  return shown;
}
"""


def drop(page: Page, *files: tuple[str, str], folder: bool = False) -> None:
    assert page.evaluate(DROP, [list(files), folder]), "the page shows where to drop"


def transcript(n: int = 0, who: str = "Lin Mori") -> str:
    return (
        f"# Visit {n}\n\nDate: 2026-06-03\n\nIda Kern: What is hard?\n\n"
        f"{who}: Ice number {n}. We chip ice out of the freezer and lose a morning.\n"
    )


def test_a_file_dropped_in_any_room_is_taken_in(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home), "/settings")
    page = seen.page
    expect(page.locator("#tray")).to_be_hidden()
    name = f"{HOSTILE} visit.md".replace("/", "")
    drop(page, (name, transcript()))
    line = page.locator("#work li")
    expect(line.locator(".file")).to_have_text(name)
    expect(line).to_have_class("done", timeout=120_000)
    expect(page.locator("#tray-head")).to_have_text("1 ready")
    assert seen.barriers() == []
    line.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Visit 0")


def test_a_folder_is_walked_and_what_is_no_call_is_told(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    page = visit(serve(sample_home), "/calls").page
    expect(page.locator("#calls-table")).to_be_visible()
    files = [(f"visit {n}.md", transcript(n)) for n in range(24)]
    strays = [("one.png", "x"), (".DS_Store", "x"), ("two.zip", "x")]
    drop(page, files[0], *strays, *files[1:], folder=True)
    expect(page.locator("#work li")).to_have_count(24)
    expect(page.locator("#work-note")).to_have_text(
        "2 files are no recordings or transcripts and were left out: one.png, two.zip."
    )
    page.locator("#find-words").fill("cobbleway")  # the page does not wait for them
    expect(page.locator("#calls-table tbody tr")).to_have_count(2)
    assert page.locator("#work li.done").count() < 24
    expect(page.locator("#work li.done")).to_have_count(24, timeout=120_000)
    page.get_by_role("button", name="Hide what is finished").click()
    expect(page.locator("#work li")).to_have_count(0)
    page.locator("#find-words").fill("lin mori")
    expect(page.locator("#find-said")).to_contain_text("24 of")


def test_of_a_meeting_of_zoom_the_sound_and_the_transcript_are_sent(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    page = visit(serve(sample_home), "/settings").page
    page.route("**/api/uploads/*", lambda _route: None)
    stamp = "GMT20250203-150231_Recording"
    endings = ("_1920x1080.mp4", ".m4a", ".transcript.vtt", ".cc.vtt", "newChat.txt")
    drop(page, *((f"{stamp}{ending}", ending) for ending in endings))
    expect(page.locator("#work li .file")).to_have_text([f"{stamp}.m4a", f"{stamp}.transcript.vtt"])
    expect(page.locator("#work-note")).to_have_text(
        "3 files of meetings have nothing spoken that others lack and were left out: "
        f"{stamp}_1920x1080.mp4, {stamp}.cc.vtt, {stamp}newChat.txt."
    )


def test_a_table_of_what_was_said_is_a_call_and_no_table_of_accounts(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    page = visit(serve(sample_home), "/settings").page
    said = "Sentence;Start Time;Speaker Name\nWhat is hard?;0:01;Ida Kern\nIce.;0:03;Lin Mori\n"
    drop(page, ("said.csv", said))
    expect(page.locator("#work li .file")).to_have_text("said.csv")
    expect(page.locator("#work li")).to_have_class("done", timeout=120_000)


def test_a_file_that_cannot_be_used_says_why_and_leaving_early_warns(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home), "/accounts")
    page = seen.page
    drop(page, ("nothing.vtt", "no cue in it"))
    line = page.locator("#work li")
    expect(line).to_have_class("failed", timeout=120_000)
    expect(line.locator(".step")).to_contain_text("nothing.vtt")
    # A server that is slow to take the file: who leaves now would stop it.
    page.route("**/api/uploads/*", lambda _route: None)
    drop(page, ("late.md", transcript(7)))
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    page.get_by_role("link", name="Themes").click()
    expect(page.locator("#work li").nth(1)).to_be_visible()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    assert page.url.endswith("/accounts")


def test_what_one_page_began_the_next_offers_to_go_on_with(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home), "/settings")
    page = seen.page
    page.route("**/api/uploads/*", lambda _route: None)
    drop(page, ("late.md", transcript(9)))
    expect(page.locator("#work li .step")).to_contain_text("uploading")
    other = seen.tab()
    other.goto("/settings")
    other.wait_for_load_state("networkidle")
    expect(other.locator("#tray")).to_be_hidden()  # the first tab is sending it
    # Left and not closed: what is held back above would go on its way with the tab's last breath.
    page.on("dialog", lambda asked: asked.accept())
    page.goto("about:blank")
    other.goto("/themes")
    line = other.locator("#work li")
    other.locator("#tray-head").click()
    expect(line.locator(".step")).to_have_text("0% sent: choose the file again to go on")
    line.get_by_role("button", name="Cancel").click()
    expect(other.locator("#tray")).to_be_hidden()
    assert seen.api("/api/calls") is not None


def test_accounts_are_looked_at_before_they_are_loaded(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home), "/ask")
    page = seen.page
    rows = seen.api("/api/accounts")
    first = rows[0]
    drop(
        page,
        ("crm.csv", f"account_id,name\n{first['account_id']},{HOSTILE}\nNEW-1,Newcomer\n"),
    )
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 account new, 1 changed, 0 the same.")
    expect(dialog).to_contain_text(HOSTILE)
    expect(dialog).to_contain_text("would be empty")
    assert seen.barriers() == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert seen.api("/api/accounts") == rows
    page.goto("/accounts")
    page.locator("#accounts-file").set_input_files(
        {"name": "x.csv", "mimeType": "text/csv", "buffer": b"account_id,name\nNEW-1,Newcomer\n"}
    )
    expect(page.get_by_role("button", name="Load 1 account")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#accounts-said")).to_contain_text("1 new, 0 changed")
    expect(page.locator("#accounts-n")).to_have_text(str(len(rows) + 1))
    page.locator("#accounts-file").set_input_files(
        {"name": "bad.csv", "mimeType": "text/csv", "buffer": b"account_id,name\nno id,X\n"}
    )
    expect(dialog).to_contain_text("line 2, column 'account_id'")
    expect(dialog.get_by_role("button")).to_have_text(["Close"])


def test_calls_are_found_sorted_and_kept_in_the_address(sample: Web, visit: Visits) -> None:
    seen = visit(sample, "/calls")
    page = seen.page
    rows = page.locator("#calls-table tbody tr")
    expect(rows.first).to_be_visible()
    everything = rows.count()
    page.get_by_role("button", name="Length").click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Length")
    lengths = [seconds(text) for text in page.locator("td.number").all_inner_texts()]
    known = [one for one in lengths if one is not None]
    assert known == sorted(known, reverse=True)
    page.locator("#find-words").fill("maureen")
    expect(page.locator("#find-said")).to_have_text(f"1 of {everything} calls")
    assert page.url.endswith("?q=maureen")
    rows.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/calls/LC-001$"))
    page.go_back()
    expect(page.locator("#find-words")).to_have_value("maureen")
    expect(page.locator("#find-said")).to_have_text(f"1 of {everything} calls")
    page.locator("#find-words").fill("nobody says this")
    expect(page.locator("#find-said")).to_have_text("No call is like that.")
    page.get_by_role("button", name="Show all").click()
    expect(rows).to_have_count(everything)


def seconds(text: str) -> int | None:
    parts = [int(part) for part in text.split(":")] if ":" in text else []
    return sum(part * 60**n for n, part in enumerate(reversed(parts))) if parts else None


def test_what_a_call_lacks_is_set_in_its_line_by_keyboard(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    web = serve(sample_home)
    seen = visit(web, "/calls?show=no-account")
    page = seen.page
    drop(page, ("lost.txt", "Ida Kern: Hello, how are you?\nLin Mori: We lose a morning to ice.\n"))
    expect(page.locator("#work li")).to_have_class("done", timeout=120_000)
    page.get_by_role("button", name="Set the account of").press("Enter")
    choice = page.locator(".setter select")
    expect(choice).to_be_focused()
    account = seen.api("/api/accounts")[3]
    choice.select_option(label=account["name"])
    page.keyboard.press("Enter")
    expect(page.locator("#calls-said")).to_contain_text(f"is with {account['name']} now.")
    page.locator("#find-sort").select_option("no-date")
    page.get_by_role("button", name="Set the date of").click()
    page.locator(".setter input").fill("2026-06-03")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("#calls-said")).to_contain_text("is of 3 Jun 2026 now.")
    (call,) = (c for c in seen.api("/api/calls") if c["file_name"] == "lost.txt")
    assert (call["date"], call["account_id"]) == ("2026-06-03", account["account_id"])


@pytest.mark.parametrize("width", [1280, 390])
def test_a_dot_of_the_timeline_shows_the_words(sample: Web, visit: Visits, width: int) -> None:
    seen = visit(sample, "/accounts/ACC-1187", width=width)
    page = seen.page
    dots = page.locator(".dot")
    expect(dots.first).to_be_visible()
    dots.first.press("Enter")
    point = page.locator("#point")
    expect(point.locator("figure.quote").first).to_be_visible()
    call_id = seen.api("/api/accounts/ACC-1187")["timeline"][0]["call_id"]
    assert call_id in (point.locator("h3 a").get_attribute("href") or "")
    assert seen.barriers() == []
    assert seen.sideways() <= 0
    dots.first.press(" ")
    expect(point.locator("figure")).to_have_count(0)
    page.get_by_text("The same as a table").click()
    counted = page.locator("#timeline-table td.number").all_inner_texts()
    shown = seen.api("/api/accounts/ACC-1187")["timeline"]
    assert sum(int(n) for n in counted if n.isdigit()) == sum(p["n"] for p in shown)


def test_hostile_accounts_are_text_and_push_nothing_aside(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home), "/settings", width=390)
    long = "W" * 90
    seen.api(
        "/api/accounts",
        "PUT",
        [
            {
                "account_id": "ACC-1187",
                "name": f"{HOSTILE} {long}",
                "arr_usd": 999_999_999,
                **dict.fromkeys(("tier", "segment", "region", "health"), f"<b>{long}"),
                "owner": f"{{{{7*7}}}} {long}",
            }
        ],
    )
    page = seen.page
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for path, place in (
            ("/accounts", "tbody td.title a >> nth=0"),
            ("/accounts/ACC-1187", "h1"),
        ):
            seen.go(path)
            expect(page.locator(place)).to_have_text(f"{HOSTILE} {long}")
            expect(page.get_by_text(f"{{{{7*7}}}} {long}")).to_be_visible()
            assert seen.sideways() <= 0, (path, width)
            assert seen.barriers() == []
