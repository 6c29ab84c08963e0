"""The index: the database is the truth, Chroma and the keywords follow it, and repair works."""

import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from ingest import keywords
from ingest.embed import MiniLM, open_embedder
from ingest.errors import BadInput, Conflict
from ingest.index import Index
from ingest.tables import passages
from tests.ingest.stored import Home

TURNS = [("V", "How long does it take?"), ("C", "The export takes nineteen days for us.")]


@pytest.fixture(scope="module")
def embedder() -> MiniLM:
    return open_embedder()


@pytest.fixture
def home(tmp_path: Path, embedder: MiniLM) -> Iterator[Home]:
    opened = Home(tmp_path, embedder)
    yield opened
    opened.engine.dispose()


def stored(home: Home) -> set[str]:
    with home.engine.connect() as connection:
        return set(connection.scalars(sa.select(passages.c.passage_id)))


def test_put_fills_all_three_stores_alike(home: Home) -> None:
    home.add("a", TURNS)
    with home.engine.connect() as connection:
        assert not home.index.apart(connection)
        assert keywords.passage_ids(connection) == stored(home)
    assert len(stored(home)) == 2


def test_put_again_replaces(home: Home) -> None:
    home.add("a", TURNS)
    before = stored(home)
    home.add("a", [("C", "Something else entirely.")])
    assert len(stored(home)) == 1
    assert not stored(home) & before
    with home.engine.connect() as connection:
        assert not home.index.apart(connection)


def test_drop_forgets_one_call_everywhere(home: Home) -> None:
    home.add("a", TURNS)
    home.add("b", TURNS)
    with home.engine.begin() as connection:
        home.index.drop(connection, "a")
    with home.engine.connect() as connection:
        assert {i.split(":")[0] for i in keywords.passage_ids(connection)} == {"b"}
        assert not home.index.apart(connection)


def test_ids_that_begin_alike_are_kept_apart(home: Home) -> None:
    home.add("LC-1", TURNS)
    home.add("LC-1-b", TURNS)
    with home.engine.begin() as connection:
        home.index.drop(connection, "LC-1")
    assert {i.split(":")[0] for i in stored(home)} == {"LC-1-b"}
    with home.engine.connect() as connection:
        assert keywords.passage_ids(connection) == stored(home)


def test_a_rolled_back_put_is_invisible_and_mended(home: Home) -> None:
    home.add("a", TURNS)
    before = stored(home)
    with home.engine.connect() as connection:
        home.index.put(connection, "a", [], np.zeros((0, 384), np.float32))
        connection.rollback()
    assert stored(home) == before
    with home.engine.begin() as connection:
        assert home.index.mend(connection).missing == before
    with home.engine.connect() as connection:
        assert not home.index.apart(connection)


def test_leftovers_in_chroma_are_removed(home: Home) -> None:
    home.add("a", TURNS)
    before = stored(home)
    with home.engine.begin() as connection:  # as if the commit of a drop came, Chroma's did not
        connection.execute(passages.delete())
        keywords.drop(connection, "a")
    with home.engine.begin() as connection:
        assert home.index.mend(connection).orphans == before
    with home.engine.connect() as connection:
        assert not home.index.apart(connection)


def test_lost_keywords_are_mended(home: Home) -> None:
    home.add("a", TURNS)
    with home.engine.begin() as connection:
        keywords.drop_all(connection)
        assert home.index.mend(connection).missing == stored(home)
        assert keywords.passage_ids(connection) == stored(home)


def test_rebuild_makes_both_stores_from_the_database(home: Home, tmp_path: Path) -> None:
    home.add("a", TURNS)
    moved = Index(tmp_path / "elsewhere", home.embedder.name)
    with home.engine.begin() as connection:
        assert moved.rebuild(connection) == 2
    with home.engine.connect() as connection:
        assert not moved.apart(connection)


def test_chroma_gives_the_nearest_first(home: Home) -> None:
    home.add("a", TURNS)
    home.add("b", [("C", "We had lovely weather in Lisbon.")])
    vector = home.embedder.embed(["How slow is exporting?"])[0]
    near = home.index.nearest("customer", vector, 10)
    assert [i.split(":")[0] for i in sorted(near, key=near.__getitem__, reverse=True)] == ["a", "b"]
    with home.engine.connect() as connection:
        sizes = home.index.sizes(connection, "customer", None)
        blocks = home.index.blocks(
            connection, "customer", {c: stamp for c, (stamp, _) in sizes.items()}
        )
    exact = {b.passage_ids[0]: float(b.vectors[0] @ vector) for b in blocks}
    assert near == pytest.approx(exact, abs=1e-4)


def test_vectors_of_two_models_are_not_mixed(home: Home) -> None:
    home.add("a", TURNS)
    other = Index(home.folder / "vectors", "another model")
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
    home.index.check()


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
