"""A home goes into one file and comes back the same, whatever happens meanwhile."""

from __future__ import annotations

import json
import shutil
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from ingest import copying
from ingest.accounts import read_accounts
from ingest.errors import BadInput, Conflict, NoRoom
from ingest.facts import fact, put_fact
from ingest.feeding import feed
from ingest.library import Library, Options
from ingest.mending import apart, misworded
from ingest.pipeline import About, process, receive
from ingest.store import files_of_calls, list_calls, media_name, put_accounts, update_call
from ingest.tables import calls, jobs, model_replies
from service import codebook, codebook_files, sample
from service.ask import ask
from service.backing_up import back_up
from service.cli import main
from service.codebook import NewCode
from service.coverage import report
from service.demo import START, TODAY
from service.digest import slot
from service.drafting import draft_and_save
from service.erase import erase
from service.home_settings import SettingsChange, change_settings, home_settings
from service.jobs import enqueue
from service.kept import list_memos, load
from service.repairing import findings
from service.restoring import restore
from service.shapes import Filters
from service.themes import themes
from tests.conftest import BIG, ROOT
from tests.durability.clips import clips
from tests.postgres import Postgres
from tests.s3 import BUCKET, served
from tests.service.backups import taken_apart

QUESTIONS = (
    "What do our top customers need?",
    "What do customers say about slow reports?",
    "How many customers are unhappy with support?",
    "Who wants Klingon subtitles?",
)
EVERYTHING = Filters()


def quiet(_step: str, _done: int, _of: int) -> None:
    pass


@pytest.fixture(scope="module")
def sample_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with its codebook, a recording heard and a memo drafted."""
    folder = tmp_path_factory.mktemp("sample")
    library = Library(folder / "home", Options(models=folder))
    with library.change() as connection:
        put_accounts(connection, read_accounts(sample.accounts()))
    [clip] = clips(folder / "clips", 1)
    for path in (*sample.calls(), clip):
        process(library, receive(library, path, About()).call_id)
    codebook_files.import_file(library, sample.codebook())
    draft_and_save(library, filters=Filters(top=20), start=START, today=TODAY)
    library.close()
    return folder / "home"


def opened(home: Path, database_url: str | None = None, media_url: str | None = None) -> Library:
    models = home.parent / "none"
    return Library(home, Options(models=models, database_url=database_url, media_url=media_url))


@pytest.fixture
def home(_filled_once: Path, tmp_path: Path) -> Iterator[Library]:
    """The small corpus, on SQLite whatever the suite runs on."""
    shutil.copytree(_filled_once, tmp_path / "home")
    library = opened(tmp_path / "home")
    codebook.add(library, NewCode(label="False alarms", definition="Alarms for nothing"))
    yield library
    library.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Library]:
    library = opened(tmp_path / "empty")
    yield library
    library.close()


def told_by(library: Library, questions: tuple[str, ...], day: date) -> list[object]:
    """Whatever people see of a home, to the letter."""
    unlike = {"id", "created_at"}
    answers = [ask(library, q, EVERYTHING, today=day).model_dump(exclude=unlike) for q in questions]
    with library.read() as connection:
        drafted = [load(connection, memo.id) for memo in list_memos(connection)]
        told = list_calls(connection)
    found = [t.model_dump() for t in themes(library, EVERYTHING)]
    return [answers, drafted, told, found, report(library, EVERYTHING, None, day)]


def files_of(library: Library) -> dict[str, bytes]:
    found = {}
    for name in library.media.names():
        with library.media.local(name) as path:
            found[name] = path.read_bytes()
    return found


def test_the_sample_gives_the_same_answers_after_it(sample_once: Path, tmp_path: Path) -> None:
    source = opened(sample_once)
    before = told_by(source, QUESTIONS, TODAY)
    made = back_up(source, tmp_path / "sample.zip", quiet)
    assert (made.files, made.rows["calls"], made.missing) == (22, 21, ())  # one has a copy to play
    assert made.size == (tmp_path / "sample.zip").stat().st_size
    assert stat.S_IMODE((tmp_path / "sample.zip").stat().st_mode) == 0o600

    there = opened(tmp_path / "another machine")
    back = restore(there, tmp_path / "sample.zip", quiet)
    assert (back.files, back.made_at, back.rows) == (22, made.made_at, made.rows)
    assert told_by(there, QUESTIONS, TODAY) == before
    assert files_of(there) == files_of(source)
    with there.read() as connection, source.read() as here:
        assert copying.contents(connection) == copying.contents(here)
        assert not misworded(connection)
    feed(there)
    assert not apart(there)
    assert [f.what for f in findings(there)] == []
    with pytest.raises(Conflict, match=r"holds something already \(accounts\)"):
        restore(there, tmp_path / "sample.zip", quiet)
    for library in (source, there):
        library.close()


def test_nothing_is_left_beside_it_and_nothing_is_written_over(
    home: Library, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    back_up(home, folder / "a.zip", quiet)
    body = (folder / "a.zip").read_bytes()
    with pytest.raises(Conflict, match="already; give the backup another name"):
        back_up(home, folder / "a.zip", quiet)
    with pytest.raises(BadInput, match="cannot be written"):
        back_up(home, folder / "none" / "b.zip", quiet)
    assert [path.name for path in folder.iterdir()] == ["a.zip"]
    assert (folder / "a.zip").read_bytes() == body


def test_what_is_of_this_machine_is_not_in_it(home: Library, tmp_path: Path) -> None:
    """Keys and addresses of the settings, uploads under way, the engine's book, Chroma."""
    secret = "sk-very-secret"
    (home.home / "uploads").mkdir(exist_ok=True)
    (home.home / "uploads" / "half").write_bytes(b"half an upload")
    feed(home)
    told = Library(home.home, replace(home.options, openai_api_key=secret))
    back_up(told, tmp_path / "a.zip", quiet)
    told.close()
    parts = taken_apart(tmp_path / "a.zip")
    roots = {name.partition("/")[0] for name in parts}
    assert roots == {"firsthand.db", "audit.jsonl", "manifest.json", "media"}
    whole = b"".join(parts.values())
    assert secret.encode() not in whole
    assert b"half an upload" not in whole
    engine = sa.create_engine(f"sqlite:///{_database(parts, tmp_path)}")
    with engine.connect() as connection:
        for name in ("fed", "workers"):
            assert connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) == 0  # noqa: S608
    engine.dispose()


def _database(parts: dict[str, bytes], folder: Path) -> Path:
    (folder / "looked at.db").write_bytes(parts["firsthand.db"])
    return folder / "looked at.db"


def test_erased_words_are_in_no_later_backup(home: Library, tmp_path: Path) -> None:
    with home.read() as connection:
        call_id = list_calls(connection)[0].call_id
        words = connection.scalar(
            sa.text("SELECT text FROM utterances WHERE call_id = :c AND length(text) > 40"),
            {"c": call_id},
        )
    back_up(home, tmp_path / "before.zip", quiet)
    erase(home, call_id)
    back_up(home, tmp_path / "after.zip", quiet)
    assert words.encode() in (tmp_path / "before.zip").read_bytes()
    assert words.encode() not in (tmp_path / "after.zip").read_bytes()


def test_a_call_erased_meanwhile_is_not_in_it(
    home: Library, empty: Library, tmp_path: Path
) -> None:
    with home.read() as connection:
        gone = list_calls(connection)[0]
        words = connection.scalar(
            sa.text("SELECT text FROM utterances WHERE call_id = :c AND length(text) > 40"),
            {"c": gone.call_id},
        )

    def meddle(step: str, done: int, _of: int) -> None:
        if (step, done) == ("files", 0):
            erase(home, gone.call_id)

    made = back_up(home, tmp_path / "a.zip", meddle)
    assert (made.files, made.rows["calls"], made.missing) == (3, 3, ())
    assert words.encode() not in (tmp_path / "a.zip").read_bytes()
    restore(empty, tmp_path / "a.zip", quiet)
    with empty.read() as connection, home.read() as here:
        assert list_calls(connection) == list_calls(here)


def test_a_recording_put_already_goes_with_its_call(
    home: Library, empty: Library, tmp_path: Path
) -> None:
    with home.read() as connection:
        gone = list_calls(connection)[0].call_id
    copy = tmp_path / "copy.m4a"
    copy.write_bytes(b"what is played")
    name = home.media.keep(copy, limit=100).name
    with home.change() as connection:
        update_call(connection, gone, playback=name)
        files = [one for one, _ in files_of_calls(connection)]
        media = media_name(connection, gone)
    assert files.index(media) < files.index(name)

    def meddle(step: str, done: int, _of: int) -> None:
        if (step, done) == ("files", files.index(name)):
            erase(home, gone)

    made = back_up(home, tmp_path / "a.zip", meddle)
    assert (made.files, made.rows["calls"], made.missing) == (3, 3, ())
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert not [one for one in archive.namelist() if media in one or name in one]
    restore(empty, tmp_path / "a.zip", quiet)


def test_a_file_that_is_missing_or_damaged_is_told(
    home: Library, empty: Library, tmp_path: Path
) -> None:
    with home.read() as connection:
        first, second, *_ = connection.execute(sa.select(calls.c.media, calls.c.call_id)).all()
    home.media.erase(first.media)
    with home.media.local(second.media) as path:
        path.write_bytes(path.read_bytes() + b"!")
    made = back_up(home, tmp_path / "a.zip", quiet)
    assert sorted(made.missing) == sorted([first.call_id, second.call_id])
    assert made.files == 2
    back = restore(empty, tmp_path / "a.zip", quiet)
    assert sorted(back.missing) == sorted(made.missing)
    assert back.rows["calls"] == 4
    assert back.files == 2


def test_waiting_jobs_are_queued_there(home: Library, empty: Library, tmp_path: Path) -> None:
    with home.change() as connection:
        job_id = enqueue(connection, "memo")
        values = {"state": "working", "handed_over": True, "fraction": 0.5}
        connection.execute(jobs.update().where(jobs.c.job_id == job_id).values(values))
    back_up(home, tmp_path / "a.zip", quiet)
    assert restore(empty, tmp_path / "a.zip", quiet).queued == 1
    with empty.read() as connection:
        row = connection.execute(sa.select(jobs).where(jobs.c.job_id == job_id)).one()
    assert (row.state, row.handed_over) == ("queued", False)


WRITER = """
import random, sys, uuid
from datetime import UTC, datetime
from pathlib import Path
import sqlalchemy as sa
from ingest.facts import put_fact
from ingest.library import Library, Options
from ingest.pipeline import About, process, receive
from ingest.tables import calls, model_replies
from service.erase import erase

home, folder = Path(sys.argv[1]), Path(sys.argv[2])
library = Library(home, Options(models=home / "none"))
chance = random.Random(7)
n = 0
while True:
    n += 1
    path = folder / f"call {n}.md"
    said = " ".join(chance.choice(["ice", "alarm", "lid", "report"]) for _ in range(20))
    path.write_text(f"# Call {n}\\n\\nIda: What is hard?\\n\\nLin: The {said} is hard, {n}.\\n")
    call_id = receive(library, path, About()).call_id
    if n % 2:
        process(library, call_id)
    if n % 3 == 0:
        erase(library, call_id)
    with library.change() as connection:  # these two belong together
        put_fact(connection, "turn", n)
        connection.execute(model_replies.insert().values(
            key=uuid.uuid4().hex, reply="{}", calls=[], created_at=datetime.now(UTC)))
    print(n, flush=True)
"""


def test_backups_of_a_home_that_is_written_to_all_the_time(home: Library, tmp_path: Path) -> None:
    folder = tmp_path / "incoming"
    folder.mkdir()
    command = [sys.executable, "-c", WRITER, str(home.home), str(folder)]
    writer = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    turns = []
    try:
        for n in range(40 if BIG else 5):
            assert writer.stdout.readline(), "the writer ended"
            back_up(home, tmp_path / f"{n}.zip", quiet)
            assert writer.poll() is None
            there = opened(tmp_path / f"home {n}")
            made = restore(there, tmp_path / f"{n}.zip", quiet)
            assert made.missing == ()
            with there.read() as connection:
                turn = fact(connection, "turn")
                kept = connection.scalar(sa.select(sa.func.count()).select_from(model_replies))
                named = connection.scalars(sa.select(calls.c.media)).all()
                assert not connection.execute(sa.text("PRAGMA foreign_key_check")).all()
            assert isinstance(turn, int)
            assert kept == turn
            assert set(named) == set(there.media.names())
            assert [f.what for f in findings(there) if "Call" in f.what or "file" in f.what] == []
            turns.append(turn)
            there.close()
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    assert turns == sorted(turns)
    assert turns[-1] > turns[0]


def test_a_home_in_use_or_in_which_something_is_is_refused(
    home: Library, empty: Library, tmp_path: Path
) -> None:
    back_up(home, tmp_path / "a.zip", quiet)
    for lock in ("serve.lock", "worker.lock"):
        with empty.holding(lock), pytest.raises(Conflict, match="in use by another process"):
            restore(empty, tmp_path / "a.zip", quiet)
    (empty.home / "media" / "ab").mkdir(parents=True)
    (empty.home / "media" / "ab" / ("ab" * 32 + ".wav")).write_bytes(b"a recording")
    with pytest.raises(Conflict, match="holds 1 files that are not of this backup"):
        restore(empty, tmp_path / "a.zip", quiet)
    assert copying_is_empty(empty)


def copying_is_empty(library: Library) -> bool:
    with library.read() as connection:
        return copying.occupied(connection) is None


@pytest.mark.parametrize("step", ["files", "utterances", "keywords", "comparing"])
def test_what_breaks_off_leaves_nothing_and_can_be_done_again(
    home: Library, empty: Library, tmp_path: Path, step: str
) -> None:
    back_up(home, tmp_path / "a.zip", quiet)

    def fail(now: str, done: int, _of: int) -> None:
        if now == step and (done == 2 or now not in ("files", "keywords")):
            raise NoRoom("The disk is full.")

    with pytest.raises(NoRoom):
        restore(empty, tmp_path / "a.zip", fail)
    assert copying_is_empty(empty)
    assert list(empty.media.names()) == []
    assert not list(empty.home.glob(".restoring*"))
    assert restore(empty, tmp_path / "a.zip", quiet).rows["calls"] == 4


KILLED = """
import os, signal, sys
from pathlib import Path
from ingest.library import Library, Options
from service.restoring import restore

def told(step, done, of):
    if (step, str(done)) == (sys.argv[3], sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)

home = Path(sys.argv[1])
restore(Library(home, Options(models=home / "none")), Path(sys.argv[2]), told)
"""


def test_killed_again_and_again_it_ends_with_the_same(
    home: Library, empty: Library, tmp_path: Path
) -> None:
    back_up(home, tmp_path / "a.zip", quiet)
    often = (("checking", 1), ("files", 2), ("keywords", 1), ("comparing", 0))
    for step, done in often if BIG else often[1::2]:
        command = [sys.executable, "-c", KILLED, str(empty.home), str(tmp_path / "a.zip")]
        ended = subprocess.run([*command, step, str(done)], cwd=ROOT, check=False)
        assert ended.returncode == -signal.SIGKILL
        assert copying_is_empty(empty)
    restore(empty, tmp_path / "a.zip", quiet)
    with empty.read() as connection, home.read() as here:
        assert copying.contents(connection) == copying.contents(here)
    assert files_of(empty) == files_of(home)


def test_the_commands(home: Library, tmp_path: Path) -> None:
    file = str(tmp_path / "a.zip")

    def run(where: Path, *args: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(main, ["--home", str(where), *args], catch_exceptions=False)
        return done.exit_code, done.stdout, done.stderr

    status, said, _ = run(home.home, "backup", file)
    assert status == 0
    assert "holds 4 calls and 4 files as they were on " in said
    status, _, error = run(home.home, "backup", file)
    assert (status, "give the backup another name" in error) == (1, True)
    status, said, _ = run(tmp_path / "one", "restore", file)
    assert status == 0
    assert said.startswith("4 calls and 4 files are back as they were on ")
    status, said, error = run(tmp_path / "two", "restore", file, "--json")
    assert json.loads(said)["rows"]["calls"] == 4
    assert {json.loads(line)["event"] for line in error.splitlines()} == {"restore"}
    status, said, _ = run(home.home, "backup", str(tmp_path / "b.zip"), "--json")
    assert json.loads(said)["file"] == str(tmp_path / "b.zip")
    status, _, error = run(tmp_path / "three", "restore", str(tmp_path / "none.zip"))
    assert (status, "There is no file" in error) == (1, True)


def test_a_fleet_is_backed_up_and_restored_alike(
    home: Library, postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a folder into PostgreSQL and a bucket, and from there into a folder."""
    day = date(2026, 6, 3)
    questions = ("What do customers say about false alarms?", "Who won the match?")
    draft_and_save(home, filters=EVERYTHING, today=day)
    before = told_by(home, questions, day)
    back_up(home, tmp_path / "folder.zip", quiet)
    url = postgres.make()
    with served(monkeypatch) as way:
        del way
        fleet = opened(tmp_path / "fleet", database_url=url, media_url=f"s3://{BUCKET}/home")
        restore(fleet, tmp_path / "folder.zip", quiet)
        assert told_by(fleet, questions, day) == before
        assert files_of(fleet) == files_of(home)
        with pytest.raises(Conflict, match="holds something already"):
            restore(fleet, tmp_path / "folder.zip", quiet)
        back_up(fleet, tmp_path / "fleet.zip", quiet)
        fleet.close()
    there = opened(tmp_path / "there")
    restore(there, tmp_path / "fleet.zip", quiet)
    assert told_by(there, questions, day) == before
    with there.read() as connection, home.read() as here:
        assert copying.contents(connection) == copying.contents(here)
    there.close()
    postgres.drop(url)


def test_what_came_back_sends_no_digest_until_it_is_told_when(
    home: Library, empty: Library, tmp_path: Path
) -> None:
    to = ("ada@vendor.example",)
    change_settings(home, SettingsChange(digest="mon 08:00", digest_to=to))
    with home.change() as connection:
        put_fact(connection, slot.sent("mail"), "2026-06-01T08:00:00+00:00")
        put_fact(connection, slot.PUT_OFF, list(to))
    back_up(home, tmp_path / "file", quiet)
    restore(empty, tmp_path / "file", quiet)
    with empty.read() as connection:
        found = home_settings(connection)
        assert (found.digest, found.digest_to) == (None, to)
        for name in (slot.SINCE, slot.PUT_OFF, *map(slot.sent, slot.WAYS)):
            assert fact(connection, name) is None, name
