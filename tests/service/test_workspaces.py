"""Two workspaces that hold the same call under the same ids: neither has anything of the other's.

In folders, and in one PostgreSQL, one bucket and one Chroma server.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import boto3
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import SecretStr

from ingest import copying
from ingest.accounts import read_accounts
from ingest.errors import BadInput, Conflict, FirsthandError, NotFound
from ingest.feeding import collections, feed
from ingest.library import Library
from ingest.mending import apart
from ingest.pipeline import About, process, receive
from ingest.search import search
from ingest.store import get_call, list_accounts, list_calls, list_utterances, put_accounts
from ingest.tables import jobs, metadata, model_replies
from service import answer_history, codebook, editing, picks
from service.api import create_app
from service.ask import ask
from service.cli import main
from service.codebook import NewCode
from service.drafting import draft_and_save
from service.erase import erase
from service.jobs import enqueue, get_job
from service.kept import list_memos, load
from service.moving import move
from service.settings import Settings
from service.shapes import Filters
from service.spaces import Space, Spaces
from service.upload_folder import Announced
from service.uploads import Uploads
from service.workspaces import add, list_workspaces, main_of, open_library, remove, rename
from tests import corpus
from tests.ingest.chroma_server import chroma_server
from tests.postgres import Postgres
from tests.s3 import BUCKET, served
from tests.working import work_off

TODAY = date(2026, 6, 3)
EVERYTHING = Filters()
ALARMS = "What do customers say about false alarms?"
# Said in calls that only the one workspace has.
THEIRS = ("Greta", "Pinecrest", "clipboard", "Osprey", "auditors", "Quay Fisheries")


@dataclass(frozen=True, slots=True)
class Two:
    """``one`` has four calls and five accounts, ``other`` the first of each, from the same file."""

    settings: Settings
    one: Space
    other: Space
    files: Path


@pytest.fixture(params=["folders", "shared stores"])
def settings(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """A home in which nothing is."""
    here = Settings(home=tmp_path / "home", models=tmp_path / "none", min_free_mb=0)
    if request.param == "folders":
        yield here
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.make()
    with served(monkeypatch), chroma_server(tmp_path / "chroma") as chroma:
        yield here.model_copy(
            update={
                "database_url": SecretStr(url),
                "media_url": f"s3://{BUCKET}/home",
                "vectors_url": chroma.url,
            }
        )
    server.drop(url)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return corpus.write(tmp_path / "corpus")


@pytest.fixture
def two(settings: Settings, files: Path) -> Iterator[Two]:
    add(settings, "one")
    add(settings, "other")
    with Spaces(settings) as spaces:
        one, other = spaces.get("one"), spaces.get("other")
        accounts = read_accounts(files / "accounts.csv")
        for library, some, paths in (
            (one.library, accounts, sorted((files / "calls").iterdir())),
            (
                other.library,
                [accounts[0].model_copy(update={"name": "Tarn Biobank"})],
                [files / "calls" / "FC-1.json"],
            ),
        ):
            with library.change() as connection:
                put_accounts(connection, some)
            for path in paths:
                process(library, receive(library, path, About()).call_id)
            feed(library)
        yield Two(settings, one, other, files)


def test_ids_words_and_vectors_of_one_are_not_found_in_the_other(two: Two) -> None:
    one, other = two.one.library, two.other.library
    with other.read() as connection:
        assert [call.call_id for call in list_calls(connection)] == ["FC-1"]
        assert [account.name for account in list_accounts(connection)] == ["Tarn Biobank"]
        with pytest.raises(NotFound):
            get_call(connection, "FC-2")
        assert list_utterances(connection, "FC-2") == []
        asked = ("signed export for the auditor", "walking the rooms by hand with a clipboard")
        for words in asked:
            hits = search(connection, other.index, other.embedder, words)
            assert {hit.call_id for hit in hits} <= {"FC-1"}
    with one.read() as connection:
        hits = search(connection, one.index, one.embedder, "signed export for the auditor")
        assert hits[0].call_id == "FC-3"
        named = set(collections(connection).values())
    with other.read() as connection:
        its = set(collections(connection).values())
    assert not named & its
    held = {i for name in its for i in other.index.chroma.ids(name)}
    assert held
    assert all("FC-1" in i for i in held)
    assert not apart(one)
    assert not apart(other)


def test_files_and_uploads_of_one_are_not_found_in_the_other(two: Two) -> None:
    one, other = two.one.library, two.other.library
    theirs = set(one.media.names()) - set(other.media.names())
    assert len(theirs) == 3
    for name in theirs:
        with pytest.raises(NotFound):
            other.media.size(name)
        with pytest.raises(NotFound), other.media.local(name):
            pass
    uploads = Uploads(one, two.one.settings)
    upload = uploads.create(Announced(filename="call.txt", length=10))
    assert uploads.get(upload.upload_id).offset == 0
    with pytest.raises(NotFound):
        Uploads(other, two.other.settings).get(upload.upload_id)


def test_what_is_remembered_of_one_is_not_in_answers_and_memos_of_the_other(two: Two) -> None:
    one, other = two.one.library, two.other.library
    memos = []
    for library, calls in ((one, {"FC-1", "FC-2"}), (other, {"FC-1"}), (one, {"FC-1", "FC-2"})):
        answer = ask(library, ALARMS, EVERYTHING, today=TODAY)
        quoted = {quote.call_id for said in answer.statements for quote in said.quotes}
        assert quoted == calls
        memos.append(draft_and_save(library, filters=EVERYTHING, today=TODAY))
    assert "Tarn Biobank" in memos[1].model_dump_json()
    assert not any(word in memos[1].model_dump_json() for word in THEIRS)
    assert "Tarn Biobank" not in memos[2].model_dump_json()
    kept = answer_history.ask(one, ALARMS, EVERYTHING)
    with other.read() as connection:
        assert [memo.id for memo in list_memos(connection)] == [memos[1].id]
        with pytest.raises(NotFound):
            load(connection, memos[0].id)
        with pytest.raises(NotFound):
            answer_history.load(connection, kept.id or "")
    assert len({*one.memory} & {*other.memory}) > 1  # both remember the same things of theirs


def test_each_does_its_own_job_on_the_same_file(settings: Settings, files: Path) -> None:
    add(settings, "one")
    add(settings, "other")
    with Spaces(settings) as spaces:
        one, other = spaces.get("one").library, spaces.get("other").library
        ids = []
        for library in (one, other):
            with library.change() as connection:
                put_accounts(connection, read_accounts(files / "accounts.csv"))
            call_id = receive(library, files / "calls" / "FC-1.json", About()).call_id
            with library.change() as connection:
                ids.append(enqueue(connection, "ingest", call_id=call_id))
        assert ids[0] == ids[1]
        assert work_off(one) == 1
        states = []
        for library in (one, other):
            with library.read() as connection:
                states.append((get_job(connection, ids[0]).state, list_calls(connection)[0].state))
        assert states == [("done", "ready"), ("queued", "working")]
        assert work_off(other) == 1  # another book: not known as done
        with other.read() as connection:
            assert get_job(connection, ids[0]).state == "done"
            assert list_calls(connection)[0].state == "ready"


def test_erasing_in_one_leaves_the_other_whole(two: Two) -> None:
    one, other = two.one.library, two.other.library
    for library in (one, other):
        code = codebook.add(library, NewCode(label="False alarms"))
        codebook.judge(library, code.id, "FC-1", 1, "confirm")
        draft_and_save(library, filters=EVERYTHING, today=TODAY)
        picks.add(library, answer_history.ask(library, ALARMS, EVERYTHING).id or "")
    with other.read() as connection:
        before = copying.contents(connection)
    erase(one, "FC-1")
    with one.read() as connection, pytest.raises(NotFound):
        get_call(connection, "FC-1")
    with other.read() as connection:
        assert copying.contents(connection) == before
        [name] = other.media.names()
        hits = search(connection, other.index, other.embedder, "alarm at three in the morning")
        assert hits[0].call_id == "FC-1"
    with other.media.local(name) as path:
        assert "three in the morning" in path.read_text("utf-8")
    assert not apart(other)
    assert not apart(one)


def test_nothing_of_one_lies_anywhere_in_the_place_of_the_other(two: Two) -> None:
    one, other = two.one.library, two.other.library
    code = codebook.add(one, NewCode(label="Clipboard rounds"))
    codebook.judge(one, code.id, "FC-2", 3, "confirm")
    draft_and_save(one, filters=EVERYTHING, today=TODAY)
    draft_and_save(other, filters=EVERYTHING, today=TODAY)
    with one.change() as connection:
        row = {c.name: "clipboard" for c in model_replies.c if isinstance(c.type, sa.String)}
        numbers = {c.name: 0 for c in model_replies.c if isinstance(c.type, sa.Integer | sa.Float)}
        connection.execute(model_replies.insert().values(_reply(row | numbers)))
    folder = two.settings.home / "workspaces"
    found = [p for p in (folder / "other").rglob("*") if p.is_file() and _has(p, THEIRS)]
    assert found == []
    assert two.settings.database_url or any(
        _has(p, THEIRS) for p in (folder / "one").rglob("*") if p.is_file()
    )
    for library, words in ((other, THEIRS), (one, ("Tarn Biobank",))):
        with library.read() as connection:
            for table in metadata.sorted_tables:
                rows = repr(connection.execute(sa.select(table)).all())
                assert not any(word in rows for word in words), table.name
            if connection.dialect.name == "postgresql":
                # Also with a name that is not its own schema's: nothing else is in sight.
                shown = connection.scalar(sa.text("SELECT current_schemas(false)::text"))
                assert shown == f"{{ws_{library.options.workspace}}}"


def _reply(values: dict[str, object]) -> dict[str, object]:
    for column in model_replies.c:
        if isinstance(column.type, sa.JSON):
            values[column.name] = {"said": "clipboard"}
        elif isinstance(column.type, sa.DateTime):
            values[column.name] = sa.func.current_timestamp()
    return values


def _has(path: Path, words: tuple[str, ...]) -> bool:
    body = path.read_bytes()
    return any(word.encode() in body for word in words)


def test_no_route_of_one_answers_to_an_id_of_the_other(two: Two) -> None:
    one, other = two.one.library, two.other.library
    code = codebook.add(one, NewCode(label="Clipboard rounds"))
    codebook.judge(one, code.id, "FC-2", 3, "confirm")
    memo = draft_and_save(one, filters=EVERYTHING, today=TODAY)
    answer = answer_history.ask(one, ALARMS, EVERYTHING)
    picked = picks.add(one, answer.id or "")
    with one.read() as connection:
        shown = editing.list_evidence(connection, "FC-2") if hasattr(editing, "list_evidence") else []
    with one.change() as connection:
        job = enqueue(connection, "ingest", call_id="FC-2")
    upload = Uploads(one, two.one.settings).create(Announced(filename="call.txt", length=10))
    ids = {
        "call_id": "FC-2",
        "memo_id": memo.id,
        "answer_id": answer.id,
        "job_id": job,
        "upload_id": upload.upload_id,
        "account_id": "FRZ-2",
        "code_id": code.id,
        "theme_id": code.id,
    }
    del picked, shown
    app = create_app(other, two.other.settings)
    print(sorted({p for r in app.routes if isinstance(r, APIRoute) for p in r.param_convertors}))
    print(ids)
    with TestClient(app, base_url="http://127.0.0.1:8400") as client:
        for route in app.routes:
            if isinstance(route, APIRoute) and route.param_convertors:
                for method in route.methods:
                    print(method, route.path)
    del client
