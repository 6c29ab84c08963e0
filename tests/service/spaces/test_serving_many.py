"""One server, many workspaces: a worker each, and no more hands at work than one would have."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from ingest.accounts import read_accounts
from ingest.errors import Cancelled
from ingest.pipeline import About, receive
from ingest.store import list_calls, put_accounts
from service.home_settings import SettingsChange, change_settings
from service.jobs import enqueue, get_job
from service.places import Places
from service.serving import keeping
from service.settings import Settings
from service.spaces import Spaces
from service.workspaces import add, open_library
from tests.conftest import ROOT


def never() -> None:
    pass


def test_a_worker_starts_where_jobs_wait_and_nowhere_else(tmp_path: Path, files: Path) -> None:
    settings = Settings(home=tmp_path / "home", models=tmp_path / "none")
    for name in ("waits", "idle"):
        add(settings, name)
    with closing(open_library(settings.of("waits"))) as library:
        with library.change() as connection:
            put_accounts(connection, read_accounts(files / "accounts.csv"))
        call_id = receive(library, files / "calls" / "FC-1.json", About()).call_id
        with library.change() as connection:
            job_id = enqueue(connection, "ingest", call_id=call_id)
    with Spaces(settings, partial(keeping, work=True)) as spaces:
        spaces.wake()
        assert set(spaces._open) == {"main", "waits"}
        library = spaces.get("waits").library
        until = time.monotonic() + 120
        state = "queued"
        while state in ("queued", "working") and time.monotonic() < until:
            time.sleep(0.2)
            with library.read() as connection:
                state = get_job(connection, job_id).state
        assert state == "done"
    assert (settings.home / "places" / "short-0").exists()
    assert not (settings.home / "workspaces" / "idle" / "worker.lock").exists()


def test_calls_that_are_due_go_where_nobody_has_been(tmp_path: Path, files: Path) -> None:
    settings = Settings(home=tmp_path / "home", models=tmp_path / "none")
    for name in ("due", "kept"):
        add(settings, name)
        with closing(open_library(settings.of(name))) as library:
            with library.change() as connection:
                put_accounts(connection, read_accounts(files / "accounts.csv"))
            receive(library, files / "calls" / "FC-1.json", About())
            days = 30 if name == "due" else None
            change_settings(library, SettingsChange(keep_days=days))
    with Spaces(settings) as spaces:
        spaces.sweep(date(2100, 1, 1))
        assert set(spaces._open) == {"main", "due"}
        for name, left in (("due", 0), ("kept", 1)):
            with spaces.get(name).library.read() as connection:
                assert len(list_calls(connection)) == left


def test_no_more_places_are_held_than_there_are(tmp_path: Path) -> None:
    lock = threading.Lock()
    held = most = taken = 0

    def work(places: Places) -> None:
        nonlocal held, most, taken
        for _ in range(5):
            with places.one(never):
                with lock:
                    held += 1
                    taken += 1
                    most = max(most, held)
                time.sleep(0.01)
                with lock:
                    held -= 1

    workers = [Places(tmp_path / "places", "short", 2) for _ in range(4)]
    threads = [threading.Thread(target=work, args=(w,)) for w in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, taken) == (2, 20)


def test_one_with_much_to_do_lets_others_have_their_turn(tmp_path: Path) -> None:
    busy, other = (Places(tmp_path / "places", "short", 1) for _ in range(2))
    turns: list[str] = []
    waits = threading.Event()
    had = threading.Event()

    def once() -> None:
        with other.one(waits.set):
            turns.append("other")
        had.set()

    thread = threading.Thread(target=once)
    with busy.one(never):
        thread.start()
        assert waits.wait(120)
    while not had.is_set() and len(turns) < 200:
        with busy.one(never):
            turns.append("busy")
    thread.join()
    assert "other" in turns[:50]


def test_who_is_told_to_stop_waits_no_longer(tmp_path: Path) -> None:
    one, other = (Places(tmp_path / "places", "short", 1) for _ in range(2))

    def stop() -> None:
        raise Cancelled("stopped")

    with one.one(never), pytest.raises(Cancelled), other.one(stop):
        pass
    with other.one(never):
        pass


def test_a_worker_that_is_killed_gives_its_places_back(tmp_path: Path) -> None:
    code = (
        "import sys, time, pathlib; from service.places import Places\n"
        "with Places(pathlib.Path(sys.argv[1]), 'short', 1).one(lambda: None):\n"
        "    print('held', flush=True); time.sleep(600)"
    )
    folder = tmp_path / "places"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        looks = 0

        def look() -> None:
            nonlocal looks
            looks += 1
            if looks == 2:
                process.kill()

        with Places(folder, "short", 1).one(look):
            assert looks >= 2
