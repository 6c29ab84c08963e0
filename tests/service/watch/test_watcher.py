"""What comes in from a watched folder, look by look; the jobs stay queued."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest import joined
from ingest.library import Library
from ingest.pipeline import About
from ingest.store import get_call, list_calls
from ingest.tables import watched
from service.access.audit import Wanted
from service.access.audit import rows as audit_rows
from service.adding import Adding
from service.erase import erase
from service.erase_person import erase_person
from service.jobs import list_jobs, set_fields
from service.watch.sources import Entry
from service.watch.watcher import Options
from tests.recordings import noise_wav
from tests.service.watch.looking import (
    SETTLE_S,
    CountedFolder,
    Looking,
    accounts,
    calls,
    kinds,
    read_by,
    started,
    transcript,
)
from tests.working import work_off

# --- once, and when it rests ---------------------------------------------------------------------


def test_a_file_comes_in_once_it_rests_and_only_once(
    library: Library, root: Path, looking: Looking
) -> None:
    transcript(root / "a" / "visit.md")
    assert looking.look() == []
    assert looking.look(SETTLE_S - 0.1) == []
    assert looking.watcher.next_look_s(looking.now) == pytest.approx(0.1)
    [taken] = looking.look(0.1)
    assert (taken.event, taken.where, taken.file) == ("taken", str(root), "a/visit.md")
    [call] = calls(library)
    assert (call.call_id, call.title, call.file_name) == (taken.call_id, "visit", "visit.md")
    assert looking.look(SETTLE_S) == []
    assert read_by(looking) == ["a/visit.md"]
    again = started(library, root)  # the program ends and is started again
    transcript(root / "new.md", "Another one, and it hums.")
    assert kinds(again.settle()) == [("taken", "new.md")]
    assert read_by(again) == ["new.md"]
    assert len(calls(library)) == 2
    [job, _] = audit_rows(library, Wanted(action="add"))
    assert (job.kind, job.result, job.via) == ("call", "allowed", "machine")
    assert not list((library.home / "uploads").iterdir())


def test_what_is_written_to_waits_whatever_its_clock_says(
    library: Library, root: Path, looking: Looking
) -> None:
    path = transcript(root / "slow.md")
    for n in range(5):
        for clock in (time.time() + 86_400, 0.0):  # the file server's is a day ahead, or in 1970
            with path.open("a") as more:
                more.write(f"\nIda Kern: And {n} more?\n")
            os.utime(path, (clock, clock))
            assert looking.look(SETTLE_S - 1) == []
    assert [found.file.path for found in looking.watcher.waiting.values()] == ["slow.md"]
    assert kinds(looking.look(SETTLE_S)) == [("taken", "slow.md")]
    work_off(library)
    [call] = calls(library)
    assert call.utterances_n == 12


def test_a_file_of_the_same_size_and_time_waits_while_it_is_written(
    root: Path, looking: Looking
) -> None:
    """As some programs copy: the whole size and the time of the original first, then the bytes."""
    path = transcript(root / "copied.md")
    for _ in range(3):
        status = path.stat()
        with path.open("r+b") as same:
            same.write(b"I")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert path.stat().st_mtime_ns == status.st_mtime_ns
        assert looking.look(SETTLE_S) == []
    assert kinds(looking.look(SETTLE_S)) == [("taken", "copied.md")]


def test_a_file_that_gets_its_own_name_is_taken_at_once(root: Path, looking: Looking) -> None:
    for name, unfinished in (
        ("one.md", "one.md.part"),
        ("two.md", ".two.md.x8Fj2a"),
        ("a/three.md", "three.md.crdownload"),
    ):
        path = transcript(root / unfinished, f"The {name} one hums.")
        assert looking.look(3 * SETTLE_S) == []
        with path.open("a") as more:
            more.write("Ida Kern: And more?\n")
        (root / "a").mkdir(exist_ok=True)
        path.rename(root / name)
        assert kinds(looking.look(0.1)) == [("taken", name)]


def test_a_copy_or_another_name_is_not_finished_at_once(root: Path, looking: Looking) -> None:
    transcript(root / "one.md.part")
    looking.look()
    (root / "one.md").write_bytes((root / "one.md.part").read_bytes())
    (root / "one.md.part").rename(root / "other.md")
    assert looking.look(0.1) == []
    assert kinds(looking.look(SETTLE_S)) == [("taken", "one.md"), ("known", "other.md")]


def test_a_table_of_what_was_said_and_captions_of_google_come_in(
    root: Path, looking: Looking
) -> None:
    (root / "a.csv").write_text("Speaker,Sentence\nIda Kern,What is hard?\nLin Mori,The ice.\n")
    (root / "b.csv").write_text("account_id,name\nA-1,Alder\n")
    (root / "c.sbv").write_text("0:00:01.000,0:00:03.000\nLin Mori: The ice is hard.\n")
    assert kinds(looking.settle()) == [("taken", "a.csv"), ("skipped", "b.csv"), ("taken", "c.sbv")]


def test_what_is_no_call_is_told_once_and_not_read(
    library: Library, root: Path, looking: Looking
) -> None:
    (root / "setup.exe").write_bytes(b"MZ")
    (root / "notes.txt").write_text("Buy ice.")
    for name in (".hidden.md", "~$visit.docx", "visit.md.part", ".git/visit.md"):
        transcript(root / name)
    assert kinds(looking.settle()) == [("skipped", "notes.txt"), ("skipped", "setup.exe")]
    assert read_by(looking) == ["notes.txt"]
    assert started(library, root).settle() == []
    transcript(root / "notes.txt")
    assert kinds(looking.settle()) == [("taken", "notes.txt")]


def test_the_same_bytes_are_one_call(library: Library, root: Path, looking: Looking) -> None:
    first = transcript(root / "first.md")
    [taken] = looking.settle()
    work_off(library)
    transcript(root / "second.md")
    first.rename(root / "renamed.md")
    told = looking.settle()
    assert kinds(told) == [("known", "renamed.md"), ("known", "second.md")]
    assert {event.call_id for event in told} == {taken.call_id}
    assert len(calls(library)) == 1
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    adding.receive(transcript(root.parent / "by-hand.md", "By hand."), About(title="By hand"))
    transcript(root / "third.md", "By hand.")
    (root / "third.md.firsthand.yaml").write_text("title: From the folder\naccount: Nobody")
    looking.settle()
    assert {call.title for call in calls(library)} == {"first", "By hand"}


def test_five_hundred_at_once(library: Library, root: Path) -> None:
    for n in range(500):
        transcript(root / f"{n % 7}" / f"{n}.md", f"Number {n} hums.")
    looking = started(library, root)
    told = looking.settle()
    assert len(told) == 500
    assert {event.event for event in told} == {"taken"}
    with library.read() as connection:
        jobs = list_jobs(connection, state="queued")
    assert len({job.call_id for job in jobs}) == len(jobs) == 500
    assert started(library, root).settle() == []


def test_a_kill_at_any_moment_loses_nothing_and_takes_nothing_twice(
    library: Library, root: Path
) -> None:
    """The call is made, and what is remembered of the file is not written any more."""
    transcript(root / "one.md")
    [taken] = started(library, root).settle()
    with library.change() as connection:
        connection.execute(watched.delete())
    [again] = started(library, root).settle()
    assert (again.event, again.call_id, again.job_id) == ("known", taken.call_id, taken.job_id)
    with library.read() as connection:
        assert len(list_jobs(connection)) == 1
    work_off(library)
    with library.change() as connection:
        connection.execute(watched.delete())
    assert kinds(started(library, root).settle()) == [("known", "one.md")]


# --- what fails ----------------------------------------------------------------------------------


def test_half_a_file_is_a_sentence_and_comes_in_when_it_grows(
    library: Library, root: Path, looking: Looking
) -> None:
    whole = json.dumps(
        {"utterances": [{"i": 0, "speaker": "Lin", "text": "The ice."}], "title": "Ice"}
    )
    path = root / "call.json"
    path.write_text(whole[:-10])
    [failed] = looking.settle()
    assert (failed.event, failed.file) == ("failed", "call.json")
    assert "the JSON is cut off or broken" in (failed.message or "")
    assert looking.look(9999) == []
    again = started(library, root)
    [unchanged] = again.look()
    assert (unchanged.event, unchanged.n, unchanged.where) == ("unchanged", 1, str(root))
    assert read_by(again) == []
    path.write_text(whole)
    assert kinds(again.settle()) == [("taken", "call.json")]
    assert looking.watcher.failures == 1
    assert again.watcher.failures == 0


def test_what_failed_is_tried_again_when_asked(library: Library, root: Path) -> None:
    (root / "call.wav").write_bytes(b"no sound")
    native = {"utterances": [{"i": 0, "speaker": "Lin", "text": "Ice."}], "account_id": "ACC-1"}
    (root / "call.json").write_text(json.dumps(native))
    told = started(library, root).settle()
    assert kinds(told) == [("failed", "call.json"), ("failed", "call.wav")]
    assert "There is no account 'ACC-1'" in (told[0].message or "")
    accounts(library, ACC_1="Acme")
    again = started(library, root, Options(again=True))
    assert kinds(again.look()) == [("taken", "call.json"), ("failed", "call.wav")]
    assert again.look(9999) == []


def test_a_job_that_failed_is_tried_again_when_asked(library: Library, root: Path) -> None:
    transcript(root / "one.md")
    first = started(library, root)
    [taken] = first.settle()
    assert taken.job_id
    with library.change() as connection:
        set_fields(connection, taken.job_id, state="failed", error="The disk broke.")
    first.watcher.pending.follow()
    [failed] = first.look()
    assert (failed.event, failed.file, failed.message) == ("failed", "one.md", "The disk broke.")
    assert started(library, root).settle() == []
    [again] = started(library, root, Options(again=True)).look()
    assert (again.event, again.job_id) == ("taken", taken.job_id)
    with library.read() as connection:
        [job] = list_jobs(connection)
    assert (job.state, job.attempt) == ("queued", 2)


def test_what_may_pass_is_told_once_and_tried_again(library: Library, root: Path) -> None:
    transcript(root / "one.md")
    full = started(library, root, Options(least_free=1 << 60))
    [failed] = full.settle()
    assert "FIRSTHAND_MIN_FREE_MB" in (failed.message or "")
    for pause_s in (15, 30, 60, 120):
        assert full.look(pause_s) == []
        assert full.watcher.next_look_s(full.now) == 2 * pause_s
    assert len(read_by(full)) == 5
    assert kinds(started(library, root).settle()) == [("taken", "one.md")]


def test_a_file_that_is_too_large_is_not_read(library: Library, root: Path) -> None:
    with (root / "big.wav").open("wb") as big:
        big.truncate(library.options.max_file_bytes + 1)
    looking = started(library, root)
    [failed] = looking.settle()
    assert "over the limit of 4,096 MB" in (failed.message or "")
    assert read_by(looking) == []


def test_a_place_that_is_away_is_told_and_comes_back(root: Path, looking: Looking) -> None:
    transcript(root / "one.md")
    looking.settle()
    root.rename(root.parent / "gone")
    [away] = looking.look(1)
    assert (away.event, away.where) == ("away", str(root))
    assert "No such file or directory" in (away.message or "")
    assert looking.look(30) == []
    transcript(root.parent / "gone" / "two.md", "And two.")
    (root.parent / "gone").rename(root)
    assert kinds(looking.look(30)) == [("back", None)]
    assert kinds(looking.look(SETTLE_S)) == [("taken", "two.md")]
    assert looking.watcher.failures == 1


class Odd(CountedFolder):
    """A folder in which something is wrong that nobody foresaw."""

    def blocks(self, entry: Entry) -> Iterator[bytes]:
        if entry.name == "odd.md":
            raise ValueError("zanzibar")
        return super().blocks(entry)


def test_an_error_that_nobody_foresaw_costs_one_file(
    library: Library, root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    transcript(root / "odd.md", "Odd.")
    transcript(root / "one.md")
    looking = Looking(library, [Odd(root)])
    told = looking.settle()
    assert kinds(told) == [("failed", "odd.md"), ("taken", "one.md")]
    assert told[0].message == "An error that nobody foresaw (ValueError); the log says where."
    assert "a watched file could not be taken in" in caplog.text
    assert looking.look(9999) == []


def test_what_a_killed_process_left_goes(library: Library, root: Path) -> None:
    left = library.home / "uploads" / ".watched-x"
    left.mkdir(parents=True)
    (left / "call.md").write_text("What Lin said.")
    transcript(root / "one.md")
    started(library, root).settle()
    assert left.exists()  # it may just have begun
    os.utime(left, (0, 0))
    descriptor = os.open(left, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    transcript(root / "two.md", "Two.")
    started(library, root).settle()
    assert left.exists()  # it is at work
    os.close(descriptor)
    transcript(root / "three.md", "Three.")
    assert kinds(started(library, root).settle()) == [("taken", "three.md")]
    assert not left.exists()


def test_hostile_names_are_only_names(library: Library, root: Path, looking: Looking) -> None:
    names = [
        "\u202emd.exe.md".encode(),
        b"line\nbreak\x1b[2J.md",
        b"\xff\xfe broken.md",
        ("ü" * 125 + ".md").encode(),
        b"'; DROP TABLE calls; --.md",
        b"%s {0} $(id) `id`.md",
    ]
    for n, name in enumerate(names):
        path = os.path.join(os.fsencode(root), name)  # noqa: PTH118 - bytes, which Path takes none of
        transcript(Path(os.fsdecode(path)), f"The {n} hums.")
    told = looking.settle()
    assert {event.event for event in told} == {"taken"}
    assert all(event.file and event.file.isprintable() for event in told)
    assert len(calls(library)) == len(names)
    assert all(call.title.isprintable() for call in calls(library))
    assert started(library, root).settle() == []


# --- what goes -----------------------------------------------------------------------------------


def test_what_was_erased_stays_away(library: Library, root: Path, looking: Looking) -> None:
    path = transcript(root / "Ana Diaz.md")
    [taken] = looking.settle()
    assert taken.call_id
    work_off(library)
    erase(library, taken.call_id)
    assert looking.look(SETTLE_S) == []
    assert started(library, root).settle() == []
    os.utime(path)
    path.rename(root / "other.md")
    [known] = started(library, root).settle()
    assert (known.event, known.call_id) == ("known", None)
    assert "Its call was erased here, so it stays away" in (known.message or "")
    assert calls(library) == []
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    adding.receive(root / "other.md", About())  # a person may want it again
    assert len(calls(library)) == 1


def test_an_erased_person_does_not_come_back(
    library: Library, root: Path, looking: Looking
) -> None:
    people = [("Ida Kern", "internal"), ("Lin Mori", "customer"), ("Ola Berg", "customer")]
    path = root / "one.json"
    told = {
        "participants": [{"name": name, "role": role} for name, role in people],
        "utterances": [
            {"i": i, "speaker": name, "text": f"The {i} hums at night."}
            for i, (name, _role) in enumerate(people)
        ],
    }
    path.write_text(json.dumps(told))
    [taken] = looking.settle()
    work_off(library)
    erase_person(library, "Lin Mori")
    os.utime(path)
    [known] = started(library, root).settle()
    assert (known.event, known.call_id) == ("known", taken.call_id)
    [call] = calls(library)
    assert "Lin Mori" not in call.model_dump_json()


def test_nothing_of_names_or_words_is_remembered(library: Library, root: Path) -> None:
    accounts(library, ACC_1="Zanzibar Ltd")
    transcript(root / "Zanzibar" / "Zanzibar visit.md", "Zanzibar is nice.")
    (root / "firsthand.yaml").write_text("title: Zanzibar\naccount: Zanzibar Ltd")
    (root / "Zanzibar.wav").write_bytes(b"Zanzibar")
    told = started(library, root).settle()
    assert kinds(told) == [("taken", "Zanzibar/Zanzibar visit.md"), ("failed", "Zanzibar.wav")]
    with library.read() as connection:
        rows = [tuple(row) for row in connection.execute(sa.select(watched))]
        [call] = list_calls(connection)
    assert len(rows) == 2
    assert "zanzibar" not in repr(rows).lower()
    assert all(row[4] in ("", call.content_sha256) for row in rows)
    work_off(library)
    erase(library, call.call_id)
    with library.read() as connection:
        left = [row.call_id for row in connection.execute(sa.select(watched))]
        assert left == [None, None]
    with pytest.raises(Exception, match="There is no call"), library.read() as connection:
        get_call(connection, call.call_id)


def test_two_files_of_a_call_that_are_parted_are_each_told_of_their_own(
    library: Library, root: Path, looking: Looking
) -> None:
    transcript(root / "Ice talk.txt")
    noise_wav(root / "Ice talk.wav", 400_000)
    assert kinds(looking.settle()) == [("taken", "Ice talk.txt")]
    assert [found.file.name for found in looking.watcher.waiting.values()] == ["Ice talk.wav"]
    work_off(library)
    looking.look(60.0)
    with library.change() as connection:
        [host] = list_calls(connection)
        other = joined.joined(connection, host.call_id)
        assert other is not None
        new = joined.part(connection, other, "They are two calls.")
    (root / "Ice talk.wav.firsthand.json").write_text('{"date": "2026-05-12"}')
    looking.settle()
    with library.read() as connection:
        days = {call.call_id: call.date for call in list_calls(connection)}
    assert days == {host.call_id: None, new: date(2026, 5, 12)}
