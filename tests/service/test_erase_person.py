"""Erasing a person across calls: their words, their voice, their name; everybody else's stay."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from numpy.typing import NDArray

import service.erase_person
from ingest import erased_people
from ingest.audio import decode, encode
from ingest.copying import ERASING_KEY
from ingest.corrections import SpeakerFix, UtteranceFix, correct
from ingest.erased import ERASED, silences
from ingest.errors import BadInput, Conflict, NotFound
from ingest.facts import fact
from ingest.feeding import feed
from ingest.library import Library, Options
from ingest.models import RATE, Utterance
from ingest.pipeline import About, process, receive
from ingest.store import get_call, list_calls, list_utterances, media_name, playback_name
from ingest.tables import facts, speakers
from service import answer_history, codebook, editing, picks
from service.backing_up import back_up
from service.cli import main
from service.codebook import NewCode
from service.drafting import draft_and_save
from service.edited import versions
from service.erase_person import erase_person
from service.home_settings import SettingsChange, change_settings, masked_names
from service.jobs import enqueue
from service.person_erasure import person_erasure
from service.person_found import Masks
from service.restoring import restore
from service.sample import recordings
from service.shapes import Filters
from tests.leftovers import leftovers
from tests.service.spoken import hold
from tests.working import work_off

HERS = "The alarm of the qwobbleplex rings at night and my zyxthornian crew never wakes up."
OURS = "I told Dana Ruiz that a quiet freezer alarm is what we would pay for, and Dana agreed."
WORDS = ("qwobblep", "zyxthor", "vrumqui", "dana ruiz", "dana.ruiz", "danaruiz", "ruiz")


@pytest.fixture
def home(filled: Library) -> Library:
    """With others (DR-1), alone (DR-2), named by others (DR-3), and one who may be her (DR-4)."""
    hold(
        filled,
        "DR-1",
        "FRZ-2",
        [
            ("v", "Hello Dana, hello Ada. What is hard?"),
            ("Dana Ruiz", HERS),
            ("c", OURS),
            ("Dana Ruiz", "We would want the vrumquister mended as well, by all means."),
            ("v", "Thank you, Dana."),
        ],
        others=("Dana Ruiz",),
    )
    hold(
        filled,
        "DR-2",
        "FRZ-1",
        [("v", "How is it?"), ("c", "The vrumquister alarm is broken, we need it mended.")],
        customer="Dana Ruiz",
    )
    hold(
        filled,
        "DR-3",
        "FRZ-3",
        [("v", "Who decides?"), ("c", "Dana Ruiz's team signs, write to dana.ruiz@cold.example.")],
    )
    hold(
        filled,
        "DR-4",
        "FRZ-3",
        [("v", "And you?"), ("c", "We need a louder alarm in the freezer room.")],
        customer="D. Morales",
    )
    return filled


def use(library: Library) -> str:
    correct(library, "DR-1", utterances={3: UtteranceFix("We would want vrumquister oil, please.")})
    correct(library, "DR-1", speakers={"Dana Ruiz": SpeakerFix(role="customer")})
    editing.add(library, "DR-1", 1, "pain", words=HERS[:30])
    editing.add(library, "DR-1", 2, "request", words=OURS[:40])
    (code,) = codebook.put_codes(
        library,
        [NewCode(label="Alarms", definition=f"As Dana Ruiz says: {HERS}", examples=(HERS,))],
    )
    for n in (1, 2):
        codebook.judge(library, code.id, "DR-1", n, "confirm")
    for question in ("Who is kept awake by the alarm?", "What did Dana Ruiz say about alarms?"):
        given = answer_history.ask(library, question, Filters())
        assert given.id is not None
        if given.statements:
            picks.add(library, given.id)
    memo = draft_and_save(library, filters=Filters(), today=date(2026, 6, 1))
    versions.save(
        library,
        memo.id,
        f"# Ours\n\n> {HERS}\n> — Dana Ruiz [^DR-1:1]\n\n> {OURS}\n> — Ada Moss [^DR-1:2]\n\n"
        f"Ask Ruiz, Dana about it. She said: {HERS}\n",
        0,
    )
    feed(library)
    return memo.id


def test_her_words_and_her_name_are_nowhere(home: Library, filled_home: Path) -> None:
    memo_id = use(home)
    going = person_erasure(home, "dana ruiz")
    assert {(c.call_id, c.whole, c.utterances) for c in going.calls} == {
        ("DR-1", False, 2),
        ("DR-2", True, 1),
    }
    assert going.named == ("DR-3",)
    assert going.answers >= 1
    assert going.memos == 1

    told = erase_person(home, "Dana RUIZ")

    assert told.sentences == person_sentences(told.sentences)
    with home.read() as connection:
        ids = {call.call_id for call in list_calls(connection)}
        words = list_utterances(connection, "DR-1")
        call = get_call(connection, "DR-1")
        file = media_name(connection, "DR-1")
        kept = versions.version(home, connection, memo_id, 1)
    assert "DR-2" not in ids
    assert [u.i for u in words] == [0, 1, 2, 3, 4]
    assert [u.text for u in words] == [
        f"Hello {ERASED}, hello Ada. What is hard?",
        ERASED,
        OURS.replace("Dana Ruiz", ERASED).replace("Dana", ERASED),
        ERASED,
        f"Thank you, {ERASED}.",
    ]
    assert {s.name for s in call.speakers} == {"Ida Kern", "Ada Moss", ERASED}
    # Others' words are quoted on.
    assert f"> {OURS.replace('Dana Ruiz', ERASED).replace('Dana', ERASED)}" in kept.text
    found = {c.sentence.places: c.status for c in versions.checked(home, memo_id, kept.text)}
    assert found[(("DR-1", 2),)] == "cited"
    with home.media.local(file) as path:
        native = json.loads(path.read_bytes())
    assert [u["text"] for u in native["utterances"]] == [u.text for u in words]

    process(home, "DR-1")  # read anew
    with home.read() as connection:
        assert [u.text for u in list_utterances(connection, "DR-1")] == [u.text for u in words]
    home.close()
    assert leftovers(filled_home, WORDS) == []


def person_sentences(told: Sequence[str]) -> tuple[str, ...]:
    """Each is one sentence or more, with its full stop."""
    assert all(sentence.endswith(".") for sentence in told)
    return tuple(told)


def test_what_was_erased_is_no_evidence_and_cannot_be_put_back(home: Library) -> None:
    erase_person(home, "Dana Ruiz")
    with pytest.raises(BadInput, match="was erased"):
        editing.add(home, "DR-1", 1, "pain")
    with pytest.raises(BadInput, match="was erased"):
        correct(home, "DR-1", utterances={1: UtteranceFix("She said it all the same.")})
    given = answer_history.ask(home, "What was erased?", Filters())
    quoted = [q for s in (*given.statements, *given.nearest) for q in s.quotes]
    assert not [q for q in quoted if q.text == ERASED]
    with pytest.raises(NotFound):
        erase_person(home, "Dana Ruiz")


def test_who_is_only_similar_is_asked_about_and_not_touched(home: Library) -> None:
    going = person_erasure(home, "Dolores Morales")
    assert going.calls == ()
    assert [(s.name, s.call_ids) for s in going.similar] == [("D. Morales", ("DR-4",))]
    assert any("D. Morales" in sentence for sentence in going.sentences)
    with pytest.raises(NotFound):
        erase_person(home, "Dolores Morales")
    erase_person(home, "Dolores Morales", also=["D. Morales"])
    with home.read() as connection:
        assert "DR-4" not in {call.call_id for call in list_calls(connection)}


def test_one_name_alone_is_anybody_s(home: Library) -> None:
    with pytest.raises(BadInput, match="first and last name"):
        erase_person(home, "Dana")


def test_nobody_is_erased_while_their_call_is_worked_on(home: Library) -> None:
    with home.change() as connection:
        enqueue(connection, "ingest", call_id="DR-1")
    with pytest.raises(Conflict, match="DR-1"):
        erase_person(home, "Dana Ruiz")
    work_off(home)
    erase_person(home, "Dana Ruiz")


@pytest.mark.parametrize("call_id", ["DR-1", "DR-2"])  # with others, alone
def test_the_file_as_it_came_does_not_bring_them_back(home: Library, call_id: str) -> None:
    """``hold`` put the calls into files beside the home."""
    path = home.home.parent / f"{call_id}.json"
    erase_person(home, "Dana Ruiz")
    before = set(home.media.names())
    with pytest.raises(Conflict, match=r"a person was erased here.*--erased-too"):
        receive(home, path, About())
    assert set(home.media.names()) == before


def test_who_insists_takes_the_file_in_all_the_same(home: Library) -> None:
    path = home.home.parent / "DR-2.json"
    erase_person(home, "Dana Ruiz")
    added = CliRunner().invoke(main, ["--home", str(home.home), "add", str(path)])
    assert (added.exit_code, "bring them back" in added.stderr) == (1, True)
    added = CliRunner().invoke(main, ["--home", str(home.home), "add", "--erased-too", str(path)])
    assert added.exit_code == 0, added.stderr
    with home.read() as connection:
        assert "Dana Ruiz" in {s.name for s in get_call(connection, "DR-2").speakers}
    erase_person(home, "Dana Ruiz")


def test_nobody_can_tell_who_is_being_erased_by_guessing(
    home: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(service.erase_person, "_erase_in", die)
        with pytest.raises(KeyboardInterrupt):
            erase_person(home, "Dana Ruiz")
    with home.read() as connection:
        names = set(connection.scalars(sa.select(facts.c.name)))
    [begun] = {one for one in names if one.startswith("erasing_")} - {ERASING_KEY}
    assert len(begun) <= 40  # as PostgreSQL keeps it
    assert sha256(b"dana ruiz").hexdigest()[:16] not in begun
    with pytest.raises(Conflict, match="back up when that is done"):
        back_up(home, tmp_path / "a.zip", lambda *_: None)
    assert not (tmp_path / "a.zip").exists()
    erase_person(home, "Dana Ruiz")
    back_up(home, tmp_path / "a.zip", lambda *_: None)
    restored = Library(tmp_path / "there", Options(models=tmp_path))
    restore(restored, tmp_path / "a.zip", lambda *_: None)
    with restored.read() as connection:
        assert fact(connection, ERASING_KEY) is None  # it is of this home
        with pytest.raises(Conflict, match="a person was erased here"):
            erased_people.refuse(connection, content(home.home.parent / "DR-2.json"), "x")
    restored.close()


def content(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def test_no_backup_keeps_the_words_of_who_is_erased_meanwhile(
    home: Library, tmp_path: Path
) -> None:
    acts = [lambda: erase_person(home, "Dana Ruiz")]

    def told(step: str, _done: int, _of: int) -> None:
        if step == "files" and acts:
            acts.pop()()

    with pytest.raises(Conflict, match="A person was erased while this was under way"):
        back_up(home, tmp_path / "a.zip", told)
    assert not list(tmp_path.glob("*.zip"))
    back_up(home, tmp_path / "a.zip", told)
    held = (tmp_path / "a.zip").read_bytes().lower()
    assert not [word for word in WORDS if word.encode() in held]


def test_what_was_made_for_nothing_is_no_file_that_stays(
    home: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(home.media.names())
    made: list[str] = []

    def busy(*_: object) -> None:
        made.extend(set(home.media.names()) - before)
        raise Conflict("Somebody began to work on it.")

    with home.read() as connection:
        alone = media_name(connection, "DR-2")
    monkeypatch.setattr("service.erase_person._put", busy)
    with pytest.raises(Conflict, match="began"):
        erase_person(home, "Dana Ruiz")
    assert len(made) == 1
    assert set(home.media.names()) == before - {alone}


def test_an_address_is_known_still_where_erasing_broke_off(
    home: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    with home.change() as connection:
        where = (speakers.c.call_id == "DR-1") & (speakers.c.name == "Dana Ruiz")
        connection.execute(speakers.update().where(where).values(email="dr77@cold.example"))
    told = [("v", "Whom do I ask?"), ("c", "Please write to dr77@cold.example about alarms.")]
    hold(home, "DR-5", "FRZ-3", told)
    whole = service.erase_person._erase_in

    def die(library: Library, call_id: str, labels: frozenset[str], masks: Masks) -> None:
        if not labels:  # once those are done in which she spoke
            raise KeyboardInterrupt
        whole(library, call_id, labels, masks)

    with monkeypatch.context() as patched:
        patched.setattr(service.erase_person, "_erase_in", die)
        with pytest.raises(KeyboardInterrupt):
            erase_person(home, "Dana Ruiz")
    erase_person(home, "Dana Ruiz")
    with home.read() as connection:
        said = [u.text for u in list_utterances(connection, "DR-5")]
        kept = json.dumps(connection.scalars(sa.select(facts.c.value)).all())
    assert said[1] == f"Please write to {ERASED} about alarms."
    assert "dr77" not in kept


def test_a_name_that_was_to_be_masked_goes_too_and_the_rest_stays(filled: Library) -> None:
    change_settings(filled, SettingsChange(mask_names=("Zoe Quill", "Bo Marsh")))
    erase_person(filled, "Zoe Quill")  # who is nowhere else
    with filled.read() as connection:
        assert masked_names(connection) == ("Bo Marsh",)
    with pytest.raises(NotFound):
        erase_person(filled, "Zoe Quill")


def said(i: int, who: str, start: float, end: float) -> Utterance:
    return Utterance(i=i, speaker=who, start_s=start, end_s=end, text=f"word {i}")


@pytest.mark.parametrize(
    ("turns", "spans"),
    [
        # A pause on each side: half a second of it, and never into others' words.
        ([("a", 0, 2), ("d", 3, 5), ("a", 7, 8)], [(2.5, 5.5)]),
        ([("a", 0, 2), ("d", 2.2, 5), ("a", 5.1, 8)], [(2.0, 5.1)]),
        # Two of hers with a pause between: all of it.
        ([("d", 0, 2), ("d", 6, 8), ("a", 8, 9)], [(0.0, 8.0)]),
        # Others speak at the same time.
        ([("a", 0, 6), ("d", 4, 5), ("a", 9, 10)], [(4.0, 5.5)]),
        ([("a", 0, 2)], []),
    ],
)
def test_what_falls_silent(
    turns: list[tuple[str, float, float]], spans: list[tuple[float, float]]
) -> None:
    words = [said(i, *turn) for i, turn in enumerate(turns)]
    assert silences(words, {u.i for u in words if u.speaker == "d"}) == spans


def test_her_voice_is_in_no_file_and_is_not_heard_again(
    filled: Library, filled_home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "Dana Ruiz call.wav.m4a"
    blocks = []
    for block in decode(recordings()[1].path):
        blocks.append(block)
        if len(blocks) == 70:
            break
    encode(path, iter(blocks), kind="aac", bit_rate=128_000)
    call_id = receive(filled, path, About(account_id="FRZ-2", title="With Dana Ruiz")).call_id
    process(filled, call_id)
    with filled.read() as connection:
        before = list_utterances(connection, call_id)
        labels = sorted({u.speaker for u in before})
        old = {media_name(connection, call_id), playback_name(connection, call_id)}
    assert len(labels) == 2  # one on each channel
    hers, his = labels
    correct(
        filled,
        call_id,
        speakers={
            hers: SpeakerFix("Dana Ruiz", "customer"),
            his: SpeakerFix("Al Moss", "customer"),
        },
    )
    going = {u.i for u in before if u.speaker == hers}

    erase_person(filled, "Dana Ruiz")

    with filled.read() as connection:
        call = get_call(connection, call_id)
        new = media_name(connection, call_id)
        assert playback_name(connection, call_id) == new
    assert (call.title, call.file_name) == (f"With {ERASED}", f"{ERASED} call.wav.m4a")
    assert not [name for name in filled.media.names() if name in old]
    with filled.media.local(new) as media:
        sound = np.abs(np.concatenate([*decode(media)], axis=1)).max(axis=0)
    silent = silences(before, going)
    loud = [u for u in before if u.i not in going and (u.end_s or 0) - (u.start_s or 0) > 1]
    for start, end in silent:
        assert stretch(sound, start + 0.1, end - 0.1).max(initial=0.0) < 0.01
    assert loud
    assert all(stretch(sound, u.start_s or 0.0, u.end_s or 0.0).max() > 0.03 for u in loud)

    process(filled, call_id)  # heard anew
    with filled.read() as connection:
        again = " ".join(u.text.lower() for u in list_utterances(connection, call_id))
    for u in before:
        words = " ".join(u.text.lower().split()[:5])
        if u.i in going and len(words.split()) == 5:
            assert words not in again
    filled.close()
    assert leftovers(filled_home, ["dana", "ruiz"]) == []


def stretch(sound: NDArray[np.float32], start_s: float, end_s: float) -> NDArray[np.float32]:
    return sound[int(start_s * RATE) : int(end_s * RATE)]
