"""Repair: what was broken by hand is found, told, mended, and then nothing is left to tell."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest import keywords
from ingest.feeding import collections, feed
from ingest.library import Library, Options
from ingest.mending import apart, misworded
from ingest.search import search
from ingest.tables import calls, jobs, passages
from service.jobs import enqueue, get_job
from service.repairing import findings, repair


def said(library: Library) -> list[str]:
    return [found.what for found in findings(library)]


def old(path: Path) -> None:
    before = time.time() - 7200
    os.utime(path, (before, before))


def lose_a_vector(library: Library) -> None:
    with library.read() as connection:
        name = collections(connection)["customer"]
    ids = sorted(library.index.chroma.ids(name))
    library.index.chroma.remove(name, ids[:2])


def leave_a_vector(library: Library) -> None:
    with library.read() as connection:
        name = collections(connection)["customer"]
        vectors = library.embedder.embed(["nobody"])
    library.index.chroma.add(name, ["gone:0:00000"], vectors)


def break_the_folder(library: Library) -> None:
    library.index.close()
    (library.home / "vectors" / "chroma.sqlite3").write_bytes(b"broken")


def lose_keywords(library: Library) -> None:
    with library.change() as connection:
        keywords.drop(connection, "FC-1")


def leave_keywords(library: Library) -> None:
    with library.change() as connection:
        row = connection.execute(sa.select(passages).where(passages.c.call_id == "FC-1")).first()
        assert row is not None
        connection.execute(passages.delete().where(passages.c.passage_id == row.passage_id))


def lose_passages(library: Library) -> None:
    with library.change() as connection:
        connection.execute(passages.delete().where(passages.c.call_id == "FC-1"))


def break_a_vector(library: Library) -> None:
    with library.change() as connection:
        one = passages.c.call_id == "FC-1"
        connection.execute(passages.update().where(one).values(vector=b"short"))


def a_file(library: Library) -> Path:
    return library.home / "media" / "ab" / f"ab{62 * '0'}.wav"


def leave_a_file(library: Library) -> None:
    path = a_file(library)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"sound")
    old(path)


def leave_a_call(library: Library) -> None:
    with library.change() as connection:
        one = calls.c.call_id == "FC-1"
        before = datetime(2026, 1, 1, tzinfo=UTC)
        connection.execute(calls.update().where(one).values(state="working", created_at=before))
        connection.execute(jobs.delete())


@pytest.mark.parametrize(
    ("harm", "found", "mended"),
    [
        (lose_a_vector, "Chroma lost 2 vectors", "given 2 vectors"),
        (leave_a_vector, "holds 1 of no call", "1 of no call"),
        (break_the_folder, "folder of vectors is broken", "is made anew"),
        (lose_keywords, "keyword index lacks", "keyword index took in"),
        (leave_keywords, "holds 1 of no call", "lost 1 of no call"),
        (lose_passages, "Call FC-1 cannot be searched", "FC-1 are made anew"),
        (break_a_vector, "Call FC-1 cannot be searched", "FC-1 are made anew"),
        (leave_a_file, "1 recordings or transcripts are of no call", "of no call were erased"),
        (leave_a_call, "FC-1 waits for work", "FC-1 is queued again"),
    ],
)
def test_it_is_found_told_and_mended(
    filled: Library, harm: Callable[[Library], None], found: str, mended: str
) -> None:
    feed(filled)
    assert said(filled) == []
    assert repair(filled) == ()
    harm(filled)
    assert any(found in line for line in said(filled))
    assert any(found in line for line in said(filled))  # looking changed nothing
    assert any(mended in line for line in repair(filled))
    assert [line for line in said(filled) if "nobody works on this home" not in line] == []
    feed(filled)
    assert not apart(filled)
    with filled.read() as connection:
        assert not misworded(connection)


def test_a_call_with_new_passages_is_searched_again(filled: Library) -> None:
    def first() -> str:
        with filled.read() as connection:
            hits = search(connection, filled.index, filled.embedder, "What of the freezers?")
        return hits[0].call_id

    before = first()
    with filled.change() as connection:
        connection.execute(passages.delete().where(passages.c.call_id == before))
    assert first() != before
    repair(filled)
    assert first() == before


def test_a_missing_file_is_only_told(filled: Library) -> None:
    lost = next((filled.home / "media").glob("*/*"))
    lost.unlink()
    (line,) = said(filled)
    assert line.startswith("The file of call FC-")
    assert repair(filled) == (line,)
    assert said(filled) == [line]


def test_what_may_be_under_way_is_left_alone(filled: Library) -> None:
    leave_a_file(filled)
    a_file(filled).touch()
    with filled.change() as connection:
        one = calls.c.call_id == "FC-1"
        connection.execute(
            calls.update().where(one).values(state="working", created_at=datetime.now(UTC))
        )
    assert said(filled) == []


def test_jobs_that_nobody_does_are_told_of(filled: Library) -> None:
    with filled.change() as connection:
        job_id = enqueue(connection, "ingest", call_id="FC-1")
    told = (
        "1 job waits and nobody works on this home; `firsthand serve` or `firsthand worker` does."
    )
    assert said(filled) == [told]
    assert repair(filled) == (told,)
    with filled.holding("worker.lock"):
        other = Library(filled.home, Options(models=filled.home))
        assert said(other) == []
        assert repair(other) == ()
        other.close()
    with filled.read() as connection:
        assert get_job(connection, job_id).state == "queued"
