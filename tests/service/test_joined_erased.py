"""Recording and transcript of one call: what is erased from it neither sounds nor comes back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from ingest import joined
from ingest.corrections import SpeakerFix, correct
from ingest.cutting import CUT_RATE, Moment, Saying, cut
from ingest.derive import Derived, derive
from ingest.erased import in_recording
from ingest.errors import Conflict
from ingest.library import Library
from ingest.models import Call, Utterance
from ingest.pipeline import About, process, receive
from ingest.redaction import NOTHING
from ingest.store import get_call, list_calls, list_utterances, update_call
from ingest.tables import call_transcripts
from service.api import create_app
from service.clips import NoClip, Place, clip, find_place
from service.erase_person import erase_person
from service.moment import moment
from service.person_erasure import person_erasure
from service.settings import Settings
from tests.ingest.sounds import spoken
from tests.leftovers import leftovers
from tests.recordings import noise_wav
from tests.service.meetings import said, vtt
from tests.service.recorded import LINES, recorded

GUS, JUNO, ADA = "Gus Halloran", "Juno Estevez", "Ada Moss"
GONE = ("halloran", "whiteboard")


@pytest.fixture
def read(library: Library, tmp_path: Path) -> str:
    """A call that came as a transcript, with two customers."""
    return transcript(library, tmp_path / "Two Otters.vtt")


def talk() -> list[Utterance]:
    return [u.model_copy(update={"speaker": ADA}) if u.i == 4 else u for u in said()]


def transcript(library: Library, path: Path, customers: Iterable[str] = (ADA, GUS)) -> str:
    call_id = receive(library, vtt(path, talk()), About()).call_id
    process(library, call_id)
    voices = {
        name: SpeakerFix(name, "customer" if name in customers else "internal")
        for name in (GUS, JUNO, ADA)
    }
    correct(library, call_id, speakers=voices)
    return call_id


def sound(path: Path, seed: int = 1) -> Path:
    return noise_wav(path, 100_000, seed=seed)


def decided(library: Library, call_id: str, agreement: float) -> None:
    """As if both files had been compared, and the words are the transcript's."""
    told = {"words_from": "transcript", "agreement": agreement}
    with library.change() as connection:
        connection.execute(call_transcripts.update().values(**told))
        update_call(connection, call_id, playback=None)


def now(library: Library, call_id: str) -> Call:
    with library.read() as connection:
        return get_call(connection, call_id)


def compared(agreement: float, words_from: str = "transcript") -> Call:
    told = {
        "call_id": "c",
        "title": "c",
        "date": None,
        "account_id": None,
        "source": "recording",
        "file_name": "c.wav",
        "state": "ready",
        "duration_s": 60.0,
        "utterances_n": 4,
        "engine": None,
        "model": None,
        "has_audio": True,
        "content_sha256": "0" * 64,
        "created_at": "2026-01-01T00:00:00Z",
    }
    return Call.model_validate({**told, "agreement": agreement, "words_from": words_from})


def line(i: int, who: str, start: float | None, end: float | None) -> Utterance:
    return Utterance(i=i, speaker=who, start_s=start, end_s=end, text=f"word {i}")


def test_of_a_tool_s_words_only_what_lies_in_others_lines_is_kept() -> None:
    words = [line(0, "a", 1, 10), line(1, "d", 10, 12), line(2, "a", 14, 20), line(3, "b", 40, 50)]
    [first, second, third, last] = in_recording(compared(0.9), words, {1}) or []
    assert (first, second, third) == ((0.0, 1.0), (8.5, 14.0), (20.0, 40.0))
    assert last[0] == 50.0
    assert last[1] > 7 * 24 * 3600
    # A line that was not heard lies at a guessed moment, where whoever goes may be speaking.
    guessed = line(4, "a", 9, 20).model_copy(update={"confidence": 0.0})
    assert in_recording(compared(0.9), [*words, guessed], {1}) == [first, second, third, last]
    sure = guessed.model_copy(update={"confidence": None})
    assert in_recording(compared(0.9), [*words, sure], {1}) != [first, second, third, last]
    assert in_recording(compared(0.9, "recording"), words, {1}) == [(10.0, 12.5)]
    # Nothing tells when they spoke.
    assert in_recording(compared(0.0), words, {1}) is None
    assert in_recording(compared(0.9), [*words, line(4, "d", None, None)], {1, 4}) is None


def test_a_recording_in_which_nothing_tells_when_they_spoke_goes(
    library: Library, read: str, tmp_path: Path
) -> None:
    receive(library, sound(tmp_path / "a.wav"), About(), join=read)
    decided(library, read, 0.0)
    told = person_erasure(library, GUS).sentences
    assert [s for s in told if "1 recording altogether" in s] != []
    assert [s for s in told if "written anew" in s] == []
    erase_person(library, GUS)
    call = now(library, read)
    assert (call.has_audio, call.transcript_file) == (False, None)
    assert call.file_name == "Two Otters.json"
    assert [w for w in call.warnings if "recording of this call was erased" in w] != []
    assert [Path(name).suffix for name in library.media.names()] == [".json"]
    for again in (sound(tmp_path / "b.wav"), vtt(tmp_path / "c.vtt", talk())):
        with pytest.raises(Conflict, match="a person was erased"):
            receive(library, again, About())
    process(library, read)
    assert [u.text for u in _lines(library, read) if u.speaker == JUNO] != []
    assert leftovers(library.home, GONE) == []


def test_no_file_of_a_call_that_went_whole_brings_them_back(
    library: Library, tmp_path: Path
) -> None:
    call_id = transcript(library, tmp_path / "Two Otters.vtt", customers=(GUS,))
    receive(library, sound(tmp_path / "a.wav"), About(), join=call_id)
    decided(library, call_id, 0.9)
    erase_person(library, GUS)
    for again in (sound(tmp_path / "b.wav"), vtt(tmp_path / "c.vtt", talk())):
        with pytest.raises(Conflict, match="a person was erased"):
            receive(library, again, About())


def test_a_second_file_that_nobody_knows_yet_goes_and_is_known_again(
    library: Library, read: str, tmp_path: Path
) -> None:
    receive(library, sound(tmp_path / "a.wav"), About(), join=read)
    erase_person(library, GUS)
    assert not now(library, read).has_audio
    for again in (sound(tmp_path / "b.wav"), vtt(tmp_path / "c.vtt", talk())):
        with pytest.raises(Conflict, match="a person was erased"):
            receive(library, again, About())


def test_a_transcript_that_comes_while_they_are_erased_goes_too(
    filled: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_id = recorded(filled, None, [*LINES, ("S2", 21.0, 24.0, "we had everything before us")])
    voices = {
        "S1": SpeakerFix("Sydney Carton", "customer"),
        "S2": SpeakerFix("Jarvis Lorry", "customer"),
    }
    correct(filled, call_id, speakers=voices)
    late = vtt(tmp_path / "late.vtt", said())
    came: list[str] = []

    def slowly(*what: Any) -> Derived:
        if not came:
            came.append(receive(filled, late, About(), join=call_id).call_id)
        return derive(*what)

    monkeypatch.setattr("service.erase_person.derive", slowly)
    erase_person(filled, "Sydney Carton")
    assert came == [call_id]
    assert now(filled, call_id).transcript_file is None
    with pytest.raises(Conflict, match="a person was erased"):
        receive(filled, late, About())


def test_a_file_that_looks_like_a_call_of_which_somebody_was_erased_is_refused(
    library: Library, read: str, tmp_path: Path
) -> None:
    erase_person(library, GUS)
    recording = sound(tmp_path / "Two Otters.wav")
    with pytest.raises(Conflict, match="--erased-too"):
        receive(library, recording, About())
    with library.read() as connection:
        assert [c.call_id for c in list_calls(connection)] == [read]
    own = receive(library, recording, About(erased_too=True))
    assert (own.call_id != read, own.joined) == (True, False)


def test_so_is_a_transcript_of_a_recording(filled: Library, tmp_path: Path) -> None:
    more = "we had everything before us, we had nothing before us, we were all going direct"
    call_id = recorded(filled, None, [*LINES, ("S2", 21.0, 28.0, more)])
    voices = {
        "S1": SpeakerFix("Sydney Carton", "customer"),
        "S2": SpeakerFix("Jarvis Lorry", "customer"),
    }
    correct(filled, call_id, speakers=voices)
    erase_person(filled, "Sydney Carton")
    words = [
        Utterance(i=i, speaker=who, start_s=start, end_s=end, text=text)
        for i, (who, start, end, text) in enumerate([*LINES, ("S2", 21.0, 28.0, more)])
    ]
    with pytest.raises(Conflict, match="--erased-too"):
        receive(filled, vtt(tmp_path / "two_cities.vtt", words), About())
    # Other words under that name are a call of their own.
    other = receive(filled, vtt(tmp_path / "b" / "two_cities.vtt", said()), About())
    assert other.call_id != call_id


def test_nothing_sounds_until_both_files_are_compared(
    library: Library, read: str, tmp_path: Path
) -> None:
    receive(library, sound(tmp_path / "a.wav"), About(), join=read)

    def sounds() -> bool:
        with library.read() as connection:
            return joined.is_heard(connection, read)

    assert now(library, read).has_audio
    assert not sounds()
    assert not moment(library, read, 0).has_audio
    with pytest.raises(NoClip, match="not compared"):
        clip(library, Place(call_id=read, utterance=0), NOTHING)
    with TestClient(
        create_app(library, Settings(home=library.home)), base_url="http://127.0.0.1:8400"
    ) as client:
        told = client.get(f"/api/calls/{read}/audio?original=true")
        assert told.status_code == 404
        assert "not compared" in told.text
        decided(library, read, 0.9)
        assert client.get(f"/api/calls/{read}/audio").status_code == 200
    assert sounds()
    assert moment(library, read, 0).has_audio
    # Nobody can tell where in it anything is said.
    decided(library, read, 0.0)
    with pytest.raises(NoClip, match="could not be aligned"):
        clip(library, Place(call_id=read, utterance=0), NOTHING)


def test_what_is_masked_is_looked_for_further_around_a_tool_s_line(
    filled: Library, tmp_path: Path
) -> None:
    call_id = recorded(filled, None)
    receive(filled, vtt(tmp_path / "a.vtt", said()), About(), join=call_id)
    place = Place(call_id=call_id, utterance=1)
    with filled.read() as connection:
        assert find_place(connection, place, NOTHING).line.moment.slack_s == 0.0
    decided(filled, call_id, 0.9)
    with filled.read() as connection:
        assert find_place(connection, place, NOTHING).line.moment.slack_s == 1.5


def test_a_masked_word_is_silent_though_its_line_is_off() -> None:
    whole = Saying(12.0, 18.5, "x", ())
    beside = Saying(13.8, 15.2, "Nowhere", ((0, 7),))
    sure = Moment("c:1", spoken("two_cities.wav"), whole, None, 12.0, 18.5, (beside,))
    exact, wide = cut(sure).sound, cut(replace(sure, slack_s=1.5)).sound
    dark = slice(*(round((at - 12.0) * CUT_RATE) for at in (15.95, 16.5)))
    assert np.abs(exact[dark]).max() > 0.01
    assert np.abs(wide[dark]).max() < 0.001


def _lines(library: Library, call_id: str) -> list[Utterance]:
    with library.read() as connection:
        return list_utterances(connection, call_id)
