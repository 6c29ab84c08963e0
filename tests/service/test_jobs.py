"""Jobs and the worker, over real transcripts."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.errors import Conflict
from ingest.library import Library, Options
from ingest.models import Call
from ingest.pipeline import About, receive
from ingest.store import get_call, list_calls, put_accounts
from ingest.tables import jobs as table
from ingest.tables import stage_results
from service import jobs
from service.adding import Adding
from service.following import see_through
from service.shapes import Job
from service.worker import Worker
from tests import corpus
from tests.corpus import ACCOUNTS_CSV
from tests.durability.clips import clips
from tests.durability.standin import standin
from tests.ingest.transcribe.servers import Reply, serving
from tests.working import work_off


@pytest.fixture
def transcript(tmp_path: Path, library: Library) -> Path:
    """FC-1 as a file, its account loaded."""
    from ingest.accounts import read_accounts

    with library.change() as connection:
        put_accounts(connection, read_accounts(ACCOUNTS_CSV))
    path = tmp_path / "FC-1.json"
    path.write_text(json.dumps(corpus.call("FC-1")), "utf-8")
    return path


def enqueue(library: Library, path: Path) -> str:
    received = receive(library, path, About())
    with library.change() as connection:
        return jobs.enqueue(connection, "ingest", call_id=received.call_id)


def job(library: Library, job_id: str) -> Job:
    with library.read() as connection:
        return jobs.get_job(connection, job_id)


def test_a_call_is_invisible_until_its_work_is_done(library: Library, transcript: Path) -> None:
    job_id = enqueue(library, transcript)
    with library.read() as connection:
        assert [c.state for c in list_calls(connection)] == ["working"]
    seen: list[tuple[str, str | None]] = []
    assert work_off(library, lambda j: seen.append((j.state, j.stage))) == 1
    assert job(library, job_id).state == "done"
    assert seen[-1][0] == "done"
    with library.read() as connection:
        assert get_call(connection, "FC-1").state == "ready"


def test_one_call_has_one_job_at_a_time(library: Library, transcript: Path) -> None:
    assert enqueue(library, transcript) == enqueue(library, transcript)


def test_what_a_dead_process_left_is_done_by_the_next(library: Library, transcript: Path) -> None:
    job_id = enqueue(library, transcript)
    with library.change() as connection:
        jobs.set_fields(connection, job_id, state="working", stage="index", handed_over=True)
    assert work_off(library) == 1
    assert job(library, job_id).state == "done"


def test_a_stopped_job_leaves_nothing_of_a_new_call(library: Library, transcript: Path) -> None:
    job_id = enqueue(library, transcript)
    assert jobs.cancel(library, job_id).state == "cancelled"
    with library.read() as connection:
        assert list_calls(connection) == []
    assert [p for p in (library.home / "media").rglob("*") if p.is_file()] == []
    with pytest.raises(Conflict, match="nothing to stop"):
        jobs.cancel(library, job_id)
    with pytest.raises(Conflict, match="add it again"):
        jobs.retry(library, job_id)


def test_a_job_stopped_while_it_hears_ends_and_leaves_nothing(library: Library) -> None:
    from service.sample import recordings

    call_id = receive(library, recordings()[0].path, About()).call_id
    with library.change() as connection:
        job_id = jobs.enqueue(connection, "ingest", call_id=call_id)
    stages: list[str | None] = []

    def stop(seen: Job) -> None:
        stages.append(seen.stage)
        if (seen.state, seen.stage) == ("working", "transcribe"):
            jobs.cancel(library, seen.job_id)

    work_off(library, stop)
    assert job(library, job_id).state == "cancelled"
    assert "diarize" not in stages
    wait_until(lambda: not calls_of(library))
    assert [p for p in (library.home / "media").rglob("*") if p.is_file()] == []
    with library.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(stage_results)) == 0


def calls_of(library: Library) -> list[Call]:
    with library.read() as connection:
        return list_calls(connection)


def wait_until(true: Callable[[], bool]) -> None:
    for _ in range(1200):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError("it never came true")


def test_a_missing_file_fails_its_job_with_a_sentence_and_can_be_retried(
    library: Library, transcript: Path
) -> None:
    job_id = enqueue(library, transcript)
    kept = next(p for p in (library.home / "media").rglob("*.json"))
    away = kept.rename(kept.with_suffix(".away"))
    work_off(library)
    failed = job(library, job_id)
    assert failed.state == "failed"
    assert "is missing from the media folder" in (failed.error or "")
    away.rename(kept)
    assert jobs.retry(library, job_id).state == "queued"
    work_off(library)
    assert job(library, job_id).state == "done"


def test_others_follow_the_process_that_works(library: Library, transcript: Path) -> None:
    job_id = enqueue(library, transcript)
    seen: list[str] = []
    with library.holding("worker.lock"):
        following = threading.Thread(
            target=see_through, args=(library, [job_id], lambda j: seen.append(j.state))
        )
        following.start()
        worker = Worker(library)
        worker.start()
        following.join(timeout=60)
        worker.stop()
    assert not following.is_alive()
    assert job(library, job_id).state == "done"
    assert seen[-1] == "done"


def test_the_same_bytes_are_one_call(library: Library, transcript: Path, tmp_path: Path) -> None:
    twin = tmp_path / "renamed.json"
    twin.write_bytes(transcript.read_bytes())
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    adding.receive(transcript, About())
    adding.finish()
    adding.receive(twin, About(title="A new title"))
    outcome = adding.outcome()
    assert outcome.known == ("FC-1",)
    with library.read() as connection:
        assert [c.title for c in list_calls(connection)] == ["A new title"]
        assert connection.execute(table.select()).fetchall().__len__() == 1


def test_another_file_with_the_same_call_id_is_refused(
    library: Library, transcript: Path, tmp_path: Path
) -> None:
    enqueue(library, transcript)
    other = {**corpus.call("FC-1"), "title": "changed"}
    path = tmp_path / "other.json"
    path.write_text(json.dumps(other), "utf-8")
    before = sorted((library.home / "media").rglob("*"))
    with pytest.raises(Conflict, match="A call FC-1 with other content is already here"):
        receive(library, path, About())
    assert sorted((library.home / "media").rglob("*")) == before


def test_one_bad_file_does_not_stop_the_rest(
    library: Library, transcript: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.vtt").write_text("WEBVTT\n\n00:00:05.000 --> 00:00:01.000\nAna: Hi.\n", "utf-8")
    (folder / "b.json").write_bytes(transcript.read_bytes())
    (folder / "notes.txt").write_text("buy milk", "utf-8")
    (folder / "z.mp3").touch()
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    adding.walk([folder], About())
    adding.finish()
    outcome = adding.outcome()
    assert [c.call_id for c in outcome.calls] == ["FC-1"]
    assert [Path(e.file).name for e in outcome.errors] == ["a.vtt", "z.mp3"]
    assert [Path(s).name for s in outcome.skipped] == ["notes.txt"]


def test_a_wrong_key_loses_no_recording(tmp_path: Path) -> None:
    (clip,) = clips(tmp_path / "clips", 1, seconds=2.0)

    def opened(address: str) -> Library:
        return Library(
            tmp_path / "home",
            Options(models=tmp_path, transcriber="openai", openai_base_url=f"{address}/v1"),
        )

    with serving(lambda _asked: Reply(b'{"error": {"message": "no"}}', status=401)) as refusing:
        library = opened(refusing.address)
        job_id = enqueue(library, clip)
        work_off(library)
        failed = job(library, job_id)
        assert failed.state == "failed"
        assert "OPENAI_API_KEY" in str(failed.error)
        with library.read() as connection:
            assert [call.state for call in list_calls(connection)] == ["failed"]
        assert len(list(library.media.names())) == 2  # and the copy to play
        library.close()
    with standin(0.0) as served:
        library = opened(served.address)
        jobs.retry(library, job_id)
        work_off(library)
        assert job(library, job_id).state == "done"
        library.close()


def test_a_model_reads_when_no_more_files_are_on_their_way_or_many_came(library: Library) -> None:
    def put(kind: str, state: str, n: int = 1) -> None:
        with library.change() as connection:
            for _ in range(n):
                job_id = jobs.enqueue(connection, kind)
                jobs.set_fields(connection, job_id, state=state)

    def due() -> bool:
        with library.read() as connection:
            return jobs.reading_is_due(connection)

    put("ingest", "done", 19)
    put("ingest", "failed")
    assert due()
    put("ingest", "queued")
    assert not due()
    put("ingest", "done")
    assert due()
    put("read", "done")
    assert not due()
    put("ingest", "done", 20)
    assert due()
