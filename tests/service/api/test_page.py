"""The page: served from the package, under the strict policy, with hostile words as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ingest.library import Library
from ingest.models import Account
from ingest.store import insert_call, put_accounts
from ingest.tables import answers, memos
from service.api import create_app
from service.api.page import PACKAGE, TYPES
from service.api.page import ROOMS as NAVIGATION
from service.cli.printing import DOUBTFUL
from service.settings import Settings
from tests.service.api.doors import ADDRESS, PASSWORD, make_team, opened

HOSTILE = "\"><img src=x onerror=alert(1)><script>alert('1')</script>{{ 7 * 7 }}"
MODULES = sorted((PACKAGE / "static").glob("*.js"))
VOID = {"meta", "link", "img", "input", "br"}


class Reader(HTMLParser):
    """What a browser would make of the page: its elements, and the text outside of scripts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text: dict[str, str] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        if self.open:
            self.text[self.open[-1]] = self.text.get(self.open[-1], "") + data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def client(library: Library) -> Iterator[TestClient]:
    app = create_app(library, Settings(home=library.home))
    with TestClient(app, base_url="http://127.0.0.1:8400") as opened:
        yield opened


def add_call(library: Library, call_id: str, title: str) -> None:
    with library.change() as connection:
        insert_call(
            connection,
            {
                "call_id": call_id,
                "title": title,
                "date": None,
                "account_id": None,
                "source": "recording",
                "state": "working",
                "media": "0" * 64 + ".wav",
                "media_type": "audio/wav",
                "is_recording": True,
                "content_sha256": "0" * 64,
                "warnings": [],
                "created_at": datetime.now(UTC),
            },
        )


ENTRIES = {
    "home.js": "/",
    "ask-room.js": "/ask",
    "themes.js": "/themes",
    "loop-room.js": "/loop",
    "calls-room.js": "/calls",
    "call.js": "/calls/C-1",
    "accounts-room.js": "/accounts",
    "account-room.js": "/accounts/A-1",
    "memos-room.js": "/memos",
    "memo-room.js": "/memos/memo-1",
    "settings-room.js": "/settings",
}
# Only of somebody who has signed in.
SIGNED_IN = {"access-room.js": "/settings", "me.js": "/"}
ROOMS = (
    *ENTRIES.values(),
    "/ask/answer-1",
    "/ask/none",
    "/calls/none",
    "/accounts/none",
    "/memos/none",
)


def add_one_of_each(library: Library) -> None:
    """A call, an account and a memo, so that every room can be entered."""
    add_call(library, "C-1", "A visit")
    with library.change() as connection:
        put_accounts(connection, [Account(account_id="A-1", name="Ashgrove")])
        connection.execute(
            memos.insert().values(
                memo_id="memo-1", created_at=datetime.now(UTC), body={"title": "A memo"}
            )
        )
    add_answer(library, "Why?")


def add_answer(library: Library, question: str) -> None:
    row = {"answer_id": "answer-1", "asked_at": datetime.now(UTC), "question": question}
    with library.change() as connection:
        connection.execute(answers.insert().values(**row, asked={}, statements=0, body={}))


def test_each_room_is_a_whole_page_and_its_files_are_there(
    client: TestClient, library: Library
) -> None:
    add_one_of_each(library)
    for response in map(client.get, ROOMS):
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"
        read = Reader(response.text)
        assert read.open == [], "every element is closed"
        files = [a["href"] for a in read.all("link")]
        files += [a["src"] for tag in ("script", "img") for a in read.all(tag)]
        assert files
        for file in files:
            assert file.startswith("/static/"), "nothing comes from elsewhere"
            assert client.get(file).status_code == 200, file


def test_nothing_needs_more_than_the_policy_allows(client: TestClient, library: Library) -> None:
    add_one_of_each(library)
    for response in map(client.get, ROOMS):
        policy = response.headers["content-security-policy"]
        assert "'unsafe" not in policy
        assert "script-src 'self'" in policy
        read = Reader(response.text)
        assert not read.all("style")
        assert "script" not in read.text, "no script stands in the page itself"
        for tag, attributes in read.elements:
            wrong = [name for name in attributes if name == "style" or name.startswith("on")]
            assert not wrong, f"<{tag}> has {wrong}"


def test_labels_and_names_for_who_cannot_see(client: TestClient, library: Library) -> None:
    add_one_of_each(library)
    for response in map(client.get, ROOMS):
        read = Reader(response.text)
        ids = [a["id"] for _, a in read.elements if "id" in a]
        assert len(ids) == len(set(ids))
        assert len(read.all("h1")) == 1
        for _, attributes in read.elements:
            for name in ("aria-labelledby", "for"):
                assert attributes.get(name, ids[0]) in ids
        assert all("alt" in a for a in read.all("img"))


def unguarded(html: str) -> list[str]:
    """The forms of a page that a browser could send past their script."""
    found = []
    inside: dict[str, str] | None = None
    for tag, attributes in Reader(html).elements:
        if tag == "form":
            inside = attributes if attributes.get("method") == "post" else None
        elif tag == "button" and inside is not None:
            kind = attributes.get("type", "submit")
            if kind == "submit" and "disabled" not in attributes:
                found.append(inside.get("id", "?"))
    return found


def test_no_form_can_be_sent_before_its_script_listens(
    client: TestClient, library: Library
) -> None:
    assert unguarded('<form method="post" id="f"><button>Go</button></form>') == ["f"]
    add_one_of_each(library)
    # Opened by the script that also listens to them.
    dialogs = {"merge-form", "theme-edit-form", "access-sure-form"}
    for path in ROOMS:
        assert set(unguarded(client.get(path).text)) <= dialogs, path
    make_team(library)
    with opened(library) as team:
        assert unguarded(team.get("/sign-in").text) == []
        team.post("/api/session", json={"name": "admin", "password": PASSWORD}).raise_for_status()
        for path in ROOMS:
            assert set(unguarded(team.get(path).text)) <= dialogs, path


def test_every_room_is_in_the_navigation_and_says_where_it_is(
    client: TestClient, library: Library
) -> None:
    add_one_of_each(library)
    for path in ROOMS:
        links = [a for a in Reader(client.get(path).text).all("a") if a["href"] in dict(NAVIGATION)]
        assert {a["href"] for a in links} >= set(dict(NAVIGATION))
        (here,) = [a for a in links if "aria-current" in a]
        assert path.startswith(here["href"])
        assert (here["aria-current"] == "page") == (here["href"] == path)


def test_links_to_questions_of_the_first_page_still_work(client: TestClient) -> None:
    moved = client.get("/?q=What+now&top=20", follow_redirects=False)
    assert moved.headers["location"] == "/ask?q=What+now&top=20"


def test_hostile_title_shows_as_text(client: TestClient, library: Library) -> None:
    add_call(library, "C-1", HOSTILE)
    response = client.get("/calls/C-1")
    assert response.status_code == 200
    assert "<script>alert" not in response.text
    assert "<img src=x" not in response.text
    read = Reader(response.text)
    assert read.text["h1"] == HOSTILE
    assert read.text["title"] == f"{HOSTILE} – Firsthand"


def test_a_hostile_question_shows_as_text(client: TestClient, library: Library) -> None:
    add_answer(library, HOSTILE)
    response = client.get("/ask/answer-1")
    assert response.status_code == 200
    assert "<script>alert" not in response.text
    assert Reader(response.text).text["title"] == f"{HOSTILE} – Ask – Firsthand"


def test_every_module_belongs_to_a_room() -> None:
    assert {path.name for path in MODULES} == set().union(
        *map(reach, [*ENTRIES, "frame.js", *SIGNED_IN, "sign-in.js"])
    )


@pytest.mark.parametrize("label", [HOSTILE, "\u202eabc\u2066", "x" * 200, "'\"`${7*7}</title>"])
def test_hostile_labels_are_json_and_never_in_the_page(client: TestClient, label: str) -> None:
    """The page carries no data: its modules fetch labels as JSON and put them in as text."""
    added = client.post("/api/codes", json={"label": label, "definition": HOSTILE})
    assert added.status_code == 201
    listed = client.get("/api/codes")
    assert listed.headers["content-type"] == "application/json"
    assert listed.headers["x-content-type-options"] == "nosniff"
    kept = listed.json()[0]["label"]
    assert not {"\u202e", "\u2066"} & set(kept), "a mark that turns the text around is not kept"
    assert kept not in client.get("/themes").text
    history = client.get("/api/codebook/history").json()
    assert history[0]["what"].startswith("added “")


def test_an_empty_home_says_what_to_do_first(client: TestClient) -> None:
    assert client.get("/api/themes").json() == []
    page = Reader(client.get("/themes").text)
    shown = page.text["p"] + page.text["strong"]
    assert "No theme is confirmed yet, so none is ranked." in shown
    assert "No customer has said anything yet" in shown
    links = {a["href"] for a in page.all("a")}
    assert {"#candidates", "/calls", "/api/codebook.csv", "/api/codebook.yaml"} <= links


def test_unknown_call_is_a_page_that_says_so(client: TestClient) -> None:
    response = client.get("/calls/%22%3E%3Cscript%3Ealert(1)%3C~script%3E")
    assert response.status_code == 404
    assert "<script>alert" not in response.text
    assert "There is no call" in response.text


def test_call_page_names_its_call(client: TestClient, library: Library) -> None:
    add_call(library, "C-1", "A visit")
    (main,) = Reader(client.get("/calls/C-1?t=61.2#u14").text).all("main")
    assert main["data-call"] == "C-1"


def test_static_files_last_until_they_change(client: TestClient) -> None:
    (address,) = re.findall(r'src="(/static/[0-9a-f]{16})/home\.js"', client.get("/").text)
    for path in sorted((PACKAGE / "static").iterdir()):
        response = client.get(f"{address}/{path.name}")
        assert response.content == path.read_bytes()
        assert response.headers["content-type"] == TYPES[path.suffix]
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    # A page left open over an upgrade: today's file, and nobody keeps it under the old address.
    old = client.get("/static/0123456789abcdef/home.js")
    assert (old.status_code, old.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize(
    "path",
    ["/static/x/none.js", "/static/x/..%2Fpy.typed", "/static/x/%2e%2e/api/page.py", "/static/x/"],
)
def test_static_serves_only_what_is_there(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_modules_write_text_only_and_import_what_is_there(path: Path) -> None:
    code = path.read_text("utf-8")
    # The ways by which data could become markup or code.
    for way in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "Function("):
        assert way not in code
    assert not re.findall(r"https?://", code)
    imported = re.findall(r'^(?:import|export)\b[^;]*?\bfrom "([^"]+)";', code, re.M)
    for name in imported:
        assert (path.parent / name).resolve().is_file(), name
    assert code.startswith("// "), "a module says first why it exists"


def test_modules_use_only_names_that_their_imports_export() -> None:
    exported = {
        path.name: set(
            re.findall(r"^export (?:async )?(?:function\*?|const|class|let) (\w+)", text, re.M)
        )
        for path in MODULES
        for text in [path.read_text("utf-8")]
    }
    seen = 0
    for path in MODULES:
        found = re.findall(r'^import \{([^}]+)\} from "\./([^"]+)";', path.read_text("utf-8"), re.M)
        for names, module in found:
            wanted = {name.strip() for name in names.split(",")}
            assert wanted <= exported[module], f"{path.name}: {wanted - exported[module]}"
            seen += len(wanted)
    assert seen > 50


def test_elements_that_the_modules_look_up_exist(client: TestClient, library: Library) -> None:
    add_one_of_each(library)
    there = {
        room: {a["id"] for _, a in Reader(client.get(path).text).elements if "id" in a}
        for room, path in ENTRIES.items()
    }
    for entry, ids in there.items():
        assert_found(entry, ids)


def test_what_the_modules_of_who_signed_in_look_up_exists(library: Library) -> None:
    make_team(library)
    with opened(library) as client:
        answer = client.post(
            "/api/session",
            json={"name": "viewer", "password": PASSWORD},
            headers={"Origin": ADDRESS},
        )
        assert answer.status_code == 201
        for entry, path in SIGNED_IN.items():
            read = Reader(client.get(path).text)
            assert read.open == [], "every element is closed"
            ids = [a["id"] for _, a in read.elements if "id" in a]
            assert len(ids) == len(set(ids))
            for _, attributes in read.elements:
                for name in ("aria-labelledby", "aria-describedby", "for"):
                    assert set(attributes.get(name, "").split()) <= set(ids)
            assert_found(entry, set(ids))


def assert_found(entry: str, ids: set[str]) -> None:
    for module in reach(entry):
        text = (PACKAGE / "static" / module).read_text("utf-8")
        wanted = set(re.findall(r'byId\("([^"]+)"\)', text))
        assert wanted <= ids, f"{entry} over {module}: {wanted - ids}"


def reach(entry: str) -> set[str]:
    """The entry module and all that it imports."""
    found: set[str] = set()
    todo = [entry]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            text = (PACKAGE / "static" / name).read_text("utf-8")
            todo += re.findall(r'from "\./([^"]+)";', text)
    return found


def test_a_role_is_doubtful_from_the_same_bound_as_on_the_command_line() -> None:
    code = (PACKAGE / "static" / "format.js").read_text("utf-8")
    (bound,) = re.findall(r"DOUBTFUL = ([0-9.]+);", code)
    assert json.loads(bound) == DOUBTFUL


def test_the_routes_of_the_page_are_not_part_of_the_api(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert "/api/calls/{call_id}" in paths
    assert not {"/", "/themes", "/calls", "/calls/{call_id}", "/static/{digest}/{name}"} & set(
        paths
    )
