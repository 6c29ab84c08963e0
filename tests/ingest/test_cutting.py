"""Cutting a moment out of a recording: the words asked for, and nothing that is not to sound."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ingest.audio import decode
from ingest.channels import mixed
from ingest.cutting import CUT_RATE, Cut, Moment, NothingLeft, Saying, cut
from ingest.loudness import LEVEL_DB, levelled, loudness_db
from ingest.models import Samples
from ingest.rehearing import sure_words
from tests.ingest.sounds import BECKETT, TWO_CITIES, silence, speech, spoken, tone

LONG = 44.3
FOREVER = float("inf")


def moment(words: str | None, *hidden: str, text: str = TWO_CITIES, end_s: float = LONG) -> Moment:
    span = None if words is None else (text.index(words), text.index(words) + len(words))
    spans = tuple((text.index(one), text.index(one) + len(one)) for one in hidden)
    said = Saying(1.2, end_s, text, spans)
    return Moment("C-1:0", spoken("two_cities.wav"), said, span, 0.0, FOREVER)


def recording() -> Samples:
    blocks = decode(spoken("two_cities.wav"), rate=CUT_RATE)
    return np.concatenate([block[0] for block in mixed(blocks)])


def heard_in(found: Cut) -> str:
    """What a recogniser that does not know the text makes of it."""
    import scipy.signal

    from ingest.models import RATE
    from ingest.pieces import pieces
    from ingest.transcribe import moonshine

    sound = scipy.signal.resample_poly(found.sound, RATE, CUT_RATE).astype(np.float32)
    every = moonshine.hear(pieces([sound[None]]))
    return " ".join(word.text for _, words in every for word in words).casefold()


def quiet_spans(found: Cut) -> list[tuple[float, float]]:
    """Stretches of nothing at all, of 0.2 s and more, in seconds of the recording."""
    silent = np.flatnonzero(np.diff(np.pad(found.sound == 0, 1).astype(int)))
    spans = silent.reshape(-1, 2) / CUT_RATE + found.start_s
    return [(float(a), float(b)) for a, b in spans if b - a > 0.2]


def test_words_are_cut_where_they_are_said() -> None:
    words = "it was the season of Light"
    found = cut(moment(words))
    # Heard by hand: from 13.47 s to 14.9 s.
    assert 13.2 <= found.start_s <= 13.5
    assert 14.6 <= found.end_s <= 15.2
    assert not found.whole
    first = round(found.start_s * CUT_RATE)
    there = recording()[first : first + len(found.sound)]
    fade = round(0.01 * CUT_RATE)
    assert np.array_equal(found.sound[fade:-fade], there[fade:-fade])
    said = heard_in(found)
    assert "season of light" in said
    assert "darkness" not in said
    assert "incredulity" not in said


def test_a_clip_fades_in_and_out_over_ten_milliseconds() -> None:
    found = cut(moment("the spring of hope, it was the winter"))
    first, fade = round(found.start_s * CUT_RATE), round(0.01 * CUT_RATE)
    there = recording()[first : first + len(found.sound)]
    ramp = np.linspace(0, 1, fade, endpoint=False)
    assert np.allclose(found.sound[:fade], there[:fade] * ramp, atol=1e-6)
    assert np.allclose(found.sound[-fade:], there[-fade:] * ramp[::-1], atol=1e-6)


def test_an_utterance_has_a_margin_of_a_quarter_of_a_second_at_rest(tmp_path: Path) -> None:
    import wave

    path = tmp_path / "beeps.wav"
    # A tone from 2 to 3 s, hum before it but for a rest at 1.80 s to 1.86 s.
    hum = tone(2.0, level=0.02)
    hum[round(1.80 * 16_000) : round(1.86 * 16_000)] = 0
    sound = np.concatenate([hum, tone(1.0), silence(1.0)])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((sound * 32767).astype(np.int16).tobytes())
    said = Saying(2.0, 3.0, "beep")
    found = cut(Moment("C-1:0", path, said, None, 0.0, FOREVER))
    assert 1.79 <= found.start_s <= 1.87
    assert found.end_s == pytest.approx(3.25, abs=0.021)
    close = cut(Moment("C-1:0", path, said, None, 1.95, 3.1))
    assert 1.95 <= close.start_s <= 2.0
    assert close.end_s <= 3.1 + 1e-6


def test_what_is_hidden_is_silent_and_the_rest_is_not() -> None:
    found = cut(moment(None, "the season of Darkness"))
    (span,) = [s for s in quiet_spans(found) if s[0] < 17 and s[1] > 15]
    assert span[0] <= 15.3
    assert span[1] >= 16.83
    assert span[1] - span[0] < 3.0
    said = heard_in(found)
    assert "darkness" not in said
    assert "spring of hope" in said
    assert "season of light" in said


def test_what_is_hidden_is_silent_also_where_it_was_heard_as_something_else() -> None:
    text = TWO_CITIES.replace("the season of Darkness", "one 555 867 5309 mostly")
    found = cut(moment(None, "555 867 5309", text=text))
    assert "darkness" not in heard_in(found)
    assert any(a <= 15.5 and b >= 16.83 for a, b in quiet_spans(found))


def test_where_nothing_is_sure_all_of_an_utterance_with_something_hidden_is_silent() -> None:
    text = "Meine Nummer ist 030 123456, rufen Sie mich bitte morgen an."
    with pytest.raises(NothingLeft, match="C-1:0 is masked"):
        cut(moment(None, "030 123456", text=text, end_s=20.0))


def test_where_nothing_is_sure_words_bring_all_that_was_said() -> None:
    text = "Wir warten jeden Morgen zwanzig Minuten auf den Bericht, und das ist teuer."
    found = cut(moment("zwanzig Minuten", text=text, end_s=9.0))
    assert found.whole
    assert found.start_s <= 1.2
    assert found.end_s >= 9.0


def test_somebody_elses_hidden_words_at_the_same_time_are_silent_too() -> None:
    whole = moment(None)
    other = Saying(
        13.4, 16.9, "it was the season of Light, it was the season of Darkness", ((11, 26),)
    )
    found = cut(Moment("C-1:0", whole.path, whole.said, None, 0.0, FOREVER, (other,)))
    said = heard_in(found)
    assert "season of light" not in said
    assert "spring of hope" in said


def test_sure_words_are_in_their_order_and_place() -> None:
    sure = sure_words(speech("beckett.wav"), 100.0, BECKETT)
    assert len(sure) >= 8
    assert all(a.end_s <= b.start_s + 0.05 for a, b in pairwise(sure))
    assert all(100.0 <= one.start_s < one.end_s <= 112.0 for one in sure)
    assert sure_words(silence(3.0), 0.0, BECKETT) == []
    assert sure_words(speech("beckett.wav"), 0.0, "…") == []


def test_voices_are_brought_to_one_loudness() -> None:
    voice = speech("two_cities.wav")
    for gain in (0.4, 1.0, 8.0):
        even = levelled(voice * np.float32(gain), 16_000)
        assert abs(loudness_db(even, 16_000) - LEVEL_DB) < 1.5
        assert np.abs(even).max() <= 0.9
    assert not levelled(silence(1.0), 16_000).any()
