"""The room of themes: ranked, by account, over time, one to read; decided on and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Serve, Visits
from tests.durability.processes import Web

HOSTILE = "<img src=x onerror=\"document.title='broken'\">{{7*7}}"


def names(page: Page) -> list[str]:
    return page.locator("#ranking .opens").all_inner_texts()


def cell(page: Page, name: str) -> Locator:
    return page.get_by_role("gridcell", name=name)


def opened(page: Page, label: str) -> Locator:
    panel = page.get_by_role("dialog", name=label)
    expect(panel.locator(".said-by")).to_be_visible()
    return panel


def test_a_switch_ranks_anew_and_says_what_moved(sample: Web, visit: Visits) -> None:
    seen = visit(sample, "/themes")
    page = seen.page
    page.locator(".ranked").first.wait_for()
    themes = [t for t in seen.api("/api/themes") if t["status"] == "confirmed"]
    assert names(page) == [t["label"] for t in sorted(themes, key=lambda t: t["ranks"]["arr"])]
    assert page.locator(".theme-moved").count() == 0
    page.get_by_label("Revenue").focus()
    for by in ("accounts", "top", "mentions"):
        page.keyboard.press("ArrowRight")
        ordered = sorted(themes, key=lambda t: t["ranks"][by])
        expect(page.locator("#ranking .opens")).to_have_text([t["label"] for t in ordered])
        for n, theme in enumerate(ordered):
            line = page.locator("#ranking .ranked").nth(n)
            apart = theme["ranks"]["arr"] - theme["ranks"][by]
            mark = [f"{'▲' if apart > 0 else '▼'}{abs(apart)}"] if apart else []
            assert line.locator(".theme-moved > [aria-hidden]").all_inner_texts() == mark
        assert f"by={by}" in page.url
    page.reload()
    expect(page.get_by_label("Mentions")).to_be_checked()


def test_a_cell_is_reached_by_keys_and_opens_its_quotes(sample: Web, visit: Visits) -> None:
    seen = visit(sample, "/themes?view=accounts")
    page = seen.page
    page.locator("table.heat").wait_for()
    heat = seen.api("/api/themes/heatmap")
    first = heat["themes"][0]
    at = {c["account_id"]: c for c in first["cells"]}
    columns = heat["accounts"]
    assert page.locator('table.heat [tabindex="0"]').count() == 1
    cell(page, f"{first['label']}, {columns[0]['name']}:").focus()
    for account in columns[1:6]:
        page.keyboard.press("ArrowRight")
        name = page.evaluate("document.activeElement.getAttribute('aria-label')")
        said = at.get(account["account_id"])
        what = f"{said['mentions_n']} mention" if said else "heard, but not about this"
        assert name.startswith(f"{first['label']}, {account['name']}: ")
        assert (what if account["heard"] else "not heard yet") in name
    account = next(a for a in reversed(columns) if a["account_id"] in at)
    target = cell(page, f"{first['label']}, {account['name']}:")
    target.focus()
    page.keyboard.press("Enter")
    panel = opened(page, first["label"])
    expect(page.locator("#panel-title")).to_be_focused()
    quotes = panel.locator(".quote figcaption bdi").all_inner_texts()
    assert len(quotes) == at[account["account_id"]]["mentions_n"]
    assert set(quotes) == {account["name"]}
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(target).to_be_focused()
    page.go_back()
    expect(panel).to_be_visible()
    page.go_back()
    expect(panel).to_be_hidden()


def test_time_is_drawn_and_told(sample: Web, visit: Visits) -> None:
    seen = visit(sample, "/themes?view=time&segment=Utilities")
    page = seen.page
    line = seen.api("/api/themes/timeline?segment=Utilities")
    page.locator(".theme-times li").first.wait_for()
    assert page.locator(".theme-times li").count() == len(line["themes"]) + 1
    for n, theme in enumerate(line["themes"], start=1):
        row = page.locator(".theme-times li").nth(n)
        assert row.locator("circle").count() == len(theme["heard"])
        assert (row.get_by_role("img").get_attribute("aria-label") or "").startswith(theme["label"])
    page.get_by_text("The same as a table").click()
    assert page.locator(".as-table tbody tr").count() == len(line["themes"])


def test_two_themes_become_one_and_two_again(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home), "/themes")
    page = seen.page
    page.locator(".ranked").first.wait_for()
    before = names(page)
    page.get_by_role("button", name=before[0], exact=True).click()
    panel = opened(page, before[0])
    panel.get_by_role("button", name="Merge …").click()
    asked = page.locator("#theme-edit")
    asked.get_by_label("The other theme").select_option(label=before[1])
    ids = {t["label"]: t["id"] for t in seen.api("/api/themes")}
    both = seen.api(f"/api/themes/together?id={ids[before[0]]}&id={ids[before[1]]}")
    expect(asked.locator(".theme-preview")).to_contain_text(f"{both['accounts_n']} accounts")
    expect(asked.locator(".theme-preview")).to_contain_text(f"${both['arr_usd']:,.0f} a year")
    asked.get_by_label(before[1]).check()
    asked.get_by_role("button", name="Merge").click()
    expect(page.locator("#changed-said")).to_have_text(f"Both are “{before[1]}” now.")
    assert before[0] not in names(page)
    opened(page, before[1])
    page.get_by_role("button", name="Undo", exact=True).first.click()
    expect(page.locator("#changed-said")).to_contain_text("Taken back: merged")
    expect(page.locator("#ranking .opens")).to_have_text(before)


def test_names_splits_and_decisions_are_text_and_can_be_undone(
    sample_home: Path, serve: Serve, visit: Visits
) -> None:
    seen = visit(serve(sample_home), "/themes")
    page = seen.page
    page.locator(".ranked").first.wait_for()
    first = names(page)[0]
    page.get_by_role("button", name=first, exact=True).click()
    panel = opened(page, first)
    panel.get_by_role("button", name="Rename").click()
    asked = page.locator("#theme-edit")
    label = f"{first} {HOSTILE}"
    asked.get_by_label("Name", exact=True).fill(label)
    page.get_by_role("button", name="Save").click()
    panel = opened(page, label)
    assert label in names(page)
    panel.get_by_role("button", name="Split …").click()
    page.get_by_label("Name of the new theme").fill(f"{HOSTILE} 2")
    panel.get_by_role("button", name="Split", exact=True).click()
    expect(panel.locator(".theme-splits [role=status]")).to_contain_text("Tick at least one")
    for n in range(3):
        panel.get_by_label("goes into the new theme").nth(n).check()
    panel.get_by_role("button", name="Split", exact=True).click()
    expect(page.locator("#changed-said")).to_have_text(f"“{HOSTILE} 2” is a theme of its own now.")
    panel.get_by_role("button", name="Put aside").click()
    expect(panel).to_be_hidden()
    page.locator("#aside > summary").click()
    expect(page.locator("#aside-list")).to_contain_text(label)
    for view in ("accounts", "time"):
        page.goto(f"/themes?view={view}")
        page.locator("table.heat, .theme-times li").first.wait_for()
    assert page.title() == "Themes – Firsthand"
    assert page.locator("main img").count() == 0
    for _ in range(3):
        page.locator("#history > summary").click()
        page.locator("#history-list button").click()
        expect(page.locator("#changed-said")).to_contain_text("Taken back")
        page.reload()
        page.locator("#history-n").wait_for(state="attached")
    page.goto("/themes")
    expect(page.locator("#ranking .opens").first).to_have_text(first)


def test_a_group_is_named_or_dismissed(sample_home: Path, serve: Serve, visit: Visits) -> None:
    seen = visit(serve(sample_home), "/themes")
    page = seen.page
    cards = page.locator(".offered")
    cards.first.wait_for()
    n = cards.count()
    half = cards.nth(1).get_by_label("Name of this theme")
    half.fill("Half a na")
    cards.first.get_by_role("button", name="Read and hear all of it").click()
    panel = opened(page, "Words that sound alike")
    panel.get_by_label("Name of this theme").fill("New in the sample")
    panel.get_by_role("button", name="Confirm").click()
    expect(page.locator("#changed-said")).to_have_text(
        "“New in the sample” is a theme of yours now."
    )
    expect(panel).to_be_hidden()
    page.get_by_role("button", name="Undo", exact=True).first.click()
    expect(page.locator("#changed-said")).to_contain_text("Taken back")
    expect(cards).to_have_count(n)
    expect(half).to_have_value("Half a na")
    cards.first.get_by_role("button", name="Dismiss").click()
    expect(page.locator("#changed-said")).to_have_text("The group is put aside.")
    expect(page.locator("#candidates-title")).to_be_focused()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_view_keeps_anybody_out(
    sample: Web, visit: Visits, shots: Path, width: int, dark: bool
) -> None:
    seen = visit(sample, "/themes?view=accounts", width=width, dark=dark)
    page = seen.page
    code = next(t["id"] for t in seen.api("/api/themes") if t["status"] == "confirmed")
    for view, there in (
        ("view=accounts", "table.heat"),
        ("view=time", ".theme-times li"),
        (f"by=mentions&theme={code}", ".said-by"),
    ):
        seen.go(f"/themes?{view}")
        page.locator(there).first.wait_for()
        # What glides in is judged where it comes to rest.
        page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
        name = view.split("=")[1].split("&")[0]
        seen.shot(shots, f"themes-{name}-{width}{'-dark' if dark else ''}")
        assert seen.barriers() == []
        assert seen.sideways() <= 0
