"""The default recogniser on real speech: words, times, confidence, and what is no speech."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from eval.speech_recognition import compare
from ingest.models import RATE, Piece, Samples, Word
from ingest.pieces import pieces
from ingest.transcribe import moonshine
from tests.ingest.sounds import BECKETT, TWO_CITIES, blocks, noise, silence, speech


def hear(sound: Samples) -> list[Word]:
    return [word for _, words in moonshine.hear(pieces(blocks(sound))) for word in words]


def text(words: list[Word]) -> str:
    return " ".join(word.text for word in words)


def error_rate(reference: str, words: list[Word]) -> float:
    return compare(reference, text(words)).rate


def piece(sound: Samples, start_s: float = 0.0) -> Piece:
    return Piece(0, start_s, sound, ((start_s, start_s + len(sound) / RATE),))


@pytest.fixture(scope="module")
def two_cities() -> list[Word]:
    return hear(speech("two_cities.wav"))


def test_read_speech(two_cities: list[Word]) -> None:
    assert error_rate(TWO_CITIES, two_cities) < 0.05
    assert error_rate(BECKETT, hear(speech("beckett.wav"))) < 0.1


def test_words_are_in_order_and_on_the_clock(two_cities: list[Word]) -> None:
    for word, after in pairwise(two_cities):
        assert word.start_s < word.end_s <= after.start_s + 1e-6
    assert two_cities[0].start_s == pytest.approx(1.2, abs=0.3)
    assert two_cities[-1].end_s < len(speech("two_cities.wav")) / RATE


def test_times_move_with_the_sound(two_cities: list[Word]) -> None:
    later = hear(np.concatenate([silence(7.68), speech("two_cities.wav")[: 12 * RATE]]))
    same = [(a, b) for a, b in zip(two_cities, later, strict=False) if a.text == b.text]
    assert len(same) > 20
    moved = [b.start_s - a.start_s for a, b in same]
    assert np.median(moved) == pytest.approx(7.68, abs=0.06)


def test_words_fall_into_the_utterance_they_were_said_in() -> None:
    """Two utterances whose places are known, in one piece: each word lies in its own."""
    a, b = speech("beckett.wav")[: round(4.4 * RATE)], speech("two_cities.wav")[: round(8.4 * RATE)]
    words = hear(np.concatenate([a, b]))
    at = next(i for i, word in enumerate(words) if word.text.lower() == "it")
    assert text(words[:at]).lower().startswith("ever tried")
    assert all(word.end_s <= 4.4 + 0.1 for word in words[:at])
    assert all(word.start_s >= 4.4 - 0.1 for word in words[at:])


def test_a_quiet_recording_is_heard_like_a_loud_one() -> None:
    assert error_rate(BECKETT, hear(speech("beckett.wav") * np.float32(0.05))) < 0.1


def test_a_batch_is_heard_like_its_pieces_alone() -> None:
    sound = speech("two_cities.wav")
    parts = [
        piece(sound[round(a * RATE) : round(b * RATE)])
        for a, b in ((1, 4.7), (4.9, 8.4), (8.6, 12))
    ]
    together = [text(words) for _, words in moonshine.hear(parts)]
    alone = [text(words) for part in parts for _, words in moonshine.hear([part])]
    assert together == alone


def test_distant_speech_is_doubted(two_cities: list[Word]) -> None:
    sound = speech("two_cities.wav")[: 28 * RATE]
    hidden = sound + noise(28, level=0.12)
    doubt = [word.confidence for _, words in moonshine.hear([piece(hidden)]) for word in words]
    sure = [word.confidence for word in two_cities]
    assert all(0 <= c <= 1 for c in [*doubt, *sure])
    assert np.mean(sure) > 0.9
    assert np.mean(doubt) < 0.8


@pytest.mark.parametrize("sound", [noise(20), silence(20), noise(1, level=0.3)])
def test_what_is_no_speech_makes_no_stream_of_words(sound: Samples) -> None:
    """Handed to the recogniser as if the voice detector had erred."""
    [(_, words)] = moonshine.hear([piece(sound)])
    assert len(words) < 15


def test_a_piece_too_short_for_a_single_frame() -> None:
    [(_, words)] = moonshine.hear([piece(noise(0.01))])
    assert len(words) <= 3


def test_pieces_are_read_a_batch_at_a_time() -> None:
    taken = 0

    def endless() -> Iterator[Piece]:
        nonlocal taken
        while True:
            taken += 1
            yield piece(silence(0.6))

    heard = moonshine.hear(endless(), vocabulary=["Larkspur"])
    next(heard)
    assert taken == moonshine.BATCH


def test_nothing_in_nothing_out() -> None:
    assert list(moonshine.hear([])) == []


def test_a_piece_is_split_at_its_pause() -> None:
    sound = speech("two_cities.wav")[: 20 * RATE]
    whole = Piece(1, 100.0, sound, ((100.5, 106.0), (106.2, 109.0), (110.0, 119.0)))
    parts = moonshine.split(whole)
    assert parts is not None
    left, right = parts
    assert left.speech == ((100.5, 106.0), (106.2, 109.0))
    assert right.speech == ((110.0, 119.0),)
    assert left.end_s == pytest.approx(109.5, abs=0.01)
    assert right.start_s == pytest.approx(left.end_s)
    assert len(left.samples) + len(right.samples) == len(sound)
    assert moonshine.split(piece(sound)) is None
