"""Whose a file of a watched folder is: what is said beside it, by its name, and later."""

from __future__ import annotations

import json
import wave
from pathlib import Path

from ingest import joined
from ingest.library import Library
from ingest.pipeline import About, describe, receive
from ingest.store import update_call
from service.watch.names import NameRule
from service.watch.saying import Rules
from service.watch.watcher import Options
from tests.service.watch.looking import (
    SETTLE_S,
    Looking,
    accounts,
    calls,
    kinds,
    read_by,
    started,
    transcript,
)
from tests.working import work_off


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
    told = started(library, root, Options(rules=rules)).settle()
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
    told = started(library, root, Options(rules=rules)).settle()
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
