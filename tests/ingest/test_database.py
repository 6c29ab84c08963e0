"""Errors of the database that may pass by themselves, told apart from faults of the program."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.database import passing
from ingest.errors import BadInput, Conflict, FirsthandError, NoRoom, Unavailable
from ingest.library import Library
from ingest.media import Kept
from ingest.pipeline import About, receive
from service.erase import erase
from tests.conftest import ON_POSTGRESQL


def told(error: sa.exc.SQLAlchemyError) -> tuple[type[FirsthandError], str]:
    found = passing(error)
    assert found is not None
    assert found.retry
    return type(found), str(found)


def made(path: Path, *pragmas: str) -> sa.Engine:
    """An engine of the driver's own patience (none) on a file with one table."""
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 0})

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x TEXT UNIQUE)")
    return engine


def test_a_lock_that_another_holds(tmp_path: Path) -> None:
    engine = made(tmp_path / "a.db")
    with closing(sqlite3.connect(tmp_path / "a.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sa.exc.OperationalError) as caught, engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO t VALUES ('a')")
    kind, sentence = told(caught.value)
    assert kind is Unavailable
    assert "busy with another change" in sentence
    engine.dispose()


def test_a_full_disk(tmp_path: Path) -> None:
    engine = made(tmp_path / "a.db", "max_page_count = 4")
    with pytest.raises(sa.exc.OperationalError) as caught, engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (?)", ("a" * 100_000,))
    assert told(caught.value)[0] is NoRoom
    engine.dispose()


@pytest.mark.parametrize("statement", ["SELECT * FROM none", "INSERT INTO t VALUES ('a'), ('a')"])
def test_a_fault_of_the_program_is_none(tmp_path: Path, statement: str) -> None:
    engine = made(tmp_path / "a.db")
    with pytest.raises(sa.exc.SQLAlchemyError) as caught, engine.begin() as connection:
        connection.exec_driver_sql(statement)
    assert passing(caught.value) is None
    assert passing(BadInput("It is no recording.")) is None
    engine.dispose()


def test_a_file_of_a_call_outlives_another_s_failure_to_add_it(
    library: Library, plain_call: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = library.media.keep

    def keep_slowly(path: Path, *, limit: int, **_: object) -> Kept:
        kept = keep(path, limit=limit)
        monkeypatch.undo()
        receive(library, path, About())  # another process, meanwhile
        monkeypatch.setattr(library, "change", refuse)
        return kept

    def refuse() -> None:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(library.media, "keep", keep_slowly)
    with pytest.raises(Unavailable):
        receive(library, plain_call, About())
    assert len(list(library.media.names())) == 1
    monkeypatch.undo()


def test_a_file_that_nobody_added_is_removed(
    library: Library, plain_call: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(library, "change", refuse)
    with pytest.raises(Unavailable):
        receive(library, plain_call, About())
    assert list(library.media.names()) == []


@pytest.mark.skipif(ON_POSTGRESQL, reason="there a writer holds up nobody")
def test_others_write_while_a_file_is_looked_at(library: Library, tmp_path: Path) -> None:
    def look(_path: Path, _limit: float) -> float:
        with closing(sqlite3.connect(library.home / "firsthand.db", timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
        return 1.0

    path = tmp_path / "a.wav"
    path.write_bytes(b"sound")
    assert receive(library, path, About(), look=look).fresh


def test_a_call_erased_while_it_is_added_again(
    library: Library, plain_call: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = receive(library, plain_call, About())
    change = library.change

    def erased_before() -> AbstractContextManager[sa.Connection]:
        monkeypatch.undo()
        erase(library, first.call_id)
        return change()

    monkeypatch.setattr(library, "change", erased_before)
    with pytest.raises(Conflict, match="erased meanwhile"):
        receive(library, plain_call, About())
    assert list(library.media.names()) == []
