"""Of two workspaces with the same call neither has, finds or loses anything of the other's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest import copying
from ingest.accounts import read_accounts
from ingest.errors import NotFound
from ingest.feeding import collections, feed
from ingest.mending import apart
from ingest.pipeline import About, receive
from ingest.search import search
from ingest.store import get_call, list_accounts, list_calls, list_utterances, put_accounts
from ingest.tables import metadata, model_replies
from service import answer_history, codebook, picks
from service.ask import ask
from service.codebook import NewCode
from service.drafting import draft_and_save
from service.erase import erase
from service.hands import dismiss
from service.jobs import enqueue, get_job
from service.kept import list_memos, load
from service.settings import Settings
from service.shapes import Filters
from service.spaces import Spaces
from service.upload_folder import Announced
from service.uploads import Uploads
from service.workspaces import add
from tests.service.spaces.conftest import THEIRS, Two
from tests.working import work_off

TODAY = date(2026, 6, 3)
EVERYTHING = Filters()
ALARMS = "What do customers say about false alarms?"


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
    dismiss()  # hands that were started before know nothing of the bucket's address
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
        dismiss()
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
    feed(one)
    assert not apart(one)


def test_nothing_of_one_lies_anywhere_in_the_place_of_the_other(two: Two) -> None:
    one, other = two.one.library, two.other.library
    code = codebook.add(one, NewCode(label="Clipboard rounds"))
    codebook.judge(one, code.id, "FC-2", 3, "confirm")
    draft_and_save(one, filters=EVERYTHING, today=TODAY)
    draft_and_save(other, filters=EVERYTHING, today=TODAY)
    with one.change() as connection:
        connection.execute(
            model_replies.insert().values(
                key="k", reply="clipboard", calls=["FC-2"], created_at=datetime.now(UTC)
            )
        )
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


def _has(path: Path, words: tuple[str, ...]) -> bool:
    body = path.read_bytes()
    return any(word.encode() in body for word in words)
