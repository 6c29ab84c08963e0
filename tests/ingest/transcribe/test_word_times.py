"""Words on the clock, from attention and from pauses."""

from __future__ import annotations

import numpy as np
import pytest

from ingest.models import Samples
from ingest.transcribe.word_times import frame_spans, out_of_pauses


def looks(*spans: tuple[int, int], frames: int) -> Samples:
    attention = np.full((len(spans), frames), 1e-4, np.float32)
    for row, (a, b) in enumerate(spans):
        attention[row, a:b] = 1 / (b - a)
    return attention


def test_frames_are_dealt_out_in_order() -> None:
    spans = frame_spans(looks((0, 5), (5, 12), (12, 20), frames=20))
    assert spans.tolist() == [[0, 5], [5, 12], [12, 20]]


def test_a_token_that_looks_back_does_not_move_the_others() -> None:
    attention = looks((0, 6), (6, 12), (12, 18), frames=18)
    attention[1, 16] = 0.3
    assert frame_spans(attention).tolist() == [[0, 6], [6, 12], [12, 18]]


@pytest.mark.parametrize(("tokens", "frames"), [(1, 1), (1, 9), (5, 5), (7, 3), (40, 41)])
def test_every_frame_belongs_to_one_token(tokens: int, frames: int) -> None:
    attention = np.random.default_rng(3).random((tokens, frames)).astype(np.float32)
    spans = frame_spans(attention)
    assert spans[0, 0] == 0
    assert spans[-1, 1] == frames
    assert (spans[1:, 0] == spans[:-1, 1]).all()
    assert (spans[:, 1] >= spans[:, 0]).all()
    if frames >= tokens:
        assert (spans[:, 1] > spans[:, 0]).all()


def test_words_are_kept_out_of_pauses() -> None:
    speech = [(1.0, 2.0), (5.0, 6.0)]
    times = [(0.5, 1.4), (1.4, 3.5), (3.5, 5.5), (5.5, 7.0)]
    placed = out_of_pauses(times, [1.2, 1.7, 5.2, 5.7], speech)
    assert placed == [(1.0, 1.4), (1.4, 2.0), (5.0, 5.5), (5.5, 6.0)]


def test_a_word_where_no_voice_was_detected_stays() -> None:
    assert out_of_pauses([(3.0, 3.4)], [3.2], [(1.0, 2.0), (5.0, 6.0)]) == [(3.0, 3.4)]
    assert out_of_pauses([(3.0, 3.4)], [3.2], []) == [(3.0, 3.4)]
    assert out_of_pauses([], [], [(1.0, 2.0)]) == []
