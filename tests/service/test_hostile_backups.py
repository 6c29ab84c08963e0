"""A backup is a file from somewhere: what is wrong with one is refused before anything is put in
place.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingest import copying
from ingest.errors import BadInput, Conflict, FirsthandError
from ingest.library import Library, Options
from ingest.migrations import HEAD
from service.backing_up import back_up
from service.backup_file import AUDIT, DATABASE, FORMAT, MANIFEST
from service.restoring import restore
from tests.service.backups import (
    Parts,
    listed,
    manifest_of,
    put_together,
    rewritten,
    taken_apart,
)


def quiet(_step: str, _done: int, _of: int) -> None:
    pass


@pytest.fixture(scope="module")
def good(_filled_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the small corpus."""
    folder = tmp_path_factory.mktemp("backup")
    shutil.copytree(_filled_once, folder / "home")
    library = Library(folder / "home", Options(models=folder))
    back_up(library, folder / "good.zip", quiet)
    library.close()
    return folder / "good.zip"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Library]:
    library = Library(tmp_path / "empty", Options(models=tmp_path / "none"))
    yield library
    library.close()


def refused(empty: Library, path: Path, kind: type[FirsthandError] = BadInput) -> str:
    with pytest.raises(kind) as caught:
        restore(empty, path, quiet)
    with empty.read() as connection:
        assert copying.occupied(connection) is None
    assert empty.audit.head() is None
    assert list(empty.media.names()) == []
    assert not list(empty.home.glob(".restoring*"))
    return str(caught.value)


def media_of(parts: Parts) -> str:
    return next(name for name in parts if name.startswith("media/"))


def renamed(parts: Parts, name: str) -> Parts:
    """With a recording under another name, in the manifest too."""
    old = media_of(parts)
    return listed({(name if n == old else n): body for n, body in parts.items()})


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../../outside",
        "media/../../outside",
        "media/" + "a" * 64 + ".wav",
        "media/sub/" + "a" * 64,
        "firsthand.db ",
        "media/",
        "C:\\outside",
    ],
)
def test_parts_with_other_names(good: Path, empty: Library, tmp_path: Path, name: str) -> None:
    parts = renamed(taken_apart(good), name)
    said = refused(empty, put_together(tmp_path / "bad.zip", parts))
    assert "named otherwise" in said
    assert not (tmp_path / "outside").exists()


LOGGED = (
    b'{"at":"2026-06-01T12:00:00Z","user_id":null,"who":"d","via":"machine","address":"","action":'
    b'"see","kind":"call","subject":"","result":"done","detail":{},"seq":1,"before_sha":"","sha":"'
    + b"0" * 64
    + b'"}\n'
)
CHANGES: dict[str, tuple[Callable[[Parts], Parts], str]] = {
    "a part too many": (lambda p: p | {"extra": b"x"}, "its parts are not those"),
    "a part too few": (
        lambda p: {n: b for n, b in p.items() if n != media_of(p)},
        "its parts are not those",
    ),
    "no database": (
        lambda p: listed({n: b for n, b in p.items() if n != DATABASE}),
        "its parts are not those",
    ),
    "no manifest": (lambda p: {n: b for n, b in p.items() if n != MANIFEST}, "no manifest"),
    "a manifest of nothing": (lambda p: p | {MANIFEST: b"{}"}, "manifest cannot be read"),
    "a manifest that is none": (lambda p: p | {MANIFEST: b"[" * 9999}, "manifest cannot be read"),
    "other bytes": (lambda p: p | {media_of(p): b"x" * len(p[media_of(p)])}, "other bytes"),
    "a file that no call names": (
        lambda p: listed(
            p | {"media/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08": b"test"}
        ),
        "database in bad.zip is damaged",
    ),
    "fewer rows": (
        lambda p: listed(p, rows=manifest_of(p)["rows"] | {"calls": 5}),
        "database in bad.zip is damaged",
    ),
    "a log of other lines": (lambda p: listed(p | {AUDIT: b"{}\n"}), "is damaged"),
    "a log of one endless line": (lambda p: listed(p | {AUDIT: b"x" * 999_999}), "is damaged"),
    "a log that goes back": (lambda p: listed(p | {AUDIT: LOGGED + LOGGED}), "is damaged"),
    "no SQLite": (lambda p: listed(p | {DATABASE: b"not a database" * 999}), "is damaged"),
    "an empty database": (lambda p: listed(p | {DATABASE: b""}), "is damaged"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_parts_that_do_not_fit(good: Path, empty: Library, tmp_path: Path, name: str) -> None:
    change, says = CHANGES[name]
    path = put_together(tmp_path / "bad.zip", change(taken_apart(good)))
    assert says in refused(empty, path)


STATEMENTS = {
    "a name that is a path": "UPDATE calls SET media = '../../../etc/passwd' WHERE rowid = 1",
    "an endless view": "DROP TABLE memos; CREATE VIEW memos AS WITH RECURSIVE n(memo_id) AS "
    "(SELECT 1 UNION ALL SELECT memo_id + 1 FROM n) "
    "SELECT memo_id, '2026-01-01' AS created_at, '{}' AS body FROM n",
    "a virtual table": "CREATE VIRTUAL TABLE more USING fts5(x)",
    "a table that is gone": "DROP TABLE judgements",
    "a column that is gone": "ALTER TABLE utterances DROP COLUMN text",
    "a moment that is none": "UPDATE calls SET created_at = 'tomorrow'",
    "JSON that is none": "UPDATE calls SET warnings = '[['",
    "rows of nothing": "PRAGMA foreign_keys = OFF; DELETE FROM calls WHERE rowid = 1",
    "a row twice": "DROP INDEX IF EXISTS ix_calls_account; PRAGMA writable_schema = ON; "
    "UPDATE sqlite_master SET sql = 'x' WHERE name = 'calls'",
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_databases_that_are_not_ours(good: Path, empty: Library, tmp_path: Path, name: str) -> None:
    def change(connection: sqlite3.Connection) -> None:
        connection.executescript(STATEMENTS[name])

    parts = rewritten(taken_apart(good), tmp_path, change)
    said = refused(empty, put_together(tmp_path / "bad.zip", parts))
    assert said == (
        "The database in bad.zip is damaged, or none that Firsthand wrote. Nothing was restored."
    )


def test_triggers_of_another_are_not_taken_over(good: Path, empty: Library, tmp_path: Path) -> None:
    def change(connection: sqlite3.Connection) -> None:
        connection.execute(
            "CREATE TRIGGER spoil AFTER INSERT ON calls BEGIN DELETE FROM utterances; END"
        )

    parts = rewritten(taken_apart(good), tmp_path, change)
    assert restore(empty, put_together(tmp_path / "odd.zip", parts), quiet).rows["calls"] == 4
    with empty.read() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    assert "spoil" not in names


def test_what_a_newer_program_made(good: Path, empty: Library, tmp_path: Path) -> None:
    parts = taken_apart(good)
    newer = put_together(tmp_path / "a.zip", listed(parts, format=FORMAT + 1, program="9.9"))
    assert "newer Firsthand ('9.9')" in refused(empty, newer, Conflict)

    def change(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    schema = put_together(tmp_path / "b.zip", rewritten(parts, tmp_path, change))
    assert "newer Firsthand (schema 9999)" in refused(empty, schema, Conflict)


def test_what_an_older_program_made_is_migrated(good: Path, empty: Library, tmp_path: Path) -> None:
    parts = taken_apart(good)
    older = _downgraded(parts[DATABASE], tmp_path)
    path = put_together(tmp_path / "old.zip", listed(parts | {DATABASE: older}, revision="0006"))
    back = restore(empty, path, quiet)
    assert back.revision == "0006"
    # These came with a later schema.
    assert back.rows == manifest_of(parts)["rows"] | {"stage_runs": 0}


def _downgraded(body: bytes, folder: Path) -> bytes:
    import sqlalchemy as sa
    from alembic import command

    from ingest.migrations import _config, revision

    file = folder / "older.db"
    file.write_bytes(body)
    engine = sa.create_engine(f"sqlite:///{file}")
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0006")
        assert revision(connection) == "0006" != HEAD
    engine.dispose()
    return file.read_bytes()


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_nothing_that_unpacks(good: Path, empty: Library, tmp_path: Path, packing: int) -> None:
    """A bomb has to be packed, and nothing of ours is."""
    parts = listed(taken_apart(good) | {DATABASE: bytes(50_000_000)})
    path = put_together(tmp_path / "bad.zip", parts, packed=packing)
    assert path.stat().st_size < 1_000_000
    assert "packed or encrypted" in refused(empty, path)


def test_parts_that_lie_on_one_another(good: Path, empty: Library, tmp_path: Path) -> None:
    """Many names for the same bytes."""
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in taken_apart(good).items():
            archive.writestr(name, body)
        first = archive.getinfo(DATABASE)
        for n in range(50):
            again = zipfile.ZipInfo(f"again{n}")
            for field in ("file_size", "compress_size", "CRC", "header_offset"):
                setattr(again, field, getattr(first, field))
            archive.filelist.append(again)
    assert "larger than the whole" in refused(empty, path)


def test_a_part_twice(good: Path, empty: Library, tmp_path: Path) -> None:
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in taken_apart(good).items():
            archive.writestr(name, body)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(DATABASE, b"another")
    assert "in it twice" in refused(empty, path)


def test_links_stay_files(good: Path, empty: Library, tmp_path: Path) -> None:
    """A part said to be a link is bytes like any other, and these are none of a recording's."""
    path = tmp_path / "bad.zip"
    parts = taken_apart(good)
    link = media_of(parts)
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in parts.items():
            info = zipfile.ZipInfo(name)
            if name == link:
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, body)
    restore(empty, path, quiet)
    with empty.media.local(link.removeprefix("media/")) as place:
        assert not place.is_symlink()
        assert place.read_bytes() == parts[link]


def test_no_zip_at_all(empty: Library, tmp_path: Path) -> None:
    path = tmp_path / "bad.zip"
    for body in (b"", b"PK\x03\x04", b"no zip", bytes(100_000)):
        path.write_bytes(body)
        assert "cut off or something else" in refused(empty, path)


def test_cut_off_anywhere_and_flipped_anywhere(good: Path, empty: Library, tmp_path: Path) -> None:
    body = good.read_bytes()
    chance = random.Random(5)
    path = tmp_path / "bad.zip"
    for _ in range(20):
        path.write_bytes(body[: chance.randrange(len(body))])
        refused(empty, path)
    told = 0
    for n in range(60):
        broken = bytearray(body)
        # Every other one in the last part, where the manifest and the list of parts are.
        at = chance.randrange(len(body)) if n % 2 else len(body) - 1 - chance.randrange(4000)
        broken[at] ^= 1 << chance.randrange(8)
        path.write_bytes(broken)
        try:
            back = restore(empty, path, quiet)
        except FirsthandError:
            told += 1
            continue
        # A bit that says nothing, as the time of a part in the list.
        assert back.rows["calls"] == 4
        for name in list(empty.media.names()):
            empty.media.erase(name)
        with empty.change() as connection:
            for table in reversed(copying.tables()):
                connection.execute(table.delete())
    assert told > 30
