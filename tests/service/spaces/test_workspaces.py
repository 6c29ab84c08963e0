"""Workspaces come, are named, are backed up, and go with all that is in them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import boto3
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from pydantic import SecretStr

from ingest import copying
from ingest.accounts import read_accounts
from ingest.errors import BadInput, Conflict, NotFound, Unavailable
from ingest.feeding import collections, feed
from ingest.mending import apart
from ingest.pipeline import About, process, receive
from ingest.store import get_call, list_calls, put_accounts
from service.backing_up import back_up
from service.cli import main
from service.erase import erase
from service.restoring import restore
from service.serving import keeping
from service.settings import Settings
from service.spaces import Space, Spaces
from service.workspaces import add, list_workspaces, main_of, open_library, remove, rename
from tests.postgres import Postgres
from tests.s3 import BUCKET
from tests.service.spaces.conftest import Two


def test_a_removed_workspace_is_gone_with_all_its_stores(settings: Settings, files: Path) -> None:
    for name in ("one", "other"):
        add(settings, name)
        with closing(open_library(settings.of(name))) as library:
            with library.change() as connection:
                put_accounts(connection, read_accounts(files / "accounts.csv"))
            process(library, receive(library, files / "calls" / "FC-1.json", About()).call_id)
            feed(library)
            with library.read() as connection:
                named = list(collections(connection).values())
    with pytest.raises(BadInput, match=r"holds something \(1 calls, 5 accounts\): give --yes"):
        remove(settings, "one")
    gone = remove(settings, "one", filled=True)
    assert (gone.calls, gone.accounts) == (1, 5)
    with main_of(settings) as main_one:
        assert [one.name for one in list_workspaces(main_one)] == ["main", "other"]
        if settings.database_url:
            with main_one.read() as connection:
                names = sa.text("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'ws%'")
                assert set(connection.scalars(names)) == {"ws_other"}
            listed = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
            found = listed.list_objects_v2(Bucket=BUCKET)["Contents"]
            assert [f["Key"].split("/")[:3] for f in found] == [["home", "workspaces", "other"]]
            listed.close()
            with closing(open_library(settings.of("other"))) as library:
                assert library.index.chroma.names() == set(named)
    assert not (settings.home / "workspaces" / "one").exists()
    for name in ("one", "never"):
        with pytest.raises(NotFound, match=f"There is no workspace '{name}'"):
            open_library(settings.of(name))
    add(settings, "one")
    with closing(open_library(settings.of("one"))) as library, library.read() as connection:
        assert list_calls(connection) == []


@pytest.mark.parametrize("name", ["", "../x", "A", "ä", "-a", "a_b", "a/b", "a\n", "x" * 32])
def test_a_name_that_could_be_a_path_is_none(name: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    with pytest.raises(BadInput):
        add(settings, name)
    with Spaces(settings) as spaces, pytest.raises(BadInput):
        spaces.get(name)
    assert not (tmp_path / "home" / "workspaces").exists()


def test_nothing_that_is_there_becomes_a_workspace(settings: Settings) -> None:
    add(settings, "one", "  The\tfirst ")
    assert rename(settings, "one", "Das Erste").title == "Das Erste"
    assert rename(settings, "main", "The firm").created_at is None
    for title in ("", "a\u202eb", "x" * 201):
        with pytest.raises(BadInput):
            rename(settings, "one", title)
    for name in ("one", "main"):
        with pytest.raises(Conflict, match="already"):
            add(settings, name)
    with pytest.raises(BadInput, match="is the home itself"):
        remove(settings, "main", filled=True)
    left = settings.home / "workspaces" / "left"
    left.mkdir()
    (left / "firsthand.db").write_bytes(b"")
    with pytest.raises(Conflict, match="There is something in"):
        add(settings, "left")
    if settings.database_url:
        with main_of(settings) as main_one, main_one.change() as connection:
            connection.execute(sa.text("CREATE SCHEMA ws_taken_jobs"))
            connection.execute(sa.text("CREATE SCHEMA ws_taken"))
        with pytest.raises(Conflict, match="has a schema ws_taken already"):
            add(settings, "taken")


def test_one_opens_at_once_while_many_ask(settings: Settings) -> None:
    add(settings, "one")
    kept = []

    @contextmanager
    def keep(space: Space) -> Iterator[None]:
        kept.append(space.name)
        yield
        kept.remove(space.name)

    with Spaces(settings, keep) as spaces:
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(spaces.get, ["one"] * 16))
        assert len({id(space) for space in found}) == 1
        assert kept == ["one"]
        with pytest.raises(NotFound):
            spaces.get("two")
    assert kept == []
    with pytest.raises(Unavailable):
        spaces.get("one")


def test_a_backup_of_one_comes_back_as_another_with_vectors_of_its_own(
    two: Two, tmp_path: Path
) -> None:
    file = tmp_path / "one.firsthand"
    back_up(two.one.library, file, lambda *_: None)
    add(two.settings, "third")
    with closing(open_library(two.settings.of("third"))) as third:
        restore(third, file, lambda *_: None)
        feed(third)
        with third.read() as here, two.one.library.read() as there:
            assert copying.contents(here) == copying.contents(there)
            assert not {*collections(here).values()} & {*collections(there).values()}
        erase(third, "FC-1")
        feed(third)
        assert not apart(third)
    assert not apart(two.one.library)
    with two.one.library.read() as connection:
        assert get_call(connection, "FC-1").state == "ready"


def test_a_home_moves_with_its_workspaces(postgres: Postgres, tmp_path: Path, files: Path) -> None:
    settings = Settings(home=tmp_path / "home", models=tmp_path / "none")
    add(settings, "one", "The first")
    with closing(open_library(settings.of("one"))) as library:
        with library.change() as connection:
            put_accounts(connection, read_accounts(files / "accounts.csv"))
        process(library, receive(library, files / "calls" / "FC-1.json", About()).call_id)
    url = postgres.make()
    run = CliRunner().invoke
    home = ["--home", str(settings.home)]
    first = run(main, [*home, "migrate", "--to", url])
    assert first.exit_code == 0, first.output
    assert f"firsthand --home {settings.home} --workspace one migrate --to URL" in first.stderr
    second = run(main, [*home, "--workspace", "one", "migrate", "--to", url])
    assert second.exit_code == 0, second.output
    moved = settings.model_copy(update={"database_url": SecretStr(url)})
    with main_of(moved) as library, library.read() as connection:
        assert list_calls(connection) == []
        assert [one.title for one in list_workspaces(library)] == ["main", "The first"]
    with closing(open_library(moved.of("one"))) as library, library.read() as connection:
        assert [call.call_id for call in list_calls(connection)] == ["FC-1"]
    postgres.drop(url)


def test_commands_are_about_the_workspace_that_is_named(tmp_path: Path, files: Path) -> None:
    home = tmp_path / "home"

    def run(*args: str) -> Result:
        return CliRunner().invoke(main, ["--home", str(home), *args])

    again = f"firsthand --home {home} --workspace acme"
    assert again in run("workspaces", "add", "acme", "--title", "Acme").output
    assert run("accounts", "import", str(files / "accounts.csv"), "--workspace", "acme").output
    added = run("--workspace", "acme", "add", str(files / "calls" / "FC-1.json"), "--json")
    assert added.exit_code == 0, added.output
    assert run("calls", "--json").stdout.strip() == "[]"
    shown = json.loads(run("--workspace", "acme", "calls", "--json").stdout)
    assert [call["call_id"] for call in shown] == ["FC-1"]
    assert run("show", "FC-1").exit_code == 1
    assert f"{again} codebook add" in run("--workspace", "acme", "codebook").output
    main_backup = run("backup", str(tmp_path / "main.zip"))
    assert f"{again} backup FILE" in main_backup.stderr
    assert "holds 0 calls" in main_backup.stdout
    its_backup = run("--workspace", "acme", "backup", str(tmp_path / "acme.zip"))
    assert "holds 1 calls" in its_backup.output
    assert "Not the other" not in its_backup.stderr
    assert json.loads(run("--workspace", "acme", "doctor", "--json").stdout)["calls"] == 1
    assert "serves all workspaces" in run("--workspace", "acme", "serve").output
    for command in (["calls"], ["worker"], ["restore", str(tmp_path / "acme.zip")]):
        refused = run("--workspace", "nope", *command)
        assert (refused.exit_code, "no workspace 'nope'" in refused.output) == (1, True)
    assert not (home / "workspaces" / "nope").exists()
    listed = run("workspaces").output.split()
    assert listed[:3] == ["main", "acme", "Acme"]
    assert run("workspaces", "remove", "acme").exit_code == 1
    assert "is gone, with 1 calls" in run("workspaces", "remove", "acme", "--yes").output
    assert run("workspaces", "list", "--json").stdout.count('"name"') == 1


def test_who_serves_a_workspace_keeps_it_from_being_removed(settings: Settings) -> None:
    add(settings, "one")
    with Spaces(settings, lambda space: keeping(space, work=False)) as spaces:
        spaces.get("one")
        with pytest.raises(Conflict, match="is in use by another process"):
            remove(settings, "one", filled=True)
    remove(settings, "one")
    with Spaces(settings) as spaces, pytest.raises(NotFound):
        spaces.get("one")
