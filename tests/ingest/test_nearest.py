"""Nearest: the same places whether Chroma is fed, half fed, absent, another's or down."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ingest import nearest as module
from ingest.embed import MiniLM, open_embedder
from ingest.feeding import feed
from ingest.index import Sizes
from ingest.nearest import nearest
from ingest.search import Hit, search
from ingest.store import delete_call
from tests.conftest import ROOT
from tests.ingest.chroma_server import chroma_server
from tests.ingest.stored import Home, fill, random_vectors

CALLS = [f"c{n:03}" for n in range(150)]
QUERY = random_vectors(1, "query")[0]


@pytest.fixture(scope="module")
def embedder() -> MiniLM:
    return open_embedder()


@pytest.fixture
def home(tmp_path: Path, embedder: MiniLM) -> Iterator[Home]:
    opened = Home(tmp_path / "home", embedder)
    opened.index.exact = 0
    yield opened
    opened.close()


def found(home: Home, count: int = 10, within: list[str] | None = None) -> dict[str, float]:
    with home.read() as connection:
        sizes = home.index.sizes(connection, "customer", within)
        return nearest(connection, home.index, "customer", QUERY, count, sizes)


def exact(home: Home, count: int = 10, within: list[str] | None = None) -> dict[str, float]:
    with home.read() as connection:
        sizes: Sizes = home.index.sizes(connection, "customer", within)
        blocks = home.index.blocks(connection, "customer", {c: s for c, (s, _) in sizes.items()})
    scores = {
        i: float(s) for b in blocks for i, s in zip(b.passage_ids, b.vectors @ QUERY, strict=True)
    }
    return {i: scores[i] for i in sorted(scores, key=scores.__getitem__, reverse=True)[:count]}


def same(home: Home, count: int = 10, within: list[str] | None = None) -> None:
    got, want = found(home, count, within), exact(home, count, within)
    assert list(got) == list(want)
    assert got == pytest.approx(want, abs=1e-5)


def test_never_fed_it_reads_all(home: Home) -> None:
    fill(home, CALLS)
    same(home)
    assert not home.index.chroma.is_open  # nor is Chroma imported for it


def test_fed_and_half_fed(home: Home) -> None:
    fill(home, CALLS[:75])
    feed(home)
    same(home)
    fill(home, CALLS[75:])
    same(home)
    feed(home)
    same(home)


def test_chroma_is_what_answers_once_it_is_fed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(home, CALLS[:75])
    feed(home)
    fill(home, CALLS[75:])
    monkeypatch.setattr(module, "_by_reading", None)
    same(home)


def test_far_behind_it_reads_all(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAG", 10)
    fill(home, CALLS[:75])
    feed(home)
    fill(home, CALLS[75:])
    same(home)
    monkeypatch.setattr(module, "_by_reading", None)
    with pytest.raises(TypeError):
        found(home)


@pytest.mark.parametrize("fed", [False, True])
def test_within_a_scope_there_are_no_fewer(home: Home, fed: bool) -> None:
    fill(home, CALLS, state="ready")
    fill(home, ["unready"], state="working")
    if fed:
        feed(home)
    same(home, within=CALLS[:3])
    same(home, count=18, within=CALLS[:3])
    same(home, count=40, within=CALLS[:3])
    same(home, count=7, within=[*CALLS[:100], "unready"])


def test_what_was_erased_or_changed_is_not_found_before_it_is_fed(home: Home) -> None:
    fill(home, CALLS)
    feed(home)
    first = next(iter(found(home))).split(":")[0]
    with home.change() as connection:
        home.index.drop(connection, first)
        delete_call(connection, first)
    home.add("c999", [("C", "Something else entirely.")])
    same(home)
    assert all(not i.startswith(f"{first}:") for i in found(home))


def test_a_server_down_or_silent_costs_no_result(
    tmp_path: Path, embedder: MiniLM, caplog: pytest.LogCaptureFixture
) -> None:
    with chroma_server(tmp_path / "chroma") as server:
        home = Home(tmp_path / "home", embedder, server.url)
        fill(home, CALLS)
        feed(home)
        same(home)
        server.kill()
        with caplog.at_level(logging.WARNING, "ingest.chroma"):
            for _ in range(3):
                same(home)
        assert [r.message for r in caplog.records if "read from the database" in r.message] == [
            caplog.records[0].message
        ]
        server.start()
        home.index.chroma.works()  # as after half a minute
        same(home)
        assert not home.index.chroma.resting
        home.close()


def test_a_server_that_never_answers_is_given_up(tmp_path: Path, embedder: MiniLM) -> None:
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with chroma_server(tmp_path / "chroma") as server:
            before = Home(tmp_path / "home", embedder, server.url)
            fill(before, CALLS)
            feed(before)
            before.close()
        home = Home(tmp_path / "home", embedder, url)
        same(home)
        assert home.index.chroma.resting
        home.close()


ASKER = """
import sys
from pathlib import Path
from ingest.library import Library, Options
from ingest.search import search

home = Path(sys.argv[1])
library = Library(home, Options(models=home))
library.index.exact = 0
with library.read() as connection:
    hits = search(connection, library.index, library.embedder, sys.argv[2])
print(hits[0].call_id, library.index.chroma.is_open)
library.close()
"""


def test_one_process_owns_it_and_another_finds_what_was_just_added(home: Home) -> None:
    fill(home, CALLS)
    feed(home)
    home.add("new", [("C", "The parking garage downtown closed.")])

    def asked() -> str:
        command = [sys.executable, "-c", ASKER, str(home.home), "Where do they park downtown?"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def hits() -> list[Hit]:
        with home.read() as connection:
            return search(connection, home.index, home.embedder, "Where do they park downtown?")

    assert asked() == "new False"
    assert hits()[0].call_id == "new"
    home.index.close()
    assert asked() == "new True"


def test_search_is_the_same_by_chroma_and_by_reading(home: Home) -> None:
    fill(home, CALLS)
    for n in range(4):
        home.add(f"t{n}", [("C", f"Our van number {n} stands in the street at night.")])
    question = "Where are vehicles left overnight?"
    with home.read() as connection:
        read = search(connection, home.index, home.embedder, question)
        feed(home)
    with home.read() as connection:
        fed = search(connection, home.index, home.embedder, question)
        home.index.exact = 10**6
        scored = search(connection, home.index, home.embedder, question)
    assert [(h.call_id, h.utterance) for h in fed] == [(h.call_id, h.utterance) for h in read]
    assert (
        {h.call_id for h in scored[:4]} == {h.call_id for h in fed[:4]} == {"t0", "t1", "t2", "t3"}
    )
    assert np.allclose([h.score for h in fed], [h.score for h in read], atol=1e-4)
