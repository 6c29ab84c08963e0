"""Clips and reels of a home: which moment it is, who may have it, and what is silent in it."""

from __future__ import annotations

import threading
from pathlib import Path

import av
import numpy as np
import pytest

from ingest.audio import decode
from ingest.channels import mixed
from ingest.consent import ask as ask_consent
from ingest.cutting import CUT_RATE
from ingest.erasures import erasures
from ingest.errors import BadInput, Conflict, MissingPart, NotFound, TooLarge
from ingest.library import Library
from ingest.loudness import loudness_db
from ingest.models import Samples
from ingest.pipeline import About, describe
from ingest.redaction import NOTHING, Redaction
from ingest.store import (
    get_call,
    list_utterances,
    media_name,
    playback_name,
    replace_words,
    update_call,
)
from ingest.store import spoken as stored
from service import answer_history, codebook, picks
from service.clips import Made, NoClip, Place, clip
from service.codebook import NewCode
from service.erase_person import erase_person
from service.home_settings import SettingsChange, change_settings
from service.quotes import cut, statement
from service.redaction import shown
from service.reels import ReelOf, reel
from service.shapes import Answer, Coverage, Filters
from tests.ingest.sounds import spoken
from tests.service.recorded import CUSTOMER, LINES, OURS, recorded


@pytest.fixture
def call(filled: Library) -> str:
    return recorded(filled, "FRZ-1")


def saved(made: Made, path: Path) -> Path:
    with made.file:
        body = made.file.read()
    assert len(body) == made.size
    path.write_bytes(body)
    return path


def heard(path: Path) -> Samples:
    return np.concatenate([block[0] for block in mixed(decode(path, rate=CUT_RATE))])


def place_in(part: Samples, whole: Samples) -> tuple[float, float]:
    """At which second of ``whole`` the sound of ``part`` is, and how alike they are there."""
    size = len(whole) + len(part)
    found = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size)), size)
    at = int(np.argmax(found[: len(whole)]))
    there = whole[at : at + len(part)]
    return at / CUT_RATE, float(np.corrcoef(part[: len(there)], there)[0, 1])


def level_db(sound: Samples) -> float:
    return float(10 * np.log10(np.square(sound).mean() + 1e-12))


def redaction(library: Library) -> Redaction:
    with library.read() as connection:
        return shown(library, connection)


def leftovers(library: Library) -> list[Path]:
    return list(library.home.glob(".clip-*"))


# --- clips ---------------------------------------------------------------------------------------


def test_a_clip_is_the_moment_of_its_utterance(filled: Library, call: str, tmp_path: Path) -> None:
    whole = heard(spoken("two_cities.wav"))
    for i, (_, start, end, _text) in enumerate(LINES):
        made = clip(filled, Place(call_id=call, utterance=i), NOTHING)
        sound = heard(saved(made, tmp_path / f"{i}.m4a"))
        at, alike = place_in(sound, whole)
        assert start - 0.26 <= at <= start + 0.01
        assert end - 0.03 <= at + len(sound) / CUT_RATE <= end + 0.3
        assert alike > 0.97
        assert made.seconds == pytest.approx(len(sound) / CUT_RATE, abs=0.05)
        assert made.note == ""
    assert leftovers(filled) == []


def test_words_are_cut_out_of_their_utterance(filled: Library, call: str, tmp_path: Path) -> None:
    words = "it was the spring of hope,"
    made = clip(filled, Place(call_id=call, utterance=2, words=words), NOTHING)
    path = saved(made, tmp_path / "hope.m4a")
    at, alike = place_in(heard(path), heard(spoken("two_cities.wav")))
    assert 17.2 <= at <= 17.6
    assert at + made.seconds == pytest.approx(18.95, abs=0.3)
    assert alike > 0.97
    first = LINES[2][3].index(words)
    same = clip(filled, Place(call_id=call, utterance=2), NOTHING, (first, first + len(words)))
    assert same.seconds == made.seconds
    same.file.close()
    with av.open(path) as held:
        assert held.metadata["title"] == f"{call}:2"
        assert not any("Carton" in value for value in held.metadata.values())


def test_what_is_masked_in_the_text_is_silent_in_the_sound(
    filled: Library, call: str, tmp_path: Path
) -> None:
    change_settings(filled, SettingsChange(mask_names=("Darkness",)))
    place = Place(call_id=call, utterance=2)
    masked = heard(saved(clip(filled, place, redaction(filled)), tmp_path / "masked.m4a"))
    as_is = heard(saved(clip(filled, place, NOTHING), tmp_path / "as-is.m4a"))
    n = min(len(masked), len(as_is))
    begin = place_in(as_is, heard(spoken("two_cities.wav")))[0]
    dark = slice(*(round((at - begin) * CUT_RATE) for at in (15.95, 16.8)))
    after = slice(round((17.9 - begin) * CUT_RATE), n)
    assert level_db(as_is[dark]) > -50
    assert level_db(masked[dark]) < -75
    assert np.corrcoef(masked[after], as_is[after])[0, 1] > 0.97
    # The words as they are shown name the same moment; as they are they are in no text shown.
    told = "it was the season of ••••••••, it was"
    made = clip(filled, Place(call_id=call, utterance=2, words=told), redaction(filled))
    quiet = heard(saved(made, tmp_path / "told.m4a"))
    assert level_db(quiet[round(0.95 * CUT_RATE) : round(1.5 * CUT_RATE)]) < -75
    with pytest.raises(BadInput, match="not in utterance 2"):
        clip(filled, Place(call_id=call, utterance=2, words="Darkness"), redaction(filled))
    with pytest.raises(BadInput, match="is masked or erased"):
        clip(filled, Place(call_id=call, utterance=2, words="••••••••"), redaction(filled))


def test_an_erased_voice_stays_silent_and_an_erased_utterance_has_no_clip(
    filled: Library, tmp_path: Path
) -> None:
    # She speaks until 20.64 s and is erased; he does from 18 s on, and is not.
    lines = [*LINES, (OURS, 18.0, 24.0, "it was the winter of despair, we had everything")]
    call = recorded(filled, "FRZ-1", lines)
    with filled.change() as connection:
        voices = [
            s.model_copy(update={"role": "customer"}) for s in get_call(connection, call).speakers
        ]
        replace_words(connection, call, voices, list_utterances(connection, call))
    erase_person(filled, "Sydney Carton")
    with pytest.raises(NoClip, match=f"{call}:2 is erased"):
        clip(filled, Place(call_id=call, utterance=2), NOTHING)
    made = clip(filled, Place(call_id=call, utterance=3), NOTHING)
    sound = heard(saved(made, tmp_path / "3.m4a"))
    assert level_db(sound[: round(2.5 * CUT_RATE)]) < -75
    assert level_db(sound[round(3.5 * CUT_RATE) :]) > -50


@pytest.mark.parametrize("asked", [True, False])
def test_without_consent_there_is_no_clip(filled: Library, call: str, asked: bool) -> None:
    with filled.change() as connection:
        ask_consent(connection, asked)
    place = Place(call_id=call, utterance=0)
    describe(filled, call, About(consent="refused"))
    with pytest.raises(NoClip, match="has not agreed"):
        clip(filled, place, NOTHING)
    describe(filled, call, About(consent="given"))
    clip(filled, place, NOTHING).file.close()


def test_nobody_asked_is_no_consent_where_it_is_asked_for(filled: Library, call: str) -> None:
    with filled.change() as connection:
        ask_consent(connection, True)
    with pytest.raises(NoClip, match="has not agreed"):
        clip(filled, Place(call_id=call, utterance=0), NOTHING)


def test_what_cannot_be_cut_is_one_sentence(filled: Library, call: str) -> None:
    wrong: list[tuple[Place, type[Exception], str]] = [
        (Place(call_id="FC-1", utterance=0), NoClip, "no recording to cut from"),
        (Place(call_id="none", utterance=0), NotFound, "no call 'none'"),
        (Place(call_id=call, utterance=99), NotFound, "no utterance 99"),
        (
            Place(call_id=call, utterance=0, words="the spring of hope"),
            BadInput,
            "not in utterance",
        ),
        (Place(call_id=call, utterance=0, words="  "), BadInput, "not in utterance"),
    ]
    for place, kind, sentence in wrong:
        with pytest.raises(kind, match=sentence):
            clip(filled, place, NOTHING)
    for span in ((5, 5), (0, 10_000), (9, 3)):
        with pytest.raises(BadInput, match="no words from character"):
            clip(filled, Place(call_id=call, utterance=0), NOTHING, span)
    untimed = recorded(filled, None, [(CUSTOMER, None, None, "It was.")], spoken("beckett.wav"))
    with pytest.raises(NoClip, match="no times"):
        clip(filled, Place(call_id=untimed, utterance=0), NOTHING)
    with filled.change() as connection:
        update_call(connection, call, state="working")
    with pytest.raises(NoClip, match="not heard to its end"):
        clip(filled, Place(call_id=call, utterance=0), NOTHING)


def test_broken_media_is_named_as_people_know_it(filled: Library, call: str) -> None:
    with filled.read() as connection:
        names = (playback_name(connection, call) or "", media_name(connection, call))
    copy, came = (filled.media.here(name) for name in names)
    assert copy is not None
    assert came is not None
    copy.unlink()
    clip(filled, Place(call_id=call, utterance=0), NOTHING).file.close()  # from what came
    came.write_bytes(b"RIFF" + bytes(400))
    with pytest.raises(BadInput, match=r"two_cities\.wav cannot be read|two_cities\.wav has no"):
        clip(filled, Place(call_id=call, utterance=0), NOTHING)
    came.unlink()
    with pytest.raises(NotFound, match="missing"):
        clip(filled, Place(call_id=call, utterance=0), NOTHING)
    assert leftovers(filled) == []


# --- reels ---------------------------------------------------------------------------------------


def kept_answer(library: Library, places: list[tuple[str, int]]) -> str:
    with library.read() as connection:
        said = stored(connection, set(places))
    quotes = [cut(said[place]) for place in places]
    nobody = Coverage(
        accounts_in_scope=1, accounts_heard=1, accounts_silent=(), calls_read=1,
        arr_in_scope_usd=0, arr_heard_usd=0,
    )  # fmt: skip
    answer = Answer(
        question="When was it?", kind="lookup", filters=Filters(), coverage=nobody, abstained=False,
        reason=None, statements=(statement("Then.", quotes, {}), statement("Now.", quotes[:1], {})),
    )  # fmt: skip
    with library.read() as connection:
        since = erasures(connection)
    kept = answer_history.keep(library, Filters(), answer, since)
    assert kept.id is not None
    return kept.id


def chapters(path: Path) -> list[tuple[str, float]]:
    with av.open(path) as held:
        return [
            (c["metadata"]["title"], float(c["start"] * (c["time_base"] or 0)))
            for c in held.chapters()
        ]


def test_a_reel_has_its_quotes_in_order_each_under_its_card(
    filled: Library, call: str, tmp_path: Path
) -> None:
    of = ReelOf(quotes=(Place(call_id=call, utterance=2), Place(call_id=call, utterance=0)))
    made = reel(filled, of, NOTHING)
    path = saved(made, tmp_path / "reel.mp4")
    (first, begin), (second, then) = chapters(path)
    assert (first, second) == (f"{call}:2", f"{call}:0")
    assert begin == pytest.approx(0, abs=0.01)
    sound, whole = heard(path), heard(spoken("two_cities.wav"))
    assert len(sound) / CUT_RATE == pytest.approx(made.seconds, abs=0.1)
    for at, start in ((begin, 15.14), (then, 1.2)):
        lead = sound[round(at * CUT_RATE) : round((at + 1.1) * CUT_RATE)]
        assert level_db(lead) < -75  # the card is there to be read first
        part = sound[round((at + 1.2) * CUT_RATE) : round((at + 5.2) * CUT_RATE)]
        where, alike = place_in(part, whole)
        assert start - 0.3 <= where <= start + 0.05
        assert alike > 0.97
    with av.open(path) as held:
        assert {s.type for s in held.streams} >= {"audio", "video"}
        frames = [(f.time or 0.0, f.to_ndarray(format="gray")) for f in held.decode(video=0)]
    shown_first = frames[1][1].astype(int)
    changes = [at for at, gray in frames if np.abs(gray - shown_first).mean() > 1.0]
    assert min(changes) == pytest.approx(then, abs=0.25)
    assert leftovers(filled) == []


def test_voices_in_a_reel_are_as_loud_as_one_another(filled: Library, tmp_path: Path) -> None:
    import wave

    sound = heard(spoken("two_cities.wav"))
    sound[: round(8.4 * CUT_RATE)] *= 3.0
    sound[round(8.4 * CUT_RATE) :] *= 0.3
    path = tmp_path / "uneven.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(CUT_RATE)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype(np.int16).tobytes())
    call = recorded(filled, "FRZ-1", path=path)
    places = tuple(Place(call_id=call, utterance=i) for i in (0, 2))
    made = reel(filled, ReelOf(quotes=places, captions="none"), NOTHING)
    reeled = saved(made, tmp_path / "reel.m4a")
    (_, begin), (_, then) = chapters(reeled)
    both = heard(reeled)
    middle = round(then * CUT_RATE)
    loud = [loudness_db(part, CUT_RATE) for part in (both[:middle], both[middle:])]
    assert abs(loud[0] - loud[1]) < 2.5  # 20 dB apart before
    assert begin == pytest.approx(0, abs=0.01)


def test_a_reel_of_an_answer_of_the_picks_and_of_a_theme(
    filled: Library, call: str, tmp_path: Path
) -> None:
    answer_id = kept_answer(filled, [(call, 0), ("FC-1", 1), (call, 2)])
    asked: list[tuple[ReelOf, list[int], str]] = [
        (ReelOf(answer_id=answer_id, captions="none"), [0, 2], "1 quote has no sound"),
        (ReelOf(answer_id=answer_id, n=1, captions="none"), [0], ""),
    ]
    picks.add(filled, answer_id)
    asked.append((ReelOf(picks=True, captions="none"), [0, 2], "1 quote has no sound"))
    (code,) = codebook.put_codes(filled, [NewCode(label="Seasons")])
    codebook.judge(filled, code.id, call, 2, "confirm")
    asked.append((ReelOf(theme_id=code.id, captions="none"), [2], ""))
    for n, (of, utterances, note) in enumerate(asked):
        made = reel(filled, of, NOTHING)
        path = saved(made, tmp_path / f"{n}.m4a")
        assert made.note.startswith(note)
        names = [name for name, _ in chapters(path)]
        assert names == ([f"{call}:{i}" for i in utterances] if len(utterances) > 1 else [])


def test_a_kept_quote_is_found_whatever_of_it_is_masked(
    filled: Library, call: str, tmp_path: Path
) -> None:
    answer_id = kept_answer(filled, [(call, 2)])
    change_settings(filled, SettingsChange(mask_names=("Darkness",)))
    of = ReelOf(answer_id=answer_id, n=0, captions="none")
    sound = heard(saved(reel(filled, of, redaction(filled)), tmp_path / "reel.m4a"))
    assert level_db(sound[round(1.1 * CUT_RATE) : round(1.6 * CUT_RATE)]) < -75
    assert level_db(sound[round(3.2 * CUT_RATE) :]) > -50


def test_what_makes_no_reel_is_one_sentence(filled: Library, call: str) -> None:
    silent = kept_answer(filled, [("FC-1", 1)])
    here = Place(call_id=call, utterance=0)
    wrong: list[tuple[ReelOf, type[Exception], str]] = [
        (ReelOf(), BadInput, "one of them"),
        (ReelOf(quotes=(here,), picks=True), BadInput, "one of them"),
        (ReelOf(picks=True), BadInput, "no quote in it"),
        (ReelOf(answer_id="none"), NotFound, "no answer"),
        (ReelOf(answer_id=silent), NoClip, "None of these quotes"),
        (ReelOf(answer_id=silent, n=7), BadInput, "no such statement"),
        (ReelOf(answer_id=silent, part="counter"), BadInput, "no quote in it"),
        (ReelOf(theme_id="none"), NotFound, "Nobody in these accounts"),
        (ReelOf(quotes=(here, Place(call_id="FC-1", utterance=1))), NoClip, "no recording"),
    ]
    for of, kind, sentence in wrong:
        with pytest.raises(kind, match=sentence):
            reel(filled, of, NOTHING)


def test_a_reel_leaves_out_what_is_masked_from_end_to_end(
    filled: Library, call: str, tmp_path: Path
) -> None:
    change_settings(filled, SettingsChange(mask_names=(LINES[1][3],)))
    of = ReelOf(quotes=tuple(Place(call_id=call, utterance=i) for i in (0, 1, 2)), captions="none")
    made = reel(filled, of, redaction(filled))
    assert made.note == f"{call}:1 is left out: what was said there is masked."
    names = [name for name, _ in chapters(saved(made, tmp_path / "reel.m4a"))]
    assert names == [f"{call}:0", f"{call}:2"]


def test_a_reel_is_no_longer_than_twenty_minutes(filled: Library) -> None:
    long = [(CUSTOMER, 0.0, 1190.0, "On and on."), (CUSTOMER, 1190.0, 2400.0, "And on.")]
    call = recorded(filled, "FRZ-1", long)
    with pytest.raises(BadInput, match="longer than 20 minutes"):
        clip(filled, Place(call_id=call, utterance=1), NOTHING)
    twice = (Place(call_id=call, utterance=0),) * 2
    with pytest.raises(TooLarge, match="longer than 20 minutes; take fewer"):
        reel(filled, ReelOf(quotes=twice, captions="none"), NOTHING)


def test_one_reel_at_a_time(filled: Library, call: str) -> None:
    of = ReelOf(quotes=(Place(call_id=call, utterance=0),), captions="none")
    results: list[object] = []

    def make() -> None:
        try:
            results.append(reel(filled, of, NOTHING))
        except Conflict as problem:
            results.append(problem)

    both = [threading.Thread(target=make) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    made = [one for one in results if isinstance(one, Made)]
    refused = [one for one in results if isinstance(one, Conflict)]
    assert (len(made), len(refused)) == (1, 1)
    assert "Another reel" in str(refused[0])
    again = reel(filled, of, NOTHING)
    for file in (*made, again):
        file.file.close()


# --- spoken captions -----------------------------------------------------------------------------

# Does with the arguments and the text what espeak-ng does: a tone as long as the text.
SPEAKER = """#!/bin/sh
while [ "$1" != "-w" ]; do shift; done
exec {python} -c "
import math, struct, sys, wave
text = sys.stdin.read()
with wave.open(sys.argv[1], 'wb') as out:
    out.setnchannels(1); out.setsampwidth(2); out.setframerate(22050)
    n = int(22050 * 0.05 * len(text))
    out.writeframes(b''.join(struct.pack('<h', int(9000 * math.sin(i / 8))) for i in range(n)))
" "$2"
"""


def test_captions_are_spoken_before_each_quote(
    filled: Library, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    program = tmp_path / "bin" / "espeak-ng"
    program.parent.mkdir()
    program.write_text(SPEAKER.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    places = tuple(Place(call_id=call, utterance=i) for i in (0, 2))
    made = reel(filled, ReelOf(quotes=places, captions="spoken"), NOTHING)
    path = saved(made, tmp_path / "reel.m4a")
    sound, whole = heard(path), heard(spoken("two_cities.wav"))
    told = 0.05 * len("Quote 1. Sydney Carton, Tarn Biobank.")
    for (_, at), start in zip(chapters(path), (1.2, 15.14), strict=True):
        lead = sound[round((at + 0.1) * CUT_RATE) : round((at + 1.1) * CUT_RATE)]
        spectrum = np.abs(np.fft.rfft(lead))
        assert np.argmax(spectrum) == pytest.approx(22_050 / 8 / (2 * np.pi), abs=3)
        part = sound[round((at + told + 1.5) * CUT_RATE) : round((at + told + 4) * CUT_RATE)]
        assert start <= place_in(part, whole)[0] <= start + 2.5


def test_without_a_speaker_captions_are_not_spoken(
    filled: Library, call: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    of = ReelOf(quotes=(Place(call_id=call, utterance=0),), captions="spoken")
    with pytest.raises(MissingPart, match="espeak-ng, which is not on this machine"):
        reel(filled, of, NOTHING)
