"""A call: heard in step with its words, corrected in place, its evidence beside it."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import Serve, Visits
from tests.browser.visits import PATIENCE_MS, Visit
from tests.durability.processes import Web

HOSTILE = "<img src=x onerror=alert(1)> {{7*7}} \"'>&"


def heard(seen: Visit) -> str:
    """The id of the call that has sound."""
    return str(next(one["call_id"] for one in seen.api("/api/calls") if one["has_audio"]))


def enter(seen: Visit, call_id: str | None = None, more: str = "") -> dict[str, Any]:
    """Open a call, by default the one with sound; the call as the API has it."""
    call_id = call_id or heard(seen)
    seen.go(f"/calls/{call_id}{more}")
    expect(seen.page.locator("#transcript li").first).to_be_visible()
    call: dict[str, Any] = seen.api(f"/api/calls/{call_id}")
    if call["has_audio"]:  # so far that pressing a key plays
        until(seen, "sound.readyState >= 1")
    return call


def until(seen: Visit, holds: str) -> None:
    """Wait for something in the page. Playwright's own way would evaluate a string in it."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while not seen.page.evaluate(holds):
        assert time.monotonic() < end, holds
        seen.page.wait_for_timeout(50)


def second(seen: Visit) -> float:
    return float(seen.page.evaluate("sound.currentTime"))


def paused(seen: Visit) -> bool:
    return bool(seen.page.evaluate("sound.paused"))


def until_playing(seen: Visit) -> None:
    until(seen, "!sound.paused && sound.readyState > 2")


def done(seen: Visit, words: str) -> None:
    """What the foot of the page says once the server did it."""
    expect(seen.page.locator("#done")).to_have_text(words)


def line(seen: Visit, i: int) -> Locator:
    return seen.page.locator(f"#u{i}")


def select(seen: Visit, i: int, first: int, end: int) -> str:
    """Select characters of a line that is all one text; what they are."""
    words: str = seen.page.evaluate(
        """([i, first, end]) => {
          const node = document.querySelector(`#u${i} .words`).firstChild;
          getSelection().setBaseAndExtent(node, first, node, end);
          return String(getSelection());
        }""",
        [i, first, end],
    )
    return words


def plain(call: dict[str, Any], evidence: list[dict[str, Any]]) -> int:
    """A line of more than 30 characters without evidence."""
    taken = {one["utterance"] for one in evidence}
    return int(
        next(u["i"] for u in call["utterances"] if len(u["text"]) > 30 and u["i"] not in taken)
    )


# --- hearing -----------------------------------------------------------------------------------


def test_a_click_on_a_line_plays_from_it_and_marks_it(sample: Web, visit: Visits) -> None:
    seen = visit(sample)
    call = enter(seen)
    utterance = call["utterances"][9]
    line(seen, 9).locator(".words").click()
    assert utterance["start_s"] - 0.1 <= seen.heard_at("u9") <= utterance["end_s"]
    assert utterance["start_s"] - 0.1 <= seen.heard_at(), "nothing before it was heard"
    assert seen.page.evaluate("document.querySelector('.spoken').ariaCurrent") == "true"
    seen.page.keyboard.press("Space")
    assert paused(seen)


def test_keys_steer_the_recording(sample: Web, visit: Visits) -> None:
    seen = visit(sample)
    call = enter(seen)
    keys = seen.page.keyboard
    keys.press("Space")
    until_playing(seen)
    keys.press("Space")
    assert paused(seen)
    at = second(seen)
    keys.press("ArrowRight")
    assert second(seen) == pytest.approx(at + 5, abs=0.05)
    keys.press("ArrowLeft")
    assert second(seen) == pytest.approx(at, abs=0.05)
    seen.page.evaluate("start => { sound.currentTime = start }", call["utterances"][5]["start_s"])
    keys.press("Shift+ArrowRight")
    assert second(seen) == pytest.approx(call["utterances"][6]["start_s"], abs=0.05)
    keys.press("Shift+ArrowLeft")
    assert second(seen) == pytest.approx(call["utterances"][5]["start_s"], abs=0.05)
    keys.press(">")
    expect(seen.page.get_by_label("Speed")).to_have_value("1.25")
    seen.page.reload()
    expect(seen.page.get_by_label("Speed")).to_have_value("1.25")
    assert seen.page.evaluate("sound.playbackRate") == 1.25
    keys.press("?")
    expect(seen.page.get_by_role("dialog", name="Keys")).to_be_visible()
    keys.press("Space")  # the button's own: it closes
    expect(seen.page.get_by_role("dialog")).to_have_count(0)
    assert paused(seen)


def test_fields_keep_their_keys(sample: Web, visit: Visits) -> None:
    seen = visit(sample)
    enter(seen)
    keys = seen.page.keyboard
    keys.press("/")
    keys.type("a ?m<")
    expect(seen.page.get_by_label("Find in this call")).to_have_value("a ?m<")
    assert paused(seen)
    assert second(seen) == 0
    expect(seen.page.get_by_role("dialog")).to_have_count(0)


def test_a_link_into_the_call_readies_the_player_and_shows_the_line(
    sample: Web, visit: Visits
) -> None:
    seen = visit(sample)
    call = enter(seen, more="?t=30.5#u20")
    until(seen, "sound.currentTime === 30.5")
    expect(line(seen, 20)).to_be_in_viewport()
    expect(line(seen, 20)).to_be_focused()
    seen.page.keyboard.press("Enter")
    until_playing(seen)
    assert second(seen) >= call["utterances"][20]["start_s"] - 0.1


def test_the_page_follows_until_the_reader_scrolls_away(sample: Web, visit: Visits) -> None:
    seen = visit(sample)
    enter(seen)
    seen.page.keyboard.press("Space")
    until_playing(seen)
    back = seen.page.get_by_role("button", name="Back to what is spoken")
    expect(back).to_be_hidden()
    seen.page.mouse.move(500, 500)
    seen.page.mouse.wheel(0, 4000)
    expect(back).to_be_visible()
    back.click()
    expect(back).to_be_hidden()
    expect(seen.page.locator(".spoken")).to_be_in_viewport()


# --- reading -----------------------------------------------------------------------------------


def test_words_are_found_and_evidence_is_gone_through(sample: Web, visit: Visits) -> None:
    seen = visit(sample)
    call = enter(seen)
    evidence = seen.api(f"/api/calls/{call['call_id']}/evidence")
    counted = [one for one in evidence if one["status"] != "rejected" and not one["missed"]]
    seen.page.get_by_label("Find in this call").fill("you")
    hits = sum(u["text"].lower().count("you") for u in call["utterances"])
    expect(seen.page.locator("#found")).to_have_text(str(hits))
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator("#found")).to_have_text(f"1 of {hits}")
    expect(seen.page.locator(".pointed")).to_be_in_viewport()
    assert seen.page.evaluate("CSS.highlights.get('found').size") == hits

    kind = counted[0]["kind"]
    n = sum(one["kind"] == kind for one in counted)
    lines = {one["utterance"] for one in counted if one["kind"] == kind}
    chip = seen.page.get_by_role("button", name=f"{kind} {n}", exact=True)
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(chip).to_be_focused()
    expect(seen.page.locator("#transcript > li:visible")).to_have_count(len(lines))
    chip.click()
    expect(seen.page.locator("#transcript > li:visible")).to_have_count(len(call["utterances"]))
    marked = seen.page.locator("#transcript mark").all_text_contents()
    assert " ".join(marked) == " ".join(one["quote"] for one in counted)


def test_lines_are_reached_with_the_keyboard_alone(sample: Web, visit: Visits) -> None:
    seen = visit(sample)
    enter(seen)
    keys = seen.page.keyboard
    seen.page.get_by_label("Next evidence").focus()
    keys.press("Tab")  # into the text: its first line only is on the way
    expect(line(seen, 0).get_by_role("button").first).to_be_focused()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(line(seen, 2)).to_be_focused()
    keys.press("m")
    expect(line(seen, 2).locator(".line-panel")).to_be_focused()
    keys.press("Escape")
    expect(line(seen, 2).locator(".line-panel")).to_have_count(0)
    expect(line(seen, 2).get_by_role("button", name="What to do with line 2")).to_be_focused()


@pytest.mark.parametrize("words_from", ["transcript", "recording"])
def test_a_line_that_was_not_heard_says_that_its_moment_is_a_guess(
    sample: Web, visit: Visits, words_from: str
) -> None:
    seen = visit(sample, "/calls")
    call_id = heard(seen)

    def joined(route: Route) -> None:
        """The call as if a meeting tool's transcript had come to it."""
        call = route.fetch().json()
        call["words_from"] = words_from
        call["utterances"][2]["confidence"] = 0.0
        route.fulfill(json=call)

    seen.page.route(f"**/api/calls/{call_id}", joined)
    enter(seen, call_id)
    times = seen.page.locator("#transcript .time")
    expect(times.nth(1)).to_have_text(re.compile(r"^\d"))
    if words_from == "transcript":
        expect(times.nth(2)).to_have_text(re.compile(r"^≈ \d"))
        expect(times.nth(2)).to_have_accessible_name(re.compile("^Play from about "))
    else:  # a recogniser that is not sure heard something all the same
        expect(times.nth(2)).to_have_text(re.compile(r"^\d"))


def test_a_long_call_is_all_there_and_goes_to_any_line(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    said = [
        {"i": i, "speaker": f"P{i % 3}", "start_s": i * 2.0, "end_s": i * 2.0 + 1.9}
        | {"text": f"Line {i}. " + "And so on. " * (i % 9)}
        for i in range(1500)
    ]
    people = [{"name": f"P{n}", "role": "customer"} for n in range(3)]
    call = {"call_id": "LONG", "title": "Long", "date": "2026-05-01", "account_id": None}
    body = json.dumps({**call, "source": "x", "participants": people, "utterances": said}).encode()
    seen = visit(serve(sample_home))
    seen.upload("long.json", "application/json", body)
    seen.go("/calls/LONG")
    # It comes by itself once it is read.
    expect(seen.page.locator("#transcript > li")).to_have_count(1500, timeout=180_000)
    seen.go("/calls/LONG#u1400")
    expect(line(seen, 1400)).to_be_in_viewport()
    seen.page.get_by_label("Find in this call").fill("line 777.")
    seen.page.keyboard.press("Enter")
    expect(line(seen, 777)).to_be_in_viewport()


# --- correcting --------------------------------------------------------------------------------


def test_words_are_corrected_in_place_and_put_back(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home))
    call = enter(seen)
    before = call["utterances"][4]["text"]
    one = line(seen, 4)
    keys = seen.page.keyboard
    one.focus()
    keys.press("m")
    one.get_by_role("button", name="Correct the words").click()
    field = one.get_by_label("The words of line 4")
    expect(field).to_be_focused()
    field.fill("thrown away")
    keys.press("Escape")
    expect(one.locator(".words")).to_have_text(before)
    one.get_by_role("button", name="Correct the words").click()
    field.fill(HOSTILE)
    keys.press("Enter")
    done(seen, "The words are corrected.")
    expect(one.locator(".words")).to_have_text(HOSTILE)
    expect(one.locator("img")).to_have_count(0)
    seen.page.reload()
    one.get_by_role("button", name="Corrected").click()
    expect(one.locator(".heard")).to_contain_text(before)
    one.get_by_role("button", name="Put it back").click()
    done(seen, "What was heard at first stands again.")
    expect(one.locator(".words")).to_have_text(before)
    seen.page.get_by_role("button", name="Undo").click()
    done(seen, "Taken back.")
    expect(one.locator(".words")).to_have_text(HOSTILE)


def test_speakers_are_renamed_merged_and_lines_moved(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home))
    call = enter(seen)
    people = seen.page.locator("#speakers > li")
    first, other = call["speakers"][0], call["speakers"][1]
    seen.page.get_by_role("button", name=f"Correct {first['name']}").click()
    seen.page.get_by_label("Name", exact=True).fill(HOSTILE)
    role = "internal" if first["role"] == "customer" else "customer"
    people.first.locator("select").select_option(role)
    seen.page.keyboard.press("Enter")
    expect(people.first.locator("strong")).to_have_text(HOSTILE)
    expect(seen.page.locator("main img")).to_have_count(0)
    expect(people.first.get_by_role("button", name="Correct")).to_be_focused()
    assert seen.api(f"/api/calls/{call['call_id']}")["speakers"][0]["role"] == role

    n = len(call["speakers"])
    seen.page.get_by_role("button", name=f"Merge {other['name']} with another").click()
    dialog = seen.page.get_by_role("dialog")
    dialog.get_by_label("The same as").select_option(first["label"])
    dialog.get_by_role("button", name="Merge them").click()
    expect(people).to_have_count(n - 1)
    done(seen, f"{other['name']} and {HOSTILE} are one.")
    seen.page.get_by_role("button", name="Undo").click()
    expect(people).to_have_count(n)

    moved = next(u["i"] for u in call["utterances"] if u["speaker"] == other["label"])
    line(seen, moved).focus()
    seen.page.keyboard.press("m")
    line(seen, moved).get_by_label("Who said it", exact=True).select_option(label="somebody else …")
    seen.page.keyboard.type("Zed")
    seen.page.keyboard.press("Enter")
    done(seen, "Zed said it.")
    expect(people).to_have_count(n + 1)
    expect(line(seen, moved).locator(".who")).to_have_text("Zed")


def test_selected_words_become_evidence_or_a_cited_quote(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home))
    call = enter(seen)
    seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    path = f"/api/calls/{call['call_id']}/evidence"
    i = plain(call, seen.api(path))
    bar = seen.page.get_by_role("toolbar", name="The selected words")
    words = select(seen, i, 3, 25).strip()
    bar.get_by_role("button", name="request").click()
    done(seen, "Kept as request.")
    expect(line(seen, i).locator("mark.request")).to_have_text(words)
    (added,) = [one for one in seen.api(path) if one["utterance"] == i]
    assert (added["quote"], added["kind"], added["by"]) == (words, "request", "person")
    expect(bar).to_be_hidden()

    line(seen, i).get_by_role("button", name="request").click()
    line(seen, i).get_by_label("Kind of “").select_option("risk")
    done(seen, "It is risk now.")
    line(seen, i).get_by_role("button", name="No evidence").click()
    done(seen, "It is no evidence any more.")
    expect(line(seen, i).locator("mark")).to_have_count(0)
    seen.page.get_by_role("button", name="Undo").click()
    done(seen, "Taken back.")
    expect(line(seen, i).locator("mark.risk")).to_have_text(words)

    j = next(u["i"] for u in call["utterances"] if u["i"] > i and len(u["text"]) > 12)
    j = plain(call, seen.api(path)) if line(seen, j).locator("mark").count() else j
    picked = select(seen, j, 0, 10).strip()
    bar.get_by_role("button", name="Copy as a cited quote").click()
    done(seen, "Copied as a cited quote.")
    copied = seen.page.evaluate("navigator.clipboard.readText()")
    said = call["utterances"][j]
    assert copied.startswith(f"“{picked}” — ")
    assert call["title"] in copied
    assert copied.endswith(f"/calls/{call['call_id']}?t={said['start_s']}#u{j}")


def test_evidence_is_added_without_a_mouse_and_never_in_other_words(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home))
    call = enter(seen)
    i = plain(call, seen.api(f"/api/calls/{call['call_id']}/evidence"))
    one = line(seen, i)
    keys = seen.page.keyboard
    one.focus()
    keys.press("m")
    one.get_by_text("Add evidence").focus()
    keys.press("Enter")
    field = one.get_by_label("The words, as they were said")
    field.fill("We would pay double for it")
    one.get_by_role("button", name="Add", exact=True).press("Enter")
    expect(one.get_by_role("alert")).to_contain_text("has no such words")
    field.fill(call["utterances"][i]["text"][:20])
    one.get_by_label("Kind of evidence").select_option("praise")
    one.get_by_role("button", name="Add", exact=True).press("Enter")
    done(seen, "Kept as praise.")
    expect(one.locator("mark.praise")).to_have_text(call["utterances"][i]["text"][:20].strip())


# --- the rest ----------------------------------------------------------------------------------


def test_files_to_take_along_and_the_end_of_a_call(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home))
    call = enter(seen)
    with seen.page.expect_download() as download:
        seen.page.get_by_role("link", name="Text", exact=True).click()
    assert call["utterances"][0]["text"] in Path(download.value.path()).read_text("utf-8")
    seen.page.get_by_role("button", name="Delete this call").click()
    dialog = seen.page.get_by_role("dialog")
    expect(dialog.locator("#what-goes li").first).to_be_visible()
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_have_count(0)
    seen.page.get_by_role("button", name="Delete this call").click()
    dialog.get_by_role("button", name="Delete it for good").click()
    seen.page.wait_for_url("**/calls")
    assert call["call_id"] not in [one["call_id"] for one in seen.api("/api/calls")]


def test_a_restart_and_another_tab_are_seen(sample_home: Path, serve: Serve, visit: Visits) -> None:
    web = serve(sample_home)
    seen = visit(web)
    call = enter(seen)
    seen.away = True
    web.end()
    expect(seen.page.locator("#connection")).to_contain_text("does not answer", timeout=60_000)
    again = serve(sample_home, port=web.port)
    assert again.address == web.address
    fix = {"utterances": {"2": {"text": "Said in another tab."}}}
    seen.api(f"/api/calls/{call['call_id']}", "PATCH", fix)
    expect(seen.page.locator("#connection")).to_contain_text("Connected again")
    seen.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(line(seen, 2).locator(".words")).to_have_text("Said in another tab.")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nobody_is_kept_out_of_a_call(
    sample: Web, visit: Visits, shots: Path, width: int, dark: bool
) -> None:
    seen = visit(sample, width=width, dark=dark)
    enter(seen)
    seen.shot(shots, f"call-{width}{'-dark' if dark else ''}")
    assert seen.barriers() == []
    seen.page.locator("#transcript .margin .kind").first.click()
    expect(seen.page.locator(".line-panel")).to_be_visible()
    seen.page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true })")
    seen.shot(shots, f"call-line-{width}{'-dark' if dark else ''}")
    assert seen.barriers() == []
    assert seen.sideways() <= 0
