from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from ingest import audit_rows, migrations
from ingest.database import open_database
from ingest.errors import BadInput, Conflict
from ingest.facts import fact, put_fact
from ingest.tables import metadata
from tests.postgres import Postgres

FOLDER = Path(migrations.__file__).parent
KEYWORDS = ("passage_words", "_fts")  # each database's own, and no tables of ours


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where nothing is yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'firsthand.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    made = server.make()
    yield made
    server.drop(made)


def test_the_migrations_make_exactly_the_tables(url: str) -> None:
    engine = open_database(url)
    # Only there: on SQLite the audit log is a file of its own.
    audited = [audit_rows.metadata] if engine.dialect.name == "postgresql" else []
    every = sa.MetaData()
    for one in (metadata, *audited):
        for table in one.tables.values():
            table.to_metadata(every)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), every)
    assert [d for d in differences if not any(name in str(d) for name in KEYWORDS)] == []
    engine.dispose()


def test_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


def test_a_newer_database_is_refused_with_a_sentence(url: str) -> None:
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(Conflict, match="made by a newer Firsthand"):
        open_database(url)


def test_a_folder_with_a_percent_sign_is_no_trouble(tmp_path: Path) -> None:
    folder = tmp_path / "100%"
    folder.mkdir()
    open_database(f"sqlite:///{folder / 'a.db'}").dispose()


def test_what_the_first_revision_held_is_there_in_the_last(url: str) -> None:
    rows = begin_at_the_first_revision(url)
    engine = open_database(url)
    with engine.connect() as connection:
        for name, row in rows.items():
            held = connection.execute(sa.select(metadata.tables[name])).mappings().one()
            assert {k: plain(held[k]) for k in row} == {k: plain(v) for k, v in row.items()}
        for name in ("alembic_version", *metadata.tables):
            connection.execute(sa.text(f"SELECT * FROM {name}"))  # noqa: S608
    engine.dispose()


def test_chroma_s_folder_of_a_home_that_was_fed_before_is_made_anew(url: str) -> None:
    """What was erased before 0012 may lie there still."""
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(
            metadata.tables["fed"].insert().values(collection="a", stamp="b", passages=1, done=True)
        )
        put_fact(connection, f"erasing_{'ab' * 16}", ["dana@cold.example"])
        put_fact(connection, "start", "2026-05-01")
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.attributes["connection"] = connection
        command.downgrade(config, "0016")
    engine.dispose()
    engine = open_database(url)
    with engine.connect() as connection:
        assert fact(connection, "vectors_of_erased") is (None if "postgres" in url else True)
        assert fact(connection, f"erasing_{'ab' * 16}") is None
        assert fact(connection, "start") == "2026-05-01"
    engine.dispose()


def test_many_open_an_old_database_at_once(url: str) -> None:
    begin_at_the_first_revision(url)
    with ThreadPoolExecutor(4) as pool:
        for engine in pool.map(open_database, [url] * 4):
            with engine.connect() as connection:
                found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
            assert found == migrations.HEAD
            engine.dispose()


def test_a_file_is_copied_before_and_the_copy_goes_with_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "firsthand.db"
    begin_at_the_first_revision(f"sqlite:///{file}")
    copy = tmp_path / "firsthand.db.before-0001"
    (tmp_path / "firsthand.db.before-0000").write_bytes(b"of an earlier attempt")

    with monkeypatch.context() as broken:
        broken.setattr(command, "upgrade", breaks_off)
        with pytest.raises(RuntimeError, match="power cut"):
            open_database(f"sqlite:///{file}")
    assert sorted(p.name for p in tmp_path.glob("*.before-*")) == [copy.name]
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("SELECT text FROM utterances").fetchall() == [("The ice.",)]
        assert kept.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    with closing(sqlite3.connect(file)) as untouched:
        assert untouched.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("0001",)
        ]

    open_database(f"sqlite:///{file}").dispose()
    assert list(tmp_path.glob("*.before-*")) == []


def test_a_copy_left_by_a_crash_is_removed_when_next_opened(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'firsthand.db'}"
    open_database(url).dispose()
    left = tmp_path / "firsthand.db.before-0001"
    left.write_bytes(b"what customers said")
    open_database(url).dispose()
    assert not left.exists()


def test_without_room_for_a_copy_nothing_is_migrated(tmp_path: Path) -> None:
    file = tmp_path / ("d" * 247)  # of a name that has no room for more
    begin_at_the_first_revision(f"sqlite:///{file}")
    with pytest.raises(BadInput, match="cannot be copied before its schema changes"):
        open_database(f"sqlite:///{file}")


def test_on_postgresql_texts_sort_and_fold_as_on_sqlite(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    told = sa.text(
        "SELECT table_name, column_name FROM information_schema.columns WHERE "
        "table_schema = 'public' AND data_type IN ('character varying', 'text') "
        "AND collation_name IS DISTINCT FROM 'C' AND table_name <> 'alembic_version'"
    )
    with engine.connect() as connection:
        assert connection.execute(told).all() == []
    engine.dispose()


def begin_at_the_first_revision(url: str) -> dict[str, dict[str, object]]:
    """Make the database as the first program made it, with a row in each of its tables."""
    at = sa.make_url(url)
    engine = sa.create_engine(
        at.set(drivername="postgresql+psycopg") if at.get_backend_name() != "sqlite" else at
    )
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    now = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
    rows: dict[str, dict[str, object]] = {
        "accounts": {"account_id": "ACC-1", "name": "Sable", "arr_usd": 12.5},
        "calls": {
            "call_id": "c1", "title": "Visit", "date": now.date(), "account_id": "ACC-1",
            "source": "plain", "state": "ready", "file_name": "visit.md", "media": "m",
            "media_type": "text/plain", "is_recording": False, "content_sha256": "0" * 64,
            "warnings": ["none"], "created_at": now,
        },
        "speakers": {
            "call_id": "c1", "label": "Lin", "name": "Lin Mori", "role": "customer",
            "basis": "file", "doubt": 0.0, "named_by_person": True,
        },
        "utterances": {"call_id": "c1", "i": 0, "speaker": "Lin", "text": "The ice."},
        "passages": {
            "passage_id": "c1:0", "call_id": "c1", "size": "full", "first": 0, "last": 0,
            "role": "customer", "text": "Lin Mori: The ice.", "vector": b"\x00\x00\x80\x3f",
        },
        "evidence": {
            "evidence_id": "c1:0:0", "call_id": "c1", "utterance": 0, "first_char": 0,
            "end_char": 8, "kind": "pain", "strength": 2, "hand": "first", "role": "customer",
            "vector": b"\x00\x00\x80\x3f",
        },
        "jobs": {
            "job_id": "j1", "kind": "ingest", "state": "done", "request": {"path": "visit.md"},
            "created_at": now, "updated_at": now,
        },
        "memos": {"memo_id": "m1", "created_at": now, "body": {"title": "Strategy"}},
        "facts": {"name": "embedder", "value": "minilm"},
    }  # fmt: skip
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        # The tables as they were, whatever has become of them since.
        then = sa.MetaData()
        then.reflect(connection)
        for name, row in rows.items():
            connection.execute(then.tables[name].insert().values(row))
    engine.dispose()
    return rows


def plain(value: object) -> object:
    """SQLite keeps no time zone; everything is written in UTC."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def breaks_off(*_: object) -> None:
    raise RuntimeError("power cut")
