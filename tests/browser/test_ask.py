"""The Ask room: what is asked, shown, heard, shared, picked and kept."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import Serve, Visits
from tests.durability.processes import Web

NEEDS = "What do our top customers need?"
NOBODY = "What do customers say about the price of tulips in Haarlem?"
# The statements come; the whole answer does when the test lets it.
THE_REST_LATER = """const own = fetch;
window.fetch = async (path, ...more) => {
  const answer = await own(path, ...more);
  if (path !== "/api/ask") return answer;
  const text = await answer.text();
  const at = text.indexOf("event: answer");
  const bytes = new TextEncoder();
  const body = new ReadableStream({ start: (out) => {
    out.enqueue(bytes.encode(text.slice(0, at)));
    window.theRest = () => {
      out.enqueue(bytes.encode(text.slice(at)));
      out.close();
    };
  } });
  return new Response(body, answer);
};"""
HOSTILE = "<img src=x onerror=document.title='owned'><b>“x” & </script>"


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    # The first question to a server waits for the sentence model; machines are busy.
    expect(page.locator(".answer .asked")).to_have_text(question, timeout=90_000)
    expect(page.locator("#answer")).to_have_attribute("aria-busy", "false")


def asked_of(page: Page) -> list[str]:
    """What is asked of the server from here on."""
    seen: list[str] = []

    def note(request: Request) -> None:
        if "/api/ask" in request.url and request.method == "POST":
            seen.append(request.post_data or "")

    page.on("request", note)
    return seen


def test_a_suggestion_is_asked_and_makes_room_for_the_answer(sample: Web, visit: Visits) -> None:
    page = visit(sample, "/ask").page
    first = page.locator("#suggested-list button").first
    question = first.locator("strong").inner_text()
    first.click()
    expect(page.locator(".answer .asked")).to_have_text(question)
    expect(page.locator("#suggested")).to_be_hidden()
    expect(page.get_by_label("Your question")).to_be_focused()
    expect(page.locator(".strip")).to_have_attribute("role", "img")
    label = page.locator(".strip").get_attribute("aria-label") or ""
    assert label.startswith(page.locator(".coverage strong").inner_text())
    silent = page.locator(".coverage .silent a").first
    assert (silent.get_attribute("href") or "").startswith("/accounts/")


def test_a_quote_plays_its_own_moment_in_place(sample: Web, visit: Visits) -> None:
    seen = visit(sample, "/ask")
    (call,) = [c for c in seen.api("/api/calls") if c["has_audio"]]
    seen.go(f"/ask?q=What+do+they+need%3F&account={quote(call['account_id'])}")
    page = seen.page
    play = page.locator(".answer:not(.coming) .play").first
    play.click()
    at = seen.heard_at()
    link = play.locator("xpath=..").locator("figcaption a").last.get_attribute("href") or ""
    i = int(link.rsplit("#u", 1)[1])
    spoken = seen.api(f"/api/calls/{call['call_id']}")["utterances"][i]
    assert spoken["start_s"] <= at <= spoken["end_s"] + 0.1
    assert "/ask/" in page.url


def test_who_is_at_a_quote_while_the_answer_is_still_coming_stays_there(
    sample: Web, visit: Visits
) -> None:
    seen = visit(sample, "/ask")
    page = seen.page
    page.context.add_init_script(THE_REST_LATER)
    (call,) = [c for c in seen.api("/api/calls") if c["has_audio"]]
    seen.go(f"/ask?q=What+do+they+need%3F&account={quote(call['account_id'])}")
    first = page.locator(".coming .quote", has=page.locator(".play")).first
    words = first.locator("blockquote").inner_text()
    first.locator(".play").press("Enter")
    pause = page.get_by_role("button", name=re.compile("^Pause "))
    expect(pause).to_be_focused()
    page.evaluate("sound.playbackRate = 0.1")  # so that it still plays when the rest is there
    page.evaluate("theRest()")
    whole = page.locator(".answer:not(.coming)")
    expect(whole).to_be_visible()
    expect(pause).to_be_focused()
    expect(whole.locator(".quote", has=pause).locator("blockquote")).to_have_text(words)
    page.keyboard.press("Enter")
    expect(pause).to_have_count(0)
    assert page.evaluate("sound.paused")


def test_reload_back_and_forward_show_what_was_there_without_asking_again(
    sample: Web, visit: Visits
) -> None:
    page = visit(sample, "/ask").page
    ask(page, NEEDS)
    first = page.url
    assert "/ask/answer-" in first
    ask(page, "Which customers may leave us?")
    second = page.url
    questions = asked_of(page)
    page.reload()
    expect(page.locator(".answer .asked")).to_have_text("Which customers may leave us?")
    expect(page.get_by_text("As it was given on")).to_be_visible()
    page.go_back()
    expect(page.locator(".answer .asked")).to_have_text(NEEDS)
    assert page.url == first
    page.go_back()
    expect(page.locator("#suggested")).to_be_visible()
    page.go_forward()
    page.go_forward()
    expect(page.locator(".answer .asked")).to_have_text("Which customers may leave us?")
    assert page.url == second
    assert questions == []
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".answer .asked")).to_have_text("Which customers may leave us?")
    expect(page.get_by_text("As it was given on")).to_be_hidden()
    assert len(questions) == 1


def test_filters_are_chips_set_and_taken_off_by_hand_and_in_the_address(
    sample: Web, visit: Visits
) -> None:
    page = visit(sample, "/ask?q=What+do+customers+need%3F&top=20&tier=mid&since=2026-05-01").page
    expect(page.locator(".answer .within .tag")).to_have_text(["Top 20", "mid", "since 1 May 2026"])
    asked = asked_of(page)
    page.get_by_role("button", name="Take off the tier").click()
    expect(page.locator(".answer .within .tag")).to_have_text(["Top 20", "since 1 May 2026"])
    expect(page.locator("select[name=tier]")).to_be_focused()
    page.get_by_role("button", name="Top 20").click()
    expect(page.locator(".answer .within .tag")).to_have_text(["since 1 May 2026"])
    page.get_by_role("button", name="Take off the dates").click()
    expect(page.locator(".answer .within")).to_have_count(0)
    assert len(asked) == 3


def test_accounts_are_found_and_ticked_with_the_keyboard(sample: Web, visit: Visits) -> None:
    page = visit(sample, "/ask").page
    summary = page.locator("#accounts-box summary")
    expect(page.locator("#filters")).to_be_visible()
    summary.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("orrin")
    expect(page.locator("#accounts-found li")).to_have_text(["Orrinhale Utilities"])
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("#accounts-on li")).to_have_text(["Orrinhale Utilities×"])
    expect(page.locator("#accounts-found input")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#accounts-found")).to_be_hidden()
    expect(summary).to_be_focused()
    ask(page, "What do they need?")
    expect(page.locator(".answer .within .tag")).to_have_text(["Orrinhale Utilities"])
    page.get_by_role("button", name="Take off the account Orrinhale Utilities").click()
    expect(page.locator("#accounts-on li")).to_have_count(0)


def test_the_second_question_takes_the_place_of_the_first(sample: Web, visit: Visits) -> None:
    page = visit(sample, "/ask").page
    held = []
    page.route("**/api/ask", lambda route: held.append(route), times=1)
    page.get_by_label("Your question").fill(NEEDS)
    page.keyboard.press("Enter")
    expect(page.locator("#answer-said")).to_have_text("Reading what they said …")
    expect(page.locator("#asking progress")).to_be_visible()
    ask(page, "Which customers may leave us?")
    expect(page.locator("#asking")).to_be_hidden()
    assert len(held) == 1
    page.route("**/api/ask", lambda route: held.append(route), times=1)
    page.get_by_label("Your question").fill(NEEDS)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#answer-said")).to_have_text("Stopped.")
    expect(page.get_by_label("Your question")).to_be_focused()


def test_a_no_says_so_and_what_to_do_about_it(sample: Web, visit: Visits) -> None:
    page = visit(sample, f"/ask?q={quote(NOBODY)}&top=20&region=North+America").page
    no = page.locator(".abstained")
    expect(no.get_by_role("heading", name="No answer")).to_be_visible()
    expect(no.get_by_role("button")).to_have_text(
        ["without “Top 20”", "without “North America”", "without any filter"]
    )
    assert no.locator("a[href^='/accounts/']").count() > 0
    no.get_by_role("button", name="without any filter").click()
    expect(page.locator(".answer .within")).to_have_count(0)
    expect(page.locator(".abstained").get_by_role("button")).to_have_count(0)


def test_a_copy_has_the_words_and_where_to_hear_them(sample: Web, visit: Visits) -> None:
    seen = visit(sample, f"/ask?q={quote(NEEDS)}")
    page = seen.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(page.locator(".answer.coming")).to_have_count(0)
    button = page.get_by_role("button", name="Copy with citations")
    copied = seen.hears(button, "✓ Copied")
    button.click()
    copied()
    kinds = page.evaluate(
        """async () => {
          const [item] = await navigator.clipboard.read();
          const read = async (kind) => [kind, await (await item.getType(kind)).text()];
          return Object.fromEntries(await Promise.all(item.types.map(read)));
        }"""
    )
    assert set(kinds) == {"text/plain", "text/html"}
    answer = seen.api(f"/api/answers/{page.url.rsplit('/', 1)[1]}")["answer"]
    plain = kinds["text/plain"]
    assert plain.startswith(f"{NEEDS} (Top 20, heard ")
    for one in (*answer["statements"], *answer["counter"]):
        assert one["text"] in plain
        for said in one["quotes"]:
            assert f"“{' '.join(said['text'].split())}” — {said['speaker']}, " in plain
            assert f"{sample.address}/calls/{said['call_id']}?t=" in plain
    assert "<script" not in kinds["text/html"]
    assert f'href="{sample.address}/calls/' in kinds["text/html"]


def test_a_statement_is_picked_and_put_back(serve: Serve, visit: Visits, sample_home: Path) -> None:
    web = serve(sample_home)
    page = visit(web, f"/ask?q={quote(NEEDS)}").page
    first = page.locator(".answer:not(.coming) .statements > li").first
    label = first.locator(".sentence").inner_text()
    first.get_by_role("button", name="Add to memo").click()
    expect(first.get_by_role("button", name="In the memo")).to_be_focused()
    expect(page.locator("#picks li")).to_have_count(1)
    expect(page.locator("#picks")).to_contain_text(label)
    page.reload()
    again = page.locator(".answer .statements > li").first
    expect(again.get_by_role("button", name="In the memo")).to_be_visible()
    page.locator("#picks").get_by_role("button", name="Take out").click()
    expect(page.locator("#picks li")).to_have_count(0)
    expect(again.get_by_role("button", name="Add to memo")).to_be_visible()
    expect(page.locator("#picks-title")).to_be_focused()


def test_what_was_asked_is_listed_opened_and_deleted(
    serve: Serve, visit: Visits, sample_home: Path
) -> None:
    page = visit(serve(sample_home), "/ask").page
    ask(page, NEEDS)
    ask(page, NOBODY)
    rows = page.locator("#asked-list li")
    expect(rows.locator("a")).to_have_text([NOBODY, NEEDS])
    rows.nth(1).locator("a").click()
    expect(page.locator(".answer .asked")).to_have_text(NEEDS)
    expect(page.get_by_label("Your question")).to_have_value(NEEDS)
    rows.first.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    expect(rows).to_have_count(2)
    rows.first.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(rows.locator("a")).to_have_text([NEEDS])
    expect(rows.locator("a")).to_be_focused()


def test_words_of_a_deleted_call_are_withdrawn_and_said_to_be(
    serve: Serve, visit: Visits, sample_home: Path
) -> None:
    seen = visit(serve(sample_home), f"/ask?q={quote(NEEDS)}")
    page = seen.page
    said = page.locator(".answer:not(.coming) .statements .quote").first
    words = said.locator("blockquote").inner_text()
    link = said.locator("figcaption a").last.get_attribute("href") or ""
    call_id = link.removeprefix("/calls/").split("?")[0].split("#")[0]
    seen.api(f"/api/calls/{call_id}", "DELETE")
    page.reload()
    expect(page.locator(".given .notice").first).to_contain_text("withdrawn since")
    assert words not in page.locator("#answer").inner_text()


def test_hostile_questions_and_names_show_as_text(
    serve: Serve, visit: Visits, sample_home: Path
) -> None:
    seen = visit(serve(sample_home), "/ask")
    accounts = seen.api("/api/accounts")
    accounts[0] |= {"name": HOSTILE, "tier": HOSTILE}
    seen.api("/api/accounts", "PUT", accounts)
    label = HOSTILE
    seen.api(
        "/api/codes", "POST", {"label": label, "definition": "Reports are lost", "kind": "pain"}
    )
    seen.page.reload()
    page = seen.page
    ask(page, f"What about {HOSTILE}")
    page.go_back()
    ask(page, NEEDS)
    expect(page.locator("#asked-list li").last).to_contain_text(HOSTILE)
    page.locator(".answer .statements > li").first.get_by_role("button", name="Add to memo").click()
    expect(page.locator("#picks li")).to_have_count(1)
    page.locator("#accounts-box summary").click()
    page.locator("#account-sought").fill("img")
    expect(page.locator("#accounts-found li")).to_have_text([HOSTILE])
    page.locator("#accounts-found input").check()
    expect(page.locator("#accounts-on li")).to_have_text([f"{HOSTILE}×"])
    assert page.locator("main img, main b").count() == 0
    assert page.title() != "owned"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_barrier_whatever_is_open(
    sample: Web, visit: Visits, shots: Path, width: int, dark: bool
) -> None:
    seen = visit(sample, f"/ask?q={quote(NOBODY)}&top=20", width=width, dark=dark)
    page = seen.page
    expect(page.locator(".abstained")).to_be_visible()
    page.locator("#accounts-box summary").click()
    expect(page.locator("#accounts-found li").first).to_be_visible()
    assert seen.barriers() == []
    assert seen.sideways() <= 0
    page.keyboard.press("Escape")
    page.locator("#dates summary").click()
    assert seen.sideways() <= 0
    page.keyboard.press("Escape")
    ask(page, NEEDS)
    page.locator(".statements details summary").first.click()
    seen.shot(shots, f"ask-answered-{width}{'-dark' if dark else ''}")
    assert seen.barriers() == []
    assert seen.sideways() <= 0


def test_an_empty_home_says_what_to_do_first(serve: Serve, visit: Visits, tmp_path: Path) -> None:
    page = visit(serve(tmp_path / "empty"), "/ask").page
    expect(page.locator("#suggested-none")).to_be_visible()
    expect(page.locator("#filters")).to_be_hidden()
    ask(page, "What do customers need?")
    expect(page.locator(".abstained")).to_contain_text("There are no calls yet")
    expect(page.locator(".abstained").get_by_role("link", name="Add calls")).to_be_visible()


def test_a_question_to_a_server_that_is_away_is_asked_when_it_is_back(
    serve: Serve, visit: Visits, sample_home: Path
) -> None:
    web = serve(sample_home)
    seen = visit(web, "/ask")
    page = seen.page
    expect(page.locator("#filters")).to_be_visible()
    web.end()
    seen.away = True
    page.get_by_label("Your question").fill(NEEDS)
    page.keyboard.press("Enter")
    expect(page.locator("#answer .notice.bad")).to_contain_text("does not answer")
    serve(sample_home, port=web.port)
    expect(page.locator(".answer .asked")).to_have_text(NEEDS)
    seen.away = False
