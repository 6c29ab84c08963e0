"""What comes in from a watched folder, look by look; the jobs stay queued."""

from __future__ import annotations

import fcntl
import json
import os
import time
import wave
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest import joined
from ingest.library import Library
from ingest.models import Account, Call
from ingest.pipeline import About, describe, receive
from ingest.store import get_call, list_calls, put_accounts, update_call
from ingest.tables import watched
from service.access.audit import Wanted
from service.access.audit import rows as audit_rows
from service.adding import Adding
from service.erase import erase
from service.erase_person import erase_person
from service.jobs import list_jobs, set_fields
from service.watch.names import NameRule
from service.watch.saying import Rules
from service.watch.sources import Entry
from service.watch.watcher import Options
from tests.recordings import noise_wav
from tests.service.watch.looking import SETTLE_S, CountedFolder, Looking, kinds, transcript
from tests.working import work_off


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    return folder


@pytest.fixture
def looking(library: Library, root: Path) -> Looking:
    return started(library, root)


def started(library: Library, root: Path, **options: object) -> Looking:
    return Looking(library, [CountedFolder(root)], Options(**options))  # type: ignore[arg-type]


def read_by(looking: Looking) -> list[str]:
    [source] = looking.watcher.sources
    assert isinstance(source, CountedFolder)
    return source.read


def calls(library: Library) -> list[Call]:
    with library.read() as connection:
        return list_calls(connection)


def accounts(library: Library, **names: str) -> None:
    with library.change() as connection:
        rows = [Account(account_id=i.replace("_", "-"), name=n) for i, n in names.items()]
        put_accounts(connection, rows)


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
    again = started(library, root, again=True)
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
    [again] = started(library, root, again=True).look()
    assert (again.event, again.job_id) == ("taken", taken.job_id)
    with library.read() as connection:
        [job] = list_jobs(connection)
    assert (job.state, job.attempt) == ("queued", 2)


def test_what_may_pass_is_told_once_and_tried_again(library: Library, root: Path) -> None:
    transcript(root / "one.md")
    full = started(library, root, least_free=1 << 60)
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


# --- whose it is ---------------------------------------------------------------------------------


def test_what_lies_beside_a_file_says_whose_it_is(
    library: Library, root: Path, looking: Looking
) -> None:
    accounts(library, ACC_1="Acme", ACC_2="Bolt & Co")
    (root / "firsthand.yaml").write_text("account: acme\ndate: 2026-01-01\nconsent: given")
    transcript(root / "one.md", "One.")
    transcript(root / "bolt" / "two.md", "Two.")
    (root / "bolt" / "firsthand.yaml").write_text("account: BOLT & CO")
    transcript(root / "bolt" / "three.md", "Three.")
    said = {"account_id": "ACC-1", "title": "The <b>third</b>", "date": "12 May 2026"}
    (root / "bolt" / "three.md.firsthand.json").write_text(json.dumps(said))
    assert {event.event for event in looking.settle()} == {"taken"}
    found = {call.title: (call.account_id, str(call.date), call.consent) for call in calls(library)}
    assert found == {
        "one": ("ACC-1", "2026-01-01", "given"),
        "two": ("ACC-2", "2026-01-01", "given"),
        "The <b>third</b>": ("ACC-1", "2026-05-12", "given"),
    }


def test_an_account_is_never_guessed_and_comes_later(
    library: Library, root: Path, looking: Looking
) -> None:
    accounts(library, ACC_1="Acme", ACC_2="Twin", ACC_3="twin")
    for name in ("Acme Bay", "Twin", "acme"):
        transcript(root / f"{name}.md", name)
        (root / f"{name}.md.firsthand.yaml").write_text(f"account: {name}")
    told = looking.settle()
    notes = [event for event in told if event.event == "note"]
    assert [event.file for event in notes] == ["Acme Bay.md", "Twin.md"]
    assert "No account here has the id or the name 'Acme Bay'" in (notes[0].message or "")
    assert {c.title: c.account_id for c in calls(library)} == {
        "Acme Bay": None,
        "Twin": None,
        "acme": "ACC-1",
    }
    work_off(library)
    again = started(library, root)
    assert again.look() == []
    accounts(library, ACC_4="ACME BAY")
    [changed] = again.look()
    assert (changed.event, changed.file, changed.fields) == ("changed", "Acme Bay.md", ("account",))
    assert {c.title: c.account_id for c in calls(library)}["Acme Bay"] == "ACC-4"
    assert again.look() == []


def test_names_of_files_and_folders_say_whose_it_is(library: Library, root: Path) -> None:
    accounts(library, ACC_1="Acme_Corp", ACC_2="Bolt")
    rules = Rules(NameRule("{date}_{title}"), folders=True)
    for name in ("Bolt/2026/2026-05-12_Kick off.md", "2026-05-13_Alone.md", "ACC-1/odd.md"):
        transcript(root / name, name)
    transcript(root / "Nobody" / "2026-05-14_X.md")
    told = started(library, root, rules=rules).settle()
    found = {call.title: (call.account_id, str(call.date)) for call in calls(library)}
    assert found == {
        "Kick off": ("ACC-2", "2026-05-12"),
        "Alone": (None, "2026-05-13"),
        "odd": ("ACC-1", "None"),
        "X": (None, "2026-05-14"),
    }
    assert [(e.file, (e.message or "")[:24]) for e in told if e.event == "note"] == [
        ("ACC-1/odd.md", "Its name does not fit th"),
        ("Nobody/2026-05-14_X.md", "No account here has the "),
    ]
    work_off(library)
    # Another rule, for what came already: said in the folder itself this time.
    (root / "Bolt" / "firsthand.yaml").write_text('name: "{_}_{title}"\naccount_from: folder')
    (root / "Bolt" / "2026" / "firsthand.yaml").write_text('name: "{title}"')
    told = started(library, root, rules=rules).settle()
    assert [(e.event, e.fields) for e in told] == [("changed", ("title",))]
    titles = {call.title for call in calls(library)}
    assert titles == {"2026-05-12_Kick off", "Alone", "odd", "X"}


def test_what_is_said_later_counts_unless_a_person_said_otherwise(
    library: Library, root: Path, looking: Looking
) -> None:
    accounts(library, ACC_1="Acme", ACC_2="Bolt")
    path = transcript(root / "one.md")
    [taken] = looking.settle()
    assert taken.call_id
    work_off(library)
    beside = root / "one.md.firsthand.json"
    beside.write_text('{"account": "Acme"')  # half of it
    [broken] = looking.settle()
    assert (broken.event, broken.file) == ("failed", "one.md")
    assert "one.md.firsthand.json: the JSON is cut off" in (broken.message or "")
    beside.write_text('{"account": "Acme", "title": "Ours", "date": "2026-05-12"}')
    [changed] = looking.settle()
    assert changed.fields == ("account", "date", "title")
    describe(library, taken.call_id, About(account_id="ACC-2"))
    beside.write_text('{"account": "acme", "title": "Theirs"}')
    told = looking.settle()
    assert [(e.event, e.fields, e.message) for e in told] == [
        ("changed", ("title",), None),
        ("note", (), "Somebody set its account otherwise; that stays."),
    ]
    [call] = calls(library)
    assert (call.account_id, call.title, str(call.date)) == ("ACC-2", "Theirs", "2026-05-12")
    assert read_by(looking).count(path.name) == 1  # its words were not read again
    assert started(library, root).look() == []


def test_a_meeting_of_zoom_is_taken_in_once(library: Library, root: Path, looking: Looking) -> None:
    stamp = "GMT20250203-150231_Recording"
    for name in (f"a/{stamp}.m4a", f"a/{stamp}_1920x1080.mp4", "b/audio_only.m4a", "b/video12.mp4"):
        recording(root / name)
    for name in (f"a/{stamp}newChat.txt", "b/chat.txt"):
        (root / name).write_text("00:01:02\t Ida Kern:\there is the link\n00:01:09\t Lin:\tyes\n")
    assert sorted(kinds(looking.settle())) == [
        ("skipped", f"a/{stamp}_1920x1080.mp4"),
        ("skipped", f"a/{stamp}newChat.txt"),
        ("skipped", "b/chat.txt"),
        ("skipped", "b/video12.mp4"),
        ("taken", f"a/{stamp}.m4a"),
        ("taken", "b/audio_only.m4a"),
    ]
    recording(root / f"a/{stamp}_1920x1080.mp4", n=2)  # it was being written
    assert kinds(looking.settle()) == [("skipped", f"a/{stamp}_1920x1080.mp4")]
    assert started(library, root).settle() == []
    # What came first is the meeting's.
    recording(root / "c" / "video34.mp4", n=3)
    assert kinds(looking.settle()) == [("taken", "c/video34.mp4")]
    recording(root / "c" / "audio34.m4a", n=4)
    [skipped] = looking.settle()
    assert skipped.message == (
        "It is of the same meeting as video34.mp4, which has all that it has."
    )


def recording(path: Path, n: int = 1) -> None:
    """A file named as one; each is another."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 16_000, 0, "NONE", ""))
        sound.writeframes(path.name.encode().ljust(200, b"-")[:200] * 1600 * n)


def test_what_a_transcript_tells_of_a_recording_is_nobodys_word(
    library: Library, root: Path, looking: Looking, tmp_path: Path
) -> None:
    accounts(library, ACC_1="Acme", ACC_2="Bolt")
    recording(root / "one.wav")
    [taken] = looking.settle()
    call_id = taken.call_id or ""
    words = transcript(tmp_path / "Roof 2026-05-12.md")
    receive(library, words, About(account_id="ACC-2"), join=call_id)
    with library.change() as connection:
        other = joined.joined(connection, call_id)
        assert other is not None
        joined.decide(connection, other, words_from="transcript", agreement=1.0, offset_s=0.0)
        update_call(connection, call_id, title=other.alone["title"])
    [call] = calls(library)
    assert (str(call.date), call.account_id) == ("2026-05-12", "ACC-2")
    beside = root / "one.wav.firsthand.json"
    beside.write_text('{"account": "Acme", "title": "Ours", "date": "2026-05-13"}')
    told = looking.settle()
    assert [(e.event, e.fields, e.message) for e in told] == [
        ("changed", ("date", "title"), None),
        ("note", (), "Somebody set its account otherwise; that stays."),
    ]
    describe(library, call_id, About(title="Theirs", consent="refused"))
    beside.write_text('{"title": "Ours again", "consent": "given"}')
    [note] = looking.settle()
    assert note.message == "Somebody set its title and consent otherwise; that stays."


def test_both_count_that_come_together(library: Library, root: Path, looking: Looking) -> None:
    transcript(root / "one.md")
    looking.look()
    (root / "one.md.firsthand.yaml").write_text("title: Of its own")
    assert looking.look(SETTLE_S - 1) == []
    assert looking.look(SETTLE_S - 1) == []
    assert kinds(looking.look(1)) == [("taken", "one.md")]
    assert calls(library)[0].title == "Of its own"


def test_nothing_comes_in_while_its_consent_cannot_be_read(
    library: Library, root: Path, looking: Looking
) -> None:
    transcript(root / "one.md")
    beside = root / "one.md.firsthand.yaml"
    for text, why in (
        ("consnt: refused", "the field 'consnt', which is none of"),
        ("consent: no", "The consent of a call is given or refused"),
        ("date: 05/12/2026", "can be read in two ways"),
        ("a: " + "x" * 70_000, "is too large to say something"),
    ):
        beside.write_text(text)
        [failed] = looking.settle()
        assert why in (failed.message or "")
        assert calls(library) == []
    beside.write_text("consent: refused")
    assert kinds(looking.settle()) == [("taken", "one.md")]
    assert calls(library)[0].consent == "refused"


def test_a_file_that_changes_is_another_call_and_that_is_said(
    library: Library, root: Path, looking: Looking
) -> None:
    path = transcript(root / "one.md")
    [first] = looking.settle()
    transcript(path, "Quite another thing.")
    taken, note = looking.settle()
    assert taken.event == "taken"
    assert (
        note.message == f"It has changed since it came in as {first.call_id}, which stays as it is."
    )
    assert len(calls(library)) == 2


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
