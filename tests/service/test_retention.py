"""Calls are erased once they are older than they are kept."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest import erased_files
from ingest.errors import Conflict, Unavailable
from ingest.library import Library
from ingest.media import Folder
from ingest.store import list_calls, media_name, update_call
from service import erase as erasing_calls
from service.access import audit
from service.api import erasing
from service.erase import erase, unsettled
from service.home_settings import SettingsChange, change_settings
from service.retention import retention, sweep, waits
from tests.conftest import ON_POSTGRESQL
from tests.leftovers import leftovers

TODAY = date(2026, 6, 30)


def ids(library: Library) -> set[str]:
    with library.read() as connection:
        return {call.call_id for call in list_calls(connection)}


def test_calls_are_kept_for_ever_unless_somebody_says_how_long(filled: Library) -> None:
    before = ids(filled)
    assert sweep(filled, date(2100, 1, 1)) == []
    assert ids(filled) == before


def test_what_is_older_is_erased_the_rest_stays(filled: Library) -> None:
    # FC-1 is of 5 May, FC-2 of 12 May; one without a date counts from the day it came in.
    came = datetime(2026, 1, 1, tzinfo=UTC)
    with filled.change() as connection:
        update_call(connection, "FC-3", date=None, created_at=came)
        update_call(connection, "FC-4", date=TODAY)
    change_settings(filled, SettingsChange(keep_days=49))
    with filled.read() as connection:
        found = retention(connection, TODAY)
    assert [(one.call_id, one.day) for one in found.due] == [
        ("FC-3", date(2026, 1, 1)),
        ("FC-1", date(2026, 5, 5)),
    ]
    assert ids(filled) == {"FC-1", "FC-2", "FC-3", "FC-4"}  # looking changes nothing
    assert sweep(filled, TODAY) == ["FC-3", "FC-1"]
    assert ids(filled) == {"FC-2", "FC-4"}
    assert sweep(filled, TODAY) == []
    told = [(row.action, row.kind, row.subject) for row in audit.rows(filled, audit.ALL)]
    assert told == [("delete", "call", "FC-1"), ("delete", "call", "FC-3")]  # the newest first


def test_the_keyword_index_lets_go_once_for_all_of_a_sweep(filled: Library) -> None:
    said: list[str] = []

    @sa.event.listens_for(filled.engine, "before_cursor_execute")
    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    change_settings(filled, SettingsChange(keep_days=1))
    assert len(sweep(filled, TODAY)) == 4
    optimized = [one for one in said if "optimize" in one]
    assert len(optimized) == (0 if ON_POSTGRESQL else 2)  # one for each side's words
    with filled.read() as connection:
        assert not unsettled(connection)


def test_words_that_a_dying_process_left_in_the_index_go_with_the_next_sweep(
    filled: Library, filled_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_library: Library) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erasing_calls, "settle", die)
        for call_id in ("FC-1", "FC-2"):
            with pytest.raises(KeyboardInterrupt):
                erase(filled, call_id)
    with filled.read() as connection:
        assert waits(connection, TODAY)
    sweep(filled, TODAY)
    with filled.read() as connection:
        assert not waits(connection, TODAY)
    filled.close()
    assert ON_POSTGRESQL or leftovers(filled_home, ["clipboard"]) == []


def test_a_file_that_could_not_be_removed_is_removed_later_and_keeps_no_other(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filled.read() as connection:
        stuck, other = (media_name(connection, call_id) for call_id in ("FC-1", "FC-2"))
    whole = Folder.erase

    def broken(folder: Folder, name: str) -> None:
        if name == stuck:
            raise Unavailable("The store is away.")
        whole(folder, name)

    monkeypatch.setattr(Folder, "erase", broken)
    erase(filled, "FC-1")
    erase(filled, "FC-2")
    assert stuck in set(filled.media.names())
    assert other not in set(filled.media.names())
    monkeypatch.setattr(Folder, "erase", whole)
    sweep(filled, TODAY)
    assert stuck not in set(filled.media.names())
    with filled.read() as connection:
        assert erased_files.noted(connection) == []


def test_a_process_that_dies_after_erasing_leaves_its_file_to_the_next_sweep(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filled.read() as connection:
        name = media_name(connection, "FC-1")

    def die(_library: Library) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erasing_calls, "settle", die)
        with pytest.raises(KeyboardInterrupt):
            erase(filled, "FC-1")
    assert name in set(filled.media.names())
    sweep(filled, TODAY)
    assert name not in set(filled.media.names())


def test_a_sweep_that_fails_is_not_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "SWEEP_S", 0.0)
    problems = [Unavailable("The database is away."), Conflict("busy"), RuntimeError("a bug")]
    swept = asyncio.Event()

    async def run() -> None:
        loop = asyncio.get_running_loop()

        def once(_today: date) -> None:
            if problems:
                raise problems.pop()
            loop.call_soon_threadsafe(swept.set)

        task = asyncio.create_task(erasing.sweeping(once))
        await swept.wait()
        task.cancel()

    asyncio.run(run())
    assert problems == []
