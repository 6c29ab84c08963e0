"""Pieces: packed, cut at pauses, on the recording's clock, and never much held."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from ingest.models import RATE, Piece, Samples
from ingest.pieces import LONGEST_S, pieces
from tests.ingest.sounds import blocks, noise, silence, speech


def well_formed(found: list[Piece], sound: Samples) -> None:
    before = 0.0
    for piece in found:
        assert piece.start_s >= before
        assert 0 < piece.end_s - piece.start_s <= LONGEST_S + 0.01
        assert piece.speech
        edges = [t for span in piece.speech for t in span]
        assert edges == sorted(edges)
        assert piece.start_s <= edges[0]
        assert edges[-1] <= piece.end_s + 1e-6
        at = round(piece.start_s * RATE)
        cut = sound[at : at + len(piece.samples)]
        np.testing.assert_array_equal(piece.samples[: len(cut)], cut)
        before = piece.end_s


def test_speech_is_packed_and_cut_at_pauses() -> None:
    sound = np.tile(speech("two_cities.wav"), 3)
    found = list(pieces(blocks(sound)))
    well_formed(found, sound)
    lengths = [piece.end_s - piece.start_s for piece in found]
    assert np.mean(lengths) > 15
    for piece, after in pairwise(found):
        pause = after.speech[0][0] - piece.speech[-1][1]
        assert pause > 0.1


def test_a_long_silence_ends_a_piece_and_belongs_to_none() -> None:
    voice = speech("beckett.wav")
    sound = np.concatenate([voice, silence(20), voice])
    found = list(pieces(blocks(sound)))
    well_formed(found, sound)
    assert len(found) == 2
    assert found[0].end_s < len(voice) / RATE + 1
    assert found[1].start_s > len(voice) / RATE + 19


@pytest.mark.parametrize("sound", [silence(40), noise(40)])
def test_no_voice_no_piece(sound: Samples) -> None:
    assert list(pieces(blocks(sound))) == []


def test_a_voice_without_any_pause_is_cut_where_it_is_faintest() -> None:
    """Three seconds of dense speech over and over: no pause is ever long enough."""
    voice = speech("two_cities.wav")[int(5.1 * RATE) : int(6.1 * RATE)]
    sound = np.tile(voice, 70)
    found = list(pieces(blocks(sound)))
    well_formed(found, sound)
    assert len(found) >= 3
    assert sum(p.end_s - p.start_s for p in found) == pytest.approx(70, abs=5)


def test_channels_are_cut_each_by_itself() -> None:
    voice = speech("beckett.wav")
    left = np.concatenate([voice, silence(len(voice) / RATE + 5)])
    right = np.concatenate([silence(len(voice) / RATE + 5), voice])
    found = list(pieces(blocks(left, right)))
    assert [piece.channel for piece in found] == [0, 1]
    assert found[0].end_s < 11
    assert found[1].start_s > 14


def test_pieces_come_while_the_sound_is_still_coming() -> None:
    sound = np.tile(speech("two_cities.wav"), 4)
    read = 0

    def counted() -> Iterator[Samples]:
        nonlocal read
        for block in blocks(sound):
            read += block.shape[1]
            yield block

    for piece in pieces(counted()):
        ahead = read / RATE - piece.end_s
        assert ahead < 2 * LONGEST_S
    assert read == len(sound)


def test_the_size_of_blocks_does_not_matter() -> None:
    sound = np.tile(speech("two_cities.wav"), 2)
    a = [(p.start_s, p.end_s) for p in pieces(blocks(sound))]
    b = [(p.start_s, p.end_s) for p in pieces(blocks(sound, size=RATE // 3))]
    assert a == b
