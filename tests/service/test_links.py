"""Links to the page from elsewhere: encoded, and with the workspace where a home has several."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.library import Library
from ingest.redaction import Redaction
from ingest.tables import workspaces
from service import codebook, loop
from service.codebook import NewCode
from service.digest.letter import html, text
from service.digest.week import Gained, digest, masked
from service.hooks.telling import of_a_test, tell
from service.links import Links, links

PAGE = "https://firsthand.example.com"
ALONE, NAMED = Links(PAGE), Links(PAGE, "north-east")
ODD = "a/b ?#&=“é”"
PERCENT = "a%2Fb%20%3F%23%26%3D%E2%80%9C%C3%A9%E2%80%9D"


def has_another(library: Library) -> None:
    """From now on the home has a second workspace."""
    row = {"name": "north-east", "title": "North East", "created_at": datetime.now(UTC)}
    with library.change() as connection:
        connection.execute(workspaces.insert().values(row))


def test_where_there_is_one_workspace_no_link_names_it() -> None:
    assert ALONE.front() == f"{PAGE}/"
    assert ALONE.one("ask", ODD) == f"{PAGE}/ask/{PERCENT}"
    assert ALONE.moment("FC-2", 1, 3.7) == f"{PAGE}/calls/FC-2?t=3.7#u1"
    assert ALONE.moment(ODD, 14) == f"{PAGE}/calls/{PERCENT}#u14"
    assert ALONE.themes() == f"{PAGE}/themes"
    assert ALONE.themes(ODD) == f"{PAGE}/themes?theme={PERCENT}"


def test_the_workspace_stands_in_the_query_and_before_the_fragment() -> None:
    assert NAMED.front() == f"{PAGE}/?workspace=north-east"
    assert NAMED.one("memos", ODD) == f"{PAGE}/memos/{PERCENT}?workspace=north-east"
    assert NAMED.moment("FC-2", 1, 3.7) == f"{PAGE}/calls/FC-2?t=3.7&workspace=north-east#u1"
    assert NAMED.moment("FC-2", 0) == f"{PAGE}/calls/FC-2?workspace=north-east#u0"
    assert NAMED.themes("code-1") == f"{PAGE}/themes?theme=code-1&workspace=north-east"


def test_a_name_is_encoded_whatever_it_is() -> None:
    parts = urlsplit(Links(PAGE, ODD).moment("FC-2", 1, 3.7))
    assert parse_qs(parts.query) == {"t": ["3.7"], "workspace": [ODD]}
    assert (parts.path, parts.fragment) == ("/calls/FC-2", "u1")


def test_a_home_names_itself_once_it_has_another_beside_it(library: Library) -> None:
    with library.read() as connection:
        assert links(library, connection) == Links(library.options.url)
    with library.change() as connection:  # the main one has a title: there is no other for that
        connection.execute(workspaces.insert().values(name="main", title="All of us"))
    with library.read() as connection:
        assert links(library, connection).workspace is None
    has_another(library)
    with library.read() as connection:
        assert links(library, connection).workspace == "main"
        library.options = replace(library.options, workspace="north-east")
        assert links(library, connection).workspace == "north-east"


@pytest.fixture
def named(filled: Library) -> Library:
    """A home with a need that two accounts voiced, one of two workspaces."""
    label = "False alarms"
    (code,) = codebook.put_codes(
        filled,
        [NewCode(label=label, definition="The alarm rings at night for nothing.", kind="pain")],
    )
    for call_id in ("FC-1", "FC-2"):
        codebook.judge(filled, code.id, call_id, 1, "confirm")
    codebook.set_status(filled, code.id, "shipped")
    has_another(filled)
    return filled


def test_the_note_of_the_loop_names_it(named: Library) -> None:
    (need,) = loop.queue(named).needs
    for entry in need.entries:
        quote = entry.quotes[0]
        link = f"/calls/{quote.call_id}?t={quote.start_s:g}&workspace=main#u{quote.utterance}"
        assert link in entry.note


def test_a_hook_s_message_names_it(named: Library) -> None:
    with named.read() as connection:
        told = tell(named, connection, "call.ready", {"call_id": "FC-2"}, with_words=True)
        test = of_a_test(named, connection)
    assert told.link == f"{named.options.url}/calls/FC-2?workspace=main"
    assert told.said
    assert all("&workspace=main#u" in one.link for one in told.said)
    assert test.link == f"{named.options.url}/?workspace=main"


def test_all_links_of_the_digest_name_it(named: Library) -> None:
    now = datetime(2026, 7, 18, 8, 0, tzinfo=UTC)
    (entry, *_) = loop.queue(named).needs[0].entries
    need = Gained(
        theme_id="code-1",
        label="False alarms",
        kind="pain",
        gained=("Marlowe",),
        accounts_n=1,
        arr_usd=1.0,
        quotes=entry.quotes[:1],
    )
    whole = digest(named, now, date(2026, 5, 20), PAGE).model_copy(update={"needs": (need,)})
    found = masked(whole, Redaction(names=("main",)))
    assert found.workspace == "main"
    quote = entry.quotes[0]
    for letter, n in (
        (text(found), 2),
        (html(found), 3 + len(found.silent) + len(found.next_calls)),
    ):
        assert f"{PAGE}/calls/{quote.call_id}?workspace=main#u{quote.utterance}" in letter
        assert f"{PAGE}/?workspace=main" in letter
        assert letter.count(PAGE) == letter.count("?workspace=main") == n
