"""The room that closes the loop, and hooks in the settings."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from ingest.library import Library, Options
from service import codebook
from service.hooks import store
from service.hooks.store import NewHook
from tests.browser.conftest import Serve, Visits
from tests.receiver import receiving

HOSTILE = "<img src=x onerror=\"document.title='broken'\">{{7*7}}"


def shipped(home: Path) -> tuple[str, int]:
    """The home with a need of a hostile name that has shipped; its id, and how many voiced it."""
    from service.loop import queue

    library = Library(home, Options(models=home / "models"))
    try:
        with library.read() as connection:
            code = next(c for c in codebook.list_codes(connection) if c.kind == "request")
        codebook.rename(library, code.id, HOSTILE)
        codebook.set_status(library, code.id, "shipped")
        return code.id, queue(library).to_do_n
    finally:
        library.close()


def test_they_are_told_and_that_is_taken_back_by_keys_alone(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    code_id, n = shipped(sample_home)
    seen = visit(serve(sample_home), "/loop")
    page = seen.page
    entries = page.locator(".loop-entry")
    expect(entries).to_have_count(n)
    expect(page.locator("#loop-said")).to_have_text(f"{n} accounts wait to hear something.")
    expect(page.get_by_role("link", name=HOSTILE)).to_have_attribute(
        "href", f"/themes?theme={code_id}"
    )
    name = entries.first.locator("h3").inner_text()
    words = entries.first.locator("blockquote").first.inner_text()
    entries.first.locator(".loop-note > summary").press("Enter")
    note = entries.first.locator(".loop-note > p").first
    expect(note).to_contain_text(words.strip("“”")[:60])
    expect(note).to_contain_text(HOSTILE)
    entries.first.get_by_role("button", name=f"Told {name}").press("Enter")
    expect(page.locator("#loop-done")).to_have_text(f"{name} was told.")
    expect(entries).to_have_count(n - 1)
    expect(entries.first.locator("h3")).to_be_focused()
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.locator("#loop-done")).to_have_text("Taken back.")
    expect(entries).to_have_count(n)
    entries.first.get_by_role("button", name=f"Put {name} aside").press("Enter")
    expect(entries).to_have_count(n - 1)
    page.get_by_label("Put aside", exact=True).check(force=True)
    expect(entries).to_have_count(1)
    expect(entries.first).to_contain_text("Put aside by")
    entries.first.get_by_role("button", name="to be told again").press("Enter")
    expect(entries).to_have_count(0)
    expect(page.locator("#loop-none")).to_have_text("Nothing was put aside.")
    assert page.title() == "Close the loop – Firsthand"
    assert page.locator("main img").count() == 0


def test_a_theme_is_marked_as_shipped_and_leads_here(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    code_id, _ = shipped(sample_home)
    library = Library(sample_home, Options(models=sample_home / "models"))
    codebook.undo(library)
    library.close()
    seen = visit(serve(sample_home), f"/themes?theme={code_id}")
    page = seen.page
    panel = page.get_by_role("dialog", name=HOSTILE)
    panel.get_by_label("It is").select_option("shipped")
    expect(page.locator("#changed-said")).to_contain_text("has shipped: see “Close the loop”")
    panel.get_by_role("link", name="shipped").click()
    expect(page.locator(".loop-entry").first).to_be_visible()
    assert page.url.endswith(f"/loop?need={code_id}")
    expect(page.get_by_label("Need")).to_have_value(code_id)


def test_it_is_for_everybody_on_a_phone_too(sample_home: Path, serve: Serve, visit: Visits) -> None:
    shipped(sample_home)
    seen = visit(serve(sample_home), "/loop", width=390, dark=True)
    page = seen.page
    page.locator(".loop-entry").first.wait_for()
    page.locator(".loop-note > summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert seen.barriers() == []


def test_an_empty_one_says_what_to_do(sample_home: Path, serve: Serve, visit: Visits) -> None:
    page = visit(serve(sample_home), "/loop").page
    expect(page.locator("#loop-none")).to_contain_text("Mark a need as shipped in Themes")
    expect(page.locator("#loop-view")).to_be_hidden()


def test_hooks_are_added_tried_turned_off_and_removed(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    with receiving() as receiver:
        library = Library(sample_home, Options(models=sample_home / "models"))
        new = NewHook(url=receiver.url, events=("call.ready",), with_words=True)
        made = store.add(library, new, private=True)
        library.close()
        seen = visit(serve(sample_home), "/settings")
        page = seen.page
        line = page.locator("#hooks-list > li")
        expect(line).to_have_count(1)
        expect(line).to_contain_text("a call is ready · with customers’ words")
        expect(page.locator("#leaves")).to_contain_text("that a call came in")
        said = page.locator("#hooks-said")
        line.get_by_role("button", name="Send a test").click()
        expect(said).to_have_text("It arrived: the answer was 204.")
        receiver.verified(made.secret)
        receiver.acts = [500]
        line.get_by_role("button", name="Send a test").click()
        expect(said).to_have_text("It answered 500.")
        line.get_by_role("button", name="Turn off").click()
        expect(line).to_contain_text("off")
        page.locator("#hook-fold > summary").click()
        form = page.locator("#hook-new")
        form.get_by_label("Its address").fill(receiver.url)
        form.get_by_role("button", name="Add it").click()
        expect(page.locator("#hook-trouble")).to_have_text("Tick at least one of the events.")
        form.get_by_label("somebody speaks of leaving").check()
        form.get_by_role("button", name="Add it").click()
        expect(page.locator("#hook-trouble")).to_contain_text("in a private network")
        assert seen.barriers() == []
        form.get_by_label("Its address").fill("https://93.184.215.14/hook")
        form.get_by_role("button", name="Add it").click()
        expect(page.locator("#hook-secret")).to_contain_text("whsec_")
        page.get_by_role("button", name="I have it").click()
        expect(page.locator("#hook-secret")).to_be_hidden()
        expect(line).to_have_count(2)
        line.first.get_by_role("button", name="Remove").click()
        page.locator("#hook-sure-do").click()
        expect(line).to_have_count(1)
        expect(said).to_have_text("It is removed.")
