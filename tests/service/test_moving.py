"""A home moves into PostgreSQL and a bucket: whole or not at all, however often it is killed."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import boto3
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from ingest import copying
from ingest.database import open_database
from ingest.errors import BadInput, Conflict, Unavailable
from ingest.library import Library, Options
from ingest.mending import apart, misworded
from ingest.store import put_accounts
from ingest.tables import calls, jobs, model_usage, stage_runs
from service import codebook
from service.ask import ask
from service.cli import main
from service.codebook import NewCode
from service.coverage import report
from service.drafting import draft_and_save
from service.jobs import enqueue
from service.kept import list_memos, load
from service.moving import move
from service.shapes import Filters
from service.themes import themes
from tests.conftest import ROOT
from tests.ingest.chroma_server import chroma_server
from tests.postgres import Postgres
from tests.s3 import BUCKET, Way, served

TODAY = date(2026, 6, 3)
EVERYTHING = Filters()
MEDIA = f"s3://{BUCKET}/home"


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    with served(monkeypatch) as opened:
        yield opened


@pytest.fixture
def empty_url(postgres: Postgres) -> Iterator[str]:
    """A database in which nothing is, not even tables."""
    url = postgres.make()
    yield url
    postgres.drop(url)


@pytest.fixture
def home(_filled_once: Path, tmp_path: Path) -> Iterator[Library]:
    """On SQLite whatever the suite runs on, with something in every sort of table."""
    shutil.copytree(_filled_once, tmp_path / "home")
    opened = Library(tmp_path / "home", Options(models=tmp_path / "none"))
    codebook.add(opened, NewCode(label="False alarms", definition="Alarms for nothing"))
    draft_and_save(opened, filters=EVERYTHING, today=TODAY)
    with opened.change() as connection:
        used = {"model": "m", "prompt": "p", "purpose": "call", "subject": "FC-1"}
        connection.execute(
            model_usage.insert().values(
                seq=41, **used, input_tokens=1, output_tokens=2, created_at=sa.func.now()
            )
        )
    yield opened
    opened.close()


def quiet(_step: str, _done: int, _of: int) -> None:
    pass


def there(
    home: Library, url: str, *, media_url: str | None = None, vectors_url: str | None = None
) -> Library:
    """The home as another machine of the fleet sees it: with a folder of its own."""
    options = replace(home.options, database_url=url, media_url=media_url, vectors_url=vectors_url)
    return Library(home.home.parent / "elsewhere", options)


def one_file(home: Library) -> tuple[str, str]:
    """The name of a stored file, and its call."""
    with home.read() as connection:
        name, call_id = connection.execute(sa.select(calls.c.media, calls.c.call_id)).all()[0]
    return name, call_id


def told_by(library: Library) -> list[object]:
    answers = [
        ask(library, question, EVERYTHING, today=TODAY).model_dump(exclude={"id", "created_at"})
        for question in ("What do customers say about false alarms?", "Who won the match?")
    ]
    with library.read() as connection:
        memos = list_memos(connection)
        kept = [load(connection, memo.id) for memo in memos]
    found = [t.model_dump() for t in themes(library, EVERYTHING)]
    return [*answers, memos, kept, found, report(library, EVERYTHING, None, TODAY)]


def test_everything_is_the_same_there(home: Library, empty_url: str, way: Way) -> None:
    del way
    before = told_by(home)
    moved = move(home, empty_url, quiet, media_url=MEDIA)
    assert not moved.already
    assert moved.rows["calls"] == 4
    assert moved.files == 4
    assert moved.missing == ()
    fleet = there(home, empty_url, media_url=MEDIA)
    try:
        assert told_by(fleet) == before
        with fleet.read() as connection, home.read() as here:
            assert copying.contents(connection) == copying.contents(here)
            assert not misworded(connection)
            for name in connection.scalars(sa.select(calls.c.media)):
                with fleet.media.local(name) as path, home.media.local(name) as own:
                    assert path.read_bytes() == own.read_bytes()
        with fleet.change() as connection:  # numbers go on after those that came
            row = {"model": "m", "prompt": "p", "purpose": "call", "subject": "FC-1"}
            connection.execute(
                model_usage.insert().values(
                    **row, input_tokens=1, output_tokens=2, created_at=sa.func.now()
                )
            )
            assert connection.scalar(sa.select(sa.func.max(model_usage.c.seq))) == 42
            put_accounts(connection, [])
    finally:
        fleet.close()
    assert told_by(home) == before


def test_what_is_to_be_set_holds_no_password(home: Library, empty_url: str) -> None:
    password = str(sa.make_url(empty_url).password)
    moved = move(home, f"{empty_url}?sslmode=prefer&password={password}", quiet)
    assert password not in moved.model_dump_json()
    assert set(moved.variables) == {"FIRSTHAND_DATABASE_URL"}
    assert "***" in moved.variables["FIRSTHAND_DATABASE_URL"]
    assert moved.variables["FIRSTHAND_DATABASE_URL"].endswith("?sslmode=prefer")


def test_the_command_says_what_to_set(home: Library, empty_url: str) -> None:
    password = str(sa.make_url(empty_url).password)
    command = ["--home", str(home.home), "migrate", "--to", empty_url]
    first = CliRunner().invoke(main, command, catch_exceptions=False)
    assert first.exit_code == 0, first.output
    assert "4 files are there, each compared with what is here" in first.stdout
    assert "export FIRSTHAND_DATABASE_URL=postgresql://firsthand:***@" in first.stdout
    assert password not in first.output
    again = CliRunner().invoke(main, command, catch_exceptions=False)
    assert "were moved already; nothing was changed there" in again.stdout
    wrong = CliRunner().invoke(main, [*command[:-1], f"{empty_url}-none"], catch_exceptions=False)
    assert wrong.exit_code == 1
    assert "cannot be opened" in wrong.stderr
    assert password not in wrong.output


def test_moved_again_it_finds_what_it_did(home: Library, empty_url: str) -> None:
    move(home, empty_url, quiet)
    fleet = there(home, empty_url)
    with fleet.change() as connection:  # the fleet has gone on meanwhile
        enqueue(connection, "memo")
    fleet.close()
    assert move(home, empty_url, quiet).already
    codebook.add(home, NewCode(label="Ice", definition="Ice by hand"))
    with pytest.raises(Conflict, match="moved into already"):
        move(home, empty_url, quiet)


def test_waiting_jobs_are_queued_there(home: Library, empty_url: str) -> None:
    with home.change() as connection:
        first = enqueue(connection, "memo", request={"called": "one"})
        second = enqueue(connection, "memo", request={"called": "two"})
        for job_id, state in ((first, "working"), (second, "queued")):
            values = {"state": state, "handed_over": True, "attempt": 3, "fraction": 0.5}
            connection.execute(jobs.update().where(jobs.c.job_id == job_id).values(values))
    assert move(home, empty_url, quiet).queued == 2
    engine = open_database(empty_url)
    with engine.connect() as connection:
        waiting = connection.execute(sa.select(jobs).where(jobs.c.job_id.in_([first, second])))
        assert {(row.state, row.handed_over, row.attempt) for row in waiting} == {
            ("queued", False, 3)
        }
    engine.dispose()


def test_a_source_at_work_is_refused(home: Library, empty_url: str) -> None:
    for lock in ("serve.lock", "worker.lock"):
        with home.holding(lock), pytest.raises(Conflict, match="in use by another process"):
            move(home, empty_url, quiet)


def test_nobody_changes_the_source_meanwhile(home: Library, empty_url: str) -> None:
    refused = []

    def meddle(step: str, _done: int, _of: int) -> None:
        if step == "comparing":
            raw = sqlite3.connect(home.home / "firsthand.db", timeout=0.01)
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                raw.execute("DELETE FROM memos")
            raw.close()
            refused.append(step)

    move(home, empty_url, meddle)
    assert refused


def test_other_targets_are_refused(home: Library, empty_url: str, way: Way) -> None:
    del way
    other = there(home, empty_url)
    with other.change() as connection:
        enqueue(connection, "memo")
    other.close()
    with pytest.raises(Conflict, match=r"holds something already \(jobs\)"):
        move(home, empty_url, quiet)
    with pytest.raises(BadInput, match="PostgreSQL"):
        move(home, f"sqlite:///{home.home / 'other.db'}", quiet)


def test_a_prefix_with_other_files_is_refused(home: Library, empty_url: str, way: Way) -> None:
    del way
    boto3.client("s3").put_object(Bucket=BUCKET, Key=f"home/ab/{'ab' * 32}.wav", Body=b"other")
    with pytest.raises(Conflict, match="1 files of no call here"):
        move(home, empty_url, quiet, media_url=MEDIA)


def test_another_schema_is_refused_and_left_alone(home: Library, postgres_url: str) -> None:
    engine = sa.create_engine(postgres_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0005'")
    with pytest.raises(Conflict, match="schema 0005"):
        move(home, postgres_url, quiet)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == "0005"
    engine.dispose()


@pytest.mark.parametrize("media", [None, MEDIA])
def test_a_damaged_file_is_named(
    home: Library, empty_url: str, way: Way, media: str | None
) -> None:
    del way
    name, call_id = one_file(home)
    with home.media.local(name) as path:
        body = bytearray(path.read_bytes())
        body[len(body) // 2] ^= 1
        path.write_bytes(body)
    with pytest.raises(BadInput, match=rf"{name} of call {call_id} is damaged"):
        move(home, empty_url, quiet, media_url=media)
    engine = open_database(empty_url)
    with engine.connect() as connection:
        assert copying.occupied(connection) is None
    engine.dispose()


def test_other_bytes_in_the_bucket_are_named(home: Library, empty_url: str, way: Way) -> None:
    del way
    name, _call_id = one_file(home)
    size = home.media.size(name)
    boto3.client("s3").put_object(Bucket=BUCKET, Key=f"home/{name[:2]}/{name}", Body=b"x" * size)
    with pytest.raises(Unavailable, match=f"{name} are not the bytes"):
        move(home, empty_url, quiet, media_url=MEDIA)


def test_a_missing_file_is_told(home: Library, empty_url: str) -> None:
    name, call_id = one_file(home)
    home.media.erase(name)
    moved = move(home, empty_url, quiet)
    assert moved.missing == (call_id,)
    assert moved.files == 3


def test_rows_that_arrive_otherwise_are_not_kept(home: Library, empty_url: str) -> None:
    """A trigger in the database stands for whatever changes rows on their way."""
    open_database(empty_url).dispose()
    engine = sa.create_engine(empty_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION bend() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN NEW.title = NEW.title || '!'; RETURN NEW; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER bend BEFORE INSERT ON calls FOR EACH ROW EXECUTE FUNCTION bend()"
        )
    with pytest.raises(Conflict, match=r"differs from what is here \(calls\)"):
        move(home, empty_url, quiet)
    with engine.connect() as connection:
        assert copying.occupied(connection) is None
    engine.dispose()


@pytest.mark.parametrize("when", ["utterances", "keywords"])
def test_a_connection_that_breaks_is_told_and_leaves_nothing(
    home: Library, empty_url: str, postgres: Postgres, when: str
) -> None:
    def cut(step: str, _done: int, _of: int) -> None:
        if step == when:
            postgres.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE state = 'idle in transaction'"
            )

    with pytest.raises(Unavailable, match=r"broke off .* nothing was kept there"):
        move(home, empty_url, cut)
    assert not move(home, empty_url, quiet).already


def test_the_chroma_server_is_filled(home: Library, empty_url: str, tmp_path: Path) -> None:
    with chroma_server(tmp_path / "chroma") as server:
        moved = move(home, empty_url, quiet, vectors_url=server.url)
        fleet = there(home, empty_url, vectors_url=server.url)
        assert moved.vectors == moved.rows["passages"]
        assert not apart(fleet)
        fleet.close()
    with pytest.raises(Unavailable):
        move(home, empty_url, quiet, vectors_url=server.url)


def test_killed_again_and_again_it_ends_with_the_same(
    home: Library, empty_url: str, way: Way
) -> None:
    del way
    before = told_by(home)
    # Each time it comes further: in the files, in the rows, at the comparison.
    last = len(copying.tables()) - 1
    name = copying.tables()[last].name
    for step, done in (("files", 1), ("files", 3), (name, last), ("comparing", 0)):
        killed_at(home, empty_url, step, done)
        engine = open_database(empty_url)
        with engine.connect() as connection:
            assert copying.occupied(connection) is None
        engine.dispose()
    command = [sys.executable, "-m", "service.cli", "migrate", "--json", "--home", str(home.home)]
    command += ["--to", empty_url, "--media", MEDIA]
    done_at_last = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done_at_last.returncode == 0, done_at_last.stderr
    assert json.loads(done_at_last.stdout)["rows"]["calls"] == 4
    fleet = there(home, empty_url, media_url=MEDIA)
    assert told_by(fleet) == before
    assert len(set(fleet.media.names())) == 4
    with fleet.read() as connection, home.read() as here:
        assert copying.contents(connection) == copying.contents(here)
        assert connection.execute(sa.select(stage_runs)).all()
    fleet.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from ingest.library import Library, Options
from service.moving import move

def told(step, done, of):
    if (step, str(done)) == (sys.argv[4], sys.argv[5]):
        os.kill(os.getpid(), signal.SIGKILL)

home = Path(sys.argv[1])
move(Library(home, Options(models=home / "none")), sys.argv[2], told, media_url=sys.argv[3])
"""


def killed_at(home: Library, url: str, step: str, done: int) -> None:
    command = [sys.executable, "-c", KILLED, str(home.home), url, MEDIA, step, str(done)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
