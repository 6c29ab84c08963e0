"""The index: passages with vectors and words in the database, and nothing else is touched."""

import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from ingest import keywords
from ingest.embed import MiniLM, open_embedder
from ingest.errors import BadInput, Conflict
from ingest.feeding import feed
from ingest.index import ROLES, Index
from ingest.mending import apart
from ingest.models import Utterance
from ingest.passages import ids_from
from ingest.passages import passages as cut_into
from ingest.store import update_call
from ingest.tables import passages
from tests.ingest.stored import VOICES, Home

TURNS = [("V", "How long does it take?"), ("C", "The export takes nineteen days for us.")]


@pytest.fixture(scope="module")
def embedder() -> MiniLM:
    return open_embedder()


@pytest.fixture
def home(tmp_path: Path, embedder: MiniLM) -> Iterator[Home]:
    opened = Home(tmp_path, embedder)
    yield opened
    opened.close()


def stored(home: Home) -> set[str]:
    with home.engine.connect() as connection:
        return set(connection.scalars(sa.select(passages.c.passage_id)))


def test_put_writes_the_database_alone(home: Home) -> None:
    home.add("a", TURNS)
    assert not home.index.chroma.folder.exists()
    with home.engine.connect() as connection:
        assert keywords.passage_ids(connection) == stored(home)
    assert len(stored(home)) == 2


def test_put_again_replaces(home: Home) -> None:
    home.add("a", TURNS)
    before = stored(home)
    home.add("a", [("C", "Something else entirely.")])
    assert len(stored(home)) == 1
    assert not stored(home) & before
    with home.engine.connect() as connection:
        assert keywords.passage_ids(connection) == stored(home)


def test_drop_forgets_one_call_everywhere(home: Home) -> None:
    home.add("a", TURNS)
    home.add("b", TURNS)
    with home.engine.begin() as connection:
        home.index.drop(connection, "a")
    with home.engine.connect() as connection:
        assert {i.split(":")[0] for i in keywords.passage_ids(connection)} == {"b"}
        assert keywords.passage_ids(connection) == stored(home)


def test_ids_that_begin_alike_are_kept_apart(home: Home) -> None:
    home.add("LC-1", TURNS)
    home.add("LC-1-b", TURNS)
    with home.engine.begin() as connection:
        home.index.drop(connection, "LC-1")
    assert {i.split(":")[0] for i in stored(home)} == {"LC-1-b"}
    with home.engine.connect() as connection:
        assert keywords.passage_ids(connection) == stored(home)


def test_a_rolled_back_put_leaves_nothing(home: Home) -> None:
    home.add("a", TURNS)
    before = stored(home)
    with home.engine.connect() as connection:
        home.index.put(connection, "a", [], np.zeros((0, 384), np.float32))
        connection.rollback()
    assert stored(home) == before
    with home.engine.connect() as connection:
        assert keywords.passage_ids(connection) == before


def test_vectors_of_two_models_are_not_mixed(home: Home) -> None:
    home.add("a", TURNS)
    other = Index(home.home / "vectors", "another model")
    with home.engine.begin() as connection, pytest.raises(Conflict, match="another model"):
        other.put(connection, "b", [], np.zeros((0, 3), np.float32))


def test_a_vector_for_every_passage(home: Home) -> None:
    with home.engine.begin() as connection, pytest.raises(BadInput, match="embed every passage"):
        home.index.put(connection, "a", [], np.zeros((1, 384), np.float32))


def test_blocks_follow_a_change(home: Home) -> None:
    home.add("a", TURNS)
    with home.engine.connect() as connection:
        ((old, _),) = home.index.sizes(connection, "customer", ["a"]).values()
        (first,) = home.index.blocks(connection, "customer", {"a": old})
    home.add("a", [("C", "Something else entirely.")])
    with home.engine.connect() as connection:
        ((new, _),) = home.index.sizes(connection, "customer", ["a"]).values()
        (second,) = home.index.blocks(connection, "customer", {"a": new})
    assert old != new
    assert first.passage_ids != second.passage_ids


def test_nothing_is_sent_anywhere(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object, **_named: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    home.add("a", TURNS)
    feed(home)
    assert not apart(home)


@pytest.mark.parametrize("scope", [None, ["a", "b", "nowhere"]])
def test_sizes_follow_every_change(home: Home, scope: list[str] | None) -> None:
    def sizes() -> dict[str, tuple[str, int]]:
        with home.engine.connect() as connection:
            whole = home.index.sizes(connection, "customer", None)
            some = home.index.sizes(connection, "customer", scope)
        assert {c: s for c, s in whole.items() if scope is None or c in scope} == some
        return dict(some)

    home.add("a", TURNS)
    first = sizes()
    assert set(first) == {"a"}
    home.add("b", TURNS)
    assert set(sizes()) == {"a", "b"}
    with home.change() as connection:
        update_call(connection, "b", state="working")
    assert sizes() == first
    home.add("a", [("C", "Something else entirely.")])
    assert sizes()["a"] != first["a"]


@pytest.mark.parametrize("count", [1, 7])
def test_passages_of_a_role_follow_one_another(count: int) -> None:
    """Chroma is told to forget passages by the first one's id and their number."""
    turns = [
        turn
        for n in range(count)
        for turn in (("C", f"Number {n} takes {'very ' * 40}long."), ("V", "Why?"))
    ]
    words = [
        Utterance(i=i, speaker=label, start_s=None, end_s=None, text=text)
        for i, (label, text) in enumerate(turns)
    ]
    cut = cut_into("a:b", words, VOICES)
    for role in ROLES:
        ids = [p.passage_id for p in cut if p.role == role]
        assert ids_from(min(ids), len(ids)) == ids


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("What do customers say about the export?", ["export"]),
        ("How long does Brackenfell's invoice take?", ["long", "brackenfell's", "invoice", "take"]),
        ("What do customers need?", ["customers", "need"]),
        ("What is it?", ["what", "is", "it"]),
        ('"NEAR(" AND * -- \0 ^export:', ["near", "export"]),
        ("?!", []),
    ],
)
def test_content_terms(question: str, terms: list[str]) -> None:
    assert keywords.content_terms(question) == terms


def test_stems_are_the_indexs_own() -> None:
    assert keywords.stems(["Exporting invoices", "", "Café exports"]) == [
        ["export", "invoic"],
        [],
        ["cafe", "export"],
    ]
