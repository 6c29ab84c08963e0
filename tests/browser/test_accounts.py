"""People with accounts: signing in and out, and each shown only what they may do."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Locator, Route, expect

from service.access.person import Role
from tests.browser.conftest import Visits, served
from tests.browser.people import ADMIN, PASSWORD, let_in
from tests.browser.visits import Visit
from tests.durability.processes import Web

ROLES: dict[str, Role] = {ADMIN: "admin", "eve": "editor", "vic": "viewer"}
ROOMS = (
    "/",
    "/ask?q=What+do+our+top+customers+need%3F",
    "/themes",
    "/calls",
    "/calls/LC-001",
    "/accounts",
    "/accounts/ACC-1187",
    "/memos",
    "/settings",
)
# Signed-in names are letters and a few signs; what programs' tokens are called is anything.
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def team(_sample_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """The sample with an admin, an editor and a viewer."""
    home = Path(shutil.copytree(_sample_once, tmp_path_factory.mktemp("team") / "home"))
    for name, role in ROLES.items():
        let_in(home, name, role)
    with served(home) as web:
        yield web


def path_of(seen: Visit) -> str:
    parts = urlsplit(seen.page.url)
    assert f"{parts.scheme}://{parts.netloc}" == seen.address
    return seen.page.url.removeprefix(seen.address)


def sign_in(seen: Visit, name: str, password: str = PASSWORD) -> None:
    """By keyboard, from where the page puts it, once it can be sent."""
    expect(seen.page.get_by_role("button", name="Sign in", exact=True)).to_be_enabled()
    expect(seen.page.get_by_label("Name or e-mail address")).to_be_focused()
    seen.page.keyboard.type(name)
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.type(password)
    seen.page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [1280, 390])
def test_signing_in_by_keyboard_leads_to_where_one_wanted(
    team: Web, visit: Visits, width: int
) -> None:
    seen = visit(team, "/calls/LC-001?t=3#u4", width=width, name=None)
    assert path_of(seen) == f"/sign-in?next={quote('/calls/LC-001?t=3', safe='')}#u4"
    assert seen.barriers() == []
    assert seen.sideways() <= 0
    sign_in(seen, "vic", "not the one at all")
    trouble = seen.page.get_by_role("alert")
    expect(trouble).to_have_text("The name or the password is wrong, or the account is disabled.")
    password = seen.page.get_by_label("Password")
    expect(password).to_be_focused()
    expect(password).to_have_value("")
    seen.page.keyboard.type(PASSWORD)
    seen.page.keyboard.press("Enter")
    expect(seen.page.locator("#transcript > li").first).to_be_visible()
    assert path_of(seen).startswith("/calls/LC-001?t=3")

    seen.page.locator("#me summary").click()
    seen.page.get_by_role("button", name="Sign out").click()
    expect(seen.page.get_by_role("heading", name="Sign in")).to_be_visible()
    seen.go("/calls")
    assert path_of(seen) == "/sign-in?next=%2Fcalls"


def test_nothing_is_sent_before_the_page_is_ready(team: Web, visit: Visits) -> None:
    seen = visit(team, "/", name=None)
    page = seen.page
    held: list[Route] = []
    page.route("**/sign-in.js", lambda route: held.append(route))
    page.goto("/sign-in?next=/calls", wait_until="commit")
    name = page.get_by_label("Name or e-mail address")
    name.fill("vic")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_disabled()
    assert path_of(seen) == "/sign-in?next=/calls"
    (route,) = held
    route.continue_()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_enabled()
    expect(name).to_have_value("vic")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Calls")).to_be_visible()


def test_back_after_signing_out_shows_nothing_of_customers(team: Web, visit: Visits) -> None:
    seen = visit(team, "/calls", name="vic")
    seen.go("/calls/LC-001")
    words = seen.page.locator("#transcript > li .words").first
    expect(words).to_be_visible()
    said = words.inner_text()
    seen.page.locator("#me summary").click()
    seen.page.get_by_role("button", name="Sign out").click()
    expect(seen.page.get_by_role("heading", name="Sign in")).to_be_visible()
    for _ in range(2):
        seen.page.go_back()
        expect(seen.page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert said not in seen.page.content()


@pytest.mark.parametrize(
    "there",
    [
        "https://evil.example/",
        "//evil.example/",
        "/.//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http://[",
        "/sign-in?next=/sign-in",
        "/api/calls",
    ],
)
def test_nobody_is_led_elsewhere(team: Web, visit: Visits, there: str) -> None:
    seen = visit(team, f"/sign-in?next={quote(there, safe='')}", name=None)
    sign_in(seen, "vic")
    expect(seen.page.get_by_role("heading", level=1, name="Home")).to_be_visible()
    assert path_of(seen) == "/"


def test_a_session_that_ended_is_said_and_the_page_stays(team: Web, visit: Visits) -> None:
    seen = visit(team, "/ask", name="vic")
    seen.api("/api/session", "DELETE")  # as in another tab
    question = seen.page.get_by_label("Your question")
    question.fill("What is hard?")
    question.press("Enter")
    told = seen.page.locator("#connection")
    expect(told).to_contain_text("You are signed out.")
    expect(question).to_have_value("What is hard?")
    # Signed in again in another tab, the page goes on.
    seen.api("/api/session", "POST", {"name": "vic", "password": PASSWORD})
    seen.page.get_by_role("button", name="Ask", exact=True).click()
    expect(seen.page.locator(".answer:not(.coming)")).to_be_visible()
    expect(told).to_be_hidden()
    seen.api("/api/session", "DELETE")
    seen.page.get_by_role("button", name="Ask", exact=True).click()
    told.get_by_role("link", name="Sign in again").click()
    sign_in(seen, "vic")
    expect(seen.page.get_by_label("Your question")).to_be_visible()
    assert path_of(seen).startswith("/ask")


def offered(seen: Visit) -> set[str]:
    """What a person sees that needs more than looking, by the role it needs."""
    seen.page.wait_for_load_state("networkidle")
    needs = seen.page.locator("[data-needs]:visible")
    return {one.get_attribute("data-needs") or "" for one in needs.all()}


@pytest.mark.parametrize("name", ROLES)
def test_each_role_sees_what_it_may_do_and_nothing_is_refused(
    team: Web, visit: Visits, name: str
) -> None:
    seen = visit(team, "/", name=name)
    refused: list[str] = []
    seen.page.on("response", lambda r: refused.append(r.url) if r.status in (401, 403) else None)
    found: set[str] = set()
    for room in ROOMS:
        seen.go(room)
        found |= offered(seen)
        assert seen.barriers() == [], room
    assert (
        found == {"admin": {"editor", "admin"}, "editor": {"editor"}, "viewer": set()}[ROLES[name]]
    )
    assert refused == []


BUTTONS = {
    "/calls": ("choose files", "editor"),
    "/calls/LC-001": ("Delete this call", "admin"),
    "/accounts": ("Load accounts from a CSV", "admin"),
    "/memos": ("Draft the memo", "editor"),
    "/settings": ("Save", "admin"),
}


@pytest.mark.parametrize("name", ROLES)
def test_the_buttons_that_matter(team: Web, visit: Visits, name: str) -> None:
    rank = ["viewer", "editor", "admin"].index
    seen = visit(team, "/", name=name)
    for room, (words, role) in BUTTONS.items():
        seen.go(room)
        seen.page.wait_for_load_state("networkidle")
        button = seen.page.get_by_role("button", name=words, exact=True)
        expect(button).to_be_visible(visible=rank(ROLES[name]) >= rank(role))


def test_a_viewer_reads_a_line_and_changes_nothing(team: Web, visit: Visits) -> None:
    seen = visit(team, "/calls/LC-001#u4", name="vic")
    line = seen.page.locator("#u4")
    expect(line).to_be_focused()
    seen.page.keyboard.press("m")
    panel = line.get_by_role("group")
    expect(panel.get_by_role("button", name="Copy as a cited quote")).to_be_visible()
    expect(panel.locator("select:visible, textarea:visible")).to_have_count(0)
    expect(panel.get_by_role("button", name="Correct the words")).to_be_hidden()
    for way in ("dragover", "drop"):  # a file that is dropped is not taken in
        seen.page.evaluate(
            """(way) => {
                const held = new DataTransfer();
                held.items.add(new File(["Ida: Hello"], "new.txt", { type: "text/plain" }));
                document.body.dispatchEvent(
                    new DragEvent(way, { dataTransfer: held, bubbles: true, cancelable: true }));
            }""",
            way,
        )
    assert not seen.page.evaluate("document.body.classList.contains('dropping')")
    expect(seen.page.locator("#work > li")).to_have_count(0)
    assert seen.api("/api/jobs?state=queued") == []
    seen.go("/memos")
    draft = seen.page.locator(".memo-link")
    expect(draft).to_have_count(len(seen.api("/api/memos")))


def row(seen: Visit, name: str) -> Locator:
    return seen.page.locator("#people-rows tr").filter(has_text=name)


@pytest.mark.parametrize("width", [1280, 390])
def test_an_admin_lets_people_in_changes_them_and_removes_them(
    team: Web, visit: Visits, width: int
) -> None:
    name = f"{'long.' * 20}name-{width}@vendor.example"
    seen = visit(team, "/settings", width=width, name=ADMIN)
    page = seen.page
    said = page.locator("#people-said")
    page.get_by_text("Let somebody in").click()
    form = page.locator("#person-new")
    form.get_by_label("Name or e-mail address").fill(name)
    form.get_by_label("First password").fill("password1234")
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert")).to_contain_text("easy to guess")
    form.get_by_label("First password").fill("nine brown geese over a wall")
    page.keyboard.press("Enter")
    expect(said).to_have_text(f"{name} is a viewer here now.")
    assert seen.barriers() == []
    assert seen.sideways() <= 0

    theirs = visit(team, "/sign-in", width=width, name=None)
    sign_in(theirs, name, "nine brown geese over a wall")
    expect(theirs.page.get_by_role("heading", level=1, name="Home")).to_be_visible()
    assert theirs.sideways() <= 0

    row(seen, name).get_by_role("combobox").select_option("editor")
    expect(said).to_contain_text("is an editor now")
    said.get_by_role("button", name="Undo").click()
    expect(said).to_contain_text("is a viewer now")

    row(seen, name).get_by_role("button", name="Keep out").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep out").click()
    expect(row(seen, name)).to_contain_text("not let in")
    row(seen, name).get_by_role("button", name="Let in again").click()
    expect(said).to_contain_text("is let in again")

    row(seen, name).get_by_role("button", name="New password").click()
    page.get_by_role("dialog").get_by_label("New password").fill("eight tall trees in the fog")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("has a new password")
    assert seen.barriers() == []

    row(seen, name).get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Leave it").press("Enter")
    expect(row(seen, name)).to_be_visible()
    row(seen, name).get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove for good").click()
    expect(said).to_have_text(f"{name} is removed.")
    expect(row(seen, name)).to_have_count(0)
    # What cannot be done is said: an admin does not change themselves.
    expect(row(seen, ADMIN).get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_token_is_shown_once_and_revoked(team: Web, visit: Visits, width: int) -> None:
    seen = visit(team, "/settings", width=width, name="vic")
    page = seen.page
    page.get_by_text("Make a token").click()
    form = page.locator("#token-new")
    expect(form.get_by_label("It may do what").get_by_role("option")).to_have_count(1)
    form.get_by_label("What it is for").fill(HOSTILE)
    page.keyboard.press("Enter")
    words = page.locator("#token-words")
    expect(words).to_have_text(re.compile(r"^fh_\w+$"))
    token = words.inner_text()
    made = page.locator("#tokens-rows tr")
    expect(made).to_contain_text(HOSTILE)
    assert seen.barriers() == []
    assert seen.sideways() <= 0
    page.get_by_role("button", name="I have it").click()
    page.reload()
    expect(made).to_have_count(1)
    expect(page.get_by_text(token)).to_have_count(0)
    page.get_by_role("button", name="Revoke").click()
    page.get_by_role("button", name="Revoke for good").click()
    expect(page.locator("#tokens-none")).to_be_visible()
    expect(page.locator("#tokens-said")).to_have_text(f"“{HOSTILE}” is revoked.")


def test_a_new_password_signs_out_and_in(team: Web, visit: Visits) -> None:
    seen = visit(team, "/settings", name="eve")
    page = seen.page
    form = page.locator("#password")
    expect(form.get_by_role("button", name="Change it")).to_be_enabled()
    form.get_by_label("The one you have").fill("something else entirely")
    form.get_by_label("The new one").fill("nine brown geese over a wall")
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert")).to_contain_text("wrong")
    form.get_by_label("The one you have").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Sign in with the new one").click()
    sign_in(seen, "eve", "nine brown geese over a wall")
    expect(page.get_by_role("heading", level=1, name="Settings")).to_be_visible()
