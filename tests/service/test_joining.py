"""Recording and transcript of one call: given together, one after the other, and mistaken."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from ingest.consent import Consent
from ingest.corrections import SpeakerFix, UtteranceFix, correct
from ingest.errors import BadInput, Busy, Conflict
from ingest.joined import decide, joined, part
from ingest.library import Library
from ingest.models import Call, Utterance
from ingest.pipeline import About, receive
from ingest.store import files, get_call, list_calls, list_utterances, update_call
from ingest.tables import call_transcripts, jobs, stage_runs
from service import attempt_rows
from service.adding import Adding, Outcome
from service.erase import erase
from service.erase_person import erase_person
from service.erasure import erasure
from service.jobs import cancel, enqueue, get_job, set_fields
from service.repairing import findings
from service.taking_in import take_in
from service.watch import remembered
from tests.leftovers import leftovers
from tests.once import once
from tests.service import meetings
from tests.service.meetings import COBBLEWAY, plain, said, vtt
from tests.working import work_off

STAMP = "GMT20250203-150231_Recording"
GUS, JUNO = "Gus Halloran", "Juno Estevez"


@pytest.fixture(scope="session")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The beginning of two recordings of the sample."""

    def make(folder: Path) -> None:
        meetings.recording(folder / "otters.m4a")
        meetings.recording(folder / "cobbleway.m4a", COBBLEWAY)

    return once(tmp_path_factory, "meetings", make)


def add(
    library: Library, *paths: Path, join: str | None = None, about: About | None = None
) -> Outcome:
    adding = Adding(library, transcriber=None, report=lambda _job: None)
    if join is None:
        adding.walk(paths, about or About())
    else:
        adding.receive(paths[0], about or About(), join=join)
    adding.finish()
    return adding.outcome()


def one(outcome: Outcome) -> Call:
    assert outcome.errors == ()
    [call] = outcome.calls
    return call


def lines(library: Library, call_id: str) -> list[Utterance]:
    with library.read() as connection:
        return list_utterances(connection, call_id)


def calls(library: Library) -> list[Call]:
    with library.read() as connection:
        return list_calls(connection)


def hearings(library: Library) -> int:
    """How often a recording was heard."""
    c = stage_runs.c
    heard = sa.select(sa.func.count()).where(c.stage == "transcribe", c.outcome == "done")
    with library.read() as connection:
        return connection.scalar(heard) or 0


def copied(cut: Path, to: Path, name: str = "otters.m4a") -> Path:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(cut / name, to)
    return to


def of_zoom(cut: Path, folder: Path, utterances: Sequence[Utterance]) -> Path:
    """A meeting as Zoom's cloud leaves it, the transcript half a minute behind."""
    copied(cut, folder / f"{STAMP}.m4a")
    copied(cut, folder / f"{STAMP}_1920x1080.mp4")
    vtt(folder / f"{STAMP}.transcript.vtt", utterances, skew_s=30.0)
    (folder / f"{STAMP}.cc.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nnobody's\n")
    (folder / f"{STAMP}newChat.txt").write_text(
        f"00:01:02\t {GUS}:\there is the link\n00:01:09\t {JUNO}:\tthanks\n"
    )
    return folder


# When the first lines are said in the recording, by ear.
SPOKEN_S = (0.6, 6.0, 14.6, 25.2, 52.1, 55.5)


def spoken(now: Sequence[Utterance]) -> None:
    """The transcript's words, each line where it is said in the recording."""
    assert [u.text for u in now] == [u.text for u in said()]
    for u, at_s in zip(now, SPOKEN_S, strict=True):
        assert u.start_s is not None
        assert abs(u.start_s - at_s) < 1.0


def test_a_folder_of_a_meeting_is_one_call(library: Library, cut: Path, tmp_path: Path) -> None:
    folder = of_zoom(cut, tmp_path / "zoom", said())
    outcome = add(library, folder)
    call = one(outcome)
    assert [c.call_id for c in calls(library)] == [call.call_id]
    assert (call.has_audio, call.words_from, call.source) == (True, "transcript", "zoom")
    assert call.transcript_file == f"{STAMP}.transcript.vtt"
    assert call.file_name == f"{STAMP}.m4a"
    assert {s.name for s in call.speakers} == {GUS, JUNO}
    assert call.agreement is not None
    assert call.agreement > 0.75
    assert call.offset_s is not None
    assert -30 < call.offset_s < -24
    spoken(lines(library, call.call_id))
    assert {Path(file).name for file in outcome.skipped} == {
        f"{STAMP}_1920x1080.mp4",
        f"{STAMP}.cc.vtt",
        f"{STAMP}newChat.txt",
    }
    assert any("ahead of" in warning for warning in call.warnings)
    assert any("2 messages" in warning for warning in call.warnings)
    again = add(library, folder)
    assert (again.known, again.calls, again.errors) == ((call.call_id,), (), ())
    assert hearings(library) == 1
    assert list(findings(library)) == []


def test_the_transcript_comes_later_and_corrections_stay(
    library: Library, cut: Path, tmp_path: Path
) -> None:
    heard = one(add(library, copied(cut, tmp_path / "Two Otters.m4a")))
    assert heard.words_from == "recording"
    [gus] = {u.speaker for u in lines(library, heard.call_id) if "ladder" in u.text}
    correct(library, heard.call_id, speakers={gus: SpeakerFix("August Halloran", "customer")})
    call = one(add(library, vtt(tmp_path / "Two Otters.transcript.vtt", said(), skew_s=300.0)))
    assert call.call_id == heard.call_id
    assert (call.words_from, call.engine) == ("transcript", None)
    assert {s.name for s in call.speakers} == {"August Halloran", JUNO}
    assert [s.named_by_person for s in call.speakers if s.name != JUNO] == [True]
    spoken(lines(library, call.call_id))
    anew = Adding(library, transcriber=None, report=lambda _job: None)
    anew.again(call.call_id)
    anew.finish()
    assert one(anew.outcome()).speakers == call.speakers
    spoken(lines(library, call.call_id))


def test_the_recording_comes_later_and_corrections_stay(
    library: Library, cut: Path, tmp_path: Path
) -> None:
    read = one(add(library, vtt(tmp_path / "Two Otters.vtt", said(), skew_s=300.0)))
    assert (read.words_from, read.has_audio) == ("transcript", False)
    text = said()[1].text.replace("ladder", "scaffold")
    correct(library, read.call_id, utterances={1: UtteranceFix(text)})
    call = one(add(library, copied(cut, tmp_path / "Two Otters recording.m4a")))
    assert (call.call_id, call.words_from, call.has_audio) == (read.call_id, "transcript", True)
    now = lines(library, call.call_id)
    assert (now[1].text, now[1].original) == (text, said()[1].text)
    assert now[1].start_s is not None
    assert now[1].start_s < 12
    assert len(calls(library)) == 1


def test_without_times_a_transcript_gets_those_of_its_recording(
    library: Library, cut: Path, tmp_path: Path
) -> None:
    heard = one(add(library, copied(cut, tmp_path / "a.m4a")))
    call = one(add(library, plain(tmp_path / "b.txt", said()), join=heard.call_id))
    assert (call.call_id, call.words_from, call.offset_s) == (heard.call_id, "transcript", None)
    spoken(lines(library, call.call_id))
    third = add(library, vtt(tmp_path / "c.vtt", said(COBBLEWAY)), join=call.call_id)
    [failure] = third.errors
    assert f"Call {call.call_id} has a transcript already" in failure.error
    assert len(calls(library)) == 1


def test_two_that_only_look_like_one_call_stay_two(
    library: Library, cut: Path, tmp_path: Path
) -> None:
    copied(cut, tmp_path / "m" / f"{STAMP}.m4a")
    vtt(tmp_path / "m" / f"{STAMP}.transcript.vtt", said(COBBLEWAY))
    outcome = add(library, tmp_path / "m")
    assert outcome.errors == ()
    heard, read = sorted(outcome.calls, key=lambda call: not call.has_audio)
    assert (heard.words_from, read.words_from) == ("recording", "transcript")
    assert (heard.transcript_file, read.transcript_file) == (None, None)
    assert [u.text for u in lines(library, read.call_id)] == [u.text for u in said(COBBLEWAY)]
    for call in (heard, read):
        assert [w for w in call.warnings if "they are two calls" in w] != []
    assert hearings(library) == 1
    # Asked again about the same files nothing changes.
    again = add(library, tmp_path / "m")
    assert (set(again.known), again.calls) == ({heard.call_id, read.call_id}, ())


def test_a_transcript_that_does_not_fit_a_call_that_was_heard_is_its_own(
    library: Library, cut: Path, tmp_path: Path
) -> None:
    heard = one(add(library, copied(cut, tmp_path / "Two Otters.m4a")))
    read = one(add(library, vtt(tmp_path / "Two Otters.vtt", said(COBBLEWAY))))
    assert read.call_id != heard.call_id
    assert any("they are two calls" in warning for warning in read.warnings)
    assert hearings(library) == 1


def test_a_recording_that_does_not_fit_is_its_own_and_heard_once(
    library: Library, cut: Path, tmp_path: Path
) -> None:
    read = one(add(library, vtt(tmp_path / "Two Otters.vtt", said(COBBLEWAY))))
    correct(library, read.call_id, utterances={0: UtteranceFix("Hello there.")})
    before = lines(library, read.call_id)
    heard = one(add(library, copied(cut, tmp_path / "Two Otters.m4a")))
    assert heard.call_id != read.call_id
    assert (heard.has_audio, heard.words_from) == (True, "recording")
    assert hearings(library) == 1
    with library.read() as connection:
        left = get_call(connection, read.call_id)
        assert connection.scalar(sa.select(sa.func.count()).select_from(call_transcripts)) == 0
    assert lines(library, read.call_id) == before
    changed = {"warnings": left.warnings}
    assert left == read.model_copy(update=changed)
    assert any("they are two calls" in warning for warning in left.warnings)
    assert any("they are two calls" in warning for warning in heard.warnings)
    assert list(findings(library)) == []


def test_who_says_that_they_are_one_call_is_believed_and_warned(
    library: Library, cut: Path, tmp_path: Path
) -> None:
    heard = one(add(library, copied(cut, tmp_path / "Two Otters.m4a")))
    call = one(add(library, vtt(tmp_path / "x.vtt", said(COBBLEWAY)), join=heard.call_id))
    assert (call.call_id, call.words_from, call.agreement) == (heard.call_id, "transcript", 0.0)
    assert [w for w in call.warnings if "could not be aligned" in w] != []
    assert [(u.start_s, u.text) for u in lines(library, call.call_id)] == [
        (u.start_s, u.text) for u in said(COBBLEWAY)
    ]


def test_half_a_transcript_gives_the_names_and_not_the_words(
    library: Library, cut: Path, tmp_path: Path
) -> None:
    heard = one(add(library, copied(cut, tmp_path / "a.m4a")))
    before = lines(library, heard.call_id)
    half = vtt(tmp_path / "b.vtt", said(until_s=24.0))
    call = one(add(library, half, join=heard.call_id))
    assert call.words_from == "recording"
    assert {s.name for s in call.speakers} == {GUS, JUNO}
    assert [u.text for u in lines(library, call.call_id)] == [u.text for u in before]
    assert any("of the call. It was used for the names." in w for w in call.warnings)


def test_both_files_go_with_the_call(library: Library, cut: Path, tmp_path: Path) -> None:
    folder = of_zoom(cut, tmp_path / "zoom", said())
    call = one(add(library, folder))
    with library.read() as connection:
        assert len(files(connection)) == 2
    assert any(f"{STAMP}.transcript.vtt" in s for s in erasure(library, call.call_id).sentences)
    erase(library, call.call_id)
    assert list(library.media.names()) == []
    assert leftovers(library.home, ("scaffold", "ladder", "Halloran")) == []


def test_who_is_erased_goes_from_both_files(library: Library, cut: Path, tmp_path: Path) -> None:
    marked = [
        u.model_copy(update={"text": u.text.replace("ladder", "ladder qwobbleplex")})
        if u.speaker == GUS
        else u.model_copy(update={"speaker": "Ada Moss"})
        if u.i == 4
        else u
        for u in said()
    ]
    vtt(tmp_path / "zoom" / f"{STAMP}.transcript.vtt", marked)
    copied(cut, tmp_path / "zoom" / f"{STAMP}.m4a")
    call = one(add(library, tmp_path / "zoom"))
    correct(
        library,
        call.call_id,
        speakers={"Ada Moss": SpeakerFix("Ada Moss", "customer"), GUS: SpeakerFix(GUS, "customer")},
    )
    erase_person(library, GUS)
    with library.read() as connection:
        left = get_call(connection, call.call_id)
    assert GUS not in {s.name for s in left.speakers}
    assert left.transcript_file == f"{STAMP}.transcript.json"
    assert len(list(library.media.names())) == 2
    assert leftovers(library.home, ("qwobblep", "halloran", "whiteboard")) == []
    anew = Adding(library, transcriber=None, report=lambda _job: None)
    anew.again(call.call_id)
    anew.finish()
    one(anew.outcome())
    assert leftovers(library.home, ("qwobblep", "halloran", "whiteboard")) == []
    refused = add(library, copied(cut, tmp_path / "x.m4a", "cobbleway.m4a"), join=call.call_id)
    assert "has a recording already" in refused.errors[0].error


def test_what_was_erased_does_not_come_back_with_a_second_file(
    library: Library, tmp_path: Path, cut: Path
) -> None:
    talk = [u.model_copy(update={"speaker": "Ada Moss"}) if u.i == 4 else u for u in said()]
    call = one(add(library, vtt(tmp_path / "Two Otters.vtt", talk)))
    correct(
        library,
        call.call_id,
        speakers={"Ada Moss": SpeakerFix("Ada Moss", "customer"), GUS: SpeakerFix(GUS, "customer")},
    )
    erase_person(library, GUS)
    recording = copied(cut, tmp_path / "Two Otters.m4a")
    refused = add(library, recording, join=call.call_id)
    assert "Somebody was erased" in refused.errors[0].error


def test_a_recording_in_which_nobody_speaks_leaves_the_transcript(
    library: Library, tmp_path: Path
) -> None:
    from tests.recordings import noise_wav

    (tmp_path / "m").mkdir()
    noise_wav(tmp_path / "m" / "Two Otters.wav", 400_000)
    vtt(tmp_path / "m" / "Two Otters.vtt", said())
    outcome = add(library, tmp_path / "m")
    [failure] = outcome.errors
    assert "No speech" in failure.error
    [call] = calls(library)
    assert (call.has_audio, call.state) == (False, "ready")
    assert any("was left out" in warning for warning in call.warnings)
    # And one that comes later leaves the call as it was.
    noise_wav(tmp_path / "Two Otters.wav", 500_000, seed=3)
    assert add(library, tmp_path / "Two Otters.wav").errors != ()
    assert calls(library) == [call]
    assert len(list(library.media.names())) == 1


def test_a_recording_that_is_stopped_leaves_the_call_as_it_was(
    library: Library, cut: Path, tmp_path: Path
) -> None:
    call = one(add(library, vtt(tmp_path / "Two Otters.vtt", said())))
    received = receive(library, copied(cut, tmp_path / "Two Otters.m4a"), About())
    assert (received.call_id, received.joined) == (call.call_id, True)
    with library.change() as connection:
        job_id = enqueue(connection, "ingest", call_id=call.call_id)
    cancel(library, job_id)
    assert calls(library) == [call]
    assert len(list(library.media.names())) == 1


def test_files_sent_one_by_one_while_nobody_works(library: Library, cut: Path) -> None:
    """As the page sends them: the recording is not heard yet when its transcript comes."""
    sent = library.home / "uploads"
    first = take_in(library, copied(cut, sent / "Two Otters.m4a"), About())
    second = take_in(library, vtt(sent / "Two Otters.vtt", said()), About())
    assert second == first
    work_off(library)
    [call] = calls(library)
    assert (call.call_id, call.words_from) == (first.call_id, "transcript")
    third = take_in(library, vtt(sent / "Two Otters.vtt", said()), About())
    assert third == first


def test_a_recording_waits_while_its_transcript_is_at_work(library: Library) -> None:
    from tests.recordings import noise_wav

    sent = library.home / "uploads"
    first = take_in(library, vtt(sent / "Two Otters.vtt", said()), About())
    recording = noise_wav(sent / "Two Otters.wav", 400_000)
    for call_id in (first.call_id, None):
        with pytest.raises(Busy, match="still being worked on"):
            take_in(library, recording, About(), call_id=call_id)
    assert [call.call_id for call in calls(library)] == [first.call_id]
    assert len(list(library.media.names())) == 1
    work_off(library)
    assert take_in(library, recording, About()).call_id == first.call_id
    assert len(calls(library)) == 1


def test_files_added_one_after_the_other_wait_for_each_other(
    library: Library, tmp_path: Path
) -> None:
    from tests.recordings import noise_wav

    adding = Adding(library, transcriber=None, report=lambda _job: None)
    first = adding.receive(vtt(tmp_path / "Two Otters.vtt", said()), About())
    recording = noise_wav(tmp_path / "Two Otters.wav", 400_000)
    assert adding.receive(recording, About()) is None
    [told] = adding.outcome().errors
    assert (told.file, "still being worked on" in told.error) == (str(recording), True)
    adding.finish()
    outcome = adding.outcome()
    [failure] = outcome.errors
    assert "No speech" in failure.error  # it was heard as the recording of that call
    assert [call.call_id for call in outcome.calls] == [first]
    assert [call.call_id for call in calls(library)] == [first]


@pytest.mark.parametrize(
    ("title", "day", "account", "joined"),
    [
        ("Otters", "2026-05-05", None, True),
        ("otters", "2026-05-05", None, True),
        ("Otters", "2026-05-06", None, False),
        ("Otter", "2026-05-05", None, False),
        ("Otters", "2026-05-05", "OTHER", False),
    ],
)
def test_title_and_day_say_what_to_look_at(
    library: Library,
    tmp_path: Path,
    title: str,
    day: str,
    account: str | None,
    joined: bool,
) -> None:
    from ingest.models import Account
    from ingest.store import put_accounts
    from tests.recordings import noise_wav

    with library.change() as connection:
        put_accounts(connection, [Account(account_id=a, name=a) for a in ("OTHER", "OURS")])
    first = receive(
        library, vtt(tmp_path / "one.vtt", said()), About("OURS", date(2026, 5, 5), "Otters")
    )
    with library.change() as connection:
        update_call(connection, first.call_id, state="ready")
    sound = noise_wav(tmp_path / "two.wav", 400_000)
    second = receive(library, sound, About(account, date.fromisoformat(day), title))
    assert second.joined == joined


def test_the_api_takes_the_second_file_of_a_call(library: Library, tmp_path: Path) -> None:
    first = take_in(library, vtt(tmp_path / "a.vtt", said()), About())
    with pytest.raises(Conflict, match="has a transcript already"):
        take_in(library, plain(tmp_path / "b.txt", said()), About(), call_id=first.call_id)
    with library.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(jobs)) == 1
        assert len(files(connection)) == len(list(library.media.names())) == 1


def test_a_chat_is_no_transcript(library: Library, tmp_path: Path) -> None:
    chat = tmp_path / "chat.txt"
    chat.write_text(
        "14:05:12 From Ana Diaz to Everyone:\n\thello\n14:06:00 From Bo to Ana:\n\tyes\n"
    )
    outcome = add(library, chat)
    assert outcome.calls == ()
    assert "the chat of a meeting (2 messages)" in outcome.errors[0].error
    with pytest.raises(BadInput):
        receive(library, chat, About())
    assert json.loads(outcome.model_dump_json())["skipped"] == []


def test_a_transcript_that_comes_at_the_last_moment_is_not_left_lying(
    library: Library, cut: Path, tmp_path: Path
) -> None:
    """After the call was put in place, and before its job has said so."""
    heard = one(add(library, copied(cut, tmp_path / "a.m4a")))
    with library.change() as connection:
        job_id = enqueue(connection, "ingest", call_id=heard.call_id)
        set_fields(connection, job_id, state="working")
        attempt = get_job(connection, job_id).attempt
    receive(library, vtt(tmp_path / "b.vtt", said()), About(), join=heard.call_id)
    attempt_rows.end(library, job_id, attempt, "done")
    with library.read() as connection:
        assert get_job(connection, job_id).state == "queued"
    work_off(library)
    [call] = calls(library)
    assert call.words_from == "transcript"
    with library.read() as connection:
        assert get_job(connection, job_id).state == "done"


def seen(library: Library, tmp_path: Path, about: About) -> Call:
    """A transcript's call, as it is after a recording came of which ``about`` was said."""
    from tests.recordings import noise_wav

    first = receive(library, vtt(tmp_path / "Two Otters.vtt", said()), About())
    with library.change() as connection:
        update_call(connection, first.call_id, state="ready")
    second = receive(library, noise_wav(tmp_path / "Two Otters.wav", 400_000), about)
    assert (second.call_id, second.joined) == (first.call_id, True)
    with library.read() as connection:
        return get_call(connection, first.call_id)


def test_what_is_said_of_a_second_file_goes_to_the_call_once_that_is_decided(
    library: Library, tmp_path: Path
) -> None:
    call = seen(library, tmp_path, About(None, date(2026, 5, 5), "Ladders", "refused"))
    assert (call.date, call.title, call.consent) == (None, "Two Otters", None)
    with library.change() as connection:
        other = joined(connection, call.call_id)
        assert other is not None
        decide(connection, other, words_from="transcript", agreement=0.9, offset_s=0.0)
        now = get_call(connection, call.call_id)
    assert (now.date, now.title, now.consent) == (date(2026, 5, 5), "Ladders", "refused")


def test_two_that_are_parted_keep_what_was_said_of_each(library: Library, tmp_path: Path) -> None:
    call = seen(library, tmp_path, About(None, date(2026, 5, 5), "Ladders", "given"))
    with library.change() as connection:
        other = joined(connection, call.call_id)
        assert other is not None
        new = get_call(connection, part(connection, other, "They are two calls."))
        left = get_call(connection, call.call_id)
    assert (new.date, new.title, new.consent) == (date(2026, 5, 5), "Ladders", "given")
    assert (left.date, left.title, left.consent) == (None, "Two Otters", None)


@pytest.mark.parametrize(
    ("before", "told", "after"),
    [("refused", "given", "refused"), ("given", "refused", "refused"), (None, "given", "given")],
)
def test_who_refused_has_refused_for_both_files(
    library: Library, tmp_path: Path, before: Consent | None, told: Consent, after: Consent
) -> None:
    call = seen(library, tmp_path, About(consent=told))
    with library.change() as connection:
        update_call(connection, call.call_id, consent=before)
        other = joined(connection, call.call_id)
        assert other is not None
        decide(connection, other, words_from="transcript", agreement=0.9, offset_s=0.0)
        assert get_call(connection, call.call_id).consent == after


def as_watched(library: Library, sha256: str, call_id: str) -> str:
    """A row as the watcher leaves one; its key."""
    row = remembered.Row("stamp", "aside", "taken", sha256, call_id)
    with library.change() as connection:
        remembered.put(connection, sha256, row)
    return sha256


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_recording_that_is_stopped_leaves_the_transcript_that_came_with_it(
    library: Library, tmp_path: Path
) -> None:
    from tests.recordings import noise_wav

    recording = noise_wav(tmp_path / "Two Otters.wav", 400_000)
    transcript = vtt(tmp_path / "Two Otters.vtt", said())
    first = receive(library, recording, About())
    second = receive(library, transcript, About())
    assert (second.call_id, second.joined) == (first.call_id, True)
    key = as_watched(library, digest_of(transcript), first.call_id)
    with library.change() as connection:
        job_id = enqueue(connection, "ingest", call_id=first.call_id)
    cancel(library, job_id)
    attempt_rows.drop_unwanted(library, job_id)  # as the worker does that had it
    with library.read() as connection:
        [left] = list_calls(connection)
        assert remembered.call_of(connection, key) == left.call_id
    assert (left.file_name, left.has_audio, left.state) == ("Two Otters.vtt", False, "working")
    work_off(library)
    [call] = calls(library)
    assert (call.call_id, call.state) == (left.call_id, "ready")
    assert any("was left out. It was stopped." in warning for warning in call.warnings)


@pytest.mark.parametrize("ends", ["stopped", "of no use"])
def test_a_recording_of_no_use_leaves_a_transcript_that_had_failed(
    library: Library, tmp_path: Path, ends: str
) -> None:
    from tests.recordings import noise_wav

    first = receive(library, vtt(tmp_path / "a.vtt", said()), About())
    with library.change() as connection:
        update_call(connection, first.call_id, state="failed")
    with library.read() as connection:
        before = get_call(connection, first.call_id)
    recording = noise_wav(tmp_path / "b.wav", 400_000)
    receive(library, recording, About(), join=first.call_id)
    key = as_watched(library, digest_of(recording), first.call_id)
    with library.change() as connection:
        job_id = enqueue(connection, "ingest", call_id=first.call_id)
    if ends == "stopped":
        cancel(library, job_id)
        attempt_rows.drop_unwanted(library, job_id)
    else:
        work_off(library)
    with library.read() as connection:
        [left] = list_calls(connection)
        assert remembered.call_of(connection, key) is None
        assert len(files(connection)) == len(list(library.media.names())) == 1
    assert left.model_copy(update={"duration_s": before.duration_s}) == before
