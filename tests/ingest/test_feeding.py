"""Feeding: Chroma, embedded or served, comes in line with the database from whatever state."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.embed import MiniLM, open_embedder
from ingest.errors import BadInput, Unavailable
from ingest.facts import fact, put_fact
from ingest.feeding import Fed, check, feed, feeding, sweep
from ingest.library import Library, Options
from ingest.mending import apart, lost, rebuild
from ingest.store import delete_call
from ingest.tables import fed
from tests.conftest import ROOT
from tests.ingest.chroma_server import Server, chroma_server
from tests.ingest.stored import Home, fill


@pytest.fixture(scope="module")
def embedder() -> MiniLM:
    return open_embedder()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with chroma_server(tmp_path_factory.mktemp("chroma")) as server:
        yield server


@pytest.fixture(params=["embedded", "served"])
def home(request: pytest.FixtureRequest, tmp_path: Path, embedder: MiniLM) -> Iterator[Home]:
    url = None
    if request.param == "served":
        url = request.getfixturevalue("served").url
    opened = Home(tmp_path / "home", embedder, url)
    yield opened
    opened.close()


def erased(home: Home, call_id: str) -> None:
    with home.change() as connection:
        home.index.drop(connection, call_id)
        delete_call(connection, call_id)


def until(true: Callable[[], bool]) -> None:
    for _ in range(2400):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never came true")


def test_what_is_new_is_added_and_what_is_gone_removed(home: Home) -> None:
    fill(home, ["a", "b"])
    assert len(apart(home).missing) == 24
    assert (feed(home).added, feed(home).added) == (24, 0)
    assert not apart(home)
    erased(home, "a")
    fill(home, ["c"])
    assert {i.split(":")[0] for i in apart(home).orphans} == {"a"}
    done = feed(home)
    assert (done.added, done.removed) == (12, 12)
    assert not apart(home)
    with home.read() as connection:
        assert connection.scalar(sa.select(sa.func.sum(fed.c.passages))) == 24


def test_a_call_that_changed_is_fed_anew(home: Home) -> None:
    home.add("a", [("C", "The export takes nineteen days for us.")])
    feed(home)
    home.add("a", [("C", "Something else entirely.")])
    done = feed(home)
    assert (done.added, done.removed) == (1, 1)
    assert not apart(home)


def test_it_stops_between_batches_and_goes_on(home: Home) -> None:
    fill(home, [f"c{n}" for n in range(10)], passages_n=200)
    looks = iter([False, False, True, True])
    first = feed(home, lambda: next(looks)).added
    assert 0 < first < 4_000
    assert feed(home).added == 4_000 - first
    assert not apart(home)


def test_homes_share_a_server_without_seeing_each_other(
    served: Server, tmp_path: Path, embedder: MiniLM
) -> None:
    homes = [Home(tmp_path / name, embedder, served.url) for name in "ab"]
    for home, call_id in zip(homes, "xy", strict=True):
        fill(home, [call_id])
        feed(home)
    for home in homes:
        assert not apart(home)
        home.close()


def test_several_may_feed_a_server_at_once(
    served: Server, tmp_path: Path, embedder: MiniLM
) -> None:
    folder = tmp_path / "home"
    home = Home(folder, embedder, served.url)
    fill(home, [f"c{n}" for n in range(12)], passages_n=200)
    others = [feeder(folder, served.url) for _ in range(2)]
    feed(home)
    for other in others:
        other.communicate(timeout=120)
        assert other.returncode == 0
    assert not apart(home)
    home.close()


FEEDER = """
import sys
from pathlib import Path
from ingest.feeding import feed
from ingest.library import Library, Options

def stop():
    print("batch", flush=True)
    return False

home = Path(sys.argv[1])
library = Library(home, Options(models=home, vectors_url=sys.argv[2] or None))
feed(library, stop)
library.close()
"""


def feeder(folder: Path, url: str | None) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", FEEDER, str(folder), url or ""]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_killed_while_feeding_it_goes_on(home: Home) -> None:
    fill(home, [f"c{n}" for n in range(16)], passages_n=250)
    home.index.close()
    for batches in (1, 2, 3):
        child = feeder(home.home, home.options.vectors_url)
        assert child.stdout is not None
        for _ in range(batches):
            assert child.stdout.readline() == "batch\n"
        time.sleep(0.03 * batches)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        erased(home, f"c{batches}")
    feed(home)
    assert not apart(home)
    check(home)
    assert not lost(home)


def test_a_folder_that_was_left_broken_is_filled_anew(
    tmp_path: Path, embedder: MiniLM, caplog: pytest.LogCaptureFixture
) -> None:
    home = Home(tmp_path / "home", embedder)
    fill(home, [f"c{n}" for n in range(8)], passages_n=250)
    feed(home)
    home.index.close()
    segments = list(home.index.chroma.folder.glob("*/data_level0.bin"))
    assert segments  # else Chroma keeps them elsewhere now, and nothing would be broken below
    for path in segments:
        path.unlink()
    fill(home, ["new"], passages_n=1_200)
    assert feed(home).added > 1_200
    assert "broken and is made anew" in caplog.text
    assert not apart(home)
    check(home)
    assert not lost(home)
    home.close()


def test_what_is_erased_leaves_chroma_at_once_where_this_process_may(home: Home) -> None:
    fill(home, ["a", "b"])
    feed(home)
    erased(home, "a")
    sweep(home)
    assert not apart(home)


def test_what_is_erased_by_another_is_removed_by_the_owner(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    owner = Home(folder, open_embedder())
    other = Home(folder, owner.embedder)
    fill(owner, ["a", "b"])
    feed(owner)
    erased(other, "a")
    sweep(other)  # not its owner: nothing it may do
    assert len(apart(owner).orphans) == 12
    with pytest.raises(Unavailable, match="used by another process"):
        feed(other)
    assert feed(owner).removed == 12
    assert not apart(owner)
    owner.close()
    fill(other, ["c"])
    assert feed(other).added == 12  # once the owner is gone
    other.close()


def test_a_note_of_erasing_that_came_to_a_server_throws_nothing_away(
    served: Server, tmp_path: Path, embedder: MiniLM
) -> None:
    home = Home(tmp_path / "home", embedder, served.url)
    fill(home, ["a", "b"])
    feed(home)
    with home.change() as connection:
        put_fact(connection, "vectors_of_erased", True)
    assert feed(home) == Fed(0, 0)
    assert not apart(home)
    with home.read() as connection:
        assert fact(connection, "vectors_of_erased") is None
    home.close()


def test_the_background_follows_and_ends(home: Home) -> None:
    with feeding(home, poll_s=0.02):
        fill(home, ["a", "b"])
        until(lambda: home.index.chroma.is_open and not apart(home))
        erased(home, "a")
        until(lambda: not apart(home))


def test_a_server_killed_and_started_again_is_fed_on(tmp_path: Path, embedder: MiniLM) -> None:
    with chroma_server(tmp_path / "chroma") as server:
        home = Home(tmp_path / "home", embedder, server.url)
        fill(home, ["a", "b"])
        with feeding(home, poll_s=0.02):
            until(lambda: not apart(home))
            server.kill()
            fill(home, ["c"])
            time.sleep(0.1)
            server.start()
            until(lambda: not apart(home))
            # Its folder is lost: a collection of the same name is another one.
            server.kill()
            shutil.rmtree(server.folder)
            server.start()
            fill(home, ["d"])
            until(lambda: not apart(home))
        home.close()


def test_a_folder_put_back_from_a_backup_is_noticed(tmp_path: Path, embedder: MiniLM) -> None:
    home = Home(tmp_path / "home", embedder)
    fill(home, ["a", "b"])
    feed(home)
    home.index.close()
    shutil.copytree(home.home / "vectors", tmp_path / "backup")
    erased(home, "a")
    fill(home, ["c", "d"])
    feed(home)
    home.index.close()
    shutil.rmtree(home.home / "vectors")
    shutil.copytree(tmp_path / "backup", home.home / "vectors")
    assert len(apart(home).orphans) == 12
    assert (len(lost(home).missing), len(lost(home).orphans)) == (24, 12)
    check(home)
    feed(home)
    assert not apart(home)
    home.close()


def test_another_address_is_another_store(served: Server, tmp_path: Path, embedder: MiniLM) -> None:
    folder = tmp_path / "home"
    home = Home(folder, embedder)
    fill(home, ["a"])
    feed(home)
    home.close()
    moved = Home(folder, embedder, served.url)
    check(moved)
    assert not (folder / "vectors").exists()  # it would outlive what is erased from now on
    assert feed(moved).added == 12
    assert not apart(moved)
    moved.close()
    back = Home(folder, embedder)
    check(back)
    assert feed(back).added == 12
    back.close()


def test_rebuilt_from_nothing(home: Home) -> None:
    fill(home, ["a", "b"])
    feed(home)
    if home.index.chroma.url is None:
        home.index.close()
        for path in (home.home / "vectors").rglob("*"):
            if path.is_file():
                path.write_bytes(b"broken")
        with pytest.raises(Unavailable):
            feed(home)
    assert rebuild(home) == 24
    assert not apart(home)


def test_what_an_older_program_left_is_forgotten(tmp_path: Path, embedder: MiniLM) -> None:
    home = Home(tmp_path, embedder)
    chroma = home.index.chroma
    chroma.open()
    chroma.identity("customer")
    check(home)
    assert all(name.startswith("firsthand-") for name in chroma.names())
    home.close()


@pytest.mark.parametrize(
    "url", ["chroma:8000", "http://", "http://h:none", "http://me:pw@host:8000", "http://h/path"]
)
def test_an_address_that_is_none_is_told(tmp_path: Path, url: str) -> None:
    library = Library(tmp_path, Options(models=tmp_path, vectors_url=url))
    with pytest.raises(BadInput, match="FIRSTHAND_VECTORS_URL") as told:
        library.index  # noqa: B018
    assert "pw" not in str(told.value)
    library.close()
