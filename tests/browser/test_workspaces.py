"""A link about another workspace than the one somebody is in: said, and gone to on a press."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, expect

from ingest.models import Account
from ingest.store import put_accounts
from service.access import users
from service.settings import Settings
from service.workspaces import add, open_library
from tests.browser.conftest import Visits, served
from tests.browser.people import ADMIN, PASSWORD, let_in
from tests.browser.test_accounts import sign_in
from tests.browser.visits import Visit
from tests.durability.processes import Web
from tests.service.voiced import hear

HOSTILE = "<img src=x onerror=alert(1)>"
OTHER = f"North {HOSTILE}"  # a title is anything that can be seen
NOT_IN_IT = "You are not in it; ask whoever sent the link."


@pytest.fixture(scope="module")
def several(_filled_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """``ada`` is in the main workspace and in ``north``, ``vic`` in the main one; nobody else is in
    ``south``. The call FC-9 is in ``north`` only.
    """
    folder = tmp_path_factory.mktemp("several")
    home = Path(shutil.copytree(_filled_once, folder / "home"))
    let_in(home)
    let_in(home, "vic", "viewer")
    settings = Settings(home=home, models=home / "models", min_free_mb=0)
    add(settings, "north", OTHER)
    add(settings, "south")
    with closing(open_library(settings)) as library, library.change() as connection:
        ada = users.named(connection, ADMIN)
        users.set_role(connection, ada.id, "editor", workspace="north")
    with closing(open_library(settings.of("north"))) as library:
        with library.change() as connection:
            put_accounts(connection, [Account(account_id="FRZ-5", name="Sable Genomics")])
        hear(library, folder, call_id="FC-9")
    with served(home) as web:
        yield web


def told(seen: Visit) -> Locator:
    return seen.page.locator("#other-workspace")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_link_about_another_workspace_is_followed_on_a_press(
    several: Web, visit: Visits, width: int
) -> None:
    seen = visit(several, "/calls/FC-9?t=3&workspace=north#u1", width=width, name=ADMIN)
    expect(told(seen)).to_have_text(
        f"This link is about the workspace “{OTHER}”; you are in “main”. Switch to {OTHER}"
    )
    expect(seen.page.locator("main img")).to_have_count(0)
    expect(seen.page.get_by_text("There is no call 'FC-9'")).to_be_visible()
    # By having looked nobody is anywhere else.
    assert seen.api("/api/session")["workspace"] == "main"
    assert seen.barriers() == []
    assert seen.sideways() <= 0
    told(seen).get_by_role("button").press("Enter")
    expect(seen.page.locator("#u1")).to_be_focused()
    expect(seen.page).to_have_url(f"{several.address}/calls/FC-9?t=3#u1")
    expect(told(seen)).to_be_hidden()
    assert seen.api("/api/session")["workspace"] == "north"
    seen.page.reload()
    expect(seen.page.locator("#u1")).to_be_visible()
    expect(told(seen)).to_be_hidden()


def test_signing_in_leads_to_the_link_with_its_workspace(several: Web, visit: Visits) -> None:
    seen = visit(several, "/calls/FC-9?t=3&workspace=north", name=None)
    expect(seen.page).to_have_url(re.compile(r"/sign-in\?next=.*workspace%3Dnorth$"))
    sign_in(seen, ADMIN, PASSWORD)
    expect(told(seen).get_by_role("button", name="Switch to")).to_be_visible()
    told(seen).get_by_role("button").click()
    expect(seen.page.locator("#u1")).to_be_visible()
    expect(seen.page).to_have_url(f"{several.address}/calls/FC-9?t=3")


@pytest.mark.parametrize("name", ["south", "nowhere", HOSTILE])
def test_one_that_somebody_is_not_in_is_told_as_one_that_is_not_there(
    several: Web, visit: Visits, name: str
) -> None:
    seen = visit(several, f"/calls/FC-1?workspace={quote(name)}#u1", name="vic")
    expect(told(seen)).to_have_text(
        f"This link is about the workspace “{name}”; you are in “main”. {NOT_IN_IT}"
    )
    expect(told(seen).get_by_role("button")).to_have_count(0)
    expect(seen.page.locator("main img")).to_have_count(0)
    expect(seen.page.locator("#u1")).to_be_visible()  # the room itself goes on
    assert seen.barriers() == []


def test_of_a_long_made_up_name_not_all_is_repeated(several: Web, visit: Visits) -> None:
    seen = visit(several, f"/?workspace={'call+0800+now+' * 50}", name="vic")
    expect(told(seen)).to_contain_text("“call 0800 now call 0800 now cal…”")


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("/calls/FC-1?t=3&workspace=main#u1", "/calls/FC-1?t=3#u1"),
        ("/themes?view=time&workspace=main", "/themes?view=time"),
        ("/ask?workspace=main", "/ask"),
        ("/?workspace=", "/"),
    ],
)
def test_a_link_about_the_workspace_one_is_in_is_a_link(
    several: Web, visit: Visits, path: str, left: str
) -> None:
    seen = visit(several, path, name="vic")
    expect(seen.page).to_have_url(several.address + left)
    expect(told(seen)).to_be_hidden()


def test_what_is_copied_names_the_workspace(several: Web, visit: Visits) -> None:
    seen = visit(several, "/calls/FC-1#u1", name="vic")
    seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(seen.page.locator("#u1")).to_be_focused()
    seen.page.keyboard.press("m")
    seen.page.locator("#u1").get_by_role("button", name="Copy as a cited quote").click()
    expect(seen.page.locator("#done")).to_have_text("Copied as a cited quote.")
    copied = seen.page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"/calls/FC-1\?t=[\d.]+&workspace=main#u1$", copied)
